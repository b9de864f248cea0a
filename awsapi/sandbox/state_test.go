package sandbox

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki/atomicfile"
)

func TestARestartKeepsEverything(t *testing.T) {
	l := newLab(t)
	l.iam("PutRolePolicy", "RoleName", "lab", "PolicyName", "p", "PolicyDocument", mayListBuckets).want(t, 200)
	k := l.session(l.host()).want(t, 201).keys()
	admin, id := l.admin(), l.box.StateID()
	if err := l.box.Close(); err != nil {
		t.Fatal(err)
	}

	again := newWorld(t, func(c *Config) { c.Dir = l.box.cfg.Dir })
	if again.admin() != admin || again.box.StateID() != id {
		t.Error("the keys or the id changed")
	}
	again.as(k).buckets().want(t, 200)
	l.world.url = again.url
	l.world.box = again.box
	l.session(l.host()).want(t, 201)
	if got := again.lookUp("EventName", "CreateSession").Events; len(got) != 2 {
		t.Errorf("got %d CreateSession events, want both", len(got))
	}
}

func TestTwoProcessesDoNotOpenOneSandbox(t *testing.T) {
	w := newWorld(t)
	if _, err := Open(w.box.cfg); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
}

func TestTheStateIsPrivate(t *testing.T) {
	w := newWorld(t)
	for name, want := range map[string]os.FileMode{"state.json": 0o600, "lock": 0o600} {
		info, err := os.Stat(filepath.Join(w.box.cfg.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", name, got, want)
		}
	}
}

func TestAnAnswerToAChangeComesAfterItIsOnTheDisk(t *testing.T) {
	refuse := false
	disk := &atomicfile.Disk{Before: func(c atomicfile.Change) error {
		if refuse && filepath.Base(c.Path) == "state.json" {
			return errors.New("disk full")
		}
		return nil
	}}
	w := newWorld(t, func(c *Config) { c.Disk = disk })
	refuse = true
	got := w.iam("CreateRole", "RoleName", "lab", "AssumeRolePolicyDocument", trustsRolesAnywhere)
	if got.status != 500 || !strings.Contains(got.message, "disk full") {
		t.Errorf("got %d %s, want 500 and the cause", got.status, got.message)
	}
	w.iam("GetRole", "RoleName", "lab").want(t, 404) // as if the call had not come
	refuse = false
	w.newRole("lab", trustsRolesAnywhere)
}

func TestACallThatOnlyReadsWritesNothing(t *testing.T) {
	writes := 0
	w := newWorld(t, func(c *Config) { c.Disk = &atomicfile.Disk{After: func(atomicfile.Change) { writes++ }} })
	writes = 0
	w.iam("ListRoles").want(t, 200)
	w.as(w.admin()).buckets().want(t, 200)
	if writes != 0 {
		t.Errorf("got %d writes, want none", writes)
	}
	w.newRole("lab", trustsRolesAnywhere)
	if writes != 1 {
		t.Errorf("got %d writes for one change, want 1", writes)
	}
}

func TestAStateThatCannotBeReadIsNotReplaced(t *testing.T) {
	tests := map[string]string{
		"of a newer program": `{"version":2,"id":"x","admin":{"accessKeyId":"a","secretAccessKey":"b"}}`,
		"cut off":            `{"version":1,`,
		"empty":              `{}`,
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "state.json")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(Config{Dir: dir, Now: func() time.Time { return noon }, Random: rand.Reader}); err == nil {
				t.Error("got it opened, want an error")
			}
			if got, _ := os.ReadFile(path); !bytes.Equal(got, []byte(content)) {
				t.Errorf("got %s, want it untouched", got)
			}
		})
	}
}

func TestWhatAKilledWriteLeftIsSwept(t *testing.T) {
	dir := t.TempDir()
	left, foreign := filepath.Join(dir, ".tmp-state.json-4711"), filepath.Join(dir, "notes.txt")
	for _, path := range []string{left, foreign} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	newWorld(t, func(c *Config) { c.Dir = dir })
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want the unfinished file gone", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("got %v, want other files untouched", err)
	}
}

func TestAClosedSandboxWritesNothing(t *testing.T) {
	w := newWorld(t)
	if err := w.box.Close(); err != nil {
		t.Fatal(err)
	}
	got := w.iam("CreateRole", "RoleName", "lab", "AssumeRolePolicyDocument", trustsRolesAnywhere)
	if got.status != 500 {
		t.Errorf("got %d, want 500: another process may have it open", got.status)
	}
}

// Sessions come by the hundred and need no record to be good; calls that change
// things are on the disk before they are answered.
func TestOnlyTheRecordOfASessionMayWaitASecond(t *testing.T) {
	writes := 0
	l := newLab(t, func(c *Config) { c.Disk = &atomicfile.Disk{After: func(atomicfile.Change) { writes++ }} })
	wrote := func(what string, want bool, do func()) {
		t.Helper()
		before := writes
		do()
		if got := writes > before; got != want {
			t.Errorf("%s: got written %v, want %v", what, got, want)
		}
	}
	session := func() { l.session(l.host()).want(t, 201) }
	wrote("a session just after a change", false, session)
	l.now = l.now.Add(time.Second)
	wrote("a session a second later", true, session)
	wrote("the next", false, session)
	wrote("a new role", true, func() { l.newRole("other", trustsRolesAnywhere) })
	session()
	k := l.session(l.host()).want(t, 201).keys()
	wrote("closing with a record unwritten", true, func() {
		if err := l.box.Close(); err != nil {
			t.Fatal(err)
		}
	})
	again := newWorld(t, func(c *Config) { c.Dir, c.Now = l.box.cfg.Dir, l.box.cfg.Now })
	again.as(k).query("sts", "GetCallerIdentity").want(t, 200)
	if got := again.lookUp("EventName", "CreateSession").Events; len(got) != 5 {
		t.Errorf("got %d CreateSession events, want all 5", len(got))
	}
}
