package steps

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// planBeside plans the same revocation for the other set-ups of this machine that
// let in what the CA issues: the list for every other trust anchor, and the cut of
// live sessions for every role.
func (r *Runner) planBeside(ctx context.Context, want Revocation, p *RevocationPlan) error {
	if want.alone || want.Look {
		return nil
	}
	same := issuedBy(p.ca)
	switch {
	case want.From != nil: // it may be signed by a CA in between that not all of them use
		same = trusts(p.ca)
	case p.past != nil: // whoever shares the certificate may still hold the CA that was replaced
		same = func(other *Env) bool { return other.lender().Setup == r.env.lender().Setup || issuedBy(p.ca)(other) }
	}
	all, err := r.env.neighbours(same)
	if err != nil {
		return err
	}
	apart := r.env.apart(all)
	for _, n := range all {
		list := slices.ContainsFunc(apart, func(a Neighbour) bool { return a.Setup == n.Setup })
		if !list && !want.CutSessions {
			continue
		}
		planned, err := r.planThere(ctx, n, want, *p)
		if _, over := errors.AsType[*endedCAError](err); over {
			continue
		}
		if err != nil {
			p.Beside = append(p.Beside, n.without(err, want, *p))
			continue
		}
		if planned.Unchanged {
			continue
		}
		if list {
			if planned.Hold != nil {
				n.Changes = append(n.Changes, *planned.Hold)
			}
			n.Changes = append(n.Changes, planned.Change)
		}
		if n.Changes = append(n.Changes, planned.Cut...); len(n.Changes) > 0 {
			p.Beside = append(p.Beside, n)
		}
	}
	return nil
}

// trusts says that the trust anchor of a set-up was made for the CA, or for one above it.
func trusts(ca *x509.Certificate) func(*Env) bool {
	return func(other *Env) bool {
		top, err := other.anchorCertificate()
		return err == nil && (top.Equal(ca) || ca.CheckSignatureFrom(top) == nil)
	}
}

// planThere is the plan of one of the others; it is made anew when it is applied.
func (r *Runner) planThere(ctx context.Context, n Neighbour, want Revocation, p RevocationPlan) (RevocationPlan, error) {
	to, err := r.reach(ctx, n)
	if err != nil {
		return RevocationPlan{}, err
	}
	return to.PlanRevocation(ctx, want.there(p))
}

// there is what is wanted of another set-up: the same certificates, by their serials.
func (want Revocation) there(p RevocationPlan) Revocation {
	want.What, want.Listed, want.alone, want.signer = "", nil, true, p.ca
	for _, c := range p.Certificates {
		want.Listed = append(want.Listed, c.SerialHex)
	}
	return want
}

// without says why the list did not get there, and what brings it.
func (n Neighbour) without(why error, want Revocation, p RevocationPlan) Neighbour {
	if _, lower := errors.AsType[*LowerListError](why); lower {
		want.HoldIssuer = true
	}
	return n.unreached(why, commandThere(n, want, p)...)
}

// commandThere does by itself in another set-up what is wanted.
func commandThere(n Neighbour, want Revocation, p RevocationPlan) []string {
	switch {
	case want.From != nil:
		args := []string{"ca", "crl", "--setup", n.Setup, "--import", cmp.Or(want.Source, "FILE")}
		if want.HoldIssuer {
			args = append(args, "--hold-issuer")
		}
		return args
	case len(p.Certificates) > 1 && p.past != nil: // --refresh is of the CA that issues now
		return []string{"cert", "revoke", "--list", "FILE", "--setup", n.Setup}
	case len(p.Certificates) != 1:
		return []string{"ca", "crl", "--setup", n.Setup, "--refresh"} // with all that the ledger has
	}
	args := []string{"cert", "revoke", p.Certificates[0].SerialHex, "--setup", n.Setup}
	if want.CutSessions {
		args = append(args, "--cut-sessions")
	}
	return args
}

// revokeBeside makes what was planned for the others. One that cannot be reached
// takes nothing away from what was done: it is evidence, with the command.
func (r *Runner) revokeBeside(ctx context.Context, p RevocationPlan, passphrase func() ([]byte, error), approval Approval, show func(Event)) ([]Evidence, error) {
	var all []Evidence
	for _, n := range p.Beside {
		var seen []Evidence
		var err error
		switch {
		case n.Problem != "":
		case !approval.covers(n.Account):
			n = n.without(notNamed(n.Account), p.want, p)
		default:
			seen, err = r.revokeThere(ctx, n, p, passphrase, show)
		}
		if ctx.Err() != nil {
			return all, err
		}
		if err != nil {
			n = n.without(err, p.want, p)
		}
		for _, ev := range seen {
			ev.Note = fmt.Sprintf("set-up %s, account %s: %s", n.Setup, n.Account, ev.Note)
			all = append(all, ev)
		}
		if n.Problem != "" {
			all = append(all, n.notReached())
		}
	}
	return all, nil
}

// LabelUnreached marks evidence of what was not done in another set-up.
const LabelUnreached = "not reached"

func (n Neighbour) notReached() Evidence {
	return Evidence{Label: LabelUnreached, Value: n.AnchorARN, Note: fmt.Sprintf("set-up %s, account %s: %s; with AWS credentials of that account: %s", n.Setup, n.Account, n.Problem, n.Command)}
}

// revokeThere does it in one of them, if that is still as it was shown.
func (r *Runner) revokeThere(ctx context.Context, n Neighbour, p RevocationPlan, passphrase func() ([]byte, error), show func(Event)) ([]Evidence, error) {
	to, err := r.reach(ctx, n)
	if err != nil {
		return nil, err
	}
	now, err := to.PlanRevocation(ctx, p.want.there(p))
	if err != nil || now.Unchanged {
		return nil, err
	}
	if !slices.ContainsFunc(n.Changes, func(c Change) bool { return c.ID == now.Change.ID }) {
		return nil, to.cut(ctx, now.Cut, show) // its trust anchor has the list from another set-up
	}
	if !slices.ContainsFunc(n.Changes, func(c Change) bool {
		return c.ID == now.Change.ID && c.Verb == now.Change.Verb && c.Name == now.Change.Name
	}) {
		return nil, &MovedError{"trust anchor " + n.AnchorARN, "its revocation lists are others than the plan showed"}
	}
	return to.Revoke(ctx, now, passphrase, Approval{}, show)
}

// cut denies live sessions of this set-up's role, without a list.
func (r *Runner) cut(ctx context.Context, cuts []Change, show func(Event)) error {
	lock, err := r.env.World.Home.Lock(r.env.Place())
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	if err := r.settleInJournal(ctx); err != nil {
		return err
	}
	for _, cut := range cuts {
		if err := r.make(ctx, cut, show); err != nil {
			return err
		}
	}
	return nil
}
