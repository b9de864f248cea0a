package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
)

// keyID is the subject key identifier of a public key: the leftmost 160 bits of
// SHA-256 over its bit string.
//
// Source: RFC 7093 section 2, method 1.
func keyID(pub crypto.PublicKey) ([]byte, error) {
	bits, err := keyBits(pub)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(bits)
	return sum[:20], nil
}

// keyBits is what stands in the bit string of a subjectPublicKeyInfo (RFC 5280
// section 4.1): the point of an EC key (RFC 5480 section 2.2), or the RSAPublicKey
// (RFC 8017 appendix A.1.1).
func keyBits(pub crypto.PublicKey) ([]byte, error) {
	switch pub := pub.(type) {
	case *ecdsa.PublicKey:
		return pub.Bytes()
	case *rsa.PublicKey:
		return x509.MarshalPKCS1PublicKey(pub), nil
	}
	return nil, signs(pub)
}
