// Package ownfile reads files that must be nobody else's to write, and checks the
// directories that lead to them.
//
// A file counts as ours if this user or root owns it and no other user may write
// it. On Windows, whose mode bits say nothing, only links and sizes are checked.
// The package writes nothing.
package ownfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"anywhere/signer/filename"
)

// UntrustedError says that somebody else could have written a file or directory
// of ours, or can read a secret one. It is used for nothing then.
type UntrustedError struct {
	Path string
	Why  string
	Fix  string // one command
}

func (e *UntrustedError) Error() string { return fmt.Sprintf("trust %s: %s", e.Path, e.Why) }

// Hint is the command that makes it right.
func (e *UntrustedError) Hint() string { return e.Fix }

// owner says whose a file is, as far as the system tells.
type owner int

const (
	ours    owner = iota // this user's, or root's
	foreign              // another user's
	unknown              // the system does not say
)

// about is what a file is, apart from its name.
type about struct {
	mode  fs.FileMode
	size  int64 // in bytes
	owner owner
}

func aboutOf(info fs.FileInfo) about { return about{info.Mode(), info.Size(), ownerOf(info)} }

// CheckDirs refuses dir if it, or a directory between it and root, is a link,
// another user's or writable for others; and if somebody could put another
// directory in the place of root.
func CheckDirs(root, dir string) error {
	for {
		if err := checkDir(dir); err != nil {
			return err
		}
		parent := filename.Dir(dir)
		if dir == root || parent == dir {
			return checkParents(parent)
		}
		dir = parent
	}
}

func checkDir(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("read %s: %w", dir, reason(err))
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return &UntrustedError{dir, "is a symbolic link", "name the directory itself, not a link to it"}
	case !info.IsDir():
		return &UntrustedError{dir, "is not a directory", ""}
	}
	return checkOwned(dir, aboutOf(info))
}

// checkOwned refuses what another user owns or may write.
func checkOwned(path string, a about) error {
	if a.owner == foreign {
		return &UntrustedError{path, "belongs to another user", "run this as the user who set it up, or chown it"}
	}
	if a.owner == ours && a.mode.Perm()&0o022 != 0 {
		return &UntrustedError{path, fmt.Sprintf("mode %04o lets other users write it", a.mode.Perm()), "chmod go-w " + path}
	}
	return nil
}

// checkParents walks from dir to /. A directory that everybody may write is safe
// only with the sticky bit, as /tmp has it: without, anybody can rename what is
// in it.
func checkParents(dir string) error {
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("read %s: %w", dir, reason(err))
		}
		if ownerOf(info) != unknown && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
			return &UntrustedError{dir, "every user may rename what is in it", "chmod o-w " + dir}
		}
		parent := filename.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}

// reason takes the operation and path off an os error: the caller names both.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
