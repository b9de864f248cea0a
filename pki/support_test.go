package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"testing"
)

type signerKey = crypto.Signer

var (
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15} // RFC 5280 section 4.2.1.3
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19} // RFC 5280 section 4.2.1.9
)

func wantCritical(t *testing.T, cert *x509.Certificate, oids ...asn1.ObjectIdentifier) {
	t.Helper()
	for _, oid := range oids {
		found := false
		for _, ext := range cert.Extensions {
			if ext.Id.Equal(oid) {
				found = true
				if !ext.Critical {
					t.Errorf("extension %v is not critical", oid)
				}
			}
		}
		if !found {
			t.Errorf("extension %v is missing", oid)
		}
	}
}

// verify builds the path from leaf to ca at the beginning of the leaf's life.
func verify(leaf, ca *x509.Certificate) error {
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots:       roots,
		CurrentTime: leaf.NotBefore,
		KeyUsages:   []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err
}
