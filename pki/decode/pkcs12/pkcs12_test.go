package pkcs12

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/pki/decode"
)

const files = "../../../testdata/pki/certificates"

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(files, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func answer(passphrase string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(passphrase), nil }
}

// The files are openssl's; combined.pem holds the same pair.
func TestFilesOfEveryAgeAreRead(t *testing.T) {
	want, err := decode.Key(read(t, "combined.pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, passphrase := range map[string]func() ([]byte, error){
		"modern.p12": answer("pw"),
		"legacy.p12": answer("pw"),
		"des3.p12":   answer("pw"),
		"umlaut.p12": answer("zwölf Ämter"),
		"empty.p12":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(read(t, name), passphrase)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Key.(interface{ Equal(crypto.PrivateKey) bool }).Equal(want) {
				t.Error("got another key than combined.pem's")
			}
			if got.Certificate.Subject.CommonName != "leaf" || len(got.Others) != 1 || got.Others[0].Subject.CommonName != "intermediate" {
				t.Errorf("got %s and %d others", got.Certificate.Subject, len(got.Others))
			}
		})
	}
}

func TestPassphrasesAreToldApart(t *testing.T) {
	for _, name := range []string{"modern.p12", "legacy.p12", "des3.p12"} {
		if _, err := Decode(read(t, name), answer("wrong")); !errors.Is(err, decode.ErrWrongPassphrase) {
			t.Errorf("%s: got %v, want %v", name, err, decode.ErrWrongPassphrase)
		}
		if _, err := Decode(read(t, name), nil); !errors.Is(err, decode.ErrPassphraseNeeded) {
			t.Errorf("%s: got %v, want %v", name, err, decode.ErrPassphraseNeeded)
		}
	}
	if _, err := Decode(read(t, "no-key.p12"), answer("pw")); !errors.Is(err, decode.ErrNotAKey) {
		t.Errorf("no key: got %v, want %v", err, decode.ErrNotAKey)
	}
	if _, err := Decode(read(t, "leaf.der"), answer("pw")); err == nil {
		t.Error("a certificate was read as PKCS #12")
	}
}

func TestRoundsAreBounded(t *testing.T) {
	salt := []byte{0x04, 0x01, 0x00}
	for name, rounds := range map[string][]byte{
		"ten million and one": {0x02, 0x04, 0x00, 0x98, 0x96, 0x81},
		"a huge number":       {0x02, 0x09, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	} {
		body := append(bytes.Clone(salt), rounds...)
		file := append([]byte{0x30, byte(len(body))}, body...)
		if _, err := Decode(file, nil); err == nil || !strings.Contains(err.Error(), "rounds") {
			t.Errorf("%s: got %v, want it refused for its rounds", name, err)
		}
	}
	if err := affordable([]byte{0x30, 0x09, 0x04, 0x01, 0x00, 0x02, 0x04, 0x00, 0x98, 0x96, 0x80}, 0); err != nil {
		t.Errorf("ten million: got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"modern.p12", "legacy.p12", "empty.p12"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if affordable(data, 0) == nil && bytes.Contains(data, []byte{0x02, 0x03}) {
			return // more than 65535 rounds are allowed and slow
		}
		contents, err := Decode(data, nil)
		if (err == nil) != (contents.Key != nil) {
			t.Errorf("got %v and %v", contents.Key, err)
		}
	})
}

// no-key.p12 is openssl's (-nokeys).
func TestAFileWithoutAKeyGivesItsCertificates(t *testing.T) {
	certs, err := Certificates(read(t, "no-key.p12"), answer("pw"))
	if err != nil || len(certs) != 1 || certs[0].Subject.CommonName != "leaf" {
		t.Errorf("got %v, %v", certs, err)
	}
	for _, passphrase := range []string{"wrong", "x"} {
		if _, err := Certificates(read(t, "no-key.p12"), answer(passphrase)); !errors.Is(err, decode.ErrWrongPassphrase) {
			t.Errorf("%s: got %v, want %v", passphrase, err, decode.ErrWrongPassphrase)
		}
	}
	if _, err := Certificates(read(t, "modern.p12"), answer("pw")); err == nil {
		t.Error("a file with a key was read as one without")
	}
}

// Without an integrity check the passphrase shows only in what is decrypted.
func TestAFileWithoutAnIntegrityCheckIsRead(t *testing.T) {
	for _, name := range []string{"modern.p12", "legacy.p12", "des3.p12"} {
		bare := withoutCheck(t, read(t, name))
		got, err := Decode(bare, answer("pw"))
		if err != nil || got.Certificate.Subject.CommonName != "leaf" || got.Key == nil {
			t.Errorf("%s: got %v, %v", name, got.Certificate, err)
		}
		if _, err := Decode(bare, answer("wrong")); !errors.Is(err, decode.ErrWrongPassphrase) {
			t.Errorf("%s: got %v, want %v", name, err, decode.ErrWrongPassphrase)
		}
		if _, err := Decode(bare, nil); !errors.Is(err, decode.ErrPassphraseNeeded) {
			t.Errorf("%s: got %v, want %v", name, err, decode.ErrPassphraseNeeded)
		}
	}
}

// withoutCheck is what openssl pkcs12 -nomac would have written.
func withoutCheck(t *testing.T, der []byte) []byte {
	t.Helper()
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		t.Fatal(err)
	}
	var version, safe asn1.RawValue
	rest, err := asn1.Unmarshal(outer.Bytes, &version)
	if err == nil {
		_, err = asn1.Unmarshal(rest, &safe)
	}
	if err != nil {
		t.Fatal(err)
	}
	bare, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: append(bytes.Clone(version.FullBytes), safe.FullBytes...)})
	if err != nil {
		t.Fatal(err)
	}
	return bare
}

// two-keys.p12 is keytool's.
func TestAFileWithSeveralKeysIsRefusedWithTheWayRound(t *testing.T) {
	_, err := Decode(read(t, "two-keys.p12"), answer("passphrase"))
	refused, ok := errors.AsType[*decode.UnsupportedError](err)
	if !ok || !strings.Contains(err.Error(), "several keys") || !strings.Contains(refused.Hint(), "openssl pkcs12 -in FILE -nodes") {
		t.Errorf("got %v, want several keys refused with the way round", err)
	}
	if _, err := Decode(read(t, "two-keys.p12"), answer("wrong")); !errors.Is(err, decode.ErrWrongPassphrase) {
		t.Errorf("got %v, want the passphrase told first", err)
	}
}
