package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// patient is a set-up whose things a fault harms.
type patient struct {
	*call
	setup string // its name; empty means the newest
}

// choose says in which account the set-up is: where its newest thing is or, if no
// set-up is named and none is there, where the newest of all is.
func (p *patient) choose() {
	all := p.state.accounts()
	p.account = all[0]
	newest := p.newestOf(all, p.ofSetup)
	if newest == nil && p.setup == "" {
		newest = p.newestOf(all, func([]tag) bool { return true })
	}
	if newest != nil {
		p.account = newest
	}
}

// newestOf is the account that has the newest of the things whose tags fit; nil if
// there is none.
func (p *patient) newestOf(all []*account, fits func([]tag) bool) (has *account) {
	var last time.Time
	for _, a := range all {
		look := func(tags []tag, made time.Time) {
			if fits(tags) && made.After(last) {
				has, last = a, made
			}
		}
		for _, v := range a.Anchors {
			look(v.Tags, v.CreatedAt)
		}
		for _, v := range a.Profiles {
			look(v.Tags, v.CreatedAt)
		}
		for _, v := range a.Roles {
			look(v.Tags, v.CreatedAt)
		}
	}
	return has
}

// setupTag is the key of the tag that everything of a set-up carries.
const setupTag = "anywhere:setup"

var errNothing = errors.New("nothing in the sandbox fits: set something up first")

// ofSetup says whether tags are those of the set-up that is meant. Without a
// name those of any will do.
func (p *patient) ofSetup(tags []tag) bool {
	return slices.ContainsFunc(tags, func(t tag) bool { return t.Key == setupTag && (p.setup == "" || t.Value == p.setup) })
}

// newest returns the last thing of the set-up or, if no set-up is named and none
// is there, the last of all.
func newest[T any](p *patient, all []*T, tags func(*T) []tag) (*T, error) {
	for _, v := range slices.Backward(all) {
		if p.ofSetup(tags(v)) {
			return v, nil
		}
	}
	if p.setup == "" && len(all) > 0 {
		return all[len(all)-1], nil
	}
	return nil, errNothing
}

func (p *patient) theAnchor() (*anchor, error) {
	return newest(p, p.account.Anchors, func(a *anchor) []tag { return a.Tags })
}

func (p *patient) theProfile() (*profile, error) {
	return newest(p, p.account.Profiles, func(v *profile) []tag { return v.Tags })
}

func (p *patient) theRole() (*role, error) {
	own := slices.DeleteFunc(slices.Clone(p.account.Roles), (*role).linked)
	return newest(p, own, func(r *role) []tag { return r.Tags })
}

// mend is how to undo what a fault did to one thing: as it was before the first.
type mend struct {
	Account string          `json:"account,omitempty"` // of the thing; empty is the first
	Kind    string          `json:"kind"`              // anchor, profile, role, crl
	ID      string          `json:"id"`
	Was     json.RawMessage `json:"was,omitempty"` // absent for a thing that the fault made
	Gone    bool            `json:"gone,omitempty"`
}

func (m mend) account() string { return cmp.Or(m.Account, Account) }

// before remembers a thing before a fault touches it. gone says that the fault
// deletes it; a thing that the fault makes is remembered by its ID alone.
func (p *patient) before(kind, id string, was any, gone bool) error {
	if slices.ContainsFunc(p.state.Mends, func(m mend) bool { return m.account() == p.account.Number && m.Kind == kind && m.ID == id }) {
		return nil
	}
	m := mend{Account: p.account.Number, Kind: kind, ID: id, Gone: gone}
	if was != nil {
		data, err := json.Marshal(was)
		if err != nil {
			return err
		}
		m.Was = data
	}
	p.state.Mends = append(p.state.Mends, m)
	return nil
}

// mendAll undoes every fault. A thing that was deleted since by somebody else
// stays deleted.
func (s *Sandbox) mendAll() {
	for _, m := range s.state.Mends {
		a := s.accountNamed(m.account())
		if a == nil {
			continue
		}
		switch m.Kind {
		case "anchor":
			a.Anchors = mended(a.Anchors, m, func(v *anchor) string { return v.ID })
		case "profile":
			a.Profiles = mended(a.Profiles, m, func(p *profile) string { return p.ID })
		case "crl":
			a.CRLs = mended(a.CRLs, m, func(l *crl) string { return l.ID })
		case "role":
			a.Roles = mended(a.Roles, m, func(r *role) string { return r.Name })
		}
	}
	s.state.Mends, s.state.Faults = nil, nil
}

func mended[T any](all []*T, m mend, id func(*T) string) []*T {
	at := slices.IndexFunc(all, func(v *T) bool { return id(v) == m.ID })
	if len(m.Was) == 0 { // the fault made it
		if at >= 0 {
			all = slices.Delete(all, at, at+1)
		}
		return all
	}
	was := new(T)
	if json.Unmarshal(m.Was, was) != nil {
		return all
	}
	switch {
	case at >= 0:
		all[at] = was
	case m.Gone:
		all = append(all, was)
	}
	return all
}
