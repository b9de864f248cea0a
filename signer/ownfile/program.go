package ownfile

import (
	"fmt"
	"os"

	"anywhere/signer/filename"
)

// CheckProgram says whether a program may be started without anybody looking: it
// must be an absolute path of a plain file, links followed, which this user or
// root owns and nobody else may write; and no directory that leads to it may be
// another user's, or everybody's to rename in.
//
// A folder that a group may write is taken, as package managers have it:
// whoever is in that group can replace the signer beside the program too.
//
// resolve is filepath.EvalSymlinks, which this package cannot import: see package
// filename.
func CheckProgram(path string, resolve func(string) (string, error)) error {
	if !filename.IsAbs(path) {
		return &UntrustedError{path, "is not an absolute path", ""}
	}
	real, err := resolve(path)
	if err != nil {
		return fmt.Errorf("start %s: %w", path, reason(err))
	}
	info, err := os.Lstat(real)
	if err != nil {
		return fmt.Errorf("start %s: %w", path, reason(err))
	}
	if !info.Mode().IsRegular() {
		return &UntrustedError{path, "is not a plain file", ""}
	}
	if err := checkOwned(real, aboutOf(info)); err != nil {
		return err
	}
	for _, place := range []string{filename.Dir(path), filename.Dir(real)} {
		if err := checkOwners(place); err != nil {
			return err
		}
	}
	return checkParents(filename.Dir(real))
}

// checkOwners walks from dir to / and refuses a directory of another user's.
func checkOwners(dir string) error {
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("read %s: %w", dir, reason(err))
		}
		if ownerOf(info) == foreign {
			return &UntrustedError{dir, "belongs to another user", "install anywhere in a folder of your own or of root's"}
		}
		parent := filename.Dir(dir)
		if parent == dir {
			return checkParents(dir)
		}
		dir = parent
	}
}
