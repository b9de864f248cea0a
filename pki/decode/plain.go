package decode

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
)

// plainKey reads an unencrypted key. The label of a PEM block is not trusted:
// files with a PKCS #8 key under RSA PRIVATE KEY are common.
func plainKey(der []byte) (crypto.Signer, error) {
	if err := tooManyBits(der); err != nil {
		return nil, err
	}
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return Usable(key)
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return Usable(key)
	}
	return nil, unreadable(der)
}

// Usable turns what crypto/x509 parsed into a key whose signatures Roles Anywhere
// can verify: RSA of 1024 to 8192 bits or EC. Anything else is a [*UnsupportedError].
func Usable(key any) (crypto.Signer, error) {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return nil, unsupported(fixMake, "an RSA key of %d bits", bits)
		}
		return key, nil
	case *ecdsa.PrivateKey:
		return key, nil
	case ed25519.PrivateKey:
		return nil, unsupported(fixMake, "an Ed25519 key")
	}
	return nil, unsupported(fixMake, "a key that only agrees on secrets")
}

// tooManyBits looks at the modulus before crypto/x509 does, because checking a
// huge key takes long. Only a key over 4 kB can have so many bits.
func tooManyBits(der []byte) error {
	if len(der) < 4096 {
		return nil
	}
	var info keyInfo
	if _, err := asn1.Unmarshal(der, &info); err == nil {
		der = info.Key
	}
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil
	}
	var version int
	rest, err := asn1.Unmarshal(outer.Bytes, &version)
	if err != nil {
		return nil
	}
	modulus := new(big.Int)
	if _, err := asn1.Unmarshal(rest, &modulus); err == nil && modulus.BitLen() > maxRSABits {
		return unsupported(fixMake, "an RSA key of %d bits", modulus.BitLen())
	}
	return nil
}
