package home

import (
	"os"
	"path/filepath"
	"strings"
)

// Abs turns a path relative to the home, with slashes, into one of this
// machine. An absolute path stays as it is.
func (h Home) Abs(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(h.Root, filepath.FromSlash(path))
}

// Forget removes the sessions that are kept of a set-up, its directory, which must
// hold no file but its locks and serve's token, and then, with the last set-up, what set-ups share, and every directory
// of the home that is empty.
func (h Home) Forget(name string) error {
	if err := h.ForgetSessions(name); err != nil {
		return err
	}
	if others, err := h.List(); err == nil && len(others) <= 1 {
		if err := h.Disk.Remove(h.ConfigLock()); err != nil {
			return err
		}
	}
	for _, path := range []string{
		h.Setup(name).ServeToken(), h.Setup(name).RenewalLock(), h.Setup(name).LockFile(), h.Setup(name).Dir, filepath.Join(h.Root, "setups"),
		filepath.Join(h.Root, "ca"), h.Given(), h.Bin(), h.Cache(), h.Root,
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

// KeepsSessions says that sessions of a set-up lie in the cache.
func (h Home) KeepsSessions(name string) bool {
	kept, err := filepath.Glob(filepath.Join(h.Cache(), name+".*.json"))
	return err == nil && len(kept) > 0
}

// ForgetSessions removes the sessions that are kept of a set-up: package cache
// begins their names with the set-up's and a full stop.
func (h Home) ForgetSessions(name string) error {
	entries, err := os.ReadDir(h.Cache())
	if err != nil {
		return nil // nothing is kept
	}
	for _, entry := range entries {
		if file := entry.Name(); strings.HasPrefix(file, name+".") || strings.HasPrefix(file, ".tmp-"+name+".") {
			if err := h.Disk.Remove(filepath.Join(h.Cache(), file)); err != nil {
				return err
			}
		}
	}
	return nil
}
