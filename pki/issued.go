package pki

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"

	"anywhere/pki/rules"
)

// MaxChain is how many certificates CreateSession takes in X-Amz-X509-Chain.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
const MaxChain = 5

// A Preparer is an issuer that wants something in a request that the names alone
// do not ask for: step-ca and ACME, the common name among the DNS names.
type Preparer interface {
	Prepare(spec LeafSpec) LeafSpec
}

// ReadIssued takes apart what an issuer answered: the certificate, then what
// stands above it, in DER one after the other. Issuers are not trusted: the
// certificate must hold pub and the common name that was asked for, keep the rules
// for end entities, and lead upwards link by link in at most [MaxChain]
// certificates; a root is left out.
func ReadIssued(der []byte, spec LeafSpec, pub crypto.PublicKey) (Issued, error) {
	certs, err := x509.ParseCertificates(der)
	if err == nil && len(certs) == 0 {
		err = errors.New("there is none")
	}
	if err != nil {
		return Issued{}, fmt.Errorf("read issued certificate: %w", err)
	}
	leaf := certs[0]
	key, ok := leaf.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	switch {
	case !ok || !key.Equal(pub):
		return Issued{}, errors.New("check issued certificate: it is for another key than was asked for")
	case leaf.Subject.CommonName != spec.Name.CommonName:
		return Issued{}, &RenamedError{Asked: spec.Name.CommonName, Got: leaf.Subject.CommonName}
	}
	for _, breach := range rules.Breaches(rules.Leaf, leaf) {
		if breach.Rule.Severity == rules.Must {
			return Issued{}, fmt.Errorf("check issued certificate: %w", &BreachError{[]rules.Breach{breach}})
		}
	}
	issued := Issued{Certificate: leaf}
	for i, above := range certs[1:] {
		if !issuedBy(certs[i], above) {
			return Issued{}, fmt.Errorf("check issued certificate: certificate %d of the answer has not issued the one before it", i+2)
		}
		if !issuedBy(above, above) {
			issued.Chain = append(issued.Chain, above)
		}
	}
	if len(issued.Chain) > MaxChain {
		return Issued{}, fmt.Errorf("check issued certificate: %d certificates stand above it, AWS takes %d", len(issued.Chain), MaxChain)
	}
	return issued, nil
}

func issuedBy(cert, issuer *x509.Certificate) bool { return issued(issuer, cert) }

// RenamedError says that an issuer chose another name.
type RenamedError struct{ Asked, Got string }

func (e *RenamedError) Error() string {
	if e.Got == "" {
		return fmt.Sprintf("check issued certificate: it has no common name, %q was asked for", e.Asked)
	}
	return fmt.Sprintf("check issued certificate: its common name is %q, %q was asked for", e.Got, e.Asked)
}

// Hint names the usual cause.
func (e *RenamedError) Hint() string {
	return "the issuer's template decides the subject: let it keep the common name of the request"
}

// SplitIssued takes apart what an issuer answered without judging it: a
// certificate and what stands above it, in DER one after the other.
func SplitIssued(der []byte) (Issued, error) {
	certs, err := x509.ParseCertificates(der)
	if err == nil && len(certs) == 0 {
		err = errors.New("there is none")
	}
	if err != nil {
		return Issued{}, fmt.Errorf("read issued certificate: %w", err)
	}
	return Issued{Certificate: certs[0], Chain: certs[1:]}, nil
}
