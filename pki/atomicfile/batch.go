package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A Batch makes many new files and brings them to the disk together, which takes
// one wait instead of one for each file. Its methods may be called at once from
// several goroutines.
//
// Until Sync has returned, a crash can leave any of the files out, or empty:
// whoever makes them again has to look whether what is there is whole.
type Batch struct {
	disk *Disk
	root string

	mu   sync.Mutex
	made []string // files, and directories that got a name
}

// Batch begins a batch below the directory root, which exists.
func (d *Disk) Batch(root string) *Batch { return &Batch{disk: d, root: root} }

// Mkdir makes one directory; if it is there already, the error is fs.ErrExist.
func (b *Batch) Mkdir(path string, perm fs.FileMode) error {
	return b.disk.around(OpMkdir, path, func() error {
		if err := os.Mkdir(path, perm); err != nil {
			return err
		}
		b.add(path, filepath.Dir(path))
		return nil
	})
}

// Create makes a file that must not exist yet, with exactly the mode perm; if it
// does, links included, the error is fs.ErrExist.
func (b *Batch) Create(path string, data []byte, perm fs.FileMode) error {
	return b.disk.around(OpCreate, path, func() error {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|noFollow, perm)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		if err == nil {
			err = unmask(f, perm)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(path)
			return err
		}
		b.add(path, filepath.Dir(path))
		return nil
	})
}

// unmask gives back what the umask has taken off. It is asked first: to change a
// mode to what it is costs as much as a tenth of making the file.
func unmask(f *os.File, perm fs.FileMode) error {
	info, err := f.Stat()
	if err != nil || info.Mode().Perm() == perm {
		return err
	}
	return f.Chmod(perm)
}

func (b *Batch) add(paths ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made = append(b.made, paths...)
}

// Sync waits until everything that was made so far is on the disk.
func (b *Batch) Sync() error {
	b.mu.Lock()
	made := b.made
	b.made = nil
	b.mu.Unlock()
	if len(made) == 0 {
		return nil
	}
	if err := syncAll(b.root, made); err != nil {
		return fmt.Errorf("write below %s to the disk: %w", b.root, bare(err))
	}
	return nil
}

// syncEach waits for one file or directory after another.
func syncEach(paths []string) error {
	seen := make(map[string]bool, len(paths))
	for _, path := range paths {
		if seen[path] {
			continue
		}
		seen[path] = true
		if err := syncPath(path); err != nil {
			return err
		}
	}
	return nil
}
