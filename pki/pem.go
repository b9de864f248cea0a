package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
)

// EncodeKey renders a private key as PEM PKCS #8, unencrypted: for files that
// only their owner can read.
func EncodeKey(key crypto.Signer) ([]byte, error) {
	der, err := pkcs8(key)
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	return appendPEM(nil, "PRIVATE KEY", der), nil
}

// EncodeCertificates renders certificates as PEM, one after another in the order
// given.
func EncodeCertificates(certs ...*x509.Certificate) []byte {
	var out []byte
	for _, cert := range certs {
		out = appendPEM(out, "CERTIFICATE", cert.Raw)
	}
	return out
}

// A line of PEM has 64 characters, which hold 48 octets.
//
// Source: RFC 7468 section 2.
const pemLine = 48

// appendPEM writes what encoding/pem does, which wants six buffers for it: a fifth of
// all the memory that a thousand pairs took.
func appendPEM(out []byte, kind string, der []byte) []byte {
	lines := (len(der) + pemLine - 1) / pemLine
	size := len("-----BEGIN -----\n-----END -----\n") + 2*len(kind) + base64.StdEncoding.EncodedLen(len(der)) + lines
	out = slices.Grow(out, size)
	out = append(append(append(out, "-----BEGIN "...), kind...), "-----\n"...)
	for line := range slices.Chunk(der, pemLine) {
		out = append(base64.StdEncoding.AppendEncode(out, line), '\n')
	}
	return append(append(append(out, "-----END "...), kind...), "-----\n"...)
}
