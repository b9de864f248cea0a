// Package session trades one signature for temporary AWS credentials: who asks
// ([Identity]), what for ([Target]), the CreateSession call of IAM Roles Anywhere
// ([Client]) and its answer ([Credentials], [Refused]).
//
// It is what a credential_process needs and no more, because that starts at every
// call of the AWS CLI: neither net/http nor encoding/json is in it. What carries
// the request is a [Wire]. The package reads no file and no environment variable,
// asks no question and keeps no cache; certificate, key and clock come from the
// caller. Package signer has the same with the types of net/http.
package session

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

// AlgorithmOf names the algorithm for a public key.
func AlgorithmOf(pub crypto.PublicKey) (string, error) {
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
