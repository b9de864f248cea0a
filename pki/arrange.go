package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"slices"
)

// Arrange picks the certificate of key out of a file's certificates, and those
// that lead from it upwards, issuer first, each once. Self-signed certificates are
// left out: the anchor already has the root. Files come in any order and AWS's
// helper takes the first block for the leaf, so that a reversed file fails there
// without a word.
//
// If two certificates are key's, as after a renewal with the same key, the one
// that ends later is taken. If none is, the error is a [*MismatchError].
func Arrange(certs []*x509.Certificate, key crypto.Signer) (leaf *x509.Certificate, chain []*x509.Certificate, err error) {
	if len(certs) == 0 || key == nil {
		return nil, nil, errors.New("arrange certificates: none given, or no key")
	}
	for _, cert := range certs {
		if MatchKey(cert, key) == nil && (leaf == nil || cert.NotAfter.After(leaf.NotAfter)) {
			leaf = cert
		}
	}
	if leaf == nil {
		return nil, nil, MatchKey(certs[0], key)
	}
	return leaf, Above(leaf, certs), nil
}

// Above lists the certificates among others that lead upwards from leaf, its
// issuer first, without self-signed ones.
func Above(leaf *x509.Certificate, others []*x509.Certificate) []*x509.Certificate {
	var chain []*x509.Certificate
	for at := leaf; ; {
		i := slices.IndexFunc(others, func(other *x509.Certificate) bool {
			return issued(other, at) && !issued(other, other) && !other.Equal(leaf) &&
				!slices.ContainsFunc(chain, other.Equal)
		})
		if i < 0 {
			return chain
		}
		at = others[i]
		chain = append(chain, at)
	}
}

// issued reports whether issuer signed cert. A weak signature counts, since
// refusing it is for the rules.
func issued(issuer, cert *x509.Certificate) bool {
	if !bytes.Equal(issuer.RawSubject, cert.RawIssuer) {
		return false
	}
	err := issuer.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature)
	_, weak := errors.AsType[x509.InsecureAlgorithmError](err)
	return err == nil || weak
}
