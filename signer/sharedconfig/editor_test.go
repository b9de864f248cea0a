package sharedconfig

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gofrs/flock"

	"anywhere/pki/atomicfile"
)

func addOurs(d *Document) error    { return d.AddSection("profile web01", ours...) }
func removeOurs(d *Document) error { return d.RemoveSection("profile web01") }

// editor works on path in an empty directory, with its lock in another.
func editor(t *testing.T, path string) Editor {
	t.Helper()
	return Editor{Path: filepath.Join(t.TempDir(), path), Lock: filepath.Join(t.TempDir(), "config.lock"), Disk: &atomicfile.Disk{}}
}

func write(t *testing.T, path, text string, perm fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), perm); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, perm); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestApplyAndUndoLeaveTheSameBytesAndNothingBeside(t *testing.T) {
	for _, name := range []string{"nasty", "nasty-crlf", "legal"} {
		t.Run(name, func(t *testing.T) {
			e := editor(t, "config")
			before := fixture(t, name)
			write(t, e.Path, before, 0o640)
			done, err := e.Apply(t.Context(), addOurs)
			if err != nil {
				t.Fatal(err)
			}
			if got := contents(t, e.Path); got != string(done.After) || got == before {
				t.Errorf("the file and the edit differ:\n%s", Diff("edit", done.After, []byte(got)))
			}
			if len(done.Created) > 0 {
				t.Errorf("created: got %q, want nothing", done.Created)
			}
			if _, err := e.Undo(t.Context(), done.Created, removeOurs); err != nil {
				t.Fatal(err)
			}
			if got := contents(t, e.Path); got != before {
				t.Errorf("%s", Diff(name, []byte(before), []byte(got)))
			}
			if info, _ := os.Stat(e.Path); info.Mode().Perm() != 0o640 {
				t.Errorf("mode: got %v, want 0640", info.Mode().Perm())
			}
			if left, _ := os.ReadDir(filepath.Dir(e.Path)); len(left) != 1 {
				t.Errorf("left beside the file: %v", left)
			}
		})
	}
}

func TestAFileThatWasCreatedIsRemovedAgain(t *testing.T) {
	e := editor(t, "home/.aws/config")
	root := filepath.Dir(filepath.Dir(filepath.Dir(e.Path)))
	plan, err := e.Preview(addOurs)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(root, "home"), filepath.Join(root, "home", ".aws"), e.Path}
	if !slices.Equal(plan.Created, want) {
		t.Errorf("would create %q, want %q", plan.Created, want)
	}
	if left, _ := os.ReadDir(root); len(left) != 0 {
		t.Errorf("Preview wrote %v", left)
	}
	done, err := e.Apply(t.Context(), addOurs)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(done.Created, want) {
		t.Errorf("created %q, want %q", done.Created, want)
	}
	if info, _ := os.Stat(e.Path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v, want 0600", info.Mode().Perm())
	}
	if _, err := e.Undo(t.Context(), done.Created, removeOurs); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(root); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestUndoRemovesOnlyWhatIsEmptyAndOurs(t *testing.T) {
	e := editor(t, ".aws/config")
	done, err := e.Apply(t.Context(), addOurs)
	if err != nil {
		t.Fatal(err)
	}
	beside := filepath.Join(filepath.Dir(e.Path), "credentials")
	write(t, beside, "[default]\n", 0o600)
	if _, err := e.Undo(t.Context(), done.Created, removeOurs); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(e.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file that we created: got %v, want it gone", err)
	}
	if got := contents(t, beside); got != "[default]\n" {
		t.Errorf("the file beside it: got %q", got)
	}
}

func TestAFileThatWasCreatedAndHasOtherLinesNowStays(t *testing.T) {
	e := editor(t, "config")
	done, err := e.Apply(t.Context(), addOurs)
	if err != nil {
		t.Fatal(err)
	}
	write(t, e.Path, contents(t, e.Path)+"[profile other]\nregion = x\n", 0o600)
	if _, err := e.Undo(t.Context(), done.Created, removeOurs); err != nil {
		t.Fatal(err)
	}
	if got, want := contents(t, e.Path), "[profile other]\nregion = x\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnEmptyFileOfTheUserStays(t *testing.T) {
	e := editor(t, "config")
	write(t, e.Path, "", 0o600)
	done, err := e.Apply(t.Context(), addOurs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Undo(t.Context(), done.Created, removeOurs); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, e.Path); got != "" {
		t.Errorf("got %q, want an empty file", got)
	}
}

func TestUndoOfAnApplyThatWasKilledRemovesItsDirectories(t *testing.T) {
	e := editor(t, "home/.aws/config")
	plan, err := e.Preview(addOurs)
	if err != nil {
		t.Fatal(err)
	}
	killed := errors.New("killed")
	e.Disk.Before = func(c atomicfile.Change) error {
		if c.Op == atomicfile.OpWrite {
			return killed
		}
		return nil
	}
	if _, err := e.Apply(t.Context(), addOurs); !errors.Is(err, killed) {
		t.Fatalf("Apply: got %v, want it to stop", err)
	}
	if _, err := os.Stat(filepath.Dir(e.Path)); err != nil {
		t.Fatalf("the directory should be there: %v", err)
	}
	e.Disk.Before = nil
	if _, err := e.Undo(t.Context(), plan.Created, func(*Document) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(plan.Created[0]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want the directory gone", err)
	}
}

func TestALinkStaysALink(t *testing.T) {
	tests := map[string]string{"to a file": "[default]\nregion = x\n", "to nothing": ""}
	for name, before := range tests {
		t.Run(name, func(t *testing.T) {
			e := editor(t, "config")
			target := filepath.Join(t.TempDir(), "dotfiles", "aws-config")
			if before != "" {
				write(t, target, before, 0o644)
			}
			if err := os.Symlink(target, e.Path); err != nil {
				t.Fatal(err)
			}
			done, err := e.Apply(t.Context(), addOurs)
			if err != nil {
				t.Fatal(err)
			}
			if got := contents(t, target); got != string(done.After) {
				t.Errorf("the file behind the link: got %q, want %q", got, done.After)
			}
			if _, err := e.Undo(t.Context(), done.Created, removeOurs); err != nil {
				t.Fatal(err)
			}
			if to, err := os.Readlink(e.Path); err != nil || to != target {
				t.Errorf("the link: got %q, %v", to, err)
			}
			if before == "" {
				if _, err := os.Stat(filepath.Dir(target)); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("behind the link: got %v, want nothing left", err)
				}
			} else if got := contents(t, target); got != before {
				t.Errorf("got %q, want %q", got, before)
			}
		})
	}
}

func TestWhatIsNoFileIsNeverReplaced(t *testing.T) {
	e := editor(t, "config")
	for name, path := range map[string]string{"the null device": os.DevNull, "a directory": filepath.Dir(e.Path)} {
		t.Run(name, func(t *testing.T) {
			e.Path = path
			e.Disk.Before = func(c atomicfile.Change) error {
				t.Errorf("%s %s", c.Op, c.Path)
				return errors.New("refused")
			}
			if _, err := e.Apply(t.Context(), addOurs); err == nil {
				t.Error("got no error")
			}
		})
	}
}

func TestAnEditThatFailsOrChangesNothingWritesNothing(t *testing.T) {
	wrong := errors.New("wrong")
	for name, tt := range map[string]struct {
		change func(*Document) error
		want   error
	}{
		"it fails":        {func(d *Document) error { d.RemoveKey("default", "region"); return wrong }, wrong},
		"nothing changes": {func(*Document) error { return nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := editor(t, "config")
			write(t, e.Path, "[default]\nregion = x\n", 0o600)
			e.Disk.Before = func(c atomicfile.Change) error {
				t.Errorf("%s %s", c.Op, c.Path)
				return nil
			}
			if _, err := e.Apply(t.Context(), tt.change); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestAFileThatAnotherProgramChangesIsReadAgain(t *testing.T) {
	e := editor(t, "config")
	write(t, e.Path, "[default]\n", 0o600)
	runs := 0
	_, err := e.Apply(t.Context(), func(d *Document) error {
		if runs++; runs == 1 {
			write(t, e.Path, "[default]\nregion = x\n", 0o600)
		}
		return addOurs(d)
	})
	if err != nil || runs != 2 {
		t.Fatalf("got %v after %d runs, want success after 2", err, runs)
	}
	if got, want := contents(t, e.Path), "[default]\nregion = x\n\n"+ourSection+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := e.Apply(t.Context(), func(d *Document) error {
		write(t, e.Path, contents(t, e.Path)+"#\n", 0o600)
		return d.Set("default", "region", "y")
	}); !errors.Is(err, ErrMoved) {
		t.Errorf("got %v, want ErrMoved", err)
	}
}

func TestApplyWaitsForTheLockAsLongAsItIsAllowedTo(t *testing.T) {
	e := editor(t, "config")
	held := flock.New(e.Lock)
	if err := held.Lock(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Apply(ctx, addOurs); !errors.Is(err, context.Canceled) {
		t.Errorf("while the lock is held: got %v, want context.Canceled", err)
	}
	if _, err := os.Stat(e.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file: got %v, want none", err)
	}
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Apply(t.Context(), addOurs); err != nil {
		t.Errorf("after it is free: got %v", err)
	}
}
