package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/pki/decode"
	"anywhere/steps"
)

// rotated is the document of ca rotate --json.
func (s *shop) rotated(args ...string) steps.Rotated {
	s.t.Helper()
	var out steps.Rotated
	text := s.want(exitDone, append([]string{"ca", "rotate", "--json", "--yes", "--account", cloudAccount}, args...)...)
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
	return out
}

// anchored are the common names of the CAs in the trust anchor.
func (s *shop) anchored() string {
	s.t.Helper()
	anchors, err := s.API.Anchors(s.t.Context())
	if err != nil || len(anchors) != 1 {
		s.t.Fatal(anchors, err)
	}
	certs, err := decode.Certificates([]byte(anchors[0].Source.Bundle))
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, cert := range certs {
		all = append(all, cert.Subject.CommonName)
	}
	return strings.Join(all, ",")
}

func TestANewCATakesOverAndTheOldOneGoes(t *testing.T) {
	s := newShop(t)
	before := s.serial()
	s.revoke(exitDone, "41aabbccddeeff00112233445566778899"[:32])
	s.pass(time.Minute)
	got := s.rotated()
	if !got.Done || s.anchored() != "lab-ca-2" || got.Certificate.SerialHex == before || got.CA.Subject != "CN=lab-ca-2" {
		t.Errorf("got %+v, the trust anchor holds %s", got, s.anchored())
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
	if lists := s.lists(); len(lists) != 0 {
		t.Errorf("%d lists of the old CA are left", len(lists))
	}
	// The new CA renews, revokes and is rotated in its turn.
	s.pass(time.Minute)
	s.renewed(exitDone)
	s.revoke(exitDone, s.serial())
	if err := s.session(); err == nil {
		t.Error("the new CA's list keeps nobody out")
	}
	s.pass(time.Minute)
	if third := s.rotated(); !third.Done || s.anchored() != "lab-ca-3" {
		t.Errorf("got %+v, the trust anchor holds %s", third, s.anchored())
	}
	if plan := s.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to change something after a rotation:\n%s", plan)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	if left, err := filepath.Glob(filepath.Join(s.home, ".anywhere", "*")); err != nil || len(left) != 0 {
		t.Errorf("teardown left %v, %v", left, err)
	}
}

func TestTheOldCAStaysWhileItsCertificatesLiveElsewhere(t *testing.T) {
	s := newShop(t)
	_, csr := elsewhere(t, "web01")
	s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "web01", "--out", filepath.Join(t.TempDir(), "web01.pem"))
	got := s.rotated()
	if got.Done || len(got.Waiting) != 1 || got.Waiting[0].CommonName != "web01" || s.anchored() != "lab-ca,lab-ca-2" {
		t.Errorf("got %+v, the trust anchor holds %s", got, s.anchored())
	}
	again := s.rotated()
	if again.Done || len(again.Changes) != 0 || s.anchored() != "lab-ca,lab-ca-2" {
		t.Errorf("a second run made %+v, the trust anchor holds %s", again.Changes, s.anchored())
	}
	if done := s.rotated("--finish"); !done.Done || s.anchored() != "lab-ca-2" {
		t.Errorf("got %+v, the trust anchor holds %s", done, s.anchored())
	}
}

// A rotation is stopped at every write to the disk and every change in AWS; the
// machine is let in all the way, and the next run goes on.
func TestARotationThatIsStoppedGoesOn(t *testing.T) {
	s := newShop(t)
	for stopAt := 1; ; stopAt++ {
		s.pass(time.Second) // the SDK goes by the clock of the machine: together less than AWS allows
		count := 0
		s.disk = &atomicfile.Disk{Before: func(atomicfile.Change) error {
			if count++; count >= stopAt {
				return errors.New("stopped here")
			}
			return nil
		}}
		code, _, _ := s.run("ca", "rotate", "--yes", "--account", cloudAccount)
		s.disk = nil
		if err := s.session(); err != nil {
			t.Fatalf("stopped at write %d: this machine is locked out: %v", stopAt, err)
		}
		if got := s.rotated(); count >= stopAt && !got.Done {
			t.Fatalf("stopped at write %d: the next run did not finish: %+v", stopAt, got)
		}
		if strings.Contains(s.anchored(), ",") {
			t.Fatalf("stopped at write %d: the trust anchor holds %s", stopAt, s.anchored())
		}
		if count < stopAt {
			if code != exitDone || stopAt < 8 {
				t.Fatalf("exit %d after %d writes", code, stopAt)
			}
			return
		}
	}
}

func TestTheKeyOfTheNewCAIsLockedLikeTheOldOne(t *testing.T) {
	t.Setenv("CA_PHRASE", "correct horse battery")
	s := newShop(t, "ca.protection=passphrase", "ca.passphrase-env=CA_PHRASE")
	if code, _, said := s.run("ca", "rotate", "--yes", "--account", cloudAccount); code != exitUsage || s.anchored() != "lab-ca" {
		t.Errorf("without a passphrase: exit %d\n%s", code, said)
	}
	s.rotated("--ca-passphrase-env", "CA_PHRASE")
	keys, err := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*-2", "ca.key"))
	if err != nil || len(keys) != 1 || !strings.Contains(readFile(t, keys[0]), "BEGIN ENCRYPTED PRIVATE KEY") {
		t.Errorf("the new key is not locked: %v, %v", keys, err)
	}
	s.pass(time.Minute)
	s.want(exitDone, "cert", "renew", "--ca-passphrase-env", "CA_PHRASE")
}

// A set-up that shares the certificate gets the new one before the old CA goes;
// before, it was locked out.
func TestARotationReachesTheSetUpsThatShareTheCertificate(t *testing.T) {
	b := newBench(t)
	b.done(t, append(setupBox, "--set", "ca.protection=none", "--set", "leaf.cn=box", "--set", "permissions=nothing", "--set", "proof.stranger=no")...)
	b.done(t, "setup", "--name", "two", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.setup=box", "--set", "proof.stranger=no")
	if code, said, _ := b.run(t, "", "ca", "rotate", "--setup", "two", "--yes", "--account", cloudAccount); code == exitDone || !strings.Contains(said, "anywhere ca rotate --setup box") {
		t.Errorf("rotated from the set-up that borrows: exit %d\n%s", code, said)
	}
	old := b.sessionOf(t, "box")
	b.done(t, rotateBox...)
	if box, two := b.sessionOf(t, "box"), b.sessionOf(t, "two"); box == old || two != box {
		t.Errorf("box has serial %s, two has %s, the old one was %s", box, two, old)
	}
	if names := b.anchorNames(t); len(names) != 1 || names[0] == "box-ca" {
		t.Errorf("the trust anchor holds %q", names)
	}
}

// theirCA is a CA from outside: the files of its certificate and of its key, locked
// by pw.
func theirCA(t *testing.T, cn string) (cert, key string) {
	t.Helper()
	signer := must(pki.NewKey(pki.P256, rand.Reader))
	now := time.Now()
	ca := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: cn}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}, signer, rand.Reader))
	return put(t, pki.EncodeCertificates(ca)), put(t, must(pki.EncodeKeyLocked(signer, []byte("pw"), rand.Reader)))
}

func TestARotationLeadsToACAFromOutside(t *testing.T) {
	s := newShop(t)
	phrase := put(t, []byte("pw"))
	for _, cn := range []string{"their CA", "their next CA"} {
		s.pass(time.Minute)
		before := s.serial()
		cert, key := theirCA(t, cn)
		to := []string{"--to-certificate", cert, "--to-key", key}
		if code, _, said := s.run(append([]string{"ca", "rotate", "--yes", "--account", cloudAccount}, to...)...); code != exitUsage || !strings.Contains(said, "no passphrase was given") {
			t.Errorf("without the passphrase: exit %d\n%s", code, said)
		}
		writes := 0
		s.disk = &atomicfile.Disk{Before: func(atomicfile.Change) error {
			if writes++; writes > 2 {
				return errors.New("stopped here")
			}
			return nil
		}}
		s.want(exitFailed, append([]string{"ca", "rotate", "--yes", "--account", cloudAccount, "--ca-passphrase-file", phrase}, to...)...)
		s.disk = nil
		if err := s.session(); err != nil {
			t.Error(err)
		}
		// The next run knows where it was going.
		if got := s.rotated("--ca-passphrase-file", phrase); !got.Done || s.anchored() != cn || got.Certificate.SerialHex == before {
			t.Errorf("got %+v, the trust anchor holds %s", got, s.anchored())
		}
		if err := s.session(); err != nil {
			t.Error(err)
		}
	}
	s.pass(time.Minute)
	s.want(exitDone, "cert", "renew", "--ca-passphrase-file", phrase)
	s.revoke(exitDone, s.serial(), "--ca-passphrase-file", phrase)
	if plan := s.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to change something:\n%s", plan)
	}
	if code, _, said := s.run("ca", "rotate", "--yes", "--account", cloudAccount); code != exitFailed || !strings.Contains(said, "--to-certificate FILE") {
		t.Errorf("a CA from outside without a next one: exit %d\n%s", code, said)
	}
	cert, _ := theirCA(t, "mixed")
	_, key := theirCA(t, "up")
	if code, _, said := s.run("ca", "rotate", "--yes", "--account", cloudAccount, "--to-certificate", cert, "--to-key", key, "--ca-passphrase-file", phrase); code == exitDone || s.anchored() != "their next CA" {
		t.Errorf("a key of another CA: exit %d\n%s", code, said)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	if !exists(cert) {
		t.Error("teardown took a file of the user's")
	}
}

// Once a rotation from a CA of somebody else's did not look into its ledger, and
// locked out what it had issued for other machines.
func TestACAFromOutsideStaysWhileItsCertificatesLiveElsewhere(t *testing.T) {
	s := newShop(t)
	phrase := put(t, []byte("pw"))
	first, firstKey := theirCA(t, "their CA")
	s.rotated("--to-certificate", first, "--to-key", firstKey, "--ca-passphrase-file", phrase)
	s.want(exitDone, "cert", "issue", "--cn", "web01", "--out", filepath.Join(t.TempDir(), "web01"), "--ca-passphrase-file", phrase)
	s.pass(time.Minute)
	next, nextKey := theirCA(t, "their next CA")
	got := s.rotated("--to-certificate", next, "--to-key", nextKey, "--ca-passphrase-file", phrase)
	if got.Done || len(got.Waiting) != 1 || got.Waiting[0].CommonName != "web01" || s.anchored() != "their CA,their next CA" {
		t.Errorf("got %+v, the trust anchor holds %s", got, s.anchored())
	}
	if done := s.rotated("--finish"); !done.Done || s.anchored() != "their next CA" {
		t.Errorf("got %+v, the trust anchor holds %s", done, s.anchored())
	}
}
