// Package renewal starts anywhere cert renew --if-needed behind the back of a
// program that signs, when session.json says that it is time. It links no issuer
// and renews nothing itself: it decides, counts and starts.
//
// Deciding costs one comparison while nothing is due. From then on one process at a
// time starts one, and not again before a pause that grows with each start that
// brought no new certificate.
package renewal

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"anywhere/signer/home"
	"anywhere/signer/ownfile"
)

// Starter starts the renewals of one set-up. Home, Setup, Getenv and Now are
// required.
type Starter struct {
	Home   home.Home
	Setup  home.Setup
	Getenv func(string) string // of which the child gets what [Environment] says
	Now    func() time.Time
	// Start is how a program is started; nil is [Detached].
	Start func(Command) (Child, error)
}

// Command is a program to start.
type Command struct {
	Program string   // absolute path
	Args    []string // without the program's name
	Env     []string
	Dir     string
}

// Child is a program that was started.
type Child interface {
	// Wait waits until it has ended and says how, as an exit code.
	Wait() (code int, err error)
	// Release forgets it: it goes on alone.
	Release() error
}

// Begin starts a renewal if session says that one is due, none was started of
// late and nobody else is about to. The child is nil otherwise.
//
// A program that is absent or that somebody else could have replaced is not
// started: that is noted for status and the doctor, once per pause, and is an
// error.
func (s Starter) Begin(session home.Session) (Child, error) {
	if !session.Renewal.Due(s.Now()) || s.Now().Before(s.resting()) {
		return nil, nil
	}
	lock, err := home.LockFile(s.Setup.RenewalLock())
	if err != nil {
		return nil, nil //nolint:nilerr // another process starts it, or nothing can be written here
	}
	defer func() { _ = lock.Release() }() // the system does it at the latest when the process ends
	notes, err := s.Home.ReadNotes(s.Setup)
	if err != nil {
		notes = home.Notes{} // unreadable: counting begins anew
	}
	if s.Now().Before(rest(notes, s.Now())) {
		return nil, nil
	}
	notes.Renewal.Count++
	notes.Renewal.Last = s.Now().UTC().Truncate(time.Second)
	notes.Renewal.NotBefore = notes.Renewal.Last.Add(Pause(notes.Renewal.Count, s.left(session)))
	untrusted := ownfile.CheckProgram(session.Renewal.Program, filepath.EvalSymlinks)
	if untrusted != nil {
		untrusted = fmt.Errorf("renew certificate by itself: %w", untrusted)
		notes = notes.Warn(home.Warning{Code: home.RenewalWarning, Says: untrusted.Error(), At: s.Now().UTC()})
	}
	if err := s.Home.WriteNotes(s.Setup, notes); err != nil {
		return nil, nil //nolint:nilerr // where starts cannot be counted, none is made: a new certificate could not be written either
	}
	if untrusted != nil {
		return nil, untrusted
	}
	return s.start(session.Renewal.Program)
}

func (s Starter) start(program string) (Child, error) {
	start := s.Start
	if start == nil {
		start = Detached
	}
	child, err := start(Command{
		Program: program, Args: []string{"cert", "renew", "--if-needed", "--setup", s.Setup.Name},
		Env: Environment(s.Getenv, s.Home.Root), Dir: s.Home.Root,
	})
	if err != nil {
		return nil, fmt.Errorf("renew certificate by itself: start %s: %w", program, bare(err))
	}
	return child, nil
}

// resting is until when no renewal is started, as the notes say.
func (s Starter) resting() time.Time {
	notes, err := s.Home.ReadNotes(s.Setup)
	if err != nil {
		return time.Time{}
	}
	return rest(notes, s.Now())
}

// rest believes no pause that is longer than any that is written here: it comes
// from a clock that was ahead.
func rest(notes home.Notes, now time.Time) time.Time {
	if until := notes.Renewal.NotBefore; !until.After(now.Add(longestPause)) {
		return until
	}
	return time.Time{}
}

// left is the life that the certificate in use still has.
func (s Starter) left(session home.Session) time.Duration {
	cert, err := x509.ParseCertificate(session.Certificate)
	if err != nil {
		return 0
	}
	return cert.NotAfter.Sub(s.Now())
}

const (
	firstPause   = time.Minute
	longestPause = time.Hour
	// While a certificate lives, at least four more starts fit into its life; once
	// it is over, every start may be the one that brings credentials back.
	shortestPause = 30 * time.Second
	overPause     = 5 * time.Minute
)

// Pause is how long no further renewal is started after the given number of
// starts, counted from 1, while the certificate has left to live: a minute, then
// twice as long each time up to an hour, but never more than a quarter of what
// is left.
func Pause(starts int, left time.Duration) time.Duration {
	longest := overPause
	if left > 0 {
		longest = min(longestPause, max(shortestPause, left/4))
	}
	return min(longest, firstPause<<min(max(starts-1, 0), 6))
}

// bare takes the operation and path off an os error, since the caller names both.
func bare(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}
