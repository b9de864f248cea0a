// Package cache keeps sessions on disk between runs of a program that is started
// at every call of the AWS CLI, so that fifty calls make one CreateSession.
//
//	~/.anywhere/cache/<label>.<key>.json      a session, 0600, replaced by rename
//	~/.anywhere/cache/<label>.<key>.lock      held by the one process that asks AWS
//	~/.anywhere/cache/<label>.<key>.refused   AWS's no, for those who waited
//
// The label is the set-up's name, or _flags. The key is a hash of all that could
// change the answer, and no secret goes into it. A file that somebody else could
// have written, or can read, is as good as absent. Where nothing can be written,
// there is no cache and no error.
//
// # When AWS is asked
//
// A session counts as fresh until the smaller of 20 minutes and a third of its
// life before it expires. A fresh one is served without a lock. From then on one
// process at a time tries, once and for two seconds; if AWS cannot be reached
// everybody is served the old one for another minute. A refusal of AWS is a
// refusal, whatever is kept: the entry goes.
package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"time"

	"anywhere/pki/atomicfile"
	"anywhere/signer/ownfile"
	"anywhere/signer/session"
)

// Cache is the sessions in one directory. All fields are required.
type Cache struct {
	Root string // of the home; Dir lies in it
	Dir  string
	Disk *atomicfile.Disk
	Now  func() time.Time
}

// FlagsLabel is the label of sessions that no set-up has a name for.
const FlagsLabel = "_flags"

// Key names one session.
type Key string

// KeyOf makes a key of a label and of all that could change AWS's answer: each
// part with its length before it, so that no two lists of parts read alike.
func KeyOf(label string, parts ...[]byte) Key {
	hash := sha256.New()
	for _, part := range parts {
		n := len(part)
		hash.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		hash.Write(part)
	}
	return Key(label + "." + hex.EncodeToString(hash.Sum(nil)[:16]))
}

func (c Cache) file(k Key, kind string) string { return filepath.Join(c.Dir, string(k)+kind) }

// Load returns the session of k, whatever its age; false if there is none, or
// none to be trusted. It takes no lock.
func (c Cache) Load(k Key) (Entry, bool) {
	if ownfile.CheckDirs(c.Root, c.Dir) != nil {
		return Entry{}, false
	}
	data, err := ownfile.Read(c.file(k, ".json"), true)
	if err != nil {
		return Entry{}, false
	}
	return decode(data)
}

// Fresh says that the session may be served without asking anybody.
func (c Cache) Fresh(e Entry) bool { return e.usable(c.Now()) && c.Now().Before(e.refresh()) }

// Forget removes the session of k.
func (c Cache) Forget(k Key) { c.Disk.Remove(c.file(k, ".json")) }

// Keep keeps a session that was got elsewhere as if it had been asked for here.
func (c Cache) Keep(k Key, got session.Credentials) {
	c.store(k, Entry{Credentials: got, Obtained: c.Now()})
}

// store keeps a session. An error is nobody's concern: the next run asks again.
func (c Cache) store(k Key, e Entry) {
	if c.Disk.Mkdir(c.Dir, 0o700) == nil {
		c.Disk.Write(c.file(k, ".json"), e.encode(), 0o600)
	}
}

// Entry is a session that was kept.
type Entry struct {
	Credentials session.Credentials // the keys, Expiration and the role's ARN
	Obtained    time.Time
	// NotBefore is when AWS may be asked again after it could not be reached; zero
	// if it could.
	NotBefore time.Time
}

const (
	longestMargin = 20 * time.Minute // before expiry
	patience      = time.Minute      // after AWS could not be reached
	shared        = 2 * time.Second  // for which a refusal holds for those who waited
)

// refresh is when a new session is wanted.
func (e Entry) refresh() time.Time {
	life := e.Credentials.Expiration.Sub(e.Obtained)
	return e.Credentials.Expiration.Add(-min(longestMargin, life/3))
}

// usable says that AWS still takes the session. One from the future was kept by
// another clock, and nothing is known of its age.
func (e Entry) usable(now time.Time) bool {
	return now.Before(e.Credentials.Expiration) && !e.Obtained.After(now.Add(5*time.Minute))
}
