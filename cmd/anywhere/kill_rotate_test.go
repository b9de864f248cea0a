package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anywhere/pki/decode"
)

var rotateBox = []string{"ca", "rotate", "--setup", "box", "--yes", "--account", cloudAccount}

// anchorNames are the CAs that the trust anchor holds.
func (b *bench) anchorNames(t *testing.T) (names []string) {
	t.Helper()
	anchors := must(b.API.Anchors(t.Context()))
	if len(anchors) != 1 {
		t.Fatalf("%d trust anchors", len(anchors))
	}
	for _, cert := range must(decode.Certificates([]byte(anchors[0].Source.Bundle))) {
		names = append(names, cert.Subject.CommonName)
	}
	return names
}

// Killed at any write of a rotation, to the disk or in AWS: this machine is let in,
// the next run finishes, and a teardown leaves nothing. A CA whose key is never
// written is lost with the run that made it; the next one makes another.
func TestARotationThatIsKilledAtAnyWriteIsFinishedByTheNextRun(t *testing.T) {
	for protection, least := range map[string]int{"none": 12, "destroy-after-issuing": 10} {
		t.Run(protection, func(t *testing.T) {
			t.Parallel()
			made := func(t *testing.T) *bench {
				t.Helper()
				b := newBench(t)
				b.done(t, append(setupBox, "--set", "ca.protection="+protection, "--set", "leaf.cn=box", "--set", "permissions=nothing", "--set", "proof.stranger=no")...)
				return b
			}
			moments := made(t).moments(t, rotateBox...)
			if len(moments) < least {
				t.Fatalf("a rotation has only %d moments", len(moments))
			}
			everyMoment(t, moments, func(t *testing.T, stop string) {
				b := made(t)
				before := b.serials(t, "box")[0]
				b.die(t, stop, rotateBox...)
				b.serials(t, "box")
				b.done(t, rotateBox...)
				if after := b.serials(t, "box")[0]; after == before {
					t.Error("the machine still signs with what the old CA issued")
				}
				if names := b.anchorNames(t); len(names) != 1 || names[0] == "box-ca" {
					t.Errorf("the trust anchor holds %q", names)
				}
				if strays := b.strays(t, "box"); len(strays) != 0 {
					t.Error(strays)
				}
				b.done(t, teardownBox...)
				if left, err := os.ReadDir(filepath.Join(b.home, ".anywhere")); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("teardown left %v, %v", left, err)
				}
			})
		})
	}
}

// A rotation whose new key goes to a file of the user's, killed after the key was
// written, once asked for another file at every further run.
func TestARotationThatIsKilledKeepsTheKeyThatItPutAway(t *testing.T) {
	t.Parallel()
	made := func(t *testing.T) *bench {
		t.Helper()
		b := newBench(t)
		b.done(t, append(setupBox, "--set", "ca.protection=external", "--set", "ca.external-file="+filepath.Join(b.dir, "old.key"), "--set", "leaf.cn=box", "--set", "permissions=nothing", "--set", "proof.stranger=no")...)
		return b
	}
	rotate := func(b *bench) []string {
		return append(slices.Clone(rotateBox), "--external-file", filepath.Join(b.dir, "new.key"))
	}
	first := made(t)
	writes := first.done(t, rotate(first)...)
	at := slices.Index(writes, "create "+filepath.Join(first.dir, "new.key")) + 1
	if at == 0 {
		t.Fatalf("no new key among %q", writes)
	}
	for name, again := range map[string]func(b *bench) []string{"named again": rotate, "not named again": func(*bench) []string { return rotateBox }} {
		for _, twice := range []int{0, 1, 2, 3} { // the second run is killed too, while it settles what the first left
			t.Run(fmt.Sprintf("%s, killed again at write %d", name, twice), func(t *testing.T) {
				t.Parallel()
				b := made(t)
				b.die(t, fmt.Sprintf("after:%d", at), rotate(b)...)
				key := readFile(t, filepath.Join(b.dir, "new.key"))
				if twice > 0 {
					b.die(t, fmt.Sprintf("after:%d", twice), again(b)...)
				}
				b.done(t, again(b)...)
				if readFile(t, filepath.Join(b.dir, "new.key")) != key {
					t.Error("the key was written anew")
				}
				if names := b.anchorNames(t); len(names) != 1 || names[0] == "box-ca" {
					t.Errorf("the trust anchor holds %q", names)
				}
				b.serials(t, "box")
			})
		}
	}
}

// So did a set-up that was called again as it had been called.
func TestASetUpThatIsKilledTakesTheSameFileForItsCAKeyAgain(t *testing.T) {
	t.Parallel()
	setup := func(b *bench) []string {
		return append(slices.Clone(setupBox), "--set", "ca.protection=external", "--set", "ca.external-file="+filepath.Join(b.dir, "ca.key"), "--set", "leaf.cn=box", "--set", "permissions=nothing", "--set", "proof.stranger=no")
	}
	first := newBench(t)
	at := slices.Index(first.done(t, setup(first)...), "create "+filepath.Join(first.dir, "ca.key")) + 1
	if at == 0 {
		t.Fatal("the key is not written")
	}
	b := newBench(t)
	b.die(t, fmt.Sprintf("after:%d", at), setup(b)...)
	key := readFile(t, filepath.Join(b.dir, "ca.key"))
	b.die(t, "after:2", setup(b)...)
	b.done(t, setup(b)...)
	if readFile(t, filepath.Join(b.dir, "ca.key")) != key {
		t.Error("the key was written anew")
	}
	b.serials(t, "box")
}
