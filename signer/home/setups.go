package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"anywhere/pki/atomicfile"
	"anywhere/signer/ownfile"
	"anywhere/signer/pointer"
)

// Open returns the home at root, an absolute path. It need not exist yet; if it
// does it must be ours alone, or the error is an *[ownfile.UntrustedError].
func Open(root string, disk *atomicfile.Disk) (Home, error) {
	if !filepath.IsAbs(root) {
		return Home{}, fmt.Errorf("open home %q: not an absolute path", root)
	}
	h := Home{Root: filepath.Clean(root), Disk: disk}
	if _, err := os.Lstat(h.Root); errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	return h, ownfile.CheckDirs(h.Root, h.Root)
}

// Find returns the set-up of a name, which must be valid and exist. The error
// is [ErrNoSetup] if it does not.
func (h Home) Find(name string) (Setup, error) {
	if err := ValidName(name); err != nil {
		return Setup{}, err
	}
	s := h.Setup(name)
	if _, err := os.Lstat(s.Dir); errors.Is(err, fs.ErrNotExist) {
		return Setup{}, &NoSetupError{Name: name, Root: h.Root}
	}
	return s, ownfile.CheckDirs(h.Root, s.Dir)
}

// List returns every set-up, by name, also those whose making was interrupted.
func (h Home) List() ([]Setup, error) {
	entries, err := os.ReadDir(filepath.Join(h.Root, "setups"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list set-ups in %s: %w", h.Root, bare(err))
	}
	var all []Setup
	for _, entry := range entries {
		if entry.IsDir() && ValidName(entry.Name()) == nil {
			all = append(all, h.Setup(entry.Name()))
		}
	}
	return all, nil
}

// ErrNoSetup says that a set-up does not exist, or that it has no session.json
// yet.
var ErrNoSetup = pointer.ErrNoSetup

// NoSetupError is [ErrNoSetup] with the name.
type NoSetupError = pointer.NoSetupError

// bare takes the operation and path off an os error: the caller names both.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
