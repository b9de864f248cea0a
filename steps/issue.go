package steps

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"anywhere/pki"
	"anywhere/pki/ledger"
	"anywhere/pki/rules"
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
	Chain       []*x509.Certificate
	KeyPEM      []byte // nil if the key was born elsewhere
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

// batch is how many certificates are made between two entries of the ledger.
const batch = 64

// Issue fills orders with the CA of a set-up and hands each result to deliver,
// which several goroutines call at once. A certificate stands in the CA's ledger
// before it is delivered, so that whatever left the house can be revoked by its
// name.
func (r *Runner) Issue(ctx context.Context, want Issuing, orders []Order, deliver func(Delivery) error) error {
	if err := r.loadLocally(want.Setup, signer.Client{}); err != nil {
		return err
	}
	e := r.env
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
	now := e.World.Now().UTC().Truncate(time.Second)
	shop := issueShop{ca: ca, key: r.caKey, env: e, want: want, from: now.Add(-min(backdate, span/10)), to: now.Add(span)}
	if shop.to.After(ca.NotAfter) {
		shop.to = ca.NotAfter
	}
	for len(orders) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(batch, len(orders))
		if err := shop.fill(ctx, book, orders[:n], now, deliver); err != nil {
			return err
		}
		orders = orders[n:]
	}
	return nil
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
	ca       *x509.Certificate
	key      crypto.Signer
	env      *Env
	want     Issuing
	from, to time.Time
}

// fill makes a batch, writes it down and delivers it.
func (s issueShop) fill(ctx context.Context, book ledger.Ledger, orders []Order, now time.Time, deliver func(Delivery) error) error {
	made := make([]Delivery, len(orders))
	if err := each(len(orders), func(i int) (err error) {
		made[i], err = s.one(ctx, orders[i])
		return err
	}); err != nil {
		return err
	}
	entries := make([]ledger.Certificate, len(made))
	for i, d := range made {
		entries[i] = ledger.Certificate{Serial: pki.SerialOf(d.Certificate), CommonName: d.Order.Name.CommonName, NotAfter: d.Certificate.NotAfter, At: now}
	}
	if err := book.Add(entries...); err != nil {
		return err
	}
	return each(len(made), func(i int) error { return deliver(made[i]) })
}

// one makes one certificate.
func (s issueShop) one(ctx context.Context, order Order) (Delivery, error) {
	d := Delivery{Order: order}
	spec := pki.LeafSpec{Name: order.Name, DNS: order.DNS, URIs: order.URIs, NotBefore: s.from, NotAfter: s.to}
	csr, err := order.request(&d)
	if err == nil && csr == nil {
		csr, err = s.newKey(spec, &d)
	}
	if err != nil {
		return d, fmt.Errorf("issue certificate for %s: %w", order.Name.CommonName, err)
	}
	issuer := pki.LocalCA{Certificate: s.ca, Key: s.key, Random: s.env.World.Random}
	ordered, err := issuer.Submit(ctx, spec, csr)
	if err != nil {
		return d, fmt.Errorf("issue certificate for %s: %w", order.Name.CommonName, err)
	}
	issued, err := issuer.Fetch(ctx, ordered)
	if err != nil {
		return d, fmt.Errorf("issue certificate for %s: %w", order.Name.CommonName, err)
	}
	d.Certificate, d.Chain = issued.Certificate, issued.Chain
	return d, breaches(rules.Leaf, d.Certificate)
}

// newKey makes a key and a request for it.
func (s issueShop) newKey(spec pki.LeafSpec, d *Delivery) ([]byte, error) {
	key, err := pki.NewKey(s.want.Kind, s.env.World.Random)
	if err != nil {
		return nil, err
	}
	if d.KeyPEM, err = pki.EncodeKey(key); err != nil {
		return nil, err
	}
	return pki.NewCSR(spec, key, s.env.World.Random)
}

// request reads the CSR of an order; nil if there is none. Its signature proves
// that whoever asks holds the key (checked again by the issuer).
func (o Order) request(d *Delivery) ([]byte, error) {
	if o.CSR == nil {
		return nil, nil
	}
	der := o.CSR
	if block, _ := pem.Decode(der); block != nil {
		if block.Type != "CERTIFICATE REQUEST" && block.Type != "NEW CERTIFICATE REQUEST" {
			return nil, errors.New("read request: it is a " + block.Type)
		}
		der = block.Bytes
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if asked := csr.Subject.CommonName; asked != "" && asked != o.Name.CommonName {
		d.Asked = asked
	}
	return der, nil
}

// each runs do for 0 to n-1 on every processor and returns the errors.
func each(n int, do func(int) error) error {
	errs := make([]error, n)
	var next, running = make(chan int), sync.WaitGroup{}
	for range min(n, runtime.NumCPU()) {
		running.Go(func() {
			for i := range next {
				errs[i] = do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	running.Wait()
	return errors.Join(errs...)
}
