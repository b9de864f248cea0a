package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Killed around every write of a rotation that reaches two accounts: both are let in
// all along, and the next run brings both to the new CA.
func TestARotationInTwoAccountsKilledAnywhereIsFinished(t *testing.T) {
	rotate := append(slices.Clone(rotateBox), "--account", auditAccount)
	made := func(t *testing.T) *bench {
		t.Helper()
		b := newBench(t)
		b.writeAdmins(t, b.home)
		b.profile = "main-admin"
		b.done(t, append(slices.Clone(setupBox), "--set", "ca.protection=none", "--set", "leaf.cn=box", "--set", "permissions=nothing", "--set", "proof.stranger=no")...)
		b.profile = "audit-admin"
		b.done(t, "setup", "--name", "two", "--yes", "--account", auditAccount, "--set", "leaf.setup=box", "--set", "permissions=nothing", "--set", "proof.stranger=no")
		b.profile = "main-admin"
		return b
	}
	moments := made(t).moments(t, rotate...)
	if len(moments) < 20 {
		t.Fatalf("only %d moments", len(moments))
	}
	everyMoment(t, moments, func(t *testing.T, stop string) {
		b := made(t)
		before := b.sessionOf(t, "two")
		b.die(t, stop, rotate...)
		b.sessionOf(t, "box")
		b.sessionOf(t, "two")
		b.done(t, rotate...)
		if box, two := b.sessionOf(t, "box"), b.sessionOf(t, "two"); box != two || two == before {
			t.Errorf("box has serial %s, two has %s and had %s", box, two, before)
		}
		for _, number := range []string{cloudAccount, auditAccount} {
			if held := b.heldIn(t, number); len(held) != 1 || held[0] == "box-ca" {
				t.Errorf("the trust anchor in %s holds %q", number, held)
			}
		}
	})
}

// Killed around every write to AWS of the set-up in the second account: the first is as
// it was, the next run finishes, and a teardown leaves nothing there.
func TestASetUpInASecondAccountKilledAnywhereIsFinished(t *testing.T) {
	second := []string{"setup", "--name", "two", "--yes", "--account", auditAccount, "--set", "leaf.setup=box", "--set", "permissions=nothing", "--set", "proof.stranger=no"}
	down := []string{"teardown", "two", "--yes", "--account", auditAccount}
	first := newBench(t)
	first.writeAdmins(t, first.home)
	first.profile = "main-admin"
	first.done(t, append(slices.Clone(setupBox), "--set", "ca.protection=none", "--set", "leaf.cn=box", "--set", "permissions=nothing", "--set", "proof.stranger=no")...)
	first.profile = "audit-admin"
	source := filepath.Join(first.dir, "source")
	copyTree(t, first.home, source)
	another := func(t *testing.T) *bench {
		t.Helper()
		dir := t.TempDir()
		b := &bench{cloud: first.cloud, dir: dir, home: filepath.Join(dir, "home"), program: first.program}
		copyTree(t, source, b.home)
		return b
	}
	counted := another(t)
	moments := slices.DeleteFunc(counted.moments(t, second...), func(m moment) bool {
		return !strings.Contains(m.name, ":") && !strings.Contains(m.name, "session.json")
	})
	counted.done(t, down...)
	if len(moments) < 6 {
		t.Fatalf("only %d moments", len(moments))
	}
	t.Run("killed", func(t *testing.T) {
		everyMoment(t, moments, func(t *testing.T, stop string) {
			b := another(t)
			serial := b.sessionOf(t, "box")
			b.die(t, stop, second...)
			b.done(t, second...)
			if two := b.sessionOf(t, "two"); two != serial || b.sessionOf(t, "box") != serial {
				t.Errorf("box has serial %s and two has %s", serial, two)
			}
			b.done(t, down...)
			if b.sessionOf(t, "box") != serial {
				t.Error("the first account's set-up was touched")
			}
		})
	})
	api := first.apiOf(t, auditAccount)
	if n := len(must(api.Anchors(t.Context()))) + len(must(api.Profiles(t.Context()))); n != 0 {
		t.Errorf("%d things are left", n)
	}
}
