package steps

import (
	"context"
	"errors"
	"slices"

	"anywhere/signer"
	"anywhere/signer/home"
)

// HandedOn is what became of a new certificate in a set-up that shares it.
type HandedOn struct {
	Setup string `json:"setup"`
	// Problem says why it stays with the old pair; empty if it has the new one.
	Problem string `json:"problem,omitempty"`
}

// renewShared renews the certificate of the set-up that this one uses, which
// brings it here too.
func (r *Runner) renewShared(ctx context.Context, want Renewal, show func(Event)) (Renewed, error) {
	name, owner := want.Setup, r.env.Get("leaf.setup")
	want.Setup = owner
	out, err := r.Renew(ctx, want, show)
	if err != nil {
		return out, err
	}
	for _, h := range out.HandedOn {
		if h.Setup == name && h.Problem != "" {
			return out, r.couldNotTake(owner, name, h.Problem)
		}
	}
	if err := r.loadLocally(name, want.Client); err != nil {
		return out, err
	}
	current, cert, err := r.env.inUse()
	if err != nil {
		return out, err
	}
	if !out.Renewed {
		if err := r.env.noteLook(current, cert, out.look); err != nil {
			return out, err
		}
	}
	out.Setup, out.Owner, out.Certificate = name, owner, r.env.described(current.Key, cert)
	return out, nil
}

// couldNotTake says why a set-up stays with its pair, and what to do about it.
func (r *Runner) couldNotTake(owner, name, problem string) error {
	fix := "anywhere doctor " + name
	if e, err := r.env.sibling(name); err == nil && e.behind() {
		fix = "anywhere ca rotate --setup " + name + " brings the new CA of set-up " + owner + " into its trust anchor"
	}
	return &hintError{"renew certificate: set-up " + owner + " has a new one, but " + name + " could not take it: " + problem, fix}
}

// handOn brings the pair of this set-up to every other one that shares it and has
// an older one, each proved by a session of its own before it is used. One that
// AWS refuses, or that another process works on, keeps its pair; the next renewal
// tries it again.
func (r *Runner) handOn(ctx context.Context, client signer.Client, show func(Event)) ([]HandedOn, error) {
	names, err := r.env.sharers()
	if err != nil || len(names) == 0 {
		return nil, err
	}
	cert, err := r.env.lent()
	if err != nil {
		return nil, err
	}
	var all []HandedOn
	for _, name := range names {
		s, err := r.env.World.Home.ReadSession(r.env.World.Home.Setup(name))
		if err != nil || slices.Equal(s.Certificate, cert.Raw) {
			continue // unfinished, or it has it
		}
		h := HandedOn{Setup: name}
		if err := r.handOnTo(ctx, name, client, show); err != nil {
			if ctx.Err() != nil {
				return all, err
			}
			h.Problem = err.Error()
		}
		all = append(all, h)
	}
	return all, nil
}

// handOnTo brings the pair to one set-up.
func (r *Runner) handOnTo(ctx context.Context, name string, client signer.Client, show func(Event)) error {
	to := &Runner{answers: NewAnswers(nil)}
	to.env = &Env{World: r.env.World, answers: to.answers, road: r.env.road}
	if err := to.loadLocally(name, client); err != nil {
		return err
	}
	lock, err := r.env.World.Home.Lock(to.env.Place())
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	if err := errors.Join(to.loadLocally(name, client), to.settleCertificates(ctx)); err != nil {
		return err
	}
	current, _, err := to.env.inUse()
	if err != nil {
		return err
	}
	changes, err := planShared(ctx, to.env)
	if err != nil {
		return err
	}
	for _, change := range changes {
		if err := to.make(ctx, change, show); err != nil {
			return err
		}
	}
	made, _ := to.env.Has("certificate.issue")
	next, id, err := to.env.sessionWith(current, made)
	if err != nil {
		return err
	}
	creds, err := client.CreateSession(ctx, target(next), id)
	if err != nil {
		return err
	}
	if err := to.env.pointTo(next); err != nil {
		return err
	}
	r.turnOver(name, creds)
	_, err = to.forgetEnded(ctx, show)
	return err
}

// inUseOrLent is inUse; for a set-up that a teardown left to others it is the
// session of the first of them, which proves a new pair in its place.
func (e *Env) inUseOrLent() (home.Session, error) {
	s, err := e.World.Home.ReadSession(e.Place())
	if !errors.Is(err, home.ErrNoSetup) {
		return s, err
	}
	names, unread := e.sharers()
	for _, name := range names {
		if lent, err := e.World.Home.ReadSession(e.World.Home.Setup(name)); err == nil {
			return lent, nil
		}
	}
	return s, errors.Join(err, unread)
}
