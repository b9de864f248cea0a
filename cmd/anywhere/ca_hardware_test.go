package main

import (
	"crypto/rand"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"anywhere/pki"
)

// A PIN in a reference would be saved with the answers; once it also stood in the
// error that refused it.
func TestAPINInAReferenceIsRefusedAndShownNowhere(t *testing.T) {
	l := newLower(t)
	s := newShop(t)
	code, out, said := s.run("setup", "--name", "token", "--yes", "--account", cloudAccount, "--set", "where=aws",
		"--set", "ca.certificate="+put(t, pki.EncodeCertificates(l.ca)), "--set", "ca.private-key=pkcs11:token=t;object=o?pin-value=471147")
	if code != exitUsage || !strings.Contains(said, "leave pin-value out") || strings.Contains(out+said, "471147") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
}

// A CA as one PKCS #12 file: its key is opened there and copied nowhere.
func TestTheKeyOfACAIsOpenedInPKCS12(t *testing.T) {
	key, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ca, err := pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "packed CA"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := pkcs12.Modern.Encode(key, ca, nil, "pw")
	if err != nil {
		t.Fatal(err)
	}
	file, phrase := put(t, packed), put(t, []byte("pw"))
	answers := []string{"ca.certificate=" + put(t, pki.EncodeCertificates(ca)), "ca.private-key=" + file}
	s := newShop(t, append(answers, "ca.passphrase-file="+phrase)...)
	if err := s.session(); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Minute)
	if code, _, said := s.run("cert", "renew"); code != exitUsage || !strings.Contains(said, "--ca-passphrase-file FILE") {
		t.Errorf("without the passphrase: exit %d\n%s", code, said)
	}
	s.want(exitDone, "cert", "renew", "--ca-passphrase-file", phrase)
	s.want(exitDone, "cert", "issue", "--cn", "web01", "--out", filepath.Join(t.TempDir(), "web01"), "--ca-passphrase-file", phrase)
	s.revoke(exitDone, "web01", "--ca-passphrase-file", phrase)
	code, _, said := s.run(append([]string{"setup", "--name", "wrong", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "ca.passphrase-file=" + put(t, []byte("no"))},
		"--set", answers[0], "--set", answers[1])...)
	if code != exitUsage || !strings.Contains(said, "does not open the key") {
		t.Errorf("a wrong passphrase: exit %d\n%s", code, said)
	}
}

func TestAKeyOfAnotherCAIsRefusedBeforeAnythingIsMade(t *testing.T) {
	l, other := newLower(t), newLower(t)
	encoded, err := pki.EncodeKey(other.key)
	if err != nil {
		t.Fatal(err)
	}
	s := newShop(t)
	code, _, said := s.run("setup", "--name", "mixed", "--yes", "--account", cloudAccount, "--set", "where=aws",
		"--set", "ca.certificate="+put(t, pki.EncodeCertificates(l.ca)), "--set", "ca.private-key="+put(t, encoded))
	if code != exitUsage || !strings.Contains(said, "another p-256 key") {
		t.Errorf("exit %d\n%s", code, said)
	}
}

// A reference is no path: one was once written behind the working directory.
func TestAReferenceStaysAsItIs(t *testing.T) {
	l := newLower(t)
	s := newShop(t)
	code, _, said := s.run("setup", "--name", "token", "--yes", "--account", cloudAccount, "--set", "where=aws",
		"--set", "ca.certificate="+put(t, pki.EncodeCertificates(l.ca)), "--set", "ca.private-key=pkcs11:token=t;object=o?pin-source=/pin")
	if code != exitUsage || !strings.Contains(said, `"pkcs11:token=t;object=o"`) || !strings.Contains(said, "is not in this program") {
		t.Errorf("exit %d\n%s", code, said)
	}
}

// AWS gets what was understood, encoded anew: no text, header or key that stood
// around it in the file.
func TestAWSGetsTheCertificateAloneOfWhateverStoodInTheFile(t *testing.T) {
	cert, key := theirCA(t, "their CA")
	block, _ := pem.Decode([]byte(readFile(t, cert)))
	block.Headers = map[string]string{"Comment": "of the third floor"}
	file := put(t, []byte("Bag Attributes\n  friendlyName: their CA\n"+string(pem.EncodeToMemory(block))+readFile(t, key)))
	s := newShop(t, "ca.certificate="+file, "ca.private-key="+key, "ca.passphrase-file="+put(t, []byte("pw")))
	anchors := must(s.API.Anchors(t.Context()))
	want := string(pki.EncodeCertificates(certIn(t, readFile(t, cert))))
	if len(anchors) != 1 || strings.TrimSpace(anchors[0].Source.Bundle) != strings.TrimSpace(want) {
		t.Errorf("AWS has %q, want the certificate alone", anchors[0].Source.Bundle)
	}
}
