package steps

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/pki/ledger"
	"anywhere/signer"
)

// Rotation says how a set-up's CA is replaced.
type Rotation struct {
	// Passphrase locks the key of the new CA, where the set-up's protection is a
	// passphrase.
	Passphrase func() ([]byte, error)
	// External is the file for its key, where that is kept elsewhere.
	External string
	// Certificate and Key name a CA from outside in the place of a new one: the file
	// of its certificate, and the file or reference of its key.
	Certificate, Key string
	// RootKey is the file or reference of the root's key, where the CA stands under a
	// root; empty for where it was put when it was made. RootPassphrase opens it.
	RootKey        string
	RootPassphrase func() ([]byte, error)
	// Finish takes the old CA out of the trust anchor though certificates of it
	// still live on other machines; an old intermediate it has revoked by its root.
	Finish bool

	approval Approval
}

// Rotated is how far a rotation has come; it is the document of ca rotate --json.
type Rotated struct {
	Setup string `json:"setup"`
	// Done is false while the trust anchor holds both CAs.
	Done bool              `json:"done"`
	CA   ResultCertificate `json:"ca"` // the new one
	// Root stands above the new CA, where that is an intermediate; the trust anchor
	// holds it and stays as it is.
	Root        *ResultCertificate `json:"root,omitempty"`
	Certificate ResultCertificate  `json:"certificate"`
	// HandedOn are the set-ups that share the certificate.
	HandedOn []HandedOn `json:"handedOn,omitempty"`
	// Owner is the set-up whose CA this one follows, where it shares a certificate.
	Owner string `json:"owner,omitempty"`
	// Beside are set-ups with trust anchors of their own that hold, or held, the CA.
	Beside []Neighbour `json:"beside,omitempty"`
	// Waiting are certificates of the old CA that live on other machines.
	Waiting []KnownCertificate `json:"waiting,omitempty"`
	// Retired are the old intermediates that the root's list names, and Evidence what
	// was seen of it.
	Retired  []ResultCertificate `json:"retired,omitempty"`
	Evidence []Evidence          `json:"evidence,omitempty"`
	Changes  []Change            `json:"changes"`
}

// Rotate replaces the CA of a set-up: a new CA is made, the trust anchor holds
// both, this machine's certificate is issued anew by the new one and proved, and
// at last the old one is taken out. Each step looks first whether it is done, so a
// rotation that was stopped goes on; nothing is taken away before its successor
// works.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/load-balancer-limits.html
// (two certificates in a trust anchor, for rotation)
func (r *Runner) Rotate(ctx context.Context, want Rotation, approval Approval, show func(Event)) (Rotated, error) {
	e := r.env
	want.approval = approval
	out := Rotated{Setup: e.Setup, Changes: []Change{}}
	if err := errors.Join(r.ApprovedAccount(approval), e.mayRotate(ctx, want)); err != nil {
		return out, err
	}
	if e.follows() {
		return r.follow(ctx, want.Finish, show)
	}
	lock, err := e.World.Home.Lock(e.Place())
	if err != nil {
		return out, err
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	if err := r.settleInJournal(ctx); err != nil {
		return out, err
	}
	note := func(ev Event) {
		if ev.Kind == Finished {
			out.Changes = append(out.Changes, ev.Change)
		}
		show(ev)
	}
	if err := r.adopt(ctx, want); err != nil {
		return out, err
	}
	if e.importedCA() == "" {
		if err := r.newCA(ctx, want, note); err != nil {
			return out, err
		}
	}
	ca, err := e.caCertificate()
	if err != nil {
		return out, err
	}
	out.CA = certificateAt(cmp.Or(e.importedCA(), e.World.Home.Abs(e.Value("ca.certificate"))), ca)
	top, err := e.anchorCertificate() // the CA itself, or the root above it
	if err != nil {
		return out, err
	}
	if err := r.changeOver(ctx, ca, top, want, &out, note); err != nil {
		return out, err
	}
	current, cert, err := e.inUse()
	if err != nil {
		return out, err
	}
	out.Certificate = e.described(current.Key, cert)
	err = r.endRotation(ctx, ca, top, want, &out, note)
	return out, err
}

// endRotation takes out what is replaced, if it is time; top is what the trust anchor
// is to hold in the end.
func (r *Runner) endRotation(ctx context.Context, ca, top *x509.Certificate, want Rotation, out *Rotated, note func(Event)) (err error) {
	if out.Waiting, err = r.env.livesElsewhere(ctx, ca); err != nil {
		return err
	}
	ends, err := r.env.endsUnderRoot(ctx, top)
	switch {
	case err != nil:
		return err
	case ends:
		return r.endUnderRoot(ctx, ca, want, out, note)
	case len(out.Waiting) > 0 && !want.Finish:
		return nil
	}
	out.Done = true
	return r.dropOld(ctx, top, note)
}

// changeOver lets the new CA in and has this set-up and those that have to do with it
// use it.
func (r *Runner) changeOver(ctx context.Context, ca, top *x509.Certificate, want Rotation, out *Rotated, show func(Event)) error {
	if err := r.holdBoth(ctx, top, show); err != nil {
		return err
	}
	if err := r.moveOver(ctx, ca, want, show); err != nil {
		return err
	}
	return r.bringAlong(ctx, ca, want, out, show)
}

// bringAlong takes the other set-ups along that have to do with the CA.
func (r *Runner) bringAlong(ctx context.Context, ca *x509.Certificate, want Rotation, out *Rotated, show func(Event)) error {
	olds, err := r.env.bundle(ctx)
	if err != nil {
		return err
	}
	if out.Beside, err = r.takeAlong(ctx, ca, want, show); err != nil {
		return err
	}
	alone, err := r.holdOld(ca, append(olds, r.env.below(olds)...), out.CA)
	if err != nil {
		return err
	}
	out.Beside = append(out.Beside, alone...)
	// Those that share the certificate; one that AWS refuses keeps the old CA alive.
	handed, err := r.handOn(ctx, r.env.Site.Client, show)
	out.HandedOn = slices.DeleteFunc(handed, func(h HandedOn) bool {
		return slices.ContainsFunc(out.Beside, func(n Neighbour) bool { return n.Setup == h.Setup && n.Problem != "" })
	})
	return err
}

// mayRotate says why the CA cannot be replaced here.
func (e *Env) mayRotate(ctx context.Context, want Rotation) error {
	under, err := e.adopted(ctx)
	if err == nil && !under && want.Finish && e.importedCA() != "" {
		under, err = e.notRetired(ctx)
	}
	switch {
	case err != nil:
		return err
	case e.follows():
		return nil
	case shares(e):
		return &hintError{"rotate CA: this set-up uses the certificate of set-up " + e.Get("leaf.setup"), "anywhere ca rotate --setup " + e.Get("leaf.setup")}
	case !issuerIs(issuerOwn)(e):
		return &hintError{"rotate CA: this set-up's certificates come from " + e.Get("ca.issuer"), "replace the CA there, then run anywhere setup with the new one under another name"}
	case e.importedCA() != "" && want.Certificate == "" && !under:
		return &hintError{"rotate CA: it is not one that this set-up made", e.nextElsewhere()}
	case !newAnchor(e):
		return &hintError{"rotate CA: the trust anchor is not this set-up's", "whoever owns it adds the new CA to it"}
	}
	return nil
}

type hintError struct{ what, fix string }

func (e *hintError) Error() string { return e.what }

// Hint is the way round.
func (e *hintError) Hint() string { return e.fix }

// holdBoth brings the new CA into the trust anchor beside the old one.
func (r *Runner) holdBoth(ctx context.Context, ca *x509.Certificate, show func(Event)) error {
	bundle, err := r.env.bundle(ctx)
	if err != nil || slices.ContainsFunc(bundle, ca.Equal) {
		return err
	}
	if r.env.underRoot() && r.env.importedCA() == "" {
		return r.env.holdsRoot(bundle)
	}
	bundle, err = r.env.without(bundle)
	switch {
	case err != nil:
		return err
	case len(bundle) >= maxBundle:
		return &hintError{"rotate CA: the trust anchor holds two certificates already", "take the one out that is out of use"}
	}
	return r.setBundle(ctx, append(bundle, ca), "also holds "+ca.Subject.CommonName, show)
}

// setBundle replaces the certificates of the trust anchor and reads them back.
func (r *Runner) setBundle(ctx context.Context, certs []*x509.Certificate, detail string, show func(Event)) error {
	e := r.env
	change := Change{ID: "trust-anchor.rotate", Step: StepAnchor, Verb: Modify, Noun: "trust anchor", Name: e.AWSName(), Detail: detail}
	return r.noted(change, show, func() error {
		if _, err := e.Site.API.UpdateAnchorSource(ctx, e.anchorARN(), awsapi.AnchorSource{Bundle: string(pki.EncodeCertificates(certs...))}); err != nil {
			return err
		}
		there, err := e.bundle(ctx)
		if err == nil && !slices.EqualFunc(there, certs, (*x509.Certificate).Equal) {
			err = &MovedError{"trust anchor " + e.AWSName(), "AWS holds other certificates than were sent"}
		}
		return err
	})
}

// moveOver issues this machine's certificate anew, unless the new CA has issued
// what is in use, and proves it before it is used.
func (r *Runner) moveOver(ctx context.Context, ca *x509.Certificate, want Rotation, show func(Event)) error {
	e := r.env
	current, cert, err := e.inUse()
	if err != nil || cert.CheckSignatureFrom(ca) == nil {
		return err
	}
	made, err := r.issueAgain(ctx, Renewal{Setup: e.Setup, Passphrase: want.Passphrase}, time.Time{}, show)
	if err != nil {
		return err
	}
	next, id, err := e.sessionWith(current, *made)
	if err != nil {
		return err
	}
	above, err := e.caChain() // nothing where the trust anchor holds the CA itself
	if err != nil {
		return err
	}
	next.Chain = rawOf(above)
	if err := r.letIn(ctx, signer.Identity{Certificate: id.Certificate, Chain: above, Key: id.Key}); err != nil {
		return &WaitingError{Serial: made.Values["certificate.serial"], Err: err}
	}
	return e.World.Home.WriteSession(e.Place(), next)
}

// letIn asks for a session until AWS has spread the new trust anchor.
func (r *Runner) letIn(ctx context.Context, id signer.Identity) error {
	e := r.env
	s, _, err := e.inUse()
	if err != nil {
		return err
	}
	deadline := e.World.Now().Add(spread)
	for {
		_, err := e.Site.Client.CreateSession(ctx, target(s), id)
		if _, refused := errors.AsType[*signer.Refused](err); err == nil || !refused || !e.World.Now().Before(deadline) {
			return err
		}
		if err := e.World.Wait(ctx, 3*time.Second); err != nil {
			return err
		}
	}
}

// livesElsewhere lists certificates of the CAs that a rotation takes out of the
// trust anchor, that still live and that no pair of this set-up replaces: on other
// machines, or in other set-ups.
func (e *Env) livesElsewhere(ctx context.Context, ca *x509.Certificate) ([]KnownCertificate, error) {
	bundle, err := e.bundle(ctx)
	if err != nil {
		return nil, err
	}
	var all []KnownCertificate
	for _, old := range append(bundle, e.lender().below(bundle)...) {
		if old.Equal(ca) {
			continue
		}
		dir := e.lender().ledgerDir(old)
		found, err := e.certificatesOf(old, dir)
		if err != nil {
			return nil, err
		}
		revoked, err := ledger.Ledger{Dir: dir, Disk: e.World.Home.Disk}.Revocations()
		if err != nil {
			return nil, err
		}
		for i, k := range found {
			if others := e.letInBy(k); len(others) > 0 {
				found[i].Setup = others[0]
			}
		}
		all = append(all, slices.DeleteFunc(found, func(k KnownCertificate) bool {
			return len(k.holders) > 0 && len(e.letInBy(k)) == 0 || !k.NotAfter.After(e.World.Now()) || revoked.Has(k.serial)
		})...)
	}
	return all, nil
}

// letInBy names the other set-ups that sign with the certificate and that this one's
// trust anchor lets in.
func (e *Env) letInBy(k KnownCertificate) []string {
	return slices.DeleteFunc(slices.Clone(k.Users), func(name string) bool {
		s, err := e.World.Home.ReadSession(e.World.Home.Setup(name))
		return name == e.Setup || err != nil || s.TrustAnchorARN != e.anchorARN()
	})
}

// ledgerDir is where the ledger of a CA lies: beside one of ours, else under the
// CA's own name.
func (e *Env) ledgerDir(ca *x509.Certificate) string {
	for _, made := range e.Standing {
		if made.Change == "ca.create" && made.UID == hashOf(ca.Raw) {
			return e.World.Home.Abs(made.Ref)
		}
	}
	return e.World.Home.CA(hashOf(ca.Raw)[:16])
}

// dropOld takes every other CA out of the trust anchor, with our lists of it, and
// looks whether this machine is still let in.
func (r *Runner) dropOld(ctx context.Context, ca *x509.Certificate, show func(Event)) error {
	e := r.env
	bundle, err := e.bundle(ctx)
	if err != nil {
		return err
	}
	if len(bundle) > 1 {
		if err := r.setBundle(ctx, []*x509.Certificate{ca}, "holds "+ca.Subject.CommonName+" alone", show); err != nil {
			return err
		}
	}
	if err := r.dropLists(ctx, func(list *x509.RevocationList) bool { return list.CheckSignatureFrom(ca) != nil }, show); err != nil {
		return err
	}
	s, _, err := e.inUse()
	if err != nil {
		return err
	}
	id, err := s.Identity(e.Place().Dir, nil)
	if err != nil {
		return err
	}
	return r.letIn(ctx, id)
}

// dropLists takes those of our revocation lists out of AWS that are of an old CA.
func (r *Runner) dropLists(ctx context.Context, old func(*x509.RevocationList) bool, show func(Event)) error {
	e := r.env
	lists, err := e.listsOf(ctx, e.anchorARN())
	if err != nil {
		return err
	}
	for _, list := range lists {
		parsed, err := pki.ParseCRL(list.Data)
		if err != nil || !old(parsed) {
			continue
		}
		if ours, err := e.taggedOurs(ctx, list.ARN); err != nil || !ours {
			continue // somebody else's: it says nothing any more, but it is theirs
		}
		change := Change{ID: "trust-anchor.crl", Step: StepAnchor, Verb: Remove, Noun: "revocation list", Name: list.Name, Detail: "of the old CA"}
		if err := r.noted(change, show, func() error { return ignoreGone(e.Site.API.DeleteCRL(ctx, list.ID)) }); err != nil {
			return err
		}
	}
	return nil
}
