package steps

import (
	"context"
	"crypto"
	"errors"
	"net/url"
	"slices"
	"strings"

	"anywhere/pki"
)

// issue orders one certificate and fetches it.
func issue(ctx context.Context, t *Tools, issuer pki.Issuer, spec leafSpec, key crypto.Signer) (pki.Issued, error) {
	want := pki.LeafSpec{Name: spec.Name, NotBefore: spec.NotBefore, NotAfter: spec.NotAfter, Serial: spec.Serial}
	if spec.DNS != "" {
		want.DNS = []string{spec.DNS}
	}
	if spec.URI != "" {
		want.URIs = []string{spec.URI}
	}
	want, fits := issuer.Limits().Fit(want)
	if !fits {
		return pki.Issued{}, errors.New("issue certificate: the CA leaves it no life")
	}
	if p, ok := issuer.(pki.Preparer); ok {
		want = p.Prepare(want)
	}
	csr, err := pki.NewCSR(want, key, t.World.Random)
	if err != nil {
		return pki.Issued{}, err
	}
	order, err := issuer.Submit(ctx, want, csr)
	if err != nil {
		return pki.Issued{}, err
	}
	issued, err := issuer.Fetch(ctx, order)
	if err != nil {
		return pki.Issued{}, err
	}
	der := issued.Certificate.Raw
	for _, above := range issued.Chain {
		der = append(slices.Clip(der), above.Raw...)
	}
	return pki.ReadIssued(der, want, key.Public())
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
