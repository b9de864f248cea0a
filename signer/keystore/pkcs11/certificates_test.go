package pkcs11

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"slices"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/signer/keystore/hardware"
)

// issued is a certificate object for a new key, and that key's object.
func issued(t *testing.T, label, id string, hidden bool) (cert, private fakeObject) {
	t.Helper()
	private, _, key := ecPair(t, "key of "+label, id)
	ca, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := pki.NewSerial(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	root, err := pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "CA"}, NotBefore: from, NotAfter: from.AddDate(1, 0, 0), Serial: serial}, ca, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: label}, NotBefore: from, NotAfter: from.AddDate(0, 1, 0), Serial: serial}, key.Public(), root, ca, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert = fakeObject{hidden, map[AttributeKind][]byte{AttrClass: number(uint(ClassCertificate)), AttrLabel: []byte(label), AttrID: []byte(id), AttrValue: leaf.Raw}, nil}
	return cert, private
}

func TestCertificatesAreFoundWithoutLoginIfTheyAreShown(t *testing.T) {
	cert, private := issued(t, "machine", "\x01", false)
	other, _ := issued(t, "other", "\x02", false)
	junk := fakeObject{false, map[AttributeKind][]byte{AttrClass: number(uint(ClassCertificate)), AttrLabel: []byte("junk"), AttrValue: []byte("junk")}, nil}
	module := newFake(t, newToken(1, "web", "1234", cert, private, other, junk))
	named, all, err := Certificates(module, Ask{URI: uri(t, "pkcs11:token=web;object=machine")})
	if err != nil || len(named) != 1 || named[0].Certificate.Subject.CommonName != "machine" {
		t.Fatalf("got %v, %v, want the one", named, err)
	}
	if want := "pkcs11:token=web;manufacturer=;serial=web-serial;model=;object=machine;type=cert;id=%01"; named[0].URI.String() != want {
		t.Errorf("got URI %s, want %s", named[0].URI, want)
	}
	if !slices.ContainsFunc(all, func(c *x509.Certificate) bool { return c.Subject.CommonName == "other" }) || len(all) != 2 {
		t.Errorf("got %d certificates for a chain, want both that can be read", len(all))
	}
	if len(module.logins) != 0 || len(module.sessions) != 0 {
		t.Errorf("got logins %q and %d open sessions, want neither", module.logins, len(module.sessions))
	}
	_, _, err = Certificates(module, Ask{URI: uri(t, "pkcs11:token=web;object=junk")})
	if e, ok := errors.AsType[*hardware.Error](err); !ok || e.Reason != hardware.Unsuitable {
		t.Errorf("junk: got %v, want reason %s", err, hardware.Unsuitable)
	}
}

func TestAHiddenCertificateIsLookedForAfterLogin(t *testing.T) {
	cert, private := issued(t, "machine", "\x01", true)
	module := newFake(t, newToken(1, "web", "1234", cert, private))
	ask := Ask{URI: uri(t, "pkcs11:token=web;object=machine"), PIN: pin("1234")}
	if named, _, err := Certificates(module, ask); err != nil || len(named) != 1 {
		t.Errorf("got %v, %v, want one", named, err)
	}
	ask.URI = uri(t, "pkcs11:token=web;object=absent")
	_, _, err := Certificates(module, ask)
	if e, ok := errors.AsType[*hardware.Error](err); !ok || e.Reason != hardware.NoKey {
		t.Errorf("got %v, want reason %s", err, hardware.NoKey)
	}
}

// Labels of a key and of its certificate often differ; their id is the same.
func TestTheKeyOfACertificateIsFoundByItsID(t *testing.T) {
	cert, private := issued(t, "machine", "\x01", false)
	other, otherPrivate := issued(t, "other", "\x02", false)
	module := newFake(t, newToken(1, "web", "1234", cert, private, other, otherPrivate))
	key, err := Open(module, Ask{URI: uri(t, "pkcs11:token=web;object=machine;type=cert"), PIN: pin("1234")})
	if err != nil || !equal(key.Public(), private.key.Public()) {
		t.Errorf("got %v, want the key with the certificate's id", err)
	}
}
