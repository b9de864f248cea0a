package pki

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
)

// NewCSR makes a certificate signing request for spec's names, in DER (PKCS #10,
// RFC 2986). The life and the serial are the issuer's to choose and stand in no
// request.
//
// The common name is always in the subject: an ACME server that finds none there
// answers with an empty subject, which Roles Anywhere does not support.
func NewCSR(spec LeafSpec, key crypto.Signer, random io.Reader) ([]byte, error) {
	uris, err := spec.check()
	if key == nil {
		err = errors.Join(err, signs(nil))
	} else {
		err = errors.Join(err, signs(key.Public()))
	}
	if err != nil {
		return nil, fmt.Errorf("make certificate request: %w", err)
	}
	der, err := x509.CreateCertificateRequest(random, &x509.CertificateRequest{
		Subject:  spec.Name.pkix(),
		DNSNames: spec.DNS,
		URIs:     uris,
	}, key)
	if err != nil {
		return nil, fmt.Errorf("make certificate request: %w", err)
	}
	return der, nil
}
