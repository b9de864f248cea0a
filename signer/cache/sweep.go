package cache

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"anywhere/signer/jsontext"
	"anywhere/signer/kept"
	"anywhere/signer/ownfile"

	"github.com/gofrs/flock"
)

const (
	mostSwept = 200 // files that are looked at in one go
	aDay      = 24 * time.Hour
)

// sweep removes what nobody will ask for again: sessions that have ended, as those of
// a certificate that was renewed do, those of earlier versions of this program,
// refusals that are told to nobody any more, and the locks of what is gone. Nothing
// that another user could have put here is touched.
func (c Cache) sweep() {
	dir, err := os.Open(c.Dir)
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(mostSwept) // what cannot be read stays
	for _, name := range names {
		path, ending := filepath.Join(c.Dir, name), filepath.Ext(name)
		switch {
		case strings.HasPrefix(name, ".tmp-"):
			if c.unused(path) { // of a process that was killed
				c.Disk.Remove(path)
			}
		case ending == kept.Ending || ending == refusedEnding:
			if data, err := ownfile.Read(path, true); err == nil && c.over(ending, data) {
				c.Disk.Remove(path)
			}
		case ending == lockEnding:
			c.unlock(path)
		}
	}
}

// unused says that a plain file has lain there for a day.
func (c Cache) unused(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && c.Now().Sub(info.ModTime()) > aDay
}

// over says whether a file has nothing to tell any more. One of a later version is
// left to that.
func (c Cache) over(ending string, data []byte) bool {
	value, err := jsontext.Parse(data)
	all, ok := value.(map[string]any)
	if err != nil || !ok {
		return true
	}
	if version, ok := all["schemaVersion"].(float64); ok && version > kept.Version {
		return false
	}
	if ending == refusedEnding {
		_, at, ok := decodeRefusal(data)
		return !ok || c.Now().Sub(at).Abs() > time.Minute
	}
	text, _ := all["expiration"].(string)
	end, err := time.Parse(time.RFC3339, text)
	return err != nil || c.Now().After(end) || all["schemaVersion"] != float64(kept.Version)
}

// unlock removes a lock that nobody holds and that belongs to no session.
func (c Cache) unlock(path string) {
	if _, err := os.Lstat(strings.TrimSuffix(path, lockEnding) + kept.Ending); err == nil || !c.unused(path) {
		return
	}
	lock := flock.New(path)
	if held, err := lock.TryLock(); err != nil || !held {
		return
	}
	c.Disk.Remove(path)
	lock.Unlock()
}

// clear makes way for a file of ours: a link, say, would never be used, and a disk
// does not write over it.
func (c Cache) clear(path string) {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeType != 0 {
		c.Disk.Remove(path) // what is not empty stays
	}
}
