// Package cache keeps sessions on disk between runs of a program that is started
// at every call of the AWS CLI, so that fifty calls make one CreateSession.
//
//	~/.anywhere/cache/<label>.<key>.json      a session, 0600, replaced by rename
//	~/.anywhere/cache/<label>.<key>.lock      held by the one process that asks AWS
//	~/.anywhere/cache/<label>.<key>.refused   AWS's no, for those who waited
//
// The label is the set-up's name, or _flags; the key stands for all that could
// change the answer, see package kept, which finds what lies there. Where nothing
// can be written, there is no cache and no error.
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
	"time"

	"anywhere/pki/atomicfile"
	"anywhere/signer/kept"
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

// Key names one session, Entry is one that was kept.
type (
	Key   = kept.Key
	Entry = kept.Entry
)

// KeyOf makes a key of a label and of all that could change AWS's answer.
func KeyOf(label string, parts ...[]byte) Key { return kept.KeyOf(label, parts...) }

const (
	patience = time.Minute     // after AWS could not be reached
	shared   = 2 * time.Second // for which a refusal holds for those who waited

	lockEnding    = ".lock"
	refusedEnding = ".refused"
)

func (c Cache) file(k Key, ending string) string { return kept.File(c.Dir, k, ending) }

// Load returns the session of k, whatever its age; false if there is none, or
// none to be trusted. It takes no lock.
func (c Cache) Load(k Key) (Entry, bool) { return kept.Load(c.Root, c.Dir, k) }

// Look returns the session whose files' names begin with name, whatever it was
// asked for. It is to be looked at, not to be used.
func (c Cache) Look(name string) (Entry, bool) { return kept.Look(c.Root, c.Dir, name) }

// Forget removes the session of k.
func (c Cache) Forget(k Key) { c.Disk.Remove(c.file(k, kept.Ending)) }

// Keep keeps a session that was got elsewhere as if it had been asked for here.
func (c Cache) Keep(k Key, got session.Credentials) {
	c.store(k, Entry{Credentials: got, Obtained: c.Now()})
}

// store keeps a session. An error is nobody's concern: the next run asks again.
func (c Cache) store(k Key, e Entry) {
	c.write(k, kept.Ending, e.Encode(k))
}

// write replaces a file of k, in a directory that is ours alone.
func (c Cache) write(k Key, ending string, data []byte) {
	if c.Disk.Mkdir(c.Dir, 0o700) != nil || ownfile.CheckDirs(c.Root, c.Dir) != nil {
		return
	}
	path := c.file(k, ending)
	c.clear(path)
	c.Disk.Write(path, data, 0o600)
}
