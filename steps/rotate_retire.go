package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"anywhere/pki"
	"anywhere/pki/ledger"
)

// retire lets nobody in any more whom an old intermediate has vouched for: the root
// signs a list that names the intermediates, and AWS gets it. That reaches also
// what a thief of the intermediate's key has issued, which no list of its own can.
//
// AWS documents that it looks for the certificate in the lists of the trust anchor,
// and not whether it looks for what stands above it. So it is tried, with the last
// certificate of this machine that an old intermediate issued.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (r *Runner) retire(ctx context.Context, ca *x509.Certificate, want Rotation, out *Rotated, show func(Event)) error {
	e := r.env
	olds, err := e.olderThan(ca)
	if err != nil || len(olds) == 0 {
		return err
	}
	if err := r.listRetired(ctx, olds, want, show); err != nil {
		return err
	}
	if err := r.letGo(ctx, olds, show); err != nil {
		return err
	}
	for _, old := range olds {
		file := caCertFile(e.ledgerDir(old))
		if !e.World.Machine.Exists(file) {
			file = "" // it lay elsewhere
		}
		out.Retired = append(out.Retired, certificateAt(file, old))
	}
	out.Evidence, err = r.proveRetired(ctx, olds)
	return err
}

// letGo takes old intermediates out of the trust anchor, with our lists of them. Where
// one is in it for its own lists, what it issued ends there, and the root's list is not
// asked about it.
func (r *Runner) letGo(ctx context.Context, olds []*x509.Certificate, show func(Event)) error {
	bundle, err := r.env.bundle(ctx)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(bundle), func(c *x509.Certificate) bool { return slices.ContainsFunc(olds, c.Equal) })
	if len(left) < len(bundle) {
		if err := r.setBundle(ctx, left, "holds no old intermediate", show); err != nil {
			return err
		}
	}
	for _, old := range olds {
		if err := r.dropLists(ctx, func(list *x509.RevocationList) bool { return list.CheckSignatureFrom(old) == nil }, show); err != nil {
			return err
		}
	}
	return nil
}

// listRetired brings a list of the root to AWS that names the intermediates, unless
// AWS has one.
func (r *Runner) listRetired(ctx context.Context, olds []*x509.Certificate, want Rotation, show func(Event)) error {
	e := r.env
	root, err := e.anchorCertificate()
	if err != nil {
		return err
	}
	listed, err := e.listed(ctx, root, olds)
	if err != nil || listed {
		return err
	}
	if err := e.openRoot(want); err != nil {
		return err
	}
	p := RevocationPlan{AnchorARN: e.anchorARN(), NextUpdate: root.NotAfter.UTC(), ca: root}
	book := e.rootLedger(root)
	if p.revoked, err = book.Revocations(); err != nil {
		return err
	}
	lists, err := e.listsOf(ctx, p.AnchorARN)
	if err != nil {
		return err
	}
	for _, list := range lists {
		if err := p.take(ctx, e, list); err != nil {
			return err
		}
	}
	if p.list.ID == "" && len(lists) >= maxLists {
		return &ManyListsError{Lists: lists}
	}
	now := e.World.Now().UTC().Truncate(time.Second)
	for _, old := range olds {
		p.revoked, _ = p.revoked.With(pki.Revoked{Serial: pki.SerialOf(old), At: now, Reason: "superseded"})
	}
	p.revoked.Number++
	p.Number, p.Entries = p.revoked.Number, len(p.revoked.Entries)
	p.Change = p.change(e)
	p.Change.Detail += ", of the root"
	data, err := r.signed(p, e.rootKey)
	if err != nil {
		return err
	}
	if err := book.Record(p.revoked); err != nil {
		return err
	}
	return r.noted(p.Change, show, func() error { return r.putList(ctx, p, data) })
}

// listed says that an enabled list of the root names all of the intermediates.
func (e *Env) listed(ctx context.Context, root *x509.Certificate, olds []*x509.Certificate) (bool, error) {
	lists, err := e.listsOf(ctx, e.anchorARN())
	if err != nil {
		return false, err
	}
	var named ledger.Revocations
	for _, list := range lists {
		if parsed, err := pki.ParseCRL(list.Data); err == nil && list.Enabled && parsed.CheckSignatureFrom(root) == nil {
			named, _ = named.With(pki.RevokedIn(parsed)...)
		}
	}
	return !slices.ContainsFunc(olds, func(old *x509.Certificate) bool { return !named.Has(pki.SerialOf(old)) }), nil
}

// notRetired says that an old intermediate stands which the root's list does not
// name, or which the trust anchor holds: finishing is then about that one.
func (e *Env) notRetired(ctx context.Context) (bool, error) {
	if !e.underRoot() {
		return false, nil
	}
	ca, err := e.caCertificate()
	if err != nil {
		return false, err
	}
	olds, err := e.olderThan(ca)
	if err != nil || len(olds) == 0 {
		return false, err
	}
	root, err := e.anchorCertificate()
	if err != nil {
		return false, err
	}
	bundle, err := e.bundle(ctx)
	if err != nil || slices.ContainsFunc(bundle, func(c *x509.Certificate) bool { return slices.ContainsFunc(olds, c.Equal) }) {
		return err == nil, err
	}
	listed, err := e.listed(ctx, root, olds)
	return !listed, err
}

// proveRetired tries the newest certificate of this machine that an old
// intermediate has issued.
func (r *Runner) proveRetired(ctx context.Context, olds []*x509.Certificate) ([]Evidence, error) {
	e := r.env
	for _, old := range slices.Backward(olds) {
		found, err := e.pairsOf(e.Setup, old)
		if err != nil {
			return nil, err
		}
		for _, c := range slices.Backward(found) {
			if !c.NotAfter.After(e.World.Now()) {
				continue
			}
			err := r.refused(ctx, c)
			if _, in := errors.AsType[*StillInError](err); in {
				return nil, &hintError{"retire " + old.Subject.CommonName + ": AWS has the root's list that names it and still lets in what it issued", "take the root out: make another set-up, then tear this one down"}
			}
			return []Evidence{{Label: "refused", Value: c.SerialHex, Note: "of " + old.Subject.CommonName + ": AWS gives it no session any more"}}, err
		}
	}
	return []Evidence{{Label: "not tried", Value: olds[len(olds)-1].Subject.CommonName, Note: "no certificate of it is here that still lives"}}, nil
}
