// Package kept finds sessions that lie on the disk. It writes nothing, takes no
// lock and asks nobody: package cache does.
//
// A file that somebody else could have written, or can read, is as good as absent,
// and so is one that answers another question than the one that is asked.
package kept

import (
	"anywhere/signer/filename"
	"anywhere/signer/ownfile"
)

// File is a file of k in dir.
func File(dir string, k Key, ending string) string { return filename.Join(dir, k.Name+ending) }

// Ending is what the names of entries end in.
const Ending = ".json"

// Load returns the session of k that dir, which lies in the home at root, holds,
// whatever its age; false if there is none, or none to be trusted.
func Load(root, dir string, k Key) (Entry, bool) {
	e, asked, ok := read(root, dir, k)
	return e, ok && asked == k.asked
}

// Look returns the session whose files' names begin with name, whatever it was
// asked for. It is to be looked at, not to be used.
func Look(root, dir, name string) (Entry, bool) {
	e, _, ok := read(root, dir, Key{Name: name})
	return e, ok
}

func read(root, dir string, k Key) (e Entry, asked string, ok bool) {
	if ownfile.CheckDirs(root, dir) != nil {
		return e, "", false
	}
	data, err := ownfile.Read(File(dir, k, Ending), true)
	if err != nil {
		return e, "", false
	}
	return decode(data)
}

// Off says that the environment wants nothing kept and nothing kept used.
func Off(getenv func(string) string) bool {
	off := getenv("ANYWHERE_NO_CACHE")
	return off != "" && off != "0"
}
