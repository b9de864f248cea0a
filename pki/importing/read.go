package importing

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"anywhere/pki/decode"
)

// The limits of what is brought together.
const (
	MaxFiles = 200
	MaxDepth = 4 // folders below one that was named
)

// Read brings together the files that paths name; a folder stands for every file
// below it. Files whose names begin with a dot are passed over in it, links that lead out
// of it, and empty files, which is how those of the system look that never end.
// Kubernetes mounts a secret as links to a hidden folder beside them, which are read.
// Nothing is read of too many files. One longer than decode.MaxSize is not read and ends
// up as an input that Sort refuses.
func Read(paths ...string) ([]Input, error) {
	var found []entry
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		if info.Mode()&fs.ModeDevice != 0 {
			return nil, fmt.Errorf("import %s: it is a device", path)
		}
		if !info.IsDir() {
			found, err = add(found, entry{path, info})
		} else {
			found, err = walk(found, path)
		}
		if err != nil {
			return nil, err
		}
	}
	var all []Input
	for _, e := range found {
		if e.info.Size() > decode.MaxSize {
			all = append(all, Input{e.path, make([]byte, decode.MaxSize+1)})
			continue
		}
		data, err := os.ReadFile(e.path)
		if err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		all = append(all, Input{e.path, data})
	}
	return all, nil
}

// entry is a file that is to be read.
type entry struct {
	path string
	info fs.FileInfo
}

func walk(found []entry, root string) ([]entry, error) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || rel == "." {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".")
		if d.IsDir() {
			if hidden || strings.Count(filepath.ToSlash(rel), "/") >= MaxDepth {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err == nil && !hidden && info.Mode()&fs.ModeSymlink != 0 {
			if info, err = linked(root, path); info == nil {
				return err
			}
		}
		if err != nil || hidden || !info.Mode().IsRegular() || info.Size() == 0 {
			return err
		}
		found, err = add(found, entry{path, info})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", root, err)
	}
	return found, nil
}

// linked is the file in root that a link leads to; nil if it leads nowhere or out.
func linked(root, path string) (fs.FileInfo, error) {
	top, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil || !strings.HasPrefix(target, top+string(filepath.Separator)) {
		return nil, nil //nolint:nilerr // a link without a file is not one of the files
	}
	return os.Stat(target)
}

func add(found []entry, e entry) ([]entry, error) {
	if len(found) >= MaxFiles {
		return nil, fmt.Errorf("import %s: more than %d files; name the ones that are meant", e.path, MaxFiles)
	}
	return append(found, e), nil
}
