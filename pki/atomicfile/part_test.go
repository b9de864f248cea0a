package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestAFileIsCutToItsBeginning(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	put(t, file, "whole torn", 0o600)
	var seen []Change
	disk := &Disk{After: func(c Change) { seen = append(seen, c) }}
	for range 2 { // what is not longer is no change
		if err := disk.Cut(file, 5); err != nil {
			t.Fatal(err)
		}
	}
	wantContent(t, file, "whole")
	if want := []Change{{OpCut, file}}; !slices.Equal(seen, want) {
		t.Errorf("reported %v, want %v", seen, want)
	}
	if err := stopped().Cut(file, 1); !errors.Is(err, errStop) {
		t.Errorf("got %v, want %v", err, errStop)
	}
}

func TestAFinishedFileTakesOnlyAFreeName(t *testing.T) {
	noLinks := func(string, string) error { return errors.ErrUnsupported }
	for name, link := range map[string]func(old, new string) error{"with links": os.Link, "without links": noLinks} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			part, file := filepath.Join(dir, "file.part"), filepath.Join(dir, "file")
			put(t, part, "new", 0o600)
			put(t, file, "old", 0o600)
			if err := rename(part, file, link); !errors.Is(err, fs.ErrExist) {
				t.Errorf("got %v, want %v", err, fs.ErrExist)
			}
			wantContent(t, file, "old")
			wantContent(t, part, "new")
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			if err := rename(part, file, link); err != nil {
				t.Fatal(err)
			}
			wantContent(t, file, "new")
			wantOnly(t, dir, "file")
		})
	}
	part := filepath.Join(t.TempDir(), "part")
	put(t, part, "new", 0o600)
	if err := stopped().Rename(part, part+"2"); !errors.Is(err, errStop) {
		t.Errorf("got %v, want %v", err, errStop)
	}
}
