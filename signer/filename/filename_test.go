package filename

import (
	"path/filepath"
	"testing"
)

func TestNamesAreWhatPathFilepathMakesOfThem(t *testing.T) {
	names := []string{"", ".", "..", "/", "//", "a", "/a", "a/", "/a/", "/a/b", "a/b", "/a//b", "/a/./b", "/a/../b", "../a", "./a", "/..", "/a/b/..", `a\b`, "/ a", "a:b"}
	for _, name := range names {
		if got, want := Dir(name), filepath.Dir(name); got != want {
			t.Errorf("Dir(%q): got %q, want %q", name, got, want)
		}
		if got, want := IsAbs(name), filepath.IsAbs(name); got != want {
			t.Errorf("IsAbs(%q): got %v, want %v", name, got, want)
		}
		for _, other := range names {
			if got, want := Join(name, other, "x"), filepath.Join(name, other, "x"); got != want {
				t.Errorf("Join(%q, %q, x): got %q, want %q", name, other, got, want)
			}
		}
	}
}
