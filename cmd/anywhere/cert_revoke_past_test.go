package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer"
)

// While the trust anchor held a replaced CA beside the new one, a serial of the old one
// went into the new one's list, where AWS does not look for it.
func TestACertificateOfAReplacedCAIsRevokedByThatCAsList(t *testing.T) {
	t.Setenv("CA_PHRASE", "correct horse battery")
	phrase := []string{"--ca-passphrase-env", "CA_PHRASE"}
	s := newShop(t, "ca.protection=passphrase", "ca.passphrase-env=CA_PHRASE")
	dir := t.TempDir()
	for _, name := range []string{"web01", "web02"} {
		s.want(exitDone, append([]string{"cert", "issue", "--cn", name, "--out", filepath.Join(dir, name)}, phrase...)...)
	}
	target := must(s.homeDir().ReadSession(s.place())).Target()
	in := func(name string) error {
		certs := must(decode.Certificates([]byte(readFile(t, filepath.Join(dir, name, "certificate.pem")))))
		key := must(decode.Key([]byte(readFile(t, filepath.Join(dir, name, "key.pem"))), nil))
		_, err := s.client().CreateSession(t.Context(), target, signer.Identity{Certificate: certs[0], Chain: certs[1:], Key: key})
		return err
	}
	old := s.serial()
	s.pass(time.Minute)
	if got := s.rotated(phrase...); got.Done || s.anchored() != "lab-ca,lab-ca-2" {
		t.Fatalf("got %+v, the trust anchor holds %s", got, s.anchored())
	}
	s.pass(time.Minute)
	s.revoke(exitDone, append([]string{"web01"}, phrase...)...)
	s.revoke(exitDone, append([]string{old, "--reason", "superseded"}, phrase...)...)
	s.revoke(exitDone, append([]string{s.serial()}, phrase...)...)
	held := s.anchorsHold()
	lists := s.lists()
	if len(lists) != 2 {
		t.Fatalf("%d lists, want one of each CA", len(lists))
	}
	for _, list := range lists {
		parsed := must(pki.ParseCRL(list.Data))
		want := map[bool]int{true: 2, false: 1}[parsed.CheckSignatureFrom(held[0]) == nil]
		if got := pki.RevokedIn(parsed); len(got) != want || !list.Enabled {
			t.Errorf("the list of %s has %+v, want %d", parsed.Issuer, got, want)
		}
	}
	for name, dead := range map[string]bool{"web01": true, "web02": false} {
		if err := in(name); dead != (err != nil && strings.Contains(err.Error(), "revoked")) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if code, _, said := s.run("cert", "revoke", "--list", put(t, []byte("web02\n"+s.serial()+"\n")), "--yes", "--account", cloudAccount); code == exitDone || !strings.Contains(said, "a run of its own") {
		t.Errorf("of two CAs at once: exit %d\n%s", code, said)
	}
	s.pass(time.Minute)
	s.want(exitDone, append([]string{"cert", "renew"}, phrase...)...)
	s.rotated(append(phrase, "--finish")...)
	code, _, said := s.run("cert", "revoke", "web02", "--yes", "--account", cloudAccount)
	if code != exitFailed || !strings.Contains(said, "AWS lets in nothing that it issued") || in("web02") == nil {
		t.Errorf("after the old CA is out: exit %d\n%s", code, said)
	}
}

func TestTheKeyOfAReplacedCAThatIsAwayIsNamed(t *testing.T) {
	s := newShop(t)
	_, csr := elsewhere(t, "web01")
	s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "web01", "--out", filepath.Join(t.TempDir(), "web01.pem"))
	keys := must(filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*", "ca.key")))
	s.pass(time.Minute)
	s.rotated()
	for _, key := range keys {
		if err := os.Remove(key); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, said := s.run("cert", "revoke", "web01", "--yes", "--account", cloudAccount); code == exitDone || !strings.Contains(said, keys[0]) {
		t.Errorf("the key is away: exit %d\n%s", code, said)
	}
}

// What an intermediate issued whose key was never written is let in until the root's list
// names it.
func TestWithoutTheKeyOfAReplacedCATheRotationIsFinished(t *testing.T) {
	s := newShop(t, "ca.shape=intermediate", "ca.root-protection=external", "ca.root-file="+filepath.Join(t.TempDir(), "root.key"), "ca.protection=destroy-after-issuing")
	old := s.serial()
	s.pass(time.Minute)
	s.rotated()
	if said := s.revoke(exitFailed, old); !strings.Contains(said, "1. Finish the rotation\n   reaches every certificate of lab-ca") || !strings.Contains(said, "anywhere ca rotate --setup lab --finish") {
		t.Errorf("got %s", said)
	}
	s.pass(time.Minute)
	s.rotated("--finish")
	if code, _, said := s.run("cert", "revoke", old, "--yes", "--account", cloudAccount); code != exitFailed || !strings.Contains(said, "AWS lets in nothing that it issued") {
		t.Errorf("exit %d\n%s", code, said)
	}
}

// Of a CA from outside that another one replaced nothing was remembered: a name was not
// found, a serial went into the list of the wrong CA, and the ledger outlived the set-up.
func TestWhatAReplacedCAFromOutsideIssuedIsRevokedOneByOne(t *testing.T) {
	phrase := put(t, []byte("pw"))
	first, firstKey := theirCA(t, "their CA")
	s := newShop(t, "ca.certificate="+first, "ca.private-key="+firstKey, "ca.passphrase-file="+phrase)
	locked := []string{"--ca-passphrase-file", phrase}
	serials := map[string]string{}
	for _, name := range []string{"web01", "web02"} {
		dir := filepath.Join(t.TempDir(), name)
		s.want(exitDone, append([]string{"cert", "issue", "--cn", name, "--out", dir}, locked...)...)
		serials[name] = pki.SerialOf(certIn(t, readFile(t, filepath.Join(dir, "certificate.pem")))).Hex()
	}
	next, nextKey := theirCA(t, "their next CA")
	s.pass(time.Minute)
	s.rotated(append(locked, "--to-certificate", next, "--to-key", nextKey)...)
	if s.anchored() != "their CA,their next CA" {
		t.Fatalf("the trust anchor holds %s", s.anchored())
	}
	if said := s.want(exitDone, "cert", "revoke", "1234abcd", "--plan"); !strings.Contains(said, "only if their next CA issued it. The trust anchor also holds their CA") {
		t.Errorf("of a serial that nobody knows it is not said whose list it goes into:\n%s", said)
	}
	s.revoke(exitDone, append([]string{"web01"}, locked...)...)
	if err := os.Rename(firstKey, firstKey+".away"); err != nil {
		t.Fatal(err)
	}
	if code, _, said := s.run(append([]string{"cert", "revoke", serials["web02"], "--yes", "--account", cloudAccount}, locked...)...); code == exitDone || !strings.Contains(said, firstKey) {
		t.Errorf("the key is away: exit %d\n%s", code, said)
	}
	if err := os.Rename(firstKey+".away", firstKey); err != nil {
		t.Fatal(err)
	}
	s.revoke(exitDone, append([]string{serials["web02"]}, locked...)...)
	lists := s.lists()
	if len(lists) != 1 {
		t.Fatalf("%d lists, want one", len(lists))
	}
	parsed := must(pki.ParseCRL(lists[0].Data))
	if got := pki.RevokedIn(parsed); parsed.CheckSignatureFrom(s.anchorsHold()[0]) != nil || len(got) != 2 || got[0].Serial.Hex() != serials["web01"] || got[1].Serial.Hex() != serials["web02"] {
		t.Errorf("the list of %s has %+v", parsed.Issuer, got)
	}
	s.pass(time.Minute)
	if got := s.rotated(locked...); !got.Done || s.anchored() != "their next CA" {
		t.Errorf("nothing of the old CA is let in any more: got %+v, the trust anchor holds %s", got, s.anchored())
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	s.nothingLeft()
	if !exists(firstKey) || !exists(nextKey) {
		t.Error("teardown took a file of the user's")
	}
}
