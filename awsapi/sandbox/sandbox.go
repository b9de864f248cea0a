// Package sandbox is a local AWS that is honest: it verifies what AWS verifies,
// refuses what AWS refuses and says what AWS says.
//
// It is one [http.Handler] that speaks the wire formats of Roles Anywhere, IAM,
// STS, S3 and CloudTrail, so that the AWS CLI, the SDKs, Terraform and AWS's own
// signing helper can talk to it. Services are told apart by the scope of the
// request's signature. An API that is not here answers 501 with its name, never
// a plausible lie.
//
// # What it enforces
//
// SigV4 on every control-plane call, certificates, chains, revocation lists and
// trust policies on CreateSession, and the policies of user, role, boundary,
// session and bucket on what somebody then does. [Reference] says of every
// operation and refusal how far it is known of AWS.
//
// # What it will not do
//
// It answers only to loopback names, imports neither the AWS SDK nor the
// adapter that is tested against it, and does not limit request rates, as AWS
// does, unless a fault asks for it (see [Faults]). Events appear in CloudTrail at
// once, not after minutes.
//
// # Files
//
// One directory holds state.json (everything, written before each answer to a
// call that changes something), objects (the bytes of S3's), lock (held while the
// sandbox is open) and port. A session is sealed into its own token; only what is
// remembered of it may reach the disk up to a second later.
package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"anywhere/pki/atomicfile"
)

// DefaultRegion is the Region of a sandbox that was not told another.
const DefaultRegion = "us-east-1"

// ErrBusy says that another process has the sandbox's directory open.
var ErrBusy error = busy{}

type busy struct{}

func (busy) Error() string { return "another process has this sandbox open" }
func (busy) Hint() string {
	return "stop the other process, or give the sandbox another directory with --state"
}

// Config says where a sandbox keeps its state and what it takes from outside.
// Dir, Now and Random are required.
type Config struct {
	Dir    string           // made with mode 0700 if absent
	Disk   *atomicfile.Disk // nil is the real disk
	Now    func() time.Time // the sandbox's clock, which judges signatures and certificates
	Random io.Reader        // for IDs and keys
	Region string           // of calls whose signature names none; empty means DefaultRegion
	Addr   string           // for Ensure: 127.0.0.1:port to listen on; empty means the kept port
	// Weather is what goes wrong on purpose; nil means nothing.
	Weather *Weather
}

// Keys are long-lived credentials.
type Keys struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
}

// Sandbox is an open sandbox. It is safe for concurrent use.
type Sandbox struct {
	cfg      Config
	lock     *flock.Flock
	services []*service

	mu    sync.Mutex // guards what follows
	state *state
	saved []byte // state.json as it is on the disk
	// savedAt is when it was written.
	savedAt time.Time
	memo    memo
	pails   map[string]pail // by group of calls
	chances atomic.Uint64   // calls since the seed was set
	shut    bool            // the lock is given back, so nothing may be written any more
}

// Open opens the sandbox in cfg.Dir, making it if it is not there, and holds its
// lock until Close. [ErrBusy] says that another process holds it.
func Open(cfg Config) (*Sandbox, error) {
	cfg.Region = cmp.Or(cfg.Region, DefaultRegion)
	if err := cfg.Disk.Mkdir(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open sandbox: %w", err)
	}
	lock := flock.New(filepath.Join(cfg.Dir, "lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock sandbox %s: %w", cfg.Dir, err)
	}
	if !held {
		return nil, fmt.Errorf("lock sandbox %s: %w", cfg.Dir, ErrBusy)
	}
	s := &Sandbox{cfg: cfg, lock: lock, services: services(), memo: newMemo(), pails: map[string]pail{}}
	// What a killed write left beside the files goes now that nobody else writes.
	err = errors.Join(cfg.Disk.Sweep(s.statePath()), cfg.Disk.Sweep(s.portPath()))
	if err == nil {
		err = s.load()
	}
	if err != nil {
		lock.Unlock()
		return nil, fmt.Errorf("open sandbox %s: %w", cfg.Dir, err)
	}
	return s, nil
}

// Close writes what was only read about (events of calls that change nothing)
// and gives the lock back.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil
	}
	err := s.save()
	s.shut = true
	return errors.Join(err, s.lock.Unlock())
}

// Admin returns the keys of the administrator of the sandbox's first account, an IAM
// user who may do everything in it.
func (s *Sandbox) Admin() Keys {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Admin
}

// StateID tells this sandbox's state from any other's.
func (s *Sandbox) StateID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.ID
}
