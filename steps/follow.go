package steps

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"anywhere/signer"
	"anywhere/signer/home"
)

// A set-up that shares a certificate and has a trust anchor of its own, such as one in
// another account, follows when the CA of the certificate is replaced: its trust anchor
// holds the new CA too, it takes the new pair, and the old CA goes. Each step looks
// whether it is done, so it may be stopped anywhere, and it may happen long after the
// owner has moved on: until then the old pair works with the old CA.

// follows says that this set-up shares a certificate and has a trust anchor of its own.
func (e *Env) follows() bool {
	other := e.owner()
	return other != nil && newAnchor(e) && e.anchorARN() != other.anchorARN()
}

// follow brings this set-up to the CA of the one whose certificate it shares.
func (r *Runner) follow(ctx context.Context, finish bool, show func(Event)) (Rotated, error) {
	e := r.env
	out := Rotated{Setup: e.Setup, Owner: e.Get("leaf.setup"), Changes: []Change{}}
	ca, err := e.caCertificate()
	if err != nil {
		return out, err
	}
	other, err := e.needOwner()
	if err != nil {
		return out, err
	}
	out.CA = certificateAt(cmp.Or(other.importedCA(), other.World.Home.Abs(other.Value("ca.certificate"))), ca)
	note := func(ev Event) {
		if ev.Kind == Finished {
			out.Changes = append(out.Changes, ev.Change)
		}
		show(ev)
	}
	if err := r.holdNext(ctx, note); err != nil {
		return out, err
	}
	if err := r.takePair(ctx, note); err != nil {
		return out, err
	}
	current, cert, err := e.inUse()
	if err != nil {
		return out, err
	}
	out.Certificate = e.described(current.Key, cert)
	err = r.endFollowing(ctx, ca, other, finish, &out, note)
	return out, err
}

// endFollowing takes the old CA out, if it is time.
func (r *Runner) endFollowing(ctx context.Context, ca *x509.Certificate, other *Env, finish bool, out *Rotated, show func(Event)) error {
	e := r.env
	top, err := e.anchorCertificate() // the CA itself, or the root above it
	if err != nil {
		return err
	}
	bundle, err := e.bundle(ctx)
	if err != nil {
		return err
	}
	if other.underRoot() && (other.importedCA() == "" || rootAlone(bundle, top)) {
		above, err := other.rootAbove()
		out.Root, out.Done = &above, true
		return err
	}
	if out.Waiting, err = e.livesElsewhere(ctx, ca); err != nil || len(out.Waiting) > 0 && !finish {
		return err
	}
	lock, err := e.World.Home.Lock(e.Place())
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	out.Done = true
	return r.dropOld(ctx, top, show)
}

// holdNext brings the CA of the owner into the trust anchor beside what this set-up
// signs with now, and waits until AWS lets in what it issued.
func (r *Runner) holdNext(ctx context.Context, show func(Event)) error {
	e := r.env
	lock, err := e.World.Home.Lock(e.Place())
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	if err := r.settleInJournal(ctx); err != nil {
		return err
	}
	top, err := e.anchorCertificate()
	if err != nil {
		return err
	}
	bundle, err := e.bundle(ctx)
	if err != nil || slices.ContainsFunc(bundle, top.Equal) {
		return err
	}
	if len(bundle) >= maxBundle { // a CA in between, which this set-up never used
		if bundle, err = e.needed(bundle); err != nil {
			return err
		}
	}
	if len(bundle) >= maxBundle {
		return &hintError{"rotate CA: the trust anchor holds two certificates already", "take the one out that is out of use"}
	}
	if err := r.setBundle(ctx, append(bundle, top), "also holds "+top.Subject.CommonName, show); err != nil {
		return err
	}
	other, err := e.needOwner()
	if err != nil {
		return err
	}
	id, err := other.lentIdentity()
	if err != nil {
		return err
	}
	return r.letIn(ctx, id)
}

// needed are those of the bundle above what this set-up signs with.
func (e *Env) needed(bundle []*x509.Certificate) ([]*x509.Certificate, error) {
	_, cert, err := e.inUse()
	if err != nil {
		return nil, err
	}
	chain := append(e.intermediates(), cert)
	return slices.DeleteFunc(slices.Clone(bundle), func(ca *x509.Certificate) bool {
		return !slices.ContainsFunc(chain, func(c *x509.Certificate) bool { return c.CheckSignatureFrom(ca) == nil })
	}), nil
}

// lentIdentity is the pair that this set-up lends, to sign with.
func (e *Env) lentIdentity() (signer.Identity, error) {
	made, err := e.lentPair()
	if err != nil {
		return signer.Identity{}, err
	}
	_, id, err := e.sessionWith(home.Session{}, made)
	return id, err
}

// takePair takes the owner's pair, unless it is in use.
func (r *Runner) takePair(ctx context.Context, show func(Event)) error {
	e := r.env
	other, err := e.needOwner()
	if err != nil {
		return err
	}
	lent, err := other.lent()
	if err != nil {
		return err
	}
	if _, cert, err := e.inUse(); err != nil || cert.Equal(lent) {
		return err
	}
	site := e.Site
	if err := r.handOnTo(ctx, e.Setup, site.Client, show); err != nil {
		return err
	}
	if err := r.loadLocally(e.Setup, site.Client); err != nil { // what was written meanwhile
		return err
	}
	e.Site = site
	return nil
}

// behind says why a set-up could not take the pair of its owner: its trust anchor
// does not hold the new CA yet.
func (e *Env) behind() bool {
	ca, err := e.caCertificate()
	if err != nil || !e.follows() {
		return false
	}
	_, cert, err := e.inUse()
	return err == nil && cert.CheckSignatureFrom(ca) != nil
}

// takeAlong makes the other set-ups follow that share the certificate and have a trust
// anchor of their own, and names those that it cannot: nothing is lost there, since
// the old pair is let in by the old CA.
func (r *Runner) takeAlong(ctx context.Context, ca *x509.Certificate, want Rotation, show func(Event)) ([]Neighbour, error) {
	all, err := r.env.neighbours(func(other *Env) bool {
		return shares(other) && other.Get("leaf.setup") == r.env.Setup && other.anchorARN() != r.env.anchorARN() && issuedBy(ca)(other)
	})
	if err != nil {
		return nil, err
	}
	for i, n := range all {
		again := []string{"ca", "rotate", "--setup", n.Setup}
		if want.Finish {
			again = append(again, "--finish")
		}
		out, err := r.followThere(ctx, n, want, show)
		switch {
		case ctx.Err() != nil:
			return all, err
		case err != nil:
			n = n.unreached(err, again...)
		case !out.Done:
			n = n.unreached(fmt.Errorf("its trust anchor holds both CAs, because %d certificates of the old one live elsewhere", len(out.Waiting)), append(again, "--finish")...)
		}
		n.Changes = out.Changes
		all[i] = n
	}
	return all, nil
}

func (r *Runner) followThere(ctx context.Context, n Neighbour, want Rotation, show func(Event)) (Rotated, error) {
	if !want.approval.covers(n.Account) {
		return Rotated{}, notNamed(n.Account)
	}
	to, err := r.reach(ctx, n)
	if err != nil {
		return Rotated{}, err
	}
	if !to.env.follows() {
		return Rotated{}, errors.New("the trust anchor is not this set-up's; whoever owns it adds the new CA to it")
	}
	return to.follow(ctx, want.Finish, show)
}

// holdOld are the set-ups that use an old CA by themselves, with its key in a file, and
// so do not follow.
func (r *Runner) holdOld(ca *x509.Certificate, olds []*x509.Certificate, next ResultCertificate) ([]Neighbour, error) {
	all, err := r.env.neighbours(func(other *Env) bool {
		return !shares(other) && slices.ContainsFunc(olds, func(old *x509.Certificate) bool { return !old.Equal(ca) && issuedBy(old)(other) })
	})
	key := r.env.caKeyFile()
	if key == "" {
		key = "FILE"
	}
	for i, n := range all {
		all[i] = n.unreached(errors.New("it has certificates issued by the old CA by itself"), "ca", "rotate", "--setup", n.Setup, "--to-certificate", next.Path, "--to-key", key)
	}
	return all, err
}
