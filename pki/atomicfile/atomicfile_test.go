package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var errStop = errors.New("stopped")

// stopped is a disk on which nothing happens any more.
func stopped() *Disk { return &Disk{Before: func(Change) error { return errStop }} }

func put(t *testing.T, path, content string, perm fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, perm); err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", filepath.Base(path), got, err, want)
	}
}

// wantOnly checks that a directory holds these names, so no unfinished file.
func wantOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the directory holds %v, want %v", got, want)
	}
}

func TestWriteReplacesTheWholeFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	var disk *Disk
	for _, content := range []string{"first, and longer", "second", ""} {
		if err := disk.Write(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		wantContent(t, path, content)
	}
	wantOnly(t, dir, "file")
}

func TestAStoppedChangeLeavesEverythingAsItWas(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	put(t, path, "old", 0o600)
	fresh := filepath.Join(dir, "fresh")
	for name, change := range map[string]func(*Disk) error{
		"write":         func(d *Disk) error { return d.Write(path, []byte("new"), 0o600) },
		"write through": func(d *Disk) error { return d.WriteThrough(path, []byte("new"), 0o600) },
		"create":        func(d *Disk) error { return d.Create(fresh, []byte("new"), 0o600) },
		"append":        func(d *Disk) error { return d.Append(path, []byte("new"), 0o600) },
		"append to new": func(d *Disk) error { return d.Append(fresh, []byte("new"), 0o600) },
		"mkdir":         func(d *Disk) error { return d.Mkdir(filepath.Join(fresh, "below"), 0o700) },
		"remove":        func(d *Disk) error { return d.Remove(path) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := change(stopped()); !errors.Is(err, errStop) {
				t.Errorf("got %v, want %v", err, errStop)
			}
			wantContent(t, path, "old")
			wantOnly(t, dir, "file")
		})
	}
}

func TestEveryChangeIsSeenBeforeAndAfter(t *testing.T) {
	dir := t.TempDir()
	file, below := filepath.Join(dir, "file"), filepath.Join(dir, "a", "b")
	var before, after []Change
	disk := &Disk{
		Before: func(c Change) error { before = append(before, c); return nil },
		After:  func(c Change) { after = append(after, c) },
	}
	err := errors.Join(
		disk.Create(file, nil, 0o600),
		disk.Write(file, nil, 0o600),
		disk.WriteThrough(file, nil, 0o600),
		disk.Append(file, nil, 0o600),
		disk.Mkdir(below, 0o700),
		disk.Mkdir(below, 0o700), // no change
		disk.Remove(file),
		disk.Remove(file), // no change
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []Change{
		{OpCreate, file}, {OpWrite, file}, {OpWrite, file}, {OpAppend, file},
		{OpMkdir, filepath.Dir(below)}, {OpMkdir, below}, {OpRemove, file},
	}
	if !slices.Equal(before, want) || !slices.Equal(after, want) {
		t.Errorf("before: %v\nafter:  %v\nwant:   %v", before, after, want)
	}
}

func TestAChangeThatDidNotHappenIsNotReported(t *testing.T) {
	disk := &Disk{After: func(c Change) { t.Errorf("reported %v", c) }}
	if err := disk.Write(filepath.Join(t.TempDir(), "no", "file"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
}

func TestAFailedWriteLeavesNothingBeside(t *testing.T) {
	dir := t.TempDir()
	inTheWay := filepath.Join(dir, "directory")
	if err := os.MkdirAll(filepath.Join(inTheWay, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	var disk *Disk
	if err := disk.Write(inTheWay, []byte("new"), 0o600); err == nil {
		t.Error("a directory was replaced by a file")
	}
	wantOnly(t, dir, "directory")
}

func TestCreateDoesNotOverwrite(t *testing.T) {
	noLinks := func(string, string) error { return errors.ErrUnsupported }
	for name, link := range map[string]func(string, string) error{"with hard links": os.Link, "without": noLinks} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "file")
			if err := create(path, []byte("first"), 0o600, link); err != nil {
				t.Fatal(err)
			}
			if err := create(path, []byte("second"), 0o600, link); !errors.Is(err, fs.ErrExist) {
				t.Errorf("got %v, want %v", err, fs.ErrExist)
			}
			wantContent(t, path, "first")
			wantOnly(t, dir, "file")
		})
	}
}

func TestAppendAdds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	var disk *Disk
	for _, line := range []string{"one\n", "two\n"} {
		if err := disk.Append(path, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantContent(t, path, "one\ntwo\n")
}

func TestMkdirDoesNotTakeAFileForADirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	put(t, path, "", 0o600)
	var disk *Disk
	if err := disk.Mkdir(path, 0o700); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want %v", err, fs.ErrExist)
	}
}

func TestSweepTakesWhatAKilledWriteLeft(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"config", ".tmp-config-123", ".tmp-config-x", ".tmp-other-123", ".tmp-config-"} {
		put(t, filepath.Join(dir, name), "", 0o600)
	}
	var disk *Disk
	if err := disk.Sweep(filepath.Join(dir, "config")); err != nil {
		t.Fatal(err)
	}
	wantOnly(t, dir, ".tmp-config-x", ".tmp-other-123", "config")
	if err := disk.Sweep(filepath.Join(dir, "gone", "config")); err != nil {
		t.Error(err)
	}
}

func TestErrorsNameTheChangeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "file")
	var disk *Disk
	err := disk.Write(path, nil, 0o600)
	if err == nil || !strings.HasPrefix(err.Error(), "write "+path+": ") || strings.Count(err.Error(), path) != 1 {
		t.Errorf("got %v", err)
	}
}
