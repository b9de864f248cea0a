package sandbox

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"anywhere/signer"
)

// proof is what a CreateSession request shows of who asks: the certificates that
// it presents and whether their key signed it.
type proof struct {
	signer.Verified
	wrong     error // what is wrong with the signature
	malformed error // nothing that a client of SigV4-X509 sends
}

// prove reads and checks a request signed by a certificate's key. What was signed
// wrongly is told later: AWS looks at the trust anchor and the certificate first.
func prove(r *http.Request, body []byte) *proof {
	verified, err := signer.Verify(r, body)
	if err == nil {
		return &proof{Verified: verified}
	}
	if !errors.Is(err, signer.ErrSignature) {
		return &proof{malformed: err}
	}
	p := &proof{wrong: err}
	p.Certificate, p.Chain, p.malformed = presented(r)
	return p
}

// presented reads the certificates of a request whose signature is wrong.
func presented(r *http.Request) (leaf *x509.Certificate, chain []*x509.Certificate, err error) {
	if leaf, err = headerCertificate(r.Header.Get("X-Amz-X509")); err != nil {
		return nil, nil, err
	}
	for part := range strings.SplitSeq(r.Header.Get("X-Amz-X509-Chain"), ",") {
		if cert, err := headerCertificate(part); err == nil {
			chain = append(chain, cert)
		}
	}
	return leaf, chain, nil
}

func headerCertificate(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
