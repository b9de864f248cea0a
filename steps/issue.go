package steps

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"anywhere/pki"
	"anywhere/pki/ledger"
	"anywhere/signer"
	"anywhere/signer/home"
)

// Order is one certificate for another machine.
type Order struct {
	Name pki.Name
	DNS  []string
	URIs []string
	// CSR is that machine's request, in PEM or DER: only its key is taken from it.
	// Without one a key is made here.
	CSR []byte
}

// Delivery is what an order became.
type Delivery struct {
	Order       Order
	Certificate *x509.Certificate
	// CertificatePEM is Certificate and what is sent with it, without the anchor.
	CertificatePEM []byte
	KeyPEM         []byte // nil if the key was born elsewhere
	// Asked is the common name in the request, if it is another than the one given.
	Asked string
}

// Issuing says how orders are filled.
type Issuing struct {
	Setup      string
	Life       string // such as 90d
	Kind       pki.KeyKind
	Passphrase func() ([]byte, error)
}

// Issue fills orders with the CA of a set-up and hands the results to deliver,
// some hundred at a time. A certificate stands in the CA's ledger before it is
// delivered, so that whatever left the house can be revoked by its name: deliver
// prepares, while the ledger waits for the disk, and returns what writes.
//
// What can be issued is, whatever becomes of the other orders; the errors of those
// come back together.
func (r *Runner) Issue(ctx context.Context, want Issuing, orders []Order, deliver func([]Delivery) (write func() error, err error)) error {
	if err := r.loadLocally(want.Setup, signer.Client{}); err != nil {
		return err
	}
	e := r.env
	if from := e.lender(); !issuerIs(issuerOwn)(from) {
		return &hintError{"issue certificates: this set-up gets its own from " + from.Get("ca.issuer"), "ask that CA, or make a set-up with a CA of its own"}
	}
	span, err := life(want.Life)
	if err != nil {
		return &InvalidError{Key: "--life", Value: want.Life, Err: err}
	}
	ca, err := e.caCertificate()
	if err != nil {
		return err
	}
	if err := r.unlockCA(want.Passphrase); err != nil {
		return err
	}
	book, release, err := e.openLedger()
	if err != nil {
		return err
	}
	defer release()
	issuer, err := e.localCA(r.caKey)
	if err != nil {
		return err
	}
	now := e.World.Now().UTC().Truncate(time.Second)
	shop := issueShop{
		issuer: issuer,
		kind:   want.Kind, from: now.Add(-min(backdate, span/10)), to: now.Add(span),
	}
	if shop.to.After(ca.NotAfter) {
		shop.to = ca.NotAfter
	}
	return shop.fill(ctx, orders, batching{Full: maxBatch, Wait: maxBatchWait, Now: e.World.Now}, func(made []Delivery) error {
		entered := make(chan error, 1)
		go func() { entered <- book.Add(entriesOf(made, now)...) }()
		write, err := deliver(made)
		if err := errors.Join(<-entered, err); err != nil {
			return err
		}
		return write()
	})
}

func entriesOf(made []Delivery, at time.Time) []ledger.Certificate {
	entries := make([]ledger.Certificate, len(made))
	for i, d := range made {
		entries[i] = ledger.Certificate{Serial: pki.SerialOf(d.Certificate), CommonName: d.Order.Name.CommonName, NotAfter: d.Certificate.NotAfter, At: at}
	}
	return entries
}

// openLedger takes the CA's ledger for this process.
func (e *Env) openLedger() (ledger.Ledger, func(), error) {
	book, err := e.ledger()
	if err == nil {
		err = e.World.Home.Disk.Mkdir(book.Dir, home.DirPerm)
	}
	if err != nil {
		return book, nil, err
	}
	lock, err := home.LockFile(filepath.Join(book.Dir, "lock"))
	if err != nil {
		return book, nil, fmt.Errorf("lock CA: %w", err)
	}
	return book, func() { _ = lock.Release() }, nil // the system releases it at the latest when the process ends
}

// issueShop is one run of issuing.
type issueShop struct {
	issuer   pki.LocalCA
	kind     pki.KeyKind
	from, to time.Time
}

// one makes one certificate.
func (s issueShop) one(order Order) (Delivery, error) {
	d, err := s.make(order)
	if err != nil {
		return d, fmt.Errorf("issue certificate for %s: %w", order.Name.CommonName, err)
	}
	return d, nil
}

func (s issueShop) make(order Order) (Delivery, error) {
	d := Delivery{Order: order}
	pub, err := s.keyOf(&d)
	if err != nil {
		return d, err
	}
	spec := pki.LeafSpec{Name: order.Name, DNS: order.DNS, URIs: order.URIs, NotBefore: s.from, NotAfter: s.to}
	issued, err := s.issuer.Issue(spec, pub)
	if err != nil {
		return d, err
	}
	d.Certificate = issued.Certificate
	// Here, where every processor is at it, and not where the batch is written.
	d.CertificatePEM = pki.EncodeCertificates(append([]*x509.Certificate{issued.Certificate}, issued.Chain...)...)
	return d, nil
}

// keyOf is the public key for an order: that of its request, or of a key that is
// made here. That one is in our hands, so no request has to prove it.
func (s issueShop) keyOf(d *Delivery) (crypto.PublicKey, error) {
	if d.Order.CSR != nil {
		return d.Order.requested(d)
	}
	key, err := pki.NewKey(s.kind, s.issuer.Random)
	if err != nil {
		return nil, err
	}
	d.KeyPEM, err = pki.EncodeKey(key)
	return key.Public(), err
}

// requested is the key in an order's CSR, whose signature proves that whoever asks
// holds it.
func (o Order) requested(d *Delivery) (crypto.PublicKey, error) {
	der := o.CSR
	if block, _ := pem.Decode(der); block != nil {
		if block.Type != "CERTIFICATE REQUEST" && block.Type != "NEW CERTIFICATE REQUEST" {
			return nil, errors.New("read request: it is a " + block.Type)
		}
		der = block.Bytes
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err == nil {
		err = csr.CheckSignature()
	}
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if asked := csr.Subject.CommonName; asked != "" && asked != o.Name.CommonName {
		d.Asked = asked
	}
	return csr.PublicKey, nil
}
