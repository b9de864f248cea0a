package home

import (
	"os"
	"path/filepath"
)

// Abs turns a path relative to the home, with slashes, into one of this
// machine. An absolute path stays as it is.
func (h Home) Abs(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(h.Root, filepath.FromSlash(path))
}

// Forget removes the directory of a set-up, which must hold no file but its
// lock, and then, with the last set-up, what set-ups share, and every directory
// of the home that is empty.
func (h Home) Forget(name string) error {
	if others, err := h.List(); err == nil && len(others) <= 1 {
		if err := h.Disk.Remove(h.ConfigLock()); err != nil {
			return err
		}
	}
	for _, path := range []string{
		h.Setup(name).LockFile(), h.Setup(name).Dir, filepath.Join(h.Root, "setups"),
		filepath.Join(h.Root, "ca"), h.Bin(), h.Cache(), h.Root,
	} {
		if left, err := os.ReadDir(path); err == nil && len(left) > 0 {
			continue // somebody else's
		}
		if err := h.Disk.Remove(path); err != nil {
			return err
		}
	}
	return nil
}
