package steps

import (
	"fmt"

	"anywhere/signer/home"
)

// shutOut is told of set-ups that shall get no more sessions, with the doctor's
// code of why. What is kept of theirs goes: signing would hand it out until it
// ends, and hide from this machine that AWS refuses it. And status no longer calls
// them healthy.
func (e *Env) shutOut(cause string, setups ...string) error {
	h := e.World.Home
	for _, name := range setups {
		if err := h.ForgetSessions(name); err != nil {
			return err
		}
		notes, err := h.ReadNotes(h.Setup(name))
		if err != nil {
			notes = home.Notes{}
		}
		notes.Verdict = home.Verdict{Verdict: "unhealthy", Cause: cause, At: e.World.Now().UTC()}
		if err := h.WriteNotes(h.Setup(name), notes); err != nil {
			return fmt.Errorf("note that %s is shut out: %w", name, err)
		}
	}
	return nil
}

// comeBy names the set-ups of this machine that sign with a certificate of p for this
// set-up's trust anchor, which has the list.
func (e *Env) comeBy(p RevocationPlan) []string {
	var names []string
	for _, c := range p.Certificates {
		for _, name := range c.Users {
			if s, err := e.World.Home.ReadSession(e.World.Home.Setup(name)); err == nil && s.TrustAnchorARN == p.AnchorARN {
				names = append(names, name)
			}
		}
	}
	return names
}
