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
		return point(pub), nil
	case *rsa.PublicKey:
		return x509.MarshalPKCS1PublicKey(pub), nil
	}
	return nil, signs(pub)
}

// point is an EC key in the form of SEC 1 section 2.3.3, uncompressed. Unlike
// pub.Bytes it does not work out once more whether the point is on its curve, which
// costs as much as the rest of [keyID]: whoever made or read the key has, and so does
// crypto/x509 before it signs a certificate for it.
func point(pub *ecdsa.PublicKey) []byte {
	size := (pub.Params().BitSize + 7) / 8
	out := make([]byte, 1+2*size)
	out[0] = 4
	pub.X.FillBytes(out[1 : 1+size])
	pub.Y.FillBytes(out[1+size:])
	return out
}
