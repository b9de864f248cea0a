// Package signer signs requests with an X.509 certificate's private key and
// trades one such signature for temporary AWS credentials.
//
// It is SigV4-X509 ([Sign], [Verify]) and the CreateSession call of IAM Roles
// Anywhere ([Client]). It reads no file and no environment variable, asks no
// question, keeps no cache and knows no AWS SDK; certificate, key and clock come
// from the caller.
//
// # The signature
//
// A canonical request in the manner of Signature Version 4 is hashed into a
// string to sign, and the certificate's private key signs that string itself:
// there is no shared secret and no chain of HMACs. The certificate travels in a
// signed header.
//
// Source: IAM Roles Anywhere User Guide, "Signing process",
// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
package signer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"

	"anywhere/pki"
)

// Identity is who signs: a certificate with its private key.
type Identity struct {
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // intermediates, issuer of Certificate first; nil if the trust anchor issued it
	Key         crypto.Signer       // its public half must be Certificate's
}

// The algorithm names of the Authorization header.
const (
	AlgorithmRSA   = "AWS4-X509-RSA-SHA256"   // RSASSA-PKCS1-v1_5
	AlgorithmECDSA = "AWS4-X509-ECDSA-SHA256" // DER SEQUENCE{r, s}, SHA-256 on every curve
)

// MaxChain is how many intermediates X-Amz-X509-Chain may carry.
// Source: User Guide, "Signing process", task 1.
const MaxChain = 5

// ErrAlgorithm says that Roles Anywhere has no algorithm for a kind of key, or
// that this program does not know it.
var ErrAlgorithm = errors.New("no signing algorithm for this kind of key: RSA and EC keys can sign")

// algorithmOf names the algorithm for a public key.
func algorithmOf(pub crypto.PublicKey) (string, error) {
	switch pub.(type) {
	case *rsa.PublicKey:
		return AlgorithmRSA, nil
	case *ecdsa.PublicKey:
		return AlgorithmECDSA, nil
	}
	return "", fmt.Errorf("%T: %w", pub, ErrAlgorithm)
}

// check says what is missing in id or does not belong together.
func (id Identity) check() error {
	switch {
	case id.Certificate == nil:
		return errors.New("sign: no certificate")
	case id.Key == nil:
		return errors.New("sign: no private key")
	case len(id.Chain) > MaxChain:
		return fmt.Errorf("sign: %d intermediate certificates, at most %d can be sent", len(id.Chain), MaxChain)
	}
	if err := pki.MatchKey(id.Certificate, id.Key); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return nil
}
