package main

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/pki/decode"
	"anywhere/signer"
	"anywhere/steps"
)

// made is the document of ca create --json.
func (s *shop) made(args ...string) steps.CreatedCA {
	s.t.Helper()
	var made steps.CreatedCA
	if err := json.Unmarshal([]byte(s.want(exitDone, append([]string{"ca", "create", "--json"}, args...)...)), &made); err != nil {
		s.t.Fatal(err)
	}
	return made
}

// A CA of ca create could not be replaced if it stood below a root: no flag named
// another one below the same root, and a file with both was refused.
func TestACAOfNoSetUpIsReplacedBelowItsRoot(t *testing.T) {
	usb := filepath.Join(t.TempDir(), "root.key")
	s := newShop(t)
	old := s.made("--name", "office", "--set", "ca.shape=intermediate", "--set", "ca.root-protection=external", "--set", "ca.root-file="+usb, "--set", "ca.protection=none")
	s.want(exitDone, append(slices.Clone(old.Setup[1:]), "--name", "one", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=one", "--set", "proof.stranger=no",
		"--set", "binary.dir="+filepath.Join(filepath.Dir(s.home), "bin"))...)
	first := s.sessionOf("one")
	_, csr := elsewhere(t, "web01")
	s.want(exitDone, "cert", "issue", "--setup", "one", "--csr", put(t, csr), "--cn", "web01", "--out", filepath.Join(t.TempDir(), "web01.pem"))
	rotate := []string{"ca", "rotate", "--setup", "one", "--yes", "--account", cloudAccount}
	if code, _, said := s.run(rotate...); code == exitDone || !strings.Contains(said, "anywhere ca create --name NAME --under "+old.Certificate.Path+" --root-key FILE") || !strings.Contains(said, "--to-certificate FILE --to-key FILE") {
		t.Errorf("the way is not named: exit %d\n%s", code, said)
	}
	s.pass(time.Minute)
	next := s.made("--name", "office-2", "--under", old.Certificate.Path, "--root-key", usb, "--set", "ca.protection=none")
	if next.Anchor.Subject != "CN=office-root" || next.Certificate.Subject != "CN=office-2-ca" || next.RootKey != usb {
		t.Errorf("got %+v", next)
	}
	to := []string{"--setup", "one", "--to-certificate", next.Certificate.Path, "--to-key", next.Key}
	got := s.rotated(to...)
	if !got.Done || got.Root == nil || got.Root.Subject != "CN=office-root" || got.CA.Subject != "CN=office-2-ca" || len(got.Waiting) != 1 || len(got.Retired) != 0 {
		t.Errorf("got %+v", got)
	}
	held := s.heldBy("one")
	if len(held) != 1 || held[0].Subject.CommonName != "office-root" {
		t.Errorf("the trust anchor holds %d, the first %s", len(held), held[0].Subject)
	}
	for name, session := range map[string]signerIdentity{"the new one": s.sessionOf("one"), "the old one": first} {
		if _, err := s.client().CreateSession(t.Context(), session.target, session.Identity); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A root by another key, or a file without a root, makes nothing.
	if code, _, said := s.run("ca", "create", "--name", "x", "--under", old.Certificate.Path, "--root-key", next.Key, "--set", "ca.protection=none"); code == exitDone || !strings.Contains(said, "name the key of office-root") {
		t.Errorf("with another key: exit %d\n%s", code, said)
	}
	s.pass(time.Minute)
	if code, _, said := s.run(append(slices.Clone(rotate), "--finish")...); code == exitDone || !strings.Contains(said, "add --root-key FILE") {
		t.Errorf("finished without the root's key: exit %d\n%s", code, said)
	}
	done := s.rotated("--setup", "one", "--finish", "--root-key", usb)
	if len(done.Retired) != 1 || done.Retired[0].Subject != "CN=office-ca" || len(done.Evidence) != 1 || done.Evidence[0].Label != "refused" {
		t.Errorf("got %+v", done)
	}
	if _, err := s.client().CreateSession(t.Context(), first.target, first.Identity); err == nil {
		t.Error("what the old intermediate issued is let in")
	} else if refused, ok := errors.AsType[*signer.Refused](err); !ok || !strings.Contains(refused.Message, "revoked") {
		t.Errorf("got %v", err)
	}
	if err := s.sessionFails("one"); err != nil {
		t.Error(err)
	}
	s.want(exitDone, "teardown", "one", "--yes", "--account", cloudAccount, "--delete-ca")
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	left := must(os.ReadDir(filepath.Join(s.home, ".anywhere", "ca")))
	for _, entry := range left {
		if dir := filepath.Join(s.home, ".anywhere", "ca", entry.Name()); dir != old.Dir && dir != next.Dir {
			t.Errorf("the teardown left %s", dir)
		}
	}
}

// From one root and intermediate to another root and intermediate: both roots are in
// the trust anchor on the way.
func TestARotationLeadsToAnotherRootWithItsIntermediate(t *testing.T) {
	s := newShop(t)
	_, csr := elsewhere(t, "web01")
	s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "web01", "--out", filepath.Join(t.TempDir(), "web01.pem"))
	for _, name := range []string{"alpha", "beta"} {
		s.pass(time.Minute)
		ca := s.made("--name", name, "--set", "ca.shape=intermediate", "--set", "ca.root-protection=external", "--set", "ca.root-file="+filepath.Join(t.TempDir(), "root.key"), "--set", "ca.protection=none")
		before := s.anchored()
		got := s.rotated("--to-certificate", ca.Certificate.Path, "--to-key", ca.Key)
		if name == "alpha" {
			if got.Done || len(got.Waiting) != 1 || s.anchored() != before+",alpha-root" {
				t.Errorf("%s: got %+v, the trust anchor holds %s", name, got, s.anchored())
			}
			got = s.rotated("--finish")
		}
		if !got.Done || s.anchored() != name+"-root" || s.chained().Subject.CommonName != name+"-ca" {
			t.Errorf("%s: got %+v, the trust anchor holds %s", name, got, s.anchored())
		}
		if err := s.session(); err != nil {
			t.Error(err)
		}
	}
}

func TestARotationToACABelowTheSameRootThatIsKilledIsFinishedByTheNextRun(t *testing.T) {
	made := func(t *testing.T) (*bench, []string) {
		t.Helper()
		b := newBench(t)
		var cas [2]steps.CreatedCA
		usb := filepath.Join(b.dir, "root.key")
		for i, more := range [][]string{{"--name", "office", "--set", "ca.shape=intermediate", "--set", "ca.root-protection=external", "--set", "ca.root-file=" + usb}, {"--name", "office-2", "--root-key", usb, "--under"}} {
			if i == 1 {
				more = append(more, cas[0].Certificate.Path)
			}
			if err := json.Unmarshal([]byte(b.says(t, append([]string{"ca", "create", "--json", "--set", "ca.protection=none"}, more...)...)), &cas[i]); err != nil {
				t.Fatal(err)
			}
		}
		b.done(t, append(setupBox, "--set", "ca.certificate="+cas[0].Certificate.Path, "--set", "ca.private-key="+cas[0].Key, "--set", "leaf.cn=box", "--set", "permissions=nothing", "--set", "proof.stranger=no")...)
		return b, append(slices.Clone(rotateBox), "--finish", "--root-key", usb, "--to-certificate", cas[1].Certificate.Path, "--to-key", cas[1].Key)
	}
	whole, rotate := made(t)
	moments := whole.moments(t, rotate...)
	if len(moments) < 9 {
		t.Fatalf("a rotation has only %d moments", len(moments))
	}
	everyMoment(t, moments, func(t *testing.T, stop string) {
		b, rotate := made(t)
		before := b.serials(t, "box")[0]
		b.die(t, stop, rotate...)
		b.serials(t, "box")
		b.done(t, rotate...)
		if after := b.serials(t, "box")[0]; after == before {
			t.Error("the machine still signs with what the old intermediate issued")
		}
		if names := b.anchorNames(t); len(names) != 1 || names[0] != "office-root" {
			t.Errorf("the trust anchor holds %q", names)
		}
		if lists := must(b.API.CRLs(t.Context())); len(lists) != 1 {
			t.Errorf("%d lists", len(lists))
		}
	})
}

// signerIdentity is what a session is asked for with.
type signerIdentity struct {
	signer.Identity
	target signer.Target
}

func (s *shop) sessionOf(setup string) signerIdentity {
	s.t.Helper()
	session, id, err := s.homeDir().ReadIdentity(s.homeDir().Setup(setup), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return signerIdentity{id, session.Target()}
}

// sessionFails says why a set-up gets no session; nil if it gets one.
func (s *shop) sessionFails(setup string) error {
	id := s.sessionOf(setup)
	if _, err := s.client().CreateSession(s.t.Context(), id.target, id.Identity); err != nil {
		return fmt.Errorf("%s: %w", setup, err)
	}
	return nil
}

// heldBy are the certificates of a set-up's trust anchor.
func (s *shop) heldBy(setup string) []*x509.Certificate {
	s.t.Helper()
	arn := must(s.homeDir().ReadSession(s.homeDir().Setup(setup))).TrustAnchorARN
	return must(decode.Certificates([]byte(must(s.API.Anchor(s.t.Context(), arn)).Source.Bundle)))
}
