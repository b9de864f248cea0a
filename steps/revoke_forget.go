package steps

// forgetKept removes the sessions that are kept here of set-ups which shall get
// no more: signing would hand them out until they end, and hide from this machine
// that AWS refuses it.
func (e *Env) forgetKept(setups ...string) error {
	for _, name := range setups {
		if err := e.World.Home.ForgetSessions(name); err != nil {
			return err
		}
	}
	return nil
}

// inUse names the set-ups of this machine that sign with a certificate of p.
func (p RevocationPlan) inUse() []string {
	var names []string
	for _, c := range p.Certificates {
		names = append(names, c.Users...)
	}
	return names
}
