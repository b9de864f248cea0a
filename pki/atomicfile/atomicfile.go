// Package atomicfile changes files so that a crash leaves the old one or the
// new one, and never a wider mode than asked.
//
// It owns every write of the program: certificates and keys, the journal,
// session.json and the user's own AWS config file. A [Disk] lets a test see each
// change, refuse it, or stop the process around it. The package reads nothing
// that it is not asked to read and knows no file format.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Op names one kind of change to a disk.
type Op string

// The changes a Disk makes.
const (
	OpWrite  Op = "write"  // a whole file, by rename
	OpCreate Op = "create" // a new file, which must not exist
	OpAppend Op = "append" // bytes at the end of a file
	OpCut    Op = "cut"    // bytes off the end of a file
	OpRename Op = "rename" // to a name that must not exist; Path is the new one
	OpMkdir  Op = "mkdir"
	OpRemove Op = "remove"
)

// Change is one change that is about to happen or has just happened.
type Change struct {
	Op   Op
	Path string
}

// A Disk changes files. Its zero value, and nil, are the real disk.
type Disk struct {
	// Before sees a change that has not happened yet. An error refuses it.
	Before func(Change) error
	// After sees a change that has reached the disk.
	After func(Change)
}

// ErrLink says that a path which must be a plain file is a symbolic link.
var ErrLink = errors.New("is a symbolic link")

// Write replaces the file at path with data.
//
// The bytes reach the disk before the name does. The file has exactly the mode
// perm, whatever the umask, and never exists with a wider one. On error the old
// file is untouched and nothing is left beside it. A symbolic link at path is
// refused with [ErrLink].
func (d *Disk) Write(path string, data []byte, perm fs.FileMode) error {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("replace %s: %w", path, ErrLink)
	}
	return d.around(OpWrite, path, func() error { return replace(path, data, perm, nil) })
}

// WriteThrough replaces a file that belongs to the user and may be a link, as
// dotfile managers make them: the link stays, the file it names is replaced and
// keeps its mode and, where this process may give files away, its owner. A file
// that does not exist is made with mode perm.
func (d *Disk) WriteThrough(path string, data []byte, perm fs.FileMode) error {
	target, err := Resolve(path)
	if err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	old, err := os.Stat(target)
	if err == nil {
		perm = old.Mode().Perm()
	}
	return d.around(OpWrite, target, func() error { return replace(target, data, perm, old) })
}

// Create makes a file that must not exist yet, links included, in one step; if
// it does, the error is fs.ErrExist. A crash leaves no file or the whole file; on
// a file system without hard links it can leave an empty one.
func (d *Disk) Create(path string, data []byte, perm fs.FileMode) error {
	return d.around(OpCreate, path, func() error { return create(path, data, perm, os.Link) })
}

// Append adds data at the end of the file at path, making it with mode perm if
// it is absent, and waits until it is on the disk.
func (d *Disk) Append(path string, data []byte, perm fs.FileMode) error {
	return d.around(OpAppend, path, func() error { return appendTo(path, data, perm) })
}

// Mkdir makes a directory and its missing parents, each with mode perm. One
// that is already there is no change.
func (d *Disk) Mkdir(path string, perm fs.FileMode) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := d.Mkdir(parent, perm); err != nil {
			return err
		}
	}
	return d.around(OpMkdir, path, func() error {
		if err := os.Mkdir(path, perm); err != nil {
			// Another process may have made it since; a file in its place stays an error.
			if info, bad := os.Stat(path); bad != nil || !info.IsDir() {
				return err
			}
		}
		return syncDir(filepath.Dir(path))
	})
}

// Remove deletes one file, link or empty directory. One that is already gone is
// no change.
func (d *Disk) Remove(path string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return d.around(OpRemove, path, func() error {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return syncDir(filepath.Dir(path))
	})
}

// Resolve follows symbolic links to the file that a write should replace. The
// file itself need not exist.
func Resolve(path string) (string, error) {
	for range 40 { // as many links as Linux follows
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		next, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return "", errors.New("too many symbolic links")
}

// around runs one change between the two hooks.
func (d *Disk) around(op Op, path string, change func() error) error {
	c := Change{op, path}
	if d != nil && d.Before != nil {
		if err := d.Before(c); err != nil {
			return fmt.Errorf("%s %s: %w", op, path, err)
		}
	}
	if err := change(); err != nil {
		return fmt.Errorf("%s %s: %w", op, path, bare(err))
	}
	if d != nil && d.After != nil {
		d.After(c)
	}
	return nil
}

// bare takes the operation and path off an os error, since around names both.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
