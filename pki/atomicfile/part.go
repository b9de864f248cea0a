package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Cut takes off what stands in the file at path after the first size bytes, and
// waits until it is gone from the disk. A file that is not longer is left alone.
func (d *Disk) Cut(path string, size int64) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return fmt.Errorf("%s %s: %w", OpCut, path, bare(err))
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s %s: %w", OpCut, path, errors.New("is not a plain file"))
	case info.Size() <= size:
		return nil
	}
	return d.around(OpCut, path, func() error {
		f, err := os.OpenFile(path, os.O_WRONLY|noFollow, 0)
		if err != nil {
			return err
		}
		err = f.Truncate(size)
		if err == nil {
			err = f.Sync()
		}
		return errors.Join(err, f.Close())
	})
}

// Rename gives a finished file its name in the same directory, in one step; if
// that name is taken, the error is fs.ErrExist. A crash can leave both names for
// the one file, never a file that is not whole under the new one.
func (d *Disk) Rename(from, to string) error {
	return d.around(OpRename, to, func() error { return rename(from, to, os.Link) })
}

// rename takes the new name by link, which is os.Link but for tests: unlike a
// rename, it fails when the name is taken.
func rename(from, to string, link func(old, new string) error) error {
	err := link(from, to)
	switch {
	case errors.Is(err, fs.ErrExist):
		return err
	case err == nil:
		err = os.Remove(from)
	default: // FAT, and some network disks, know no links
		if _, bad := os.Lstat(to); bad == nil {
			return fs.ErrExist
		}
		err = os.Rename(from, to)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}
