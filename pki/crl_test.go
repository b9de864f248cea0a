package pki

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"
)

// revoker is a CA that makes lists.
func revoker(t *testing.T) (ca *x509.Certificate, list func(number int64, serials ...string) *x509.RevocationList) {
	t.Helper()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	key, err := NewKey(P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err = NewCA(CASpec{Name: Name{CommonName: "lists"}, NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return ca, func(number int64, serials ...string) *x509.RevocationList {
		t.Helper()
		spec := CRLSpec{Number: number, ThisUpdate: now, NextUpdate: now.AddDate(0, 1, 0)}
		for _, text := range serials {
			serial, err := ParseSerial(text)
			if err != nil {
				t.Fatal(err)
			}
			spec.Entries = append(spec.Entries, Revoked{Serial: serial, At: now, Reason: "keyCompromise"})
		}
		made, err := NewCRL(spec, ca, key, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
}

func TestAListIsReadBackFromPEMAndDER(t *testing.T) {
	ca, list := revoker(t)
	made := list(7, "41aa", "42bb")
	for name, data := range map[string][]byte{"PEM": EncodeCRL(made.Raw), "DER": made.Raw} {
		got, err := ParseCRL(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := got.CheckSignatureFrom(ca); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		entries := RevokedIn(got)
		if len(entries) != 2 || entries[1].Serial.Hex() != "42bb" || entries[0].Reason != "keyCompromise" || got.Number.Int64() != 7 {
			t.Errorf("%s: got %+v, number %v", name, entries, got.Number)
		}
	}
	for name, data := range map[string][]byte{
		"two lists":     append(EncodeCRL(made.Raw), EncodeCRL(made.Raw)...),
		"a certificate": EncodeCertificates(ca),
		"nothing":       nil,
		"a huge file":   make([]byte, 5*MaxCRL),
	} {
		if got, err := ParseCRL(data); err == nil {
			t.Errorf("%s: read as %v", name, got.Number)
		}
	}
}

func TestAListThatWouldUnrevokeIsRefused(t *testing.T) {
	_, list := revoker(t)
	now := list(5, "41aa", "42bb")
	for name, c := range map[string]struct {
		next *x509.RevocationList
		ok   bool
	}{
		"the same again":         {list(5, "41aa", "42bb"), true},
		"one entry more":         {list(6, "42bb", "41aa", "43cc"), true},
		"one entry less":         {list(6, "41aa"), false},
		"an older number":        {list(4, "41aa", "42bb", "43cc"), false},
		"another entry in place": {list(6, "41aa", "43cc"), false},
	} {
		err := Supersedes(now, c.next)
		if (err == nil) != c.ok {
			t.Errorf("%s: got %v", name, err)
		}
		if _, typed := errors.AsType[*UnrevokeError](err); err != nil && !typed {
			t.Errorf("%s: got %T", name, err)
		}
	}
}

func TestAListThatAWSWouldNotTakeIsNotMade(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	key, err := NewKey(P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := NewCA(CASpec{Name: Name{CommonName: "many"}, NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	make := func(n int) error {
		spec := CRLSpec{Number: 1, ThisUpdate: now, NextUpdate: now.AddDate(0, 1, 0)}
		for range n {
			serial, err := NewSerial(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			spec.Entries = append(spec.Entries, Revoked{Serial: serial, At: now})
		}
		_, err := NewCRL(spec, ca, key, rand.Reader)
		return err
	}
	if err := make(6000); err != nil {
		t.Errorf("6000 entries: %v", err)
	}
	if err := make(7000); err == nil || !strings.Contains(err.Error(), "7000 entries need") {
		t.Errorf("7000 entries: got %v", err)
	}
	if _, err := NewCRL(CRLSpec{Number: 1, ThisUpdate: now, NextUpdate: now.AddDate(0, 1, 0), Entries: []Revoked{{}}}, ca, key, rand.Reader); err == nil {
		t.Error("serial 0 was revoked")
	}
}

// The size that is told ahead is that of the list, to some hundreds of bytes.
func TestTheSizeOfAListIsToldAhead(t *testing.T) {
	now := time.Now()
	key, err := NewKey(P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := NewCA(CASpec{Name: Name{CommonName: "lists"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range []Reason{"", "keyCompromise"} {
		var entries []Revoked
		for range 2000 {
			serial, err := NewSerial(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, Revoked{Serial: serial, At: now, Reason: reason})
		}
		list, err := NewCRL(CRLSpec{Number: 1, Entries: entries, ThisUpdate: now, NextUpdate: ca.NotAfter}, ca, key, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		told, err := CRLSize(entries, ca)
		if is := len(EncodeCRL(list.Raw)); err != nil || told < is || told > is+1500 {
			t.Errorf("reason %q: told are %d bytes, there are %d; %v", reason, told, is, err)
		}
	}
	for size, want := range map[int]bool{MaxCRL * 79 / 100: false, MaxCRL * 80 / 100: true, MaxCRL: true} {
		if says, near := CRLRoom(size); near != want {
			t.Errorf("%s: near is %t, want %t", says, near, want)
		}
	}
}
