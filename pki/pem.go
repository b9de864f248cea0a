package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// errHardware says that a key has no bytes to write.
var errHardware = errors.New("key cannot leave the device that holds it")

// EncodeKey renders a private key as PEM PKCS #8, unencrypted: for files that
// only their owner can read.
func EncodeKey(key crypto.Signer) ([]byte, error) {
	der, err := pkcs8(key)
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// pkcs8 renders a key in DER.
func pkcs8(key crypto.Signer) ([]byte, error) {
	switch key := key.(type) {
	case *ecdsa.PrivateKey, *rsa.PrivateKey:
		return x509.MarshalPKCS8PrivateKey(key)
	case nil:
		return nil, errors.New("key is missing")
	}
	return nil, errHardware
}

// EncodeCertificates renders certificates as PEM, one after another in the order
// given.
func EncodeCertificates(certs ...*x509.Certificate) []byte {
	var out []byte
	for _, cert := range certs {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	return out
}
