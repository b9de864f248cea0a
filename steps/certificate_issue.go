package steps

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"net/url"
	"strings"

	"anywhere/pki"
)

// issue orders one certificate and fetches it.
func issue(ctx context.Context, t *Tools, issuer pki.Issuer, spec leafSpec, key crypto.Signer) (*x509.Certificate, error) {
	want := pki.LeafSpec{Name: spec.Name, NotBefore: spec.NotBefore, NotAfter: spec.NotAfter, Serial: spec.Serial}
	if spec.DNS != "" {
		want.DNS = []string{spec.DNS}
	}
	if spec.URI != "" {
		want.URIs = []string{spec.URI}
	}
	want, fits := issuer.Limits().Fit(want)
	if !fits {
		return nil, errors.New("issue certificate: the CA leaves it no life")
	}
	csr, err := pki.NewCSR(want, key, t.World.Random)
	if err != nil {
		return nil, err
	}
	order, err := issuer.Submit(ctx, want, csr)
	if err != nil {
		return nil, err
	}
	issued, err := issuer.Fetch(ctx, order)
	if err != nil {
		return nil, err
	}
	return issued.Certificate, nil
}

// restricts asks for a field where the role is tied to it.
func restricts(by string) func(*Env) bool {
	return func(e *Env) bool { return e.Get("role.restrict") == by }
}

// validDNSName accepts a host name of letters, digits, hyphens and dots
// (RFC 1123 section 2.1).
func validDNSName(_ *Env, name string) error {
	for label := range strings.SplitSeq(name, ".") {
		bad := strings.IndexFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
		})
		if label == "" || len(label) > 63 || bad >= 0 || label[0] == '-' || label[len(label)-1] == '-' {
			return errors.New("must be a DNS name, such as build-box-7.example.com")
		}
	}
	return nil
}

func validURI(_ *Env, text string) error {
	uri, err := url.Parse(text)
	if err != nil || uri.Scheme == "" || uri.Host == "" {
		return errors.New("must be an absolute URI, such as spiffe://example.com/build")
	}
	return pki.ValidAttribute("URI", text)
}
