//go:build unix

package ownfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// tree makes root/a/b with a secret file in it and returns root and the file.
func tree(t *testing.T) (root, file string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "root")
	dir := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	return root, file
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestDirectoriesThatOthersCouldChangeAreRefused(t *testing.T) {
	tests := map[string]struct {
		spoil func(t *testing.T, root string)
		why   string // empty means trusted
	}{
		"as they are made":                 {func(*testing.T, string) {}, ""},
		"readable for others":              {func(t *testing.T, root string) { chmod(t, root, 0o755) }, ""},
		"writable for the group":           {func(t *testing.T, root string) { chmod(t, root+"/a", 0o770) }, "mode 0770 lets other users write it"},
		"the last writable for all":        {func(t *testing.T, root string) { chmod(t, root+"/a/b", 0o777) }, "mode 0777 lets other users write it"},
		"the root writable for all":        {func(t *testing.T, root string) { chmod(t, root, 0o777) }, "mode 0777 lets other users write it"},
		"above it writable for all":        {func(t *testing.T, root string) { chmod(t, filepath.Dir(root), 0o777) }, "every user may rename what is in it"},
		"above it writable for all, /tmp":  {func(t *testing.T, root string) { chmod(t, filepath.Dir(root), 0o777|fs.ModeSticky) }, ""},
		"above it writable for the group":  {func(t *testing.T, root string) { chmod(t, filepath.Dir(root), 0o770) }, ""},
		"one replaced by a link":           {func(t *testing.T, root string) { link(t, root+"/a/b") }, "is a symbolic link"},
		"the root replaced by a link":      {func(t *testing.T, root string) { link(t, root) }, "is a symbolic link"},
		"one replaced by a file":           {func(t *testing.T, root string) { os.RemoveAll(root + "/a/b"); os.WriteFile(root+"/a/b", nil, 0o600) }, "is not a directory"},
		"one of another user's, if we may": {func(t *testing.T, root string) { give(t, root+"/a") }, givenWhy()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			root, file := tree(t)
			tt.spoil(t, root)
			err := CheckDirs(root, filepath.Dir(file))
			untrusted, ok := errors.AsType[*UntrustedError](err)
			if tt.why == "" && err != nil || tt.why != "" && (!ok || untrusted.Why != tt.why) {
				t.Errorf("got %v, want %q", err, tt.why)
			}
		})
	}
}

// link moves a directory away and leaves a link to it.
func link(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Rename(path, path+"-moved"), os.Symlink(path+"-moved", path)); err != nil {
		t.Fatal(err)
	}
}

// give makes path another user's, which only root can.
func give(t *testing.T, path string) {
	t.Helper()
	if err := os.Chown(path, 12345, -1); err != nil && os.Geteuid() == 0 {
		t.Fatal(err)
	}
}

func givenWhy() string {
	if os.Geteuid() == 0 {
		return "belongs to another user"
	}
	return ""
}

func TestAbsentDirectoriesAreSaidToBe(t *testing.T) {
	root, _ := tree(t)
	if err := CheckDirs(root, filepath.Join(root, "x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

func TestFilesThatOthersCouldChangeOrReadAreRefused(t *testing.T) {
	tests := map[string]struct {
		spoil  func(t *testing.T, file string)
		secret bool
		want   string // end of the error; empty means read
	}{
		"a secret":                     {func(*testing.T, string) {}, true, ""},
		"a secret that is read-only":   {func(t *testing.T, f string) { chmod(t, f, 0o400) }, true, ""},
		"a secret that others read":    {func(t *testing.T, f string) { chmod(t, f, 0o644) }, true, "mode 0644 lets other users read it"},
		"a secret that the group runs": {func(t *testing.T, f string) { chmod(t, f, 0o610) }, true, "mode 0610 lets other users read it"},
		"no secret that others read":   {func(t *testing.T, f string) { chmod(t, f, 0o644) }, false, ""},
		"a file that the group writes": {func(t *testing.T, f string) { chmod(t, f, 0o620) }, false, "mode 0620 lets other users write it"},
		"a link":                       {link, false, "is a symbolic link"},
		"a pipe":                       {pipe, false, "is not a plain file"},
		"a directory":                  {func(t *testing.T, f string) { os.Remove(f); os.Mkdir(f, 0o700) }, false, "is not a plain file"},
		"a large file":                 {func(t *testing.T, f string) { os.Truncate(f, maxFile+1) }, false, "is larger than 1 MiB"},
		"no file":                      {func(t *testing.T, f string) { os.Remove(f) }, false, "no such file or directory"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, file := tree(t)
			tt.spoil(t, file)
			data, err := Read(file, tt.secret)
			if tt.want == "" && (err != nil || string(data) != "text") {
				t.Errorf("got %q, %v; want the text", data, err)
			}
			if tt.want != "" && (err == nil || data != nil || !strings.HasSuffix(err.Error(), ": "+tt.want)) {
				t.Errorf("got %q, %v; want %q", data, err, tt.want)
			}
		})
	}
}

func pipe(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestTheHintIsTheCommandThatHelps(t *testing.T) {
	_, file := tree(t)
	chmod(t, file, 0o644)
	_, err := Read(file, true)
	untrusted, ok := errors.AsType[*UntrustedError](err)
	if !ok || untrusted.Hint() != "chmod 600 "+file {
		t.Errorf("got %v, want a hint to chmod 600", err)
	}
}

func TestAProgramThatSomebodyElseCouldHaveReplacedIsNotStarted(t *testing.T) {
	tests := map[string]struct {
		spoil func(t *testing.T, program string)
		want  string // in the error; empty means trusted
	}{
		"as it is installed":                 {func(*testing.T, string) {}, ""},
		"by a link":                          {link, ""},
		"in a folder of a group's":           {func(t *testing.T, p string) { chmod(t, filepath.Dir(p), 0o775) }, ""},
		"writable for the group":             {func(t *testing.T, p string) { chmod(t, p, 0o775) }, "mode 0775 lets other users write it"},
		"by a link to one that others write": {func(t *testing.T, p string) { chmod(t, p, 0o757); link(t, p) }, "mode 0757 lets other users write it"},
		"in a folder for everybody":          {func(t *testing.T, p string) { chmod(t, filepath.Dir(p), 0o777) }, "every user may rename what is in it"},
		"above it a folder for everybody":    {func(t *testing.T, p string) { chmod(t, filepath.Dir(filepath.Dir(p)), 0o777) }, "every user may rename what is in it"},
		"another user's, if we may":          {give, givenWhy()},
		"in another user's folder, if we may": {func(t *testing.T, p string) { give(t, filepath.Dir(filepath.Dir(p))) },
			givenWhy()},
		"absent":   {func(t *testing.T, p string) { os.Remove(p) }, "no such file or directory"},
		"a folder": {func(t *testing.T, p string) { os.Remove(p); os.Mkdir(p, 0o755) }, "is not a plain file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, program := tree(t)
			chmod(t, program, 0o755)
			tt.spoil(t, program)
			err := CheckProgram(program, filepath.EvalSymlinks)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if err := CheckProgram("anywhere", filepath.EvalSymlinks); err == nil || !strings.Contains(err.Error(), "not an absolute path") {
		t.Errorf("a bare name: got %v", err)
	}
}
