package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"anywhere/signer/ownfile"

	"github.com/gofrs/flock"
)

// ErrBusy says that another process works on the same thing.
var ErrBusy = errors.New("busy: another anywhere is working on it")

// Lock keeps other processes away until it is released. The system releases it
// when the process ends, however it ends.
type Lock struct {
	file *flock.Flock
}

// Lock takes the set-up for this process, making its directory if needed, or
// returns an error that is [ErrBusy] at once.
func (h Home) Lock(s Setup) (*Lock, error) {
	if err := h.Disk.Mkdir(s.Dir, DirPerm); err != nil {
		return nil, err
	}
	if err := ownfile.CheckDirs(h.Root, s.Dir); err != nil {
		return nil, err
	}
	lock, err := LockFile(s.LockFile())
	if err != nil {
		return nil, fmt.Errorf("lock set-up %s: %w", s.Name, err)
	}
	return lock, nil
}

// LockFile is the file whose lock stands for the set-up. It is empty.
func (s Setup) LockFile() string { return filepath.Join(s.Dir, "lock") }

// LockFile takes the lock of the file at path, making it if needed, or returns
// an error that is [ErrBusy] at once.
func LockFile(path string) (*Lock, error) {
	file := flock.New(path, flock.SetPermissions(SecretPerm))
	got, err := file.TryLock()
	if err != nil {
		return nil, bare(err)
	}
	if !got {
		return nil, ErrBusy
	}
	// Whoever held it may have removed the file in between, as a teardown does:
	// a lock without a name keeps nobody away.
	held, err := file.Stat()
	now, nowErr := os.Lstat(path)
	if err != nil || nowErr != nil || !os.SameFile(held, now) {
		return nil, errors.Join(ErrBusy, file.Unlock())
	}
	return &Lock{file}, nil
}

// Release lets others go on.
func (l *Lock) Release() error { return l.file.Unlock() }

// Remove deletes the lock's file and then releases it. It is for a teardown that
// is about to delete the directory.
func (l *Lock) Remove(h Home) error {
	return errors.Join(h.Disk.Remove(l.file.Path()), l.file.Unlock())
}
