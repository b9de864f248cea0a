package pki

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"
)

// An Issuer turns requests into certificates: at once or after minutes, with a
// key of its own or through somebody else's service.
//
// Submit and Fetch are apart so that a run can be stopped between them: an
// [Order] goes into the journal and a later process fetches what was ordered.
type Issuer interface {
	// Limits says what the issuer will sign, before anything is asked of it.
	Limits() Limits
	// Submit orders a certificate. spec says what is wanted, csrDER proves that the
	// key is held; an issuer that decides names and life itself reads only the CSR.
	// Submitting twice may yield two certificates.
	Submit(ctx context.Context, spec LeafSpec, csrDER []byte) (Order, error)
	// Fetch returns what was ordered, or ErrPending while it is not ready. It can
	// be called again after it has succeeded.
	Fetch(ctx context.Context, order Order) (Issued, error)
}

// ErrPending says that a certificate has been ordered and is not ready.
var ErrPending = errors.New("certificate is not ready yet")

// Limits bounds what an issuer signs. A zero field is no bound.
type Limits struct {
	NotAfter time.Time     // no certificate ends later
	MaxLife  time.Duration // from NotBefore to NotAfter
	MinLife  time.Duration
}

// Fit moves spec's end to the latest the limits allow. It reports false if no
// life is left, or less than the least.
func (l Limits) Fit(spec LeafSpec) (LeafSpec, bool) {
	if !l.NotAfter.IsZero() && spec.NotAfter.After(l.NotAfter) {
		spec.NotAfter = l.NotAfter
	}
	if l.MaxLife > 0 && spec.NotAfter.Sub(spec.NotBefore) > l.MaxLife {
		spec.NotAfter = spec.NotBefore.Add(l.MaxLife)
	}
	life := spec.NotAfter.Sub(spec.NotBefore)
	return spec, life > 0 && life >= l.MinLife
}

// Order names a certificate that was asked for. It holds nothing secret and
// survives a journal as JSON.
type Order struct {
	ID  string `json:"id"`            // the issuer's own name for it: a serial, a URL, an ARN
	DER []byte `json:"der,omitempty"` // the certificate, when it came at once
}

// Issued is a certificate and what must be sent with it.
type Issued struct {
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // issuer of Certificate first, without the anchor; often empty
}

// LocalCA issues at once with a key that this process can use.
type LocalCA struct {
	Certificate *x509.Certificate
	Key         crypto.Signer // Certificate's
	// Chain is sent with each certificate: Certificate and what stands above it,
	// without the trust anchor. Empty when Certificate is the anchor itself.
	Chain  []*x509.Certificate
	Random io.Reader
}

// Limits are the CA's own end and nothing else.
func (ca LocalCA) Limits() Limits { return Limits{NotAfter: ca.Certificate.NotAfter} }

// Issue issues spec at once to a public key whose private half this process holds
// itself, so that no request has to prove it.
func (ca LocalCA) Issue(spec LeafSpec, pub crypto.PublicKey) (Issued, error) {
	cert, err := IssueLeaf(spec, pub, ca.Certificate, ca.Key, ca.Random)
	if err != nil {
		return Issued{}, err
	}
	return Issued{cert, ca.Chain}, nil
}

// Submit issues spec to the key that signed csrDER. The names in the request are
// not read: who asks does not choose who he is.
func (ca LocalCA) Submit(ctx context.Context, spec LeafSpec, csrDER []byte) (Order, error) {
	if err := ctx.Err(); err != nil {
		return Order{}, fmt.Errorf("order certificate: %w", err)
	}
	csr, err := x509.ParseCertificateRequest(csrDER)
	if err == nil {
		err = csr.CheckSignature()
	}
	if err != nil {
		return Order{}, fmt.Errorf("order certificate: read request: %w", err)
	}
	issued, err := ca.Issue(spec, csr.PublicKey)
	if err != nil {
		return Order{}, fmt.Errorf("order certificate: %w", err)
	}
	return Order{ID: SerialOf(issued.Certificate).Hex(), DER: issued.Certificate.Raw}, nil
}

// Fetch returns the certificate that Submit put into the order.
func (ca LocalCA) Fetch(_ context.Context, order Order) (Issued, error) {
	cert, err := x509.ParseCertificate(order.DER)
	if err != nil {
		return Issued{}, fmt.Errorf("fetch certificate %s: %w", order.ID, err)
	}
	if err := cert.CheckSignatureFrom(ca.Certificate); err != nil {
		return Issued{}, fmt.Errorf("fetch certificate %s: not of this CA: %w", order.ID, err)
	}
	return Issued{cert, ca.Chain}, nil
}
