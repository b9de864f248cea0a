package pki

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"anywhere/pki/rules"
)

// CASpec says what a certificate authority's certificate will hold.
type CASpec struct {
	Name Name
	// NotBefore and NotAfter bound its life, both included, to the second.
	NotBefore, NotAfter time.Time
	// PathLen is how many further CAs may stand between this one and a machine's
	// certificate: 0 for none, negative for no bound.
	PathLen int
	// Serial is drawn by NewCA when it is zero.
	Serial Serial
}

// NewCA makes the self-signed certificate of a certificate authority, ready to be
// a trust anchor: basicConstraints CA:TRUE and keyUsage keyCertSign, cRLSign, both
// critical.
//
// A name that Roles Anywhere could not turn into session tags is a [*NameError];
// any other breach of the rules for anchors is a [*BreachError].
func NewCA(spec CASpec, key crypto.Signer, random io.Reader) (*x509.Certificate, error) {
	cert, err := newCA(spec, key, random)
	if err != nil {
		return nil, fmt.Errorf("make CA certificate: %w", err)
	}
	return cert, nil
}

// NewIntermediate makes the certificate of a CA for the public key pub, signed by
// parent. A life beyond the parent's own is a [*LifeError], a key that is not the
// parent's a [*MismatchError]; else as [NewCA].
func NewIntermediate(spec CASpec, pub crypto.PublicKey, parent *x509.Certificate, parentKey crypto.Signer, random io.Reader) (*x509.Certificate, error) {
	err := errors.Join(signs(pub), spec.Name.check(), ordered(spec.NotBefore, spec.NotAfter))
	if err == nil {
		err = mayIssue(parent, parentKey, LeafSpec{Name: spec.Name, NotAfter: spec.NotAfter.Truncate(time.Second)})
	}
	if err == nil && parent.MaxPathLenZero {
		err = errors.New("use CA: its path length allows no CA below it")
	}
	if err != nil {
		return nil, fmt.Errorf("make CA certificate: %w", err)
	}
	template, err := caTemplate(spec, pub, random)
	if err != nil {
		return nil, fmt.Errorf("make CA certificate: %w", err)
	}
	cert, err := finish(rules.CA, template, parent, pub, parentKey, random)
	if err != nil {
		return nil, fmt.Errorf("make CA certificate: %w", err)
	}
	return cert, nil
}

func newCA(spec CASpec, key crypto.Signer, random io.Reader) (*x509.Certificate, error) {
	if key == nil {
		return nil, signs(nil)
	}
	if err := errors.Join(signs(key.Public()), spec.Name.check(), ordered(spec.NotBefore, spec.NotAfter)); err != nil {
		return nil, err
	}
	template, err := caTemplate(spec, key.Public(), random)
	if err != nil {
		return nil, err
	}
	return finish(rules.CA, template, template, key.Public(), key, random)
}

func caTemplate(spec CASpec, pub crypto.PublicKey, random io.Reader) (*x509.Certificate, error) {
	template, err := blank(spec.Name, spec.Serial, spec.NotBefore, spec.NotAfter, pub, random)
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.MaxPathLen = max(spec.PathLen, -1)
	template.MaxPathLenZero = spec.PathLen == 0
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	return template, nil
}

// blank is a certificate with all that a CA and a machine have in common.
func blank(name Name, serial Serial, from, to time.Time, pub crypto.PublicKey, random io.Reader) (*x509.Certificate, error) {
	if serial.IsZero() {
		drawn, err := NewSerial(random)
		if err != nil {
			return nil, err
		}
		serial = drawn
	}
	id, err := keyID(pub)
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber:          serial.Int(),
		RawSubject:            name.der(),
		NotBefore:             from.UTC().Truncate(time.Second),
		NotAfter:              to.UTC().Truncate(time.Second),
		SubjectKeyId:          id,
		BasicConstraintsValid: true, // without it, crypto/x509 writes no basicConstraints at all
	}, nil
}

// finish signs template and gives nothing away that breaks a rule.
func finish(subject rules.Subject, template, parent *x509.Certificate, pub crypto.PublicKey, signer crypto.Signer, random io.Reader) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(random, template, parent, pub, signer)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if breaches := rules.Breaches(subject, cert); len(breaches) > 0 {
		return nil, &BreachError{breaches}
	}
	return cert, nil
}

// BreachError says which rules of Roles Anywhere a certificate would have broken.
type BreachError struct {
	Breaches []rules.Breach // at least one
}

func (e *BreachError) Error() string {
	first := e.Breaches[0]
	return fmt.Sprintf("%s: %s, but %s", first.Rule.ID, first.Rule.Says, first.Saw)
}

// Hint says where to read on.
func (e *BreachError) Hint() string { return "anywhere explain " + e.Breaches[0].Rule.ID }

func ordered(from, to time.Time) error {
	if !from.Before(to) {
		return fmt.Errorf("life would end at %s, which is not after its beginning at %s", to.UTC().Format(time.RFC3339), from.UTC().Format(time.RFC3339))
	}
	return nil
}
