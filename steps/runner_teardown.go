package steps

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"anywhere/signer/home"
)

// Takedown is the plan of a teardown: what goes, what stays and why, in the
// order of the work.
type Takedown struct {
	Setup    string    `json:"setup"`
	Begin    Begin     `json:"begin"`
	Removals []Removal `json:"removals"`
	// Stays are sentences about what no teardown can remove: sessions that live
	// until a time, subjects that stay listed.
	Stays []string `json:"stays,omitempty"`

	journal string // its mark
}

// Removes lists what will really be removed.
func (t Takedown) Removes() []Removal {
	return slices.DeleteFunc(slices.Clone(t.Removals), func(r Removal) bool { return r.Gone || r.Keep != "" })
}

// Keeps lists what stays because something foreign hangs on it or because it
// was not asked for.
func (t Takedown) Keeps() []Removal {
	return slices.DeleteFunc(slices.Clone(t.Removals), func(r Removal) bool { return r.Keep == "" })
}

// Resume loads a set-up by name, for teardown. where comes from its journal.
func (r *Runner) Resume(ctx context.Context, name string) error {
	if err := r.load(name); err != nil {
		return err
	}
	if r.env.Started.ID == "" {
		return &NoSetupError{name}
	}
	r.answers.given["name"] = name
	where := "aws"
	if r.env.Started.Mode == "sandbox" {
		where = "sandbox"
	}
	r.answers.given["where"] = where
	if _, err := r.openSite(ctx); err != nil {
		return err
	}
	return r.sameSite(r.env.Started)
}

// NoSetupError says that there is no set-up of that name.
type NoSetupError struct{ Name string }

func (e *NoSetupError) Error() string { return "find set-up " + e.Name + ": there is none" }

// Hint lists what there is.
func (e *NoSetupError) Hint() string { return "anywhere status lists the set-ups of this machine" }

// Takedown looks at everything that stands and says what a teardown would do.
// It writes nothing.
func (r *Runner) Takedown(ctx context.Context) (Takedown, error) {
	e := r.env
	e.lists, e.notes = lists{}, nil
	standing, err := r.settled(ctx)
	if err != nil {
		return Takedown{}, err
	}
	t := Takedown{Setup: e.Setup, Begin: e.Started, journal: r.journal.Mark()}
	for _, made := range e.walkedBack(standing) {
		step := e.step(made.Step)
		if step == nil || step.Inspect == nil {
			return Takedown{}, fmt.Errorf("tear down %s: this version knows no step %s", made.Name, made.Step)
		}
		removal, err := step.Inspect(ctx, e, made)
		if err != nil {
			return Takedown{}, fmt.Errorf("inspect %s %s: %w", made.Noun, made.Name, err)
		}
		removal.Made = made
		t.Removals = append(t.Removals, removal)
	}
	beside, err := e.beside(ctx)
	if err != nil {
		return Takedown{}, fmt.Errorf("inspect what lies beside set-up %s: %w", e.Setup, err)
	}
	// Before the pairs, which tell which CAs there were.
	at := slices.IndexFunc(t.Removals, func(r Removal) bool { return r.Made.Change == "certificate.issue" })
	if at < 0 {
		at = len(t.Removals)
	}
	t.Removals, t.Stays = slices.Insert(t.Removals, at, beside...), e.notes
	return t, nil
}

// walkedBack puts what stands in the order of teardown: first everything is
// closed, then the newest of each step goes, in the order that [TeardownOrder]
// declares.
func (e *Env) walkedBack(standing []Made) []Made {
	var order []Made
	for _, id := range TeardownOrder {
		for _, made := range slices.Backward(standing) {
			if made.Step == id && made.Ownership != Used {
				order = append(order, made)
			}
		}
	}
	return order
}

// Teardown takes back what the takedown shows, and nothing else. What is
// already gone is success; what must stay is passed over. When all that could
// go is gone, the set-up's own directory goes too.
func (r *Runner) Teardown(ctx context.Context, t Takedown, approval Approval, show func(Event)) error {
	if err := r.ApprovedAccount(approval); err != nil {
		return err
	}
	e := r.env
	lock, err := e.World.Home.Lock(e.Place())
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	now, err := OpenJournal(e.Place().JournalFile(), e.World.Home.Disk)
	if err != nil {
		return err
	}
	if now.Mark() != t.journal {
		return &MovedError{"set-up " + e.Setup, "another run changed it after the teardown was shown"}
	}
	r.journal = now
	if err := r.settleInJournal(ctx); err != nil {
		return err
	}
	var broken error
	for _, removal := range t.Removals {
		if removal.Keep != "" && !removal.Partly {
			continue
		}
		if err := r.unmake(ctx, removal, show); err != nil {
			broken = errors.Join(broken, err)
			if ctx.Err() != nil {
				return broken
			}
		}
	}
	if broken != nil {
		return broken
	}
	return r.leave(t, lock)
}

// unmake takes back one thing: intent, action, result.
func (r *Runner) unmake(ctx context.Context, removal Removal, show func(Event)) error {
	made, begun := removal.Made, r.env.World.Now()
	change := Change{ID: made.Change, Step: made.Step, Verb: Remove, Noun: made.Noun, Name: made.Name}
	event := func(kind EventKind, note string, err error) {
		show(Event{Kind: kind, Change: change, Note: note, Err: err, Elapsed: r.env.World.Now().Sub(begun)})
	}
	event(Started, "", nil)
	if err := r.add(Entry{Undo: &made}); err != nil {
		return err
	}
	err := r.env.step(made.Step).Undo(ctx, r.tools(func(note string) { event(Waiting, note, nil) }), made)
	if pending, ok := errors.AsType[*Pending](err); ok {
		if err := r.add(Entry{Later: pending}); err != nil {
			return err
		}
	}
	if err != nil {
		err = &ChangeError{change, err}
		event(Failed, "", err)
		return err
	}
	if removal.Keep != "" {
		event(Finished, "", nil)
		return nil // our part is out; the thing itself stays in the journal
	}
	if err := r.add(Entry{Undone: &made}); err != nil {
		return err
	}
	event(Finished, "", nil)
	return nil
}

// leave removes the set-up's own directory, the journal last, so that a stop in
// between is finished by the next teardown. If something foreign keeps a thing
// of ours in AWS, the journal stays with it.
func (r *Runner) leave(t Takedown, lock *home.Lock) error {
	for _, kept := range t.Keeps() {
		if !kept.Ours {
			return nil
		}
	}
	h, place := r.env.World.Home, r.env.Place()
	if err := r.dropHeld(); err != nil {
		return err
	}
	for _, path := range []string{
		place.SessionFile(), place.NotesFile(), place.AnswersFile(), filepath.Join(place.Dir, "pairs"),
		place.JournalFile(),
	} {
		if err := errors.Join(h.Disk.Sweep(path), h.Disk.Remove(path)); err != nil {
			return err
		}
	}
	if err := lock.Remove(h); err != nil { // before its directory goes: some systems delete no open file
		return err
	}
	return h.Forget(r.env.Setup)
}
