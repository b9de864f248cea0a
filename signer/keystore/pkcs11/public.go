package pkcs11

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"math/big"

	"anywhere/signer/keystore/pkcs11uri"
)

// The types of keys that Roles Anywhere knows (CKA_KEY_TYPE).
const (
	keyRSA = 0 // CKK_RSA
	keyEC  = 3 // CKK_EC
)

// publicOf works out the public half of a private key from what the token shows:
// the private key itself, the public key or the certificate of the same id. It is
// nil if the token shows none.
func (t *token) publicOf(private uint) crypto.PublicKey {
	if key := t.publicIn(private); key != nil {
		return key
	}
	id := t.read(private, AttrID)
	if len(id) == 0 {
		return nil
	}
	same := pkcs11uri.URI{}.With("id", string(id))
	if objects, err := t.find(ClassPublicKey, same); err == nil {
		for _, object := range objects {
			if key := t.publicIn(object); key != nil {
				return key
			}
		}
	}
	objects, err := t.find(ClassCertificate, same)
	if err != nil {
		return nil
	}
	for _, object := range objects {
		if cert, err := x509.ParseCertificate(t.read(object, AttrValue)); err == nil {
			return cert.PublicKey
		}
	}
	return nil
}

// publicIn reads a public key out of the attributes of one object.
func (t *token) publicIn(object uint) crypto.PublicKey {
	if modulus, exponent := t.read(object, AttrModulus), t.read(object, AttrPublicExponent); len(modulus) > 0 && len(exponent) > 0 && len(exponent) < 5 {
		return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())}
	}
	return ecKey(t.read(object, AttrECParams), t.read(object, AttrECPoint))
}

// ecKey reads CKA_EC_PARAMS and CKA_EC_POINT; nil if they are none that is known.
// The point is DER of an OCTET STRING; some tokens leave that out.
//
// Source: PKCS #11 Current Mechanisms 2.40, section 2.3.3.
func ecKey(params, point []byte) crypto.PublicKey {
	var oid asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(params, &oid); err != nil || len(rest) > 0 {
		return nil
	}
	curve := curveOf(oid)
	if curve == nil {
		return nil
	}
	var inner []byte
	if rest, err := asn1.Unmarshal(point, &inner); err == nil && len(rest) == 0 {
		point = inner
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil
	}
	return key
}

// curveOf knows the curves of RFC 5480, section 2.1.1.1, that Roles Anywhere takes.
func curveOf(oid asn1.ObjectIdentifier) elliptic.Curve {
	switch oid.String() {
	case "1.2.840.10045.3.1.7":
		return elliptic.P256()
	case "1.3.132.0.34":
		return elliptic.P384()
	case "1.3.132.0.35":
		return elliptic.P521()
	}
	return nil
}
