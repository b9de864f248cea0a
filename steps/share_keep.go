package steps

import (
	"slices"
	"strings"

	"anywhere/signer/home"
)

// What another set-up of this machine works with stays at a teardown, with the
// journal that knows whose it is; when the other one is gone, a second teardown
// takes it away.

// keptFor is why something stays.
func keptFor(setup string) string {
	return "set-up " + setup + " uses it; tear that down first, then this again"
}

// usedBy names another set-up of this machine that signs for this anchor, role or
// Roles Anywhere profile; empty if there is none.
func (e *Env) usedBy(arn string) string {
	return e.otherSession(func(s home.Session) bool {
		return arn != "" && slices.Contains([]string{s.TrustAnchorARN, s.ProfileARN, s.RoleARN}, arn)
	})
}

// roleUsedBy is usedBy for a role of this account, by its name.
func (e *Env) roleUsedBy(name string) string {
	return e.otherSession(func(s home.Session) bool {
		return s.Account == e.Started.Account && strings.HasSuffix(s.RoleARN, "/"+name)
	})
}

// otherSession names another set-up in the same kind of AWS whose session.json
// fits.
func (e *Env) otherSession(fits func(home.Session) bool) string {
	all, err := e.World.Home.List()
	if err != nil {
		return ""
	}
	for _, place := range all {
		if place.Name == e.Setup {
			continue
		}
		if s, err := e.World.Home.ReadSession(place); err == nil && s.Mode == e.Started.Mode && fits(s) {
			return place.Name
		}
	}
	return ""
}

// sharedBy names a set-up that uses the certificate of this one; empty if there
// is none.
func (e *Env) sharedBy() (string, error) {
	names, err := e.sharers()
	return firstOf(names), err
}

// TornDown says that a teardown took a set-up's session away and had to leave
// something else.
func TornDown(h home.Home, name string) (bool, error) {
	journal, err := OpenJournal(h.Setup(name).JournalFile(), h.Disk)
	if err != nil {
		return false, err
	}
	down := false
	for _, e := range journal.entries {
		switch {
		case e.Did != nil && e.Did.Step == StepSession:
			down = false
		case e.Undone != nil && e.Undone.Step == StepSession:
			down = true
		}
	}
	return down, nil
}
