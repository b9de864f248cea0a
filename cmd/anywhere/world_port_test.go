package main

import (
	"path/filepath"
	"testing"

	"anywhere/signer/home"
)

// A renewal that held the set-up for long kept the sandbox's new port from it, and
// signing asked at the old one: connection refused.
func TestAMovedPortReachesASetUpThatIsBusy(t *testing.T) {
	h, err := home.Open(filepath.Join(t.TempDir(), "home"), nil)
	if err != nil {
		t.Fatal(err)
	}
	place := h.Setup("lab")
	session := home.Session{Setup: "lab", Mode: home.ModeSandbox, Endpoint: "http://127.0.0.1:1",
		Certificate: []byte("unread"), Key: "unread"}
	for _, dir := range []string{place.Dir, h.Sandbox()} {
		if err := h.Disk.Mkdir(dir, home.DirPerm); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.WriteSession(place, session); err != nil {
		t.Fatal(err)
	}
	moveTo := func(want string) {
		t.Helper()
		if err := (&app{}).movePort(h, h.Sandbox(), "http://127.0.0.1:2"); err != nil {
			t.Fatal(err)
		}
		if got, err := h.ReadSession(place); err != nil || got.Endpoint != want {
			t.Errorf("got %q, %v; want %q", got.Endpoint, err, want)
		}
	}
	lock, err := h.Lock(place)
	if err != nil {
		t.Fatal(err)
	}
	moveTo("http://127.0.0.1:2")
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	session.Endpoint = "http://127.0.0.1:1"
	if err := h.WriteSession(place, session); err != nil {
		t.Fatal(err)
	}
	moveTo("http://127.0.0.1:2")
	moveTo("http://127.0.0.1:2") // and lets go of it
	if lock, err = h.Lock(place); err != nil {
		t.Fatal(err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
}
