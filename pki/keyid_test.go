package pki

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
)

// RFC 7093 section 2, method 1: the leftmost 160 bits of SHA-256 over the bit
// string, taken here from the whole subjectPublicKeyInfo.
func TestAKeyIsNamedByItsBitString(t *testing.T) {
	for _, kind := range []KeyKind{P256, P384, RSA2048} {
		pub := mustKey(t, kind).Public()
		der, err := x509.MarshalPKIXPublicKey(pub)
		if err != nil {
			t.Fatal(err)
		}
		var info struct {
			Algorithm pkix.AlgorithmIdentifier
			Key       asn1.BitString
		}
		if _, err := asn1.Unmarshal(der, &info); err != nil {
			t.Fatal(err)
		}
		want := sha256.Sum256(info.Key.Bytes)
		if got, err := keyID(pub); err != nil || string(got) != string(want[:20]) {
			t.Errorf("%s: got %x, %v, want %x", kind, got, err, want[:20])
		}
	}
	if _, err := keyID("no key"); err == nil {
		t.Error("what is no key got a name")
	}
}
