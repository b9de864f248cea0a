package steps

import (
	"context"
	"fmt"
	"slices"
)

// Ajar are the doors of another set-up of this machine through which what the same CA
// issued comes in, though those of the first are closed.
type Ajar struct {
	Neighbour

	// Same says that it signs with the very certificate of the first.
	Same  bool   `json:"sameCertificate"`
	Doors []Door `json:"doors"`

	at *Runner
}

// DoorsBeside are the doors of the other set-ups that let in what the CA of this one
// issues, but for those among shut. One that cannot be reached says why.
func (r *Runner) DoorsBeside(ctx context.Context, which DoorID, shut []Door) ([]Ajar, error) {
	e := r.env
	ca, err := e.issuingCA()
	if err != nil {
		return nil, err
	}
	others, err := e.neighbours(issuedBy(ca))
	if err != nil {
		return nil, err
	}
	mine, err := e.World.Home.ReadSession(e.Place())
	var all []Ajar
	for _, n := range others {
		theirs, unread := e.World.Home.ReadSession(e.World.Home.Setup(n.Setup))
		a := Ajar{Neighbour: n, Same: err == nil && unread == nil && slices.Equal(mine.Certificate, theirs.Certificate), Doors: []Door{}}
		if err := a.look(ctx, r, which, shut); err != nil {
			a.Neighbour = n.unreached(err, "cert", "revoke", "--setup", n.Setup, "--close="+string(which))
		}
		if a.Problem == "" && len(a.Doors) == 0 {
			continue
		}
		shut = append(shut, a.Doors...)
		all = append(all, a)
	}
	return all, nil
}

func (a *Ajar) look(ctx context.Context, r *Runner, which DoorID, shut []Door) (err error) {
	if a.at, err = r.reach(ctx, a.Neighbour); err != nil {
		return err
	}
	doors, err := a.at.doors(which)
	a.Doors = slices.DeleteFunc(doors, func(d Door) bool {
		return slices.ContainsFunc(shut, func(s Door) bool { return s.ARN == d.ARN })
	})
	return err
}

// CloseBeside disables them. One that is not reached takes nothing away from what was
// done: it is evidence, with the command.
func (r *Runner) CloseBeside(ctx context.Context, all []Ajar, approval Approval) ([]Evidence, error) {
	var evidence []Evidence
	for _, a := range all {
		if a.Problem == "" && !approval.covers(a.Account) {
			a.Neighbour = a.unreached(notNamed(a.Account), "cert", "revoke", "--setup", a.Setup, "--close")
		}
		if a.Problem == "" {
			seen, err := a.at.Close(ctx, a.Doors, Approval{})
			if ctx.Err() != nil {
				return evidence, err
			}
			for _, s := range seen {
				s.Note = fmt.Sprintf("set-up %s, account %s: %s", a.Setup, a.Account, s.Note)
				evidence = append(evidence, s)
			}
			if err != nil {
				a.Neighbour = a.unreached(err, "cert", "revoke", "--setup", a.Setup, "--close")
			}
		}
		if a.Problem != "" {
			evidence = append(evidence, a.notReached())
		}
	}
	return evidence, nil
}
