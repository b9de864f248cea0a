//go:build unix

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() != want {
		t.Errorf("%s: got mode %v, %v; want %v", filepath.Base(path), info.Mode(), err, want)
	}
}

func TestModesAreExactWhateverTheUmask(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o777} {
		for name, perm := range map[string]fs.FileMode{"secret": 0o600, "open": 0o644, "binary": 0o755} {
			dir := t.TempDir()
			path, fresh := filepath.Join(dir, name), filepath.Join(dir, "new "+name)
			put(t, path, "wider before", 0o666)
			var disk *Disk
			old := syscall.Umask(mask)
			batch, one := disk.Batch(dir), filepath.Join(dir, "one of many")
			err := errors.Join(disk.Write(path, nil, perm), disk.Create(fresh, nil, perm), batch.Create(one, nil, perm))
			syscall.Umask(old)
			if err != nil {
				t.Error(err)
			}
			wantMode(t, path, perm)
			wantMode(t, fresh, perm)
			wantMode(t, one, perm)
		}
	}
}

func TestOurOwnFilesAreNoLinks(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	put(t, target, "old", 0o600)
	if err := os.Symlink("target", link); err != nil {
		t.Fatal(err)
	}
	var disk *Disk
	if err := disk.Write(link, []byte("new"), 0o600); !errors.Is(err, ErrLink) {
		t.Errorf("write: got %v, want %v", err, ErrLink)
	}
	if err := disk.Append(link, []byte("new"), 0o600); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("append: got %v, want %v", err, syscall.ELOOP)
	}
	if err := disk.Create(link, []byte("new"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("create: got %v, want %v", err, fs.ErrExist)
	}
	wantContent(t, target, "old")
	if err := disk.Remove(link); err != nil {
		t.Error(err)
	}
	wantOnly(t, dir, "target")
}

func TestTheUsersFilesKeepLinkAndMode(t *testing.T) {
	dir := t.TempDir()
	dotfiles := filepath.Join(dir, "dotfiles")
	if err := os.Mkdir(dotfiles, 0o700); err != nil {
		t.Fatal(err)
	}
	target, link, second := filepath.Join(dotfiles, "config"), filepath.Join(dir, "config"), filepath.Join(dir, "second")
	put(t, target, "old", 0o640)
	if err := errors.Join(os.Symlink("dotfiles/config", link), os.Symlink(link, second)); err != nil {
		t.Fatal(err)
	}
	var saw []Change
	disk := &Disk{After: func(c Change) { saw = append(saw, c) }}
	if err := disk.WriteThrough(second, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantContent(t, target, "new")
	wantMode(t, target, 0o640)
	if got, err := os.Readlink(second); err != nil || got != link {
		t.Errorf("the link names %q, %v; want %q", got, err, link)
	}
	wantOnly(t, dotfiles, "config")
	if len(saw) != 1 || saw[0] != (Change{OpWrite, target}) {
		t.Errorf("got %v, want one write of the file itself", saw)
	}
}

func TestALinkToNothingYetIsFilled(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "config")
	if err := os.Symlink("later", link); err != nil {
		t.Fatal(err)
	}
	var disk *Disk
	if err := disk.WriteThrough(link, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantContent(t, filepath.Join(dir, "later"), "new")
	wantMode(t, filepath.Join(dir, "later"), 0o600)
}

func TestLinksInACircleEnd(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := errors.Join(os.Symlink(b, a), os.Symlink(a, b)); err != nil {
		t.Fatal(err)
	}
	var disk *Disk
	if err := disk.WriteThrough(a, nil, 0o600); err == nil {
		t.Error("a circle was written to")
	}
}

// The owner can be given only by root; anybody else must find the file written
// all the same, and his.
func TestTheOwnerStaysWhereThatIsAllowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	put(t, path, "old", 0o600)
	want := os.Getuid()
	if want == 0 {
		want = 12345
		if err := os.Chown(path, want, want); err != nil {
			t.Fatal(err)
		}
	}
	var disk *Disk
	if err := disk.WriteThrough(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := int(info.Sys().(*syscall.Stat_t).Uid); got != want {
		t.Errorf("got owner %d, want %d", got, want)
	}
}

func TestNothingIsCutThroughALink(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	put(t, file, "whole", 0o600)
	if err := os.Symlink(file, file+"-link"); err != nil {
		t.Fatal(err)
	}
	var disk *Disk
	if err := disk.Cut(file+"-link", 1); err == nil {
		t.Error("the link was followed")
	}
	wantContent(t, file, "whole")
}
