package steps

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"

	"anywhere/pki"
)

// retireBeside brings the root's list, which names the old intermediates, to the trust
// anchors of the other set-ups that hold the root: AWS looks into the lists of the
// trust anchor alone.
func (r *Runner) retireBeside(ctx context.Context, ca *x509.Certificate, want Rotation, out *Rotated, show func(Event)) error {
	e := r.env
	root, err := e.anchorCertificate()
	if err != nil {
		return err
	}
	data, err := e.listOfRoot(ctx)
	if err != nil || data == nil {
		return err
	}
	olds, err := e.olderThan(ca)
	if err != nil {
		return err
	}
	all, err := e.neighbours(func(other *Env) bool {
		top, err := other.anchorCertificate()
		return err == nil && top.Equal(root)
	})
	for _, n := range e.apart(all) {
		made, err := r.retireThere(ctx, n, data, olds, want, show)
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			n = n.unreached(fmt.Errorf("its trust anchor lets in what the old intermediate issued: %w", err), "ca", "rotate", "--setup", e.Setup, "--finish")
		}
		n.Changes = made
		out.Beside = slices.DeleteFunc(out.Beside, func(o Neighbour) bool { return o.Setup == n.Setup && o.Problem == "" })
		out.Beside = append(out.Beside, n)
	}
	return err
}

// retireThere brings a signed list to one of the others, unless that has it, and takes
// the old intermediates out of its trust anchor.
func (r *Runner) retireThere(ctx context.Context, n Neighbour, data []byte, olds []*x509.Certificate, want Rotation, show func(Event)) ([]Change, error) {
	if !want.approval.covers(n.Account) {
		return nil, notNamed(n.Account)
	}
	to, err := r.reach(ctx, n)
	if err != nil {
		return nil, err
	}
	plan, err := to.PlanRevocation(ctx, Revocation{From: data, alone: true})
	if err != nil {
		return nil, err
	}
	var made []Change
	if !plan.Unchanged {
		made = append(made, plan.Change)
		if _, err := to.Revoke(ctx, plan, nil, Approval{}, show); err != nil {
			return nil, err
		}
	}
	lock, err := to.env.World.Home.Lock(to.env.Place())
	if err != nil {
		return made, err
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	return made, to.letGo(ctx, olds, show)
}

// listOfRoot is the enabled list in AWS that the root above this set-up's CA has
// signed, the newest of several; nil if there is none.
func (e *Env) listOfRoot(ctx context.Context) ([]byte, error) {
	root, err := e.anchorCertificate()
	if err != nil {
		return nil, err
	}
	lists, err := e.listsOf(ctx, e.anchorARN())
	if err != nil {
		return nil, err
	}
	var data []byte
	var number int64 = -1
	for _, list := range lists {
		parsed, err := pki.ParseCRL(list.Data)
		if err != nil || !list.Enabled || parsed.CheckSignatureFrom(root) != nil || parsed.Number == nil {
			continue
		}
		if n := parsed.Number.Int64(); n > number {
			data, number = list.Data, n
		}
	}
	return data, nil
}
