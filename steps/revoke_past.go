package steps

import (
	"cmp"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/ledger"
)

// While a rotation waits, the trust anchor holds the CA that was replaced as well, and
// lets in what it issued. A certificate of it is revoked by a list of its own.

// pastCA is a CA of this set-up that another one has replaced.
type pastCA struct {
	ca   *x509.Certificate
	key  string // file; empty: never written
	book ledger.Ledger
}

// pastCAs are those that the set-up, or the one that lends it its certificate, made or
// was given.
func (e *Env) pastCAs(now *x509.Certificate) []pastCA {
	lender := e.lender()
	var all []pastCA
	for _, made := range lender.Standing {
		if made.Change != "ca.create" {
			continue
		}
		dir := e.World.Home.Abs(made.Ref)
		ca, err := e.readCertificate(caCertFile(dir))
		if err != nil || ca.Equal(now) {
			continue // gone, or in use
		}
		past := pastCA{ca: ca, book: ledger.Ledger{Dir: dir, Disk: e.World.Home.Disk}}
		if key := made.Values["ca.private-key"]; key != "" {
			past.key = e.World.Home.Abs(key)
		}
		all = append(all, past)
	}
	return append(all, slices.DeleteFunc(lender.replacedCAs(), func(p pastCA) bool { return p.ca.Equal(now) })...)
}

// whoseList is the CA whose list is to be made: the one that issues, or, if that has
// issued what is wanted, one that it replaced and that still lets machines in.
func (e *Env) whoseList(ctx context.Context, want Revocation) (*x509.Certificate, *pastCA, error) {
	ca, err := e.issuingCA()
	if err != nil {
		return nil, nil, err
	}
	past, err := e.pastIssuer(want, ca)
	if err != nil || past == nil {
		return ca, nil, err
	}
	return past.ca, past, past.stillIn(ctx, e)
}

// pastIssuer is the replaced CA that issued everything which is wanted; nil if that is
// the one in use, or nobody knows.
func (e *Env) pastIssuer(want Revocation, now *x509.Certificate) (*pastCA, error) {
	past := e.pastCAs(now)
	whats := want.Listed
	if want.What != "" {
		whats = append([]string{want.What}, whats...)
	}
	if len(past) == 0 || len(whats) == 0 {
		return nil, nil
	}
	present, err := e.ledger()
	if err != nil {
		return nil, err
	}
	rows := [][]KnownCertificate{nil}
	if rows[0], err = e.certificatesOf(now, present.Dir); err != nil {
		return nil, err
	}
	cas := []*x509.Certificate{now}
	for _, p := range past {
		known, err := e.certificatesOf(p.ca, p.book.Dir)
		if err != nil {
			return nil, err
		}
		cas, rows = append(cas, p.ca), append(rows, known)
	}
	first := -1
	for _, what := range whats {
		i := max(0, slices.IndexFunc(cas, func(ca *x509.Certificate) bool {
			return e.knows(ca, rows[slices.IndexFunc(cas, ca.Equal)], what)
		}))
		if first >= 0 && i != first {
			return nil, &hintError{fmt.Sprintf("revoke: %s was issued by %s, and not all of the others", what, cas[i].Subject.CommonName), "a list is of one CA: revoke what each has issued in a run of its own"}
		}
		first = i
	}
	if first == 0 {
		return nil, nil
	}
	return &past[first-1], nil
}

// knows says that a CA has issued what is named by a file, a name or a serial.
func (e *Env) knows(ca *x509.Certificate, issued []KnownCertificate, what string) bool {
	if e.World.Machine.Exists(what) {
		cert, err := e.readCertificate(what)
		return err == nil && cert.CheckSignatureFrom(ca) == nil
	}
	serial, notSerial := pki.ParseSerial(what)
	return slices.ContainsFunc(issued, func(k KnownCertificate) bool {
		named := k.CommonName == strings.TrimPrefix(what, "CN=") && k.NotAfter.After(e.World.Now())
		return named || notSerial == nil && k.serial == serial
	})
}

// stillIn refuses where the replaced CA lets nobody in any more: its certificates are
// dead, all of them.
func (p *pastCA) stillIn(ctx context.Context, e *Env) error {
	bundle, err := e.bundle(ctx)
	if err != nil || slices.ContainsFunc(bundle, p.ca.Equal) {
		return err
	}
	for _, top := range bundle {
		if p.ca.CheckSignatureFrom(top) != nil {
			continue
		}
		if retired, err := e.listed(ctx, top, []*x509.Certificate{p.ca}); err != nil || !retired {
			return err // below a root, and not retired: let in
		}
	}
	what, fix := "so AWS lets in nothing that it issued", "nothing is left to revoke; sessions that were issued before live until they expire"
	others, err := e.neighbours(func(other *Env) bool { return other.lender().Setup == e.lender().Setup && other.behind() })
	if err == nil && len(others) > 0 { // whose trust anchor did not follow
		what, fix = "so this trust anchor lets in nothing that it issued", "the trust anchor of set-up "+others[0].Setup+" still holds it: anywhere cert revoke with --setup "+others[0].Setup
	}
	return &endedCAError{hintError{"revoke: " + p.ca.Subject.CommonName + " issued it, which another CA has replaced, " + what, fix}}
}

// endedCAError says that a trust anchor does not hold a replaced CA any more.
type endedCAError struct{ hintError }

// mayOpen says that the key which signs the list is kept somewhere.
func (p RevocationPlan) mayOpen(e *Env) bool {
	if p.past != nil {
		return p.pastKey(e) != ""
	}
	return issuerIs(issuerOwn)(e.lender()) && e.caKeyFile() != ""
}

// pastKey is where the key of the replaced CA lies.
func (p RevocationPlan) pastKey(e *Env) string { return cmp.Or(e.CAKeyAt, p.past.key) }

// listKey opens the key that signs the list.
func (r *Runner) listKey(p RevocationPlan, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	if p.past == nil {
		err := r.unlockCA(passphrase)
		return r.caKey, err
	}
	key, err := r.env.readKeyOf(p.ca, p.pastKey(r.env), passphrase)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &AwayCAKeyError{File: p.pastKey(r.env)}
	case errors.Is(err, decode.ErrPassphraseNeeded):
		return nil, &CAPassphraseError{Err: err}
	case err == nil:
		err = pki.MatchKey(p.ca, key)
	}
	if err != nil {
		return nil, fmt.Errorf("open key of %s: %w", p.ca.Subject.CommonName, err)
	}
	return key, nil
}

// book is the ledger of the CA whose list it is.
func (p RevocationPlan) book(e *Env) (ledger.Ledger, error) {
	if p.past != nil {
		return p.past.book, nil
	}
	return e.ledger()
}
