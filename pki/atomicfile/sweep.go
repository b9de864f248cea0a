package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Sweep removes the unfinished files that a killed process left beside path. The
// caller holds whatever lock guards path: an unfinished file of a process that is
// still at work looks the same.
func (d *Disk) Sweep(path string) error {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		random, found := strings.CutPrefix(entry.Name(), prefix+base+"-")
		if !found || !entry.Type().IsRegular() || strings.Trim(random, "0123456789") != "" {
			continue
		}
		if err := d.Remove(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
