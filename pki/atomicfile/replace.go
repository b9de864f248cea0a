package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// prefix begins the names of files that are not finished.
const prefix = ".tmp-"

// temporary writes data to a new file beside path and returns its name. The
// bytes are on the disk when it returns; on error nothing is left. The file goes
// to the owner of old, if there is one and if this process may give it away.
func temporary(path string, data []byte, perm fs.FileMode, old fs.FileInfo) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), prefix+filepath.Base(path)+"-*") // made with mode 0600
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return "", err
	}
	if old != nil {
		keepOwner(f, old)
	}
	if err = f.Chmod(perm); err != nil { // after the owner: giving a file away can clear bits
		return "", err
	}
	if err = f.Sync(); err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

func replace(path string, data []byte, perm fs.FileMode, old fs.FileInfo) error {
	name, err := temporary(path, data, perm, old)
	if err != nil {
		return err
	}
	if err := os.Rename(name, path); err != nil {
		os.Remove(name)
		return err
	}
	return syncDir(filepath.Dir(path))
}

// create gives the finished file its name by link, which is os.Link but for
// tests: unlike a rename, it fails when the name is taken.
func create(path string, data []byte, perm fs.FileMode, link func(old, new string) error) error {
	name, err := temporary(path, data, perm, nil)
	if err != nil {
		return err
	}
	err = link(name, path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = claim(name, path, perm) // FAT, and some network disks, know no links
	}
	os.Remove(name) // gone already, if claimed
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// claim takes the name with an empty file and then puts the finished one there.
func claim(name, path string, perm fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|noFollow, perm)
	if err != nil {
		return err
	}
	f.Close()
	if err := os.Rename(name, path); err != nil {
		os.Remove(path)
		return err
	}
	return nil
}

func appendTo(path string, data []byte, perm fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND|noFollow, perm)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if info.Size() == 0 { // new, so its name must reach the disk too
		return syncDir(filepath.Dir(path))
	}
	return nil
}
