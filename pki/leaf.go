package pki

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"anywhere/pki/rules"
)

// LeafSpec says what the certificate of a machine will hold.
type LeafSpec struct {
	Name Name
	DNS  []string // DNS names; Roles Anywhere maps the first to x509SAN/DNS
	URIs []string // absolute URIs; the first becomes x509SAN/URI
	// NotBefore and NotAfter bound its life, both included, to the second.
	NotBefore, NotAfter time.Time
	// Serial becomes the session name; it is drawn on issuing when it is zero.
	Serial Serial
}

// LifeError says that a certificate would outlive the CA that issues it.
type LifeError struct {
	NotAfter time.Time // asked for
	CA       time.Time // the CA's own end
}

func (e *LifeError) Error() string {
	return fmt.Sprintf("certificate would end at %s, its CA ends at %s",
		e.NotAfter.UTC().Format(time.RFC3339), e.CA.UTC().Format(time.RFC3339))
}

// Hint says what can be asked for.
func (e *LifeError) Hint() string { return "ask for a shorter life, or renew the CA first" }

// IssueLeaf makes a machine's certificate for the public key pub, signed by ca:
// CA:FALSE and digitalSignature, both critical, and clientAuth.
//
// What the session tags could not carry is a [*NameError]; a life beyond the CA's
// own is a [*LifeError]; a key that is not the CA's is a [*MismatchError]; any
// other breach of the rules for end entities is a [*BreachError].
func IssueLeaf(spec LeafSpec, pub crypto.PublicKey, ca *x509.Certificate, caKey crypto.Signer, random io.Reader) (*x509.Certificate, error) {
	cert, err := issueLeaf(spec, pub, ca, caKey, random)
	if err != nil {
		return nil, fmt.Errorf("issue certificate: %w", err)
	}
	return cert, nil
}

func issueLeaf(spec LeafSpec, pub crypto.PublicKey, ca *x509.Certificate, caKey crypto.Signer, random io.Reader) (*x509.Certificate, error) {
	uris, err := spec.check()
	if err := errors.Join(err, signs(pub), ordered(spec.NotBefore, spec.NotAfter)); err != nil {
		return nil, err
	}
	if err := mayIssue(ca, caKey, spec); err != nil {
		return nil, err
	}
	template, err := blank(spec.Name, spec.Serial, spec.NotBefore, spec.NotAfter, pub, random)
	if err != nil {
		return nil, err
	}
	template.DNSNames = spec.DNS
	template.URIs = uris
	template.ExtraExtensions = leafExtensions(template.SubjectKeyId, ca.SubjectKeyId)
	return finish(rules.Leaf, template, ca, pub, caKey, random)
}

// mayIssue says why ca cannot issue a certificate to spec.
func mayIssue(ca *x509.Certificate, caKey crypto.Signer, spec LeafSpec) error {
	if err := MatchKey(ca, caKey); err != nil {
		return fmt.Errorf("use CA: %w", err)
	}
	switch {
	case !ca.BasicConstraintsValid || !ca.IsCA:
		return errors.New("use CA: its certificate does not say CA:TRUE")
	case ca.KeyUsage != 0 && ca.KeyUsage&x509.KeyUsageCertSign == 0:
		return errors.New("use CA: its key usage lacks keyCertSign")
	case spec.NotAfter.After(ca.NotAfter):
		return &LifeError{spec.NotAfter, ca.NotAfter}
	case spec.Name.CommonName == ca.Subject.CommonName && spec.Name.pkix().String() == ca.Subject.String():
		// The certificate would look self-issued, and path building would go
		// astray (RFC 5280 section 6.1).
		return fmt.Errorf("use CA: it has the same name as the certificate, %q", spec.Name.CommonName)
	}
	return nil
}

// check judges the names of a machine and parses its URIs.
func (s LeafSpec) check() ([]*url.URL, error) {
	errs := []error{ValidCommonName(s.Name.CommonName), s.Name.check()}
	for _, name := range s.DNS {
		err := tagValue("DNS name", name, 253) // RFC 1035 section 2.3.4, without the length octets
		if name == "" {
			err = &NameError{Field: "DNS name", Why: "is empty"}
		}
		errs = append(errs, err)
	}
	var uris []*url.URL
	for _, text := range s.URIs {
		uri, err := url.Parse(text)
		switch {
		case err != nil || !uri.IsAbs():
			errs = append(errs, &NameError{Field: "URI", Value: text, Why: "is not an absolute URI"})
			continue
		default:
			errs = append(errs, tagValue("URI", text, 256)) // the longest session tag
		}
		uris = append(uris, uri)
	}
	return uris, errors.Join(errs...)
}
