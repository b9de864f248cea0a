package rules

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
)

// AWS takes ML-DSA keys since February 2026 (User Guide, "Signing process");
// crypto/x509 knows neither the key nor the signature. RFC 9881 names the OIDs.
func TestMLDSAIsRecognised(t *testing.T) {
	for name, tt := range map[string]struct {
		oid  asn1.ObjectIdentifier
		want bool
		saw  string
	}{
		"ML-DSA-44":  {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 17}, true, "ML-DSA-44"},
		"ML-DSA-87":  {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 19}, true, "ML-DSA-87"},
		"SLH-DSA":    {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 20}, false, "algorithm 2.16.840.1.101.3.4.3.20"},
		"Ed448":      {asn1.ObjectIdentifier{1, 3, 101, 113}, false, "algorithm 1.3.101.113"},
		"not an OID": {nil, false, "an algorithm that cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			cert := withAlgorithm(t, tt.oid)
			if ok, saw := keyAlgorithm(cert); ok != tt.want || saw != "its key is "+tt.saw {
				t.Errorf("key: got %v, %q", ok, saw)
			}
			if ok, saw := strongSignature(cert); ok != tt.want || saw != "it is signed with "+tt.saw {
				t.Errorf("signature: got %v, %q", ok, saw)
			}
		})
	}
}

// withAlgorithm is a certificate as crypto/x509 leaves one that it does not know;
// nil makes its bytes unreadable.
func withAlgorithm(t *testing.T, oid asn1.ObjectIdentifier) *x509.Certificate {
	t.Helper()
	if oid == nil {
		return &x509.Certificate{Raw: []byte{0x30}, RawSubjectPublicKeyInfo: []byte{0x30}}
	}
	algorithm := pkix.AlgorithmIdentifier{Algorithm: oid}
	bits := asn1.BitString{Bytes: []byte{1}, BitLength: 8}
	key, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{algorithm, bits})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := asn1.Marshal(struct {
		TBS       []int
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{[]int{1}, algorithm, bits})
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{Raw: raw, RawSubjectPublicKeyInfo: key}
}

func TestKeyUsageIsSpelledAsInOpenSSL(t *testing.T) {
	for want, usage := range map[string]x509.KeyUsage{
		"it has no key usage":                          0,
		"key usage is digitalSignature":                x509.KeyUsageDigitalSignature,
		"key usage is keyCertSign, cRLSign":            x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		"key usage is nonRepudiation, keyEncipherment": x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment,
		"key usage is dataEncipherment, keyAgreement":  x509.KeyUsageDataEncipherment | x509.KeyUsageKeyAgreement,
		"key usage is encipherOnly, decipherOnly":      x509.KeyUsageEncipherOnly | x509.KeyUsageDecipherOnly,
	} {
		if got := usageOf(usage); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
