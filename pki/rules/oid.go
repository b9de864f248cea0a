package rules

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// isMLDSA knows ML-DSA-44, -65 and -87 (RFC 9881 section 2).
func isMLDSA(oid asn1.ObjectIdentifier) bool {
	family := asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3}
	if len(oid) != len(family)+1 || !oid[:len(family)].Equal(family) {
		return false
	}
	last := oid[len(family)]
	return 17 <= last && last <= 19
}

// MLDSA is the name of a certificate's key if that is one of ML-DSA, such as
// ML-DSA-65, else empty: crypto/x509 does not know such keys.
func MLDSA(cert *x509.Certificate) string {
	if oid := keyOID(cert); isMLDSA(oid) {
		return oidName(oid)
	}
	return ""
}

func oidName(oid asn1.ObjectIdentifier) string {
	switch {
	case isMLDSA(oid):
		return map[int]string{17: "ML-DSA-44", 18: "ML-DSA-65", 19: "ML-DSA-87"}[oid[len(oid)-1]]
	case len(oid) == 0:
		return "an algorithm that cannot be read"
	}
	return fmt.Sprintf("algorithm %v", oid)
}

// signatureOID reads the algorithm that crypto/x509 keeps only if it knows it.
func signatureOID(cert *x509.Certificate) asn1.ObjectIdentifier {
	var outer struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(cert.Raw, &outer); err != nil {
		return nil
	}
	return outer.Algorithm.Algorithm
}

// keyOID is the same for the public key.
func keyOID(cert *x509.Certificate) asn1.ObjectIdentifier {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(cert.RawSubjectPublicKeyInfo, &info); err != nil {
		return nil
	}
	return info.Algorithm.Algorithm
}
