package atomicfile

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
)

func TestABatchMakesNewFilesOnly(t *testing.T) {
	dir := t.TempDir()
	var seen []Change
	disk := &Disk{After: func(c Change) { seen = append(seen, c) }}
	b := disk.Batch(dir)
	sub, file := filepath.Join(dir, "one"), filepath.Join(dir, "one", "key.pem")
	if err := errors.Join(b.Mkdir(sub, 0o700), b.Create(file, []byte("first"), 0o600), b.Sync()); err != nil {
		t.Fatal(err)
	}
	if err := b.Create(file, []byte("second"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second file of the name: %v", err)
	}
	if err := b.Mkdir(sub, 0o700); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second directory of the name: %v", err)
	}
	wantContent(t, file, "first")
	wantOnly(t, sub, "key.pem")
	if want := []Change{{OpMkdir, sub}, {OpCreate, file}}; !slices.Equal(seen, want) {
		t.Errorf("reported %v, want %v", seen, want)
	}
}

func TestABatchThatIsStoppedMakesNothingMore(t *testing.T) {
	dir := t.TempDir()
	b := stopped().Batch(dir)
	for what, err := range map[string]error{
		"mkdir": b.Mkdir(filepath.Join(dir, "one"), 0o700), "create": b.Create(filepath.Join(dir, "file"), nil, 0o600),
	} {
		if !errors.Is(err, errStop) {
			t.Errorf("%s: got %v, want %v", what, err, errStop)
		}
	}
	wantOnly(t, dir)
	if err := b.Sync(); err != nil {
		t.Errorf("nothing was made, and Sync says %v", err)
	}
}

// Without a call for the whole file system each file is waited for, and one that
// is gone meanwhile is an error: it did not reach the disk.
func TestEachFileCanBeWaitedFor(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	put(t, file, "", 0o600)
	if err := syncEach([]string{file, dir, file}); err != nil {
		t.Error(err)
	}
	if err := syncEach([]string{file, filepath.Join(dir, "gone")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
}
