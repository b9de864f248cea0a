package home

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Two set-ups edited one ~/.aws/config under a lock of their own each, so
// nothing kept them apart.
func TestAllSetupsShareTheLockOfTheConfigFile(t *testing.T) {
	h := Home{Root: t.TempDir()}
	if dir := filepath.Dir(h.ConfigLock()); dir != h.Root {
		t.Errorf("the lock lies in %s, not in the home itself", dir)
	}
}

func TestTheLastSetupLeavesNothingAndAnEarlierOneLeavesTheOther(t *testing.T) {
	h := Home{Root: filepath.Join(t.TempDir(), "home")}
	for _, name := range []string{"one", "two"} {
		lock, err := h.Lock(h.Setup(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := lock.Release(); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{h.Setup(name).ServeToken(), h.Setup(name).RenewalLock(), filepath.Join(h.Cache(), name+".0.json"), filepath.Join(h.Cache(), name+".0.lock")} {
			if err := errors.Join(h.Disk.Mkdir(filepath.Dir(path), DirPerm), os.WriteFile(path, nil, SecretPerm)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(h.ConfigLock(), nil, SecretPerm); err != nil {
		t.Fatal(err)
	}
	if err := h.Forget("one"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(h.Setup("two").Dir); err != nil {
		t.Errorf("forgetting one took two with it: %v", err)
	}
	if left, err := os.ReadDir(h.Cache()); err != nil || len(left) != 2 {
		t.Errorf("got kept sessions %v, %v; want those of two", left, err)
	}
	if _, err := os.Lstat(h.ConfigLock()); err != nil {
		t.Errorf("the lock went while a set-up still needs it: %v", err)
	}
	if err := h.Forget("two"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(h.Root); !os.IsNotExist(err) {
		left, _ := os.ReadDir(h.Root)
		t.Errorf("the home is still there with %v (%v)", left, err)
	}
}
