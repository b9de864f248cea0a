package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
