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
// below it. Files whose names begin with a dot are passed over in it, and links that
// lead out of it; Kubernetes mounts a secret as links to a hidden folder beside them.
// A file longer than decode.MaxSize is not read and ends up as an input
// that Sort refuses.
func Read(paths ...string) ([]Input, error) {
	var all []Input
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		if !info.IsDir() {
			all, err = add(all, path, info)
		} else {
			all, err = walk(all, path)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func walk(all []Input, root string) ([]Input, error) {
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
		if err != nil || hidden || !info.Mode().IsRegular() {
			return err
		}
		all, err = add(all, path, info)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", root, err)
	}
	return all, nil
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

func add(all []Input, path string, info fs.FileInfo) ([]Input, error) {
	if len(all) >= MaxFiles {
		return nil, fmt.Errorf("import %s: more than %d files; name the ones that are meant", path, MaxFiles)
	}
	if info.Size() > decode.MaxSize {
		return append(all, Input{path, make([]byte, decode.MaxSize+1)}), nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return append(all, Input{path, data}), nil
}
