package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/pki/ledger"
)

// What a set-up leaves beside its journal: the ledger of a CA that it did not make
// and a revocation list on a trust anchor that it did not make. Both keep people
// out who were revoked, and CA and trust anchor live on; so what says something
// stays until it is asked for, and what says nothing goes.

// changeLedger and changeCRL stand for both in removals.
const (
	changeLedger = "ca.ledger"
	changeCRL    = "trust-anchor.crl"
)

// beside lists what lies beside the journal.
func (e *Env) beside(ctx context.Context) ([]Removal, error) {
	var all []Removal
	list, err := e.inspectForeignList(ctx)
	if err != nil {
		return nil, err
	}
	if list != nil {
		all = append(all, *list)
	}
	for _, ca := range e.strangers() {
		found, err := e.inspectLedger(ca)
		if err != nil {
			return nil, err
		}
		if found != nil {
			all = append(all, *found)
		}
	}
	return all, nil
}

// strangers are the CAs that this set-up did not make and of which it may have kept a
// ledger: the one that issues, the root above it and those it replaced.
func (e *Env) strangers() []*x509.Certificate {
	if shares(e) || e.importedCA() == "" {
		return nil
	}
	var all []*x509.Certificate
	for _, past := range e.replacedCAs() {
		all = append(all, past.ca)
	}
	ca, err := e.caCertificate()
	if err != nil {
		return all // its certificate is gone, and nobody can say which ledger it was
	}
	all = append(slices.DeleteFunc(all, ca.Equal), ca)
	if root, err := e.anchorCertificate(); err == nil && !root.Equal(ca) {
		all = append(all, root)
		for _, other := range e.below([]*x509.Certificate{root}) {
			if !slices.ContainsFunc(all, other.Equal) {
				all = append(all, other)
			}
		}
	}
	return all
}

// inspectLedger looks at the ledger of a CA that this set-up did not make.
func (e *Env) inspectLedger(ca *x509.Certificate) (*Removal, error) {
	book := ledger.Ledger{Dir: e.World.Home.CA(hashOf(ca.Raw)[:16]), Disk: e.World.Home.Disk}
	if _, err := os.Stat(book.Dir); errors.Is(err, fs.ErrNotExist) || e.ledgerUser(ca) != "" {
		return nil, nil
	}
	rel, err := filepath.Rel(e.World.Home.Root, book.Dir)
	if err != nil {
		return nil, err
	}
	issued, err := book.Issued()
	if err != nil {
		return nil, err
	}
	revoked, err := book.Revocations()
	if err != nil {
		return nil, err
	}
	r := &Removal{Made: Made{Change: changeLedger, Step: StepCA, Noun: "ledger of the CA", Name: ca.Subject.CommonName, Ref: filepath.ToSlash(rel), Ownership: Created}, Detail: e.shown(book.Dir)}
	if n := len(issued) + len(revoked.Entries); n > 0 && outsideSandbox(e) && !e.DeleteCA {
		r.Keep, r.Ours = fmt.Sprintf("it knows %d certificates issued and %d revoked, and the CA is not ours to end; --delete-ca removes it", len(issued), len(revoked.Entries)), true
		r.Commands = []Command{{Args: []string{"rm", "-r", book.Dir}}}
	}
	return r, nil
}

// ledgerUser names another set-up that writes into the ledger of the same CA.
func (e *Env) ledgerUser(ca *x509.Certificate) string {
	all, err := e.World.Home.List()
	if err != nil {
		return ""
	}
	for _, s := range all {
		if s.Name == e.Setup {
			continue
		}
		if other, err := e.sibling(s.Name); err == nil {
			if slices.ContainsFunc(other.strangers(), ca.Equal) {
				return s.Name
			}
		}
	}
	return ""
}

// inspectForeignList looks for a revocation list of ours on a trust anchor that
// stays.
func (e *Env) inspectForeignList(ctx context.Context) (*Removal, error) {
	if newAnchor(e) {
		return nil, nil // it goes with its trust anchor
	}
	lists, err := e.crls(ctx)
	if errors.Is(err, awsapi.ErrDenied) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		if list.AnchorARN != e.anchorARN() {
			continue
		}
		if ours, err := e.taggedOurs(ctx, list.ARN); err != nil || !ours {
			if err != nil {
				return nil, err
			}
			continue
		}
		r := &Removal{Made: Made{Change: changeCRL, Step: StepAnchor, Noun: "revocation list", Name: list.Name, Ref: list.ID, UID: list.ARN, Ownership: Created}}
		if parsed, err := pki.ParseCRL(list.Data); err == nil && len(parsed.RevokedCertificateEntries) > 0 {
			r.Keep, r.Ours = fmt.Sprintf("without it the trust anchor, which stays, lets %d revoked certificates in again", len(parsed.RevokedCertificateEntries)), true
			r.Commands = []Command{{Args: e.region("aws", "rolesanywhere", "delete-crl", "--crl-id", list.ID)}}
		}
		return r, nil
	}
	return nil, nil
}

// undoCRL deletes a list of ours, if it still is.
func undoCRL(ctx context.Context, t *Tools, made Made) error {
	ours, err := t.taggedOurs(ctx, made.UID)
	if err != nil || !ours {
		return err
	}
	return ignoreGone(t.API.DeleteCRL(ctx, made.Ref))
}
