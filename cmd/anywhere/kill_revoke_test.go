package main

import (
	"path/filepath"
	"slices"
	"testing"

	"anywhere/pki"
	"anywhere/pki/ledger"
	"anywhere/signer/home"
)

// listed is the set-up's revocation list as AWS has it: its number, 0 without one, and
// its serials.
func (b *bench) listed(t *testing.T) (number int64, serials []string) {
	t.Helper()
	lists := must(b.API.CRLs(t.Context()))
	if len(lists) == 0 {
		return 0, nil
	}
	if len(lists) > 1 || !lists[0].Enabled {
		t.Errorf("AWS has %d lists, the first enabled: %t", len(lists), lists[0].Enabled)
	}
	parsed := must(pki.ParseCRL(lists[0].Data))
	for _, e := range pki.RevokedIn(parsed) {
		serials = append(serials, e.Serial.Hex())
	}
	return parsed.Number.Int64(), serials
}

// known is what the CA's ledger says: the number of its last list and its serials.
func (b *bench) known(t *testing.T) (number int64, serials []string) {
	t.Helper()
	h := must(home.Open(filepath.Join(b.home, ".anywhere"), nil))
	dirs := must(filepath.Glob(h.CA("*")))
	if len(dirs) != 1 {
		t.Fatalf("there are %q", dirs)
	}
	r := must(ledger.Ledger{Dir: dirs[0], Disk: h.Disk}.Revocations())
	for _, e := range r.Entries {
		serials = append(serials, e.Serial.Hex())
	}
	return r.Number, serials
}

// Killed at any write of a revocation, of the first one and of one more: nothing that was
// revoked is let in again, the number of the list never falls, and the next run finishes.
func TestARevocationThatIsKilledAtAnyWriteIsFinishedByTheNextRun(t *testing.T) {
	const earlier = "41aabbccddeeff001122334455667788"
	admin := []string{"--setup", "box", "--yes", "--account", cloudAccount}
	for name, before := range map[string][]string{"the first": nil, "one more": {earlier}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := func(t *testing.T) (*bench, []string) {
				t.Helper()
				b := newBench(t)
				b.done(t, append(setupBox, "--set", "ca.protection=none", "--set", "leaf.cn=box", "--set", "permissions=list-buckets", "--set", "proof.stranger=no")...)
				for _, serial := range before {
					b.done(t, append([]string{"cert", "revoke", serial}, admin...)...)
				}
				return b, append([]string{"cert", "revoke", b.serials(t, "box")[0], "--reason", "keyCompromise", "--cut-sessions"}, admin...)
			}
			whole, revoke := made(t)
			moments := whole.moments(t, revoke...)
			if len(moments) < 6 {
				t.Fatalf("a revocation has only %d moments", len(moments))
			}
			everyMoment(t, moments, func(t *testing.T, stop string) {
				b, revoke := made(t)
				want := append(slices.Clone(before), revoke[2])
				was, _ := b.listed(t)
				b.die(t, stop, revoke...)
				// Whatever the killed run wrote down goes into any later list.
				last, noted := b.known(t)
				killed, there := b.listed(t)
				if killed < was || !subset(before, there) || !subset(before, noted) || !subset(there, noted) {
					t.Errorf("after the kill AWS has list %d with %q, before it was %d; noted is %d with %q", killed, there, was, last, noted)
				}
				b.done(t, append([]string{"ca", "crl", "--refresh"}, admin...)...)
				refreshed, there := b.listed(t)
				if refreshed <= killed || refreshed <= last || !slices.Equal(there, noted) {
					t.Errorf("refreshed is list %d with %q, noted was %d with %q", refreshed, there, last, noted)
				}
				b.done(t, revoke...)
				number, there := b.listed(t)
				if _, noted := b.known(t); number <= refreshed || !slices.Equal(there, want) || !slices.Equal(noted, want) {
					t.Errorf("finished is list %d with %q after %d, noted %q, want %q", number, there, refreshed, noted, want)
				}
				if code, said, _ := b.run(t, "", "doctor", "box"); code != exitFailed {
					t.Errorf("the revoked certificate is let in: exit %d\n%s", code, said)
				}
				b.done(t, teardownBox...)
				if things := b.things(t); len(things) != 0 {
					t.Errorf("teardown left %q", things)
				}
			})
		})
	}
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(one string) bool { return !slices.Contains(all, one) })
}
