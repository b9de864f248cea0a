package cache

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// Sessions of certificates that were renewed, and of earlier versions, lay there
// until the set-up was taken down.
func TestWhatNobodyWillAskForIsSweptWithTheNextSession(t *testing.T) {
	old := keys("ASIAX", noon.Add(-2*time.Hour))
	entry := func(c Cache, name string) string { return filepath.Join(c.Dir, name) }
	living := func(c Cache) Key {
		k := KeyOf("other")
		c.Keep(k, keys("ASIAX", noon))
		return k
	}
	tests := map[string]struct {
		gone bool
		lay  func(c Cache) (path string, err error)
	}{
		"a session that has ended": {true, func(c Cache) (string, error) {
			k := KeyOf("other")
			c.Keep(k, old)
			return c.file(k, ".json"), nil
		}},
		"one that lives": {false, func(c Cache) (string, error) { return c.file(living(c), ".json"), nil }},
		"one of an earlier version": {true, func(c Cache) (string, error) {
			path := entry(c, "lab.0123.json")
			return path, os.WriteFile(path, []byte(`{"schemaVersion":1,"expiration":"2026-11-22T13:00:00Z"}`), 0o600)
		}},
		"one of a later version": {false, func(c Cache) (string, error) {
			path := entry(c, "lab.0123.json")
			return path, os.WriteFile(path, []byte(`{"schemaVersion":99}`), 0o600)
		}},
		"half a session": {true, func(c Cache) (string, error) {
			path := entry(c, "lab.0123.json")
			return path, os.WriteFile(path, []byte(`{"schemaVersion":2,"exp`), 0o600)
		}},
		"a file that others may write": {false, func(c Cache) (string, error) {
			path := entry(c, "lab.0123.json")
			return path, errors.Join(os.WriteFile(path, []byte("x"), 0o600), os.Chmod(path, 0o666))
		}},
		"a refusal of long ago": {true, func(c Cache) (string, error) {
			path := entry(c, "lab.0123.refused")
			return path, os.WriteFile(path, encodeRefusal(refused, noon.Add(-time.Hour)), 0o600)
		}},
		"a refusal of this moment": {false, func(c Cache) (string, error) {
			path := entry(c, "lab.0123.refused")
			return path, os.WriteFile(path, encodeRefusal(refused, noon), 0o600)
		}},
		"a lock of long ago":               {true, func(c Cache) (string, error) { return aged(entry(c, "lab.0123.lock"), 25*time.Hour) }},
		"a lock of today":                  {false, func(c Cache) (string, error) { return aged(entry(c, "lab.0123.lock"), 23*time.Hour) }},
		"the lock of a session that lives": {false, func(c Cache) (string, error) { return aged(c.file(living(c), ".lock"), 25*time.Hour) }},
		"a lock that is held": {false, func(c Cache) (string, error) {
			path, err := aged(entry(c, "lab.0123.lock"), 25*time.Hour)
			lock := flock.New(path)
			t.Cleanup(func() { lock.Unlock() })
			return path, errors.Join(err, lock.Lock())
		}},
		"what a killed process left":           {true, func(c Cache) (string, error) { return aged(entry(c, ".tmp-lab.0123.json-77"), 25*time.Hour) }},
		"what another process is writing":      {false, func(c Cache) (string, error) { return aged(entry(c, ".tmp-lab.0123.json-77"), time.Second) }},
		"what is nothing of ours, by its name": {false, func(c Cache) (string, error) { return aged(entry(c, "readme.txt"), 25*time.Hour) }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := lab(t)
			if err := os.MkdirAll(c.Dir, 0o700); err != nil {
				t.Fatal(err)
			}
			path, err := tt.lay(c)
			if err != nil {
				t.Fatal(err)
			}
			a := &aws{c: c}
			if _, _, err := c.Get(t.Context(), KeyOf("mine"), 0, a.fetch); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) != tt.gone {
				t.Errorf("%s: got %v, want it gone: %v", strings.TrimPrefix(path, c.Dir), err, tt.gone)
			}
		})
	}
}

// aged makes an empty file that is as old as that at noon.
func aged(path string, age time.Duration) (string, error) {
	return path, errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, noon.Add(-age), noon.Add(-age)))
}
