package ownfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFile is the size from which a file cannot be one of ours, in bytes.
const maxFile = 1 << 20

// Read reads a file of ours through one open descriptor, so that what was
// checked is what is read. A link, a file of another user and one that others
// may write are refused; with secret also one that others may read.
func Read(path string, secret bool) ([]byte, error) {
	f, err := open(path)
	if err != nil {
		if info, lerr := os.Lstat(path); lerr == nil && info.Mode()&fs.ModeSymlink != 0 {
			return nil, &UntrustedError{path, "is a symbolic link", ""}
		}
		return nil, fmt.Errorf("read %s: %w", path, reason(err))
	}
	defer f.Close()
	a, err := f.about()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, reason(err))
	}
	switch {
	case !a.mode.IsRegular():
		return nil, &UntrustedError{path, "is not a plain file", ""}
	case a.size > maxFile:
		return nil, &UntrustedError{path, "is larger than 1 MiB", ""}
	}
	if err := checkOwned(path, a); err != nil {
		return nil, err
	}
	if secret && a.owner == ours && a.mode.Perm()&0o077 != 0 {
		return nil, &UntrustedError{path, fmt.Sprintf("mode %04o lets other users read it", a.mode.Perm()), "chmod 600 " + path}
	}
	data := make([]byte, a.size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, reason(err))
	}
	return data, nil
}
