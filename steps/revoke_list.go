package steps

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/pki/decode"
)

// planList plans to bring a list to AWS that another program has signed. Its CA
// remembers what it holds; nothing is signed here.
func (r *Runner) planList(ctx context.Context, want Revocation) (RevocationPlan, error) {
	e := r.env
	p := RevocationPlan{want: want, Setup: e.Setup, Mode: e.Site.Mode, Account: e.Site.Caller.Account, AnchorARN: e.anchorARN()}
	parsed, err := pki.ParseCRL(want.From)
	if err == nil {
		err = pki.CheckWhole(parsed)
	}
	if err != nil {
		return p, err
	}
	if err := p.chooseSigner(ctx, e, parsed); err != nil {
		return p, err
	}
	lists, err := e.listsOf(ctx, p.AnchorARN)
	if err != nil {
		return p, err
	}
	for _, list := range lists {
		if err := p.compare(ctx, e, list, parsed); err != nil {
			return p, err
		}
	}
	if p.list.ID == "" && !p.Unchanged && len(lists) >= maxLists {
		return p, &ManyListsError{Lists: lists}
	}
	p.from = pki.EncodeCRL(parsed.Raw) // AWS documents PEM, and gets what was understood here
	if len(p.from) > pki.MaxCRL {
		return p, &pki.LargeCRLError{Size: len(p.from), Entries: len(parsed.RevokedCertificateEntries)}
	}
	p.revoked.Entries, p.Entries = pki.RevokedIn(parsed), len(parsed.RevokedCertificateEntries)
	if parsed.Number != nil {
		p.Number = parsed.Number.Int64()
	}
	p.stale(parsed, e.World.Now())
	if err := p.hits(e); err != nil {
		return p, err
	}
	p.Change = p.change(e)
	return p, r.planBeside(ctx, want, &p)
}

// hits finds what set-ups of this machine sign with now and the list lets in no more.
func (p *RevocationPlan) hits(e *Env) error {
	known, err := e.certificatesOf(p.ca, e.lender().ledgerDir(p.ca))
	for _, k := range known {
		if k.InUse && p.revoked.Has(k.serial) && !p.before.Has(k.serial) {
			p.Certificates = append(p.Certificates, k)
		}
	}
	return err
}

// stale notes when the next list is wanted.
func (p *RevocationPlan) stale(list *x509.RevocationList, now time.Time) {
	p.NextUpdate = list.NextUpdate.UTC()
	switch {
	case list.NextUpdate.IsZero():
		p.NextUpdate = p.ca.NotAfter.UTC()
	case !list.NextUpdate.After(now):
		p.Notes = append(p.Notes, "The CA should have made a newer list on "+list.NextUpdate.UTC().Format(time.DateTime)+"; what it revoked since is not in this one.")
	}
}

// chooseSigner finds who signed a list: a CA of the trust anchor, where AWS
// looks, or an intermediate that is known here and has to be put there first.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (p *RevocationPlan) chooseSigner(ctx context.Context, e *Env, list *x509.RevocationList) error {
	bundle, err := e.bundle(ctx)
	if err != nil {
		return fmt.Errorf("use revocation list: %w", err)
	}
	signed := func(ca *x509.Certificate) bool { return list.CheckSignatureFrom(ca) == nil }
	if i := slices.IndexFunc(bundle, signed); i >= 0 {
		p.ca = bundle[i]
		return nil
	}
	known := e.intermediates()
	if p.want.signer != nil {
		known = append(known, p.want.signer)
	}
	i := slices.IndexFunc(known, signed)
	switch {
	case i < 0:
		return &ForeignListError{Issuer: list.Issuer.String()}
	case !p.want.HoldIssuer:
		return &LowerListError{CA: known[i].Subject.CommonName}
	}
	p.ca = known[i]
	return p.holdFor(e, bundle, p.ca)
}

// holdFor plans to put ca into the trust anchor, unless it is there.
func (p *RevocationPlan) holdFor(e *Env, bundle []*x509.Certificate, ca *x509.Certificate) error {
	name := ca.Subject.CommonName
	switch {
	case slices.ContainsFunc(bundle, ca.Equal):
		return nil
	case !newAnchor(e):
		return &hintError{"bring list to AWS: the trust anchor does not hold " + name + ", which signs the list, and is not this set-up's", "whoever owns it adds " + name + " to it"}
	case len(bundle) >= maxBundle:
		return &hintError{"bring list to AWS: the trust anchor holds two certificates already, and not " + name + ", which signs the list", "take the one out that is out of use"}
	}
	p.hold = append(bundle, ca)
	p.Hold = &Change{ID: "trust-anchor.rotate", Step: StepAnchor, Verb: Modify, Noun: "trust anchor", Name: e.AWSName(), Detail: "also holds " + name}
	return nil
}

// intermediates are the CAs that stand between this machine's certificate and the
// trust anchor.
func (e *Env) intermediates() []*x509.Certificate {
	s, err := e.World.Home.ReadSession(e.Place())
	if err != nil {
		return nil
	}
	var all []*x509.Certificate
	for _, der := range s.Chain {
		if cert, err := x509.ParseCertificate(der); err == nil {
			all = append(all, cert)
		}
	}
	return all
}

// compare holds the new list against one in AWS: of the same CA it must hold
// everything that the enabled one does.
func (p *RevocationPlan) compare(ctx context.Context, e *Env, there awsapi.CRL, next *x509.RevocationList) error {
	now, err := pki.ParseCRL(there.Data)
	if err != nil || now.CheckSignatureFrom(p.ca) != nil {
		return nil
	}
	if there.Enabled {
		if err := pki.Supersedes(now, next); err != nil {
			return err
		}
		p.before, _ = p.before.With(pki.RevokedIn(now)...)
		p.Unchanged = p.Unchanged || bytes.Equal(now.Raw, next.Raw)
	}
	ours, err := e.taggedOurs(ctx, there.ARN)
	if ours {
		p.list = there
	}
	return err
}

// issuingCA is the CA that this set-up's certificates come from: its own, or the
// one above the certificate in use.
func (e *Env) issuingCA() (*x509.Certificate, error) {
	if issuerIs(issuerOwn)(e.lender()) {
		return e.caCertificate()
	}
	_, cert, err := e.inUse()
	if err != nil {
		return nil, err
	}
	for _, ca := range e.intermediates() {
		if cert.CheckSignatureFrom(ca) == nil {
			return ca, nil
		}
	}
	return e.caCertificate()
}

// bundle are the certificates of the trust anchor.
func (e *Env) bundle(ctx context.Context) ([]*x509.Certificate, error) {
	anchor, err := e.AWS.Anchor(ctx, e.anchorARN())
	if err != nil {
		return nil, err
	}
	certs, err := decode.Certificates([]byte(anchor.Source.Bundle))
	if err != nil {
		return nil, fmt.Errorf("read bundle of trust anchor %s: %w", anchor.Name, err)
	}
	return certs, nil
}

// CACertificates are the CAs that this set-up knows, for whoever talks to one of
// them.
func (r *Runner) CACertificates() []*x509.Certificate {
	all := r.env.intermediates()
	if ca, err := r.env.caCertificate(); err == nil {
		all = append(all, ca)
	}
	return all
}
