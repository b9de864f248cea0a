package steps

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Plan looks at what stands and says what is still to be made. It writes
// nothing: in AWS it only gets and lists.
func (r *Runner) Plan(ctx context.Context) (Plan, error) {
	e := r.env
	if e.Setup == "" || e.Site == nil {
		return Plan{}, errors.New("plan set-up: where and name are not answered yet")
	}
	if err := r.sameSite(e.Started); err != nil {
		return Plan{}, err
	}
	e.lists, e.notes = lists{}, nil
	standing, err := r.settled(ctx)
	if err != nil {
		return Plan{}, err
	}
	journaled := e.Standing
	e.Standing = standing
	defer func() { e.Standing = journaled }()

	plan := Plan{
		Setup: e.Setup, ID: e.ID, Mode: e.Site.Mode,
		Account: e.Site.Caller.Account, Region: e.Site.Region, Caller: e.Site.Caller.ARN,
		answers: fingerprint(r.answers.given), journal: r.journal.Mark(),
	}
	e.pending = &plan.Changes
	defer func() { e.pending = nil }()
	for _, step := range e.road {
		if step.Plan == nil {
			continue
		}
		changes, err := step.Plan(ctx, e)
		if err != nil {
			return Plan{}, err
		}
		plan.Changes = append(plan.Changes, changes...)
	}
	plan.Notes, plan.Known = e.notes, e.known()
	return plan, nil
}

// known are the ARNs that later commands of a script need and that stand
// already.
func (e *Env) known() map[string]string {
	known := map[string]string{}
	for name, arn := range map[string]string{"ANCHOR_ARN": e.anchorARN(), "ROLE_ARN": e.roleARN(), "PROFILE_ARN": e.profileARN()} {
		if strings.HasPrefix(arn, "arn:") {
			known[name] = arn
		}
	}
	return known
}

// settled is what stands, with every begun change looked for.
func (r *Runner) settled(ctx context.Context) ([]Made, error) {
	standing := slices.Clone(r.env.Standing)
	for _, change := range r.env.Begun {
		made, err := r.settle(ctx, change)
		if err != nil {
			return nil, err
		}
		if made != nil {
			standing = append(standing, *made)
		}
	}
	return standing, nil
}

// settle asks the step of a begun change whether it happened.
func (r *Runner) settle(ctx context.Context, change Change) (*Made, error) {
	step := r.env.step(change.Step)
	if step == nil || step.Settle == nil {
		return nil, fmt.Errorf("settle %s: this version knows no step %s", change.ID, change.Step)
	}
	made, err := step.Settle(ctx, r.env, change)
	if err != nil {
		return nil, fmt.Errorf("settle %s %s: %w", change.Noun, change.Name, err)
	}
	if made != nil {
		made.Change, made.Step = change.ID, change.Step
	}
	return made, nil
}

func (e *Env) step(id ID) *Step {
	for i := range e.road {
		if e.road[i].ID == id {
			return &e.road[i]
		}
	}
	return nil
}

// Apply makes what the plan shows, in its order, and nothing else. Each change
// is journaled before and after. A second run on the same set-up is refused at
// once with [home.ErrBusy]. If the world has moved since the plan was made, it
// stops with a [*MovedError] before the change that would not be what was shown.
func (r *Runner) Apply(ctx context.Context, plan Plan, approval Approval, show func(Event)) error {
	if err := r.approved(plan, approval); err != nil {
		return err
	}
	if len(plan.Changes) == 0 && len(r.env.Begun) == 0 {
		return nil
	}
	release, err := r.enter(plan)
	if err != nil {
		return err
	}
	defer release()
	if err := r.settleInJournal(ctx); err != nil {
		return err
	}
	for _, change := range plan.Changes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.make(ctx, change, show); err != nil {
			return err
		}
	}
	return nil
}

// approved checks everything about a plan before the first write.
func (r *Runner) approved(plan Plan, approval Approval) error {
	if plan.answers != fingerprint(r.answers.given) {
		return &MovedError{"the answers", "they changed after the plan was made"}
	}
	if err := r.ApprovedAccount(approval); err != nil {
		return err
	}
	var open []Change
	for _, c := range plan.Accepts() {
		if !slices.Contains(approval.Accept, c.ID) {
			open = append(open, c)
		}
	}
	if len(open) > 0 {
		return &AcceptError{open}
	}
	return nil
}

// ApprovedAccount compares the account that was named in advance with the one
// that will be written to.
func (r *Runner) ApprovedAccount(approval Approval) error {
	if have := r.env.Site.Caller.Account; approval.Account != "" && approval.Account != have {
		return &AccountError{What: "account", Want: approval.Account, Have: have}
	}
	return nil
}

// enter takes the set-up for this run alone and writes what must stand before
// the first change: the directory, the answers and the journal's first line.
func (r *Runner) enter(plan Plan) (release func(), err error) {
	e := r.env
	lock, err := e.World.Home.Lock(e.Place())
	if err != nil {
		return nil, err
	}
	release = func() { _ = lock.Release() } // the system releases it at the latest when the process ends
	defer func() {
		if err != nil {
			release()
		}
	}()
	now, err := OpenJournal(e.Place().JournalFile(), e.World.Home.Disk)
	if err != nil {
		return nil, err
	}
	if now.Mark() != plan.journal {
		return nil, &MovedError{"set-up " + e.Setup, "another run changed it after the plan was made"}
	}
	r.journal = now
	if err := r.saveAnswers(); err != nil {
		return nil, err
	}
	if e.Started.ID != "" {
		return release, nil
	}
	begin := Begin{
		Setup: e.Setup, ID: e.ID, Mode: e.Site.Mode, Partition: e.Site.Caller.Partition,
		Account: e.Site.Caller.Account, Region: e.Site.Region, Endpoint: e.Site.Endpoint, AWSProfile: e.Site.AWSProfile,
	}
	if err := r.add(Entry{Begin: &begin}); err != nil {
		return nil, err
	}
	e.Started = begin
	return release, nil
}

// savable are the answers without secrets, and without who it was that gave them. What
// was found in a locked file is one of them: nobody is asked for its passphrase again
// only to see what it holds. So is the CA beside the user's own certificate: those files
// may be put away.
func (r *Runner) savable() map[string]string {
	values := maps.Clone(r.answers.given)
	maps.DeleteFunc(values, func(key, _ string) bool { return key == keyAWSProfile || r.env.question(key).Kind == Secret })
	if _, said := values["ca.certificate"]; !said && values["leaf.certificate"] != "" {
		if file, _ := caBeside(r.env); file != "" {
			values["ca.certificate"] = file
		}
	}
	if o := r.env.opened; o.hasKey && values["ca.private-key"] == "" {
		values["ca.private-key"] = o.path
	}
	return values
}

// settleInJournal writes down the outcome of every change that an earlier run
// began and did not finish.
func (r *Runner) settleInJournal(ctx context.Context) error {
	for _, change := range r.env.Begun {
		made, err := r.settle(ctx, change)
		if err != nil {
			return err
		}
		entry := Entry{Not: change.ID}
		if made == nil {
			if err := r.clear(ctx, change); err != nil {
				return err
			}
		} else {
			entry = Entry{Did: made}
			r.env.Standing = append(r.env.Standing, *made)
		}
		if err := r.add(entry); err != nil {
			return err
		}
	}
	r.env.Begun = nil
	return nil
}

// clear removes the halves of a change that did not happen.
func (r *Runner) clear(ctx context.Context, change Change) error {
	step := r.env.step(change.Step)
	if step.Clear == nil {
		return nil
	}
	if err := step.Clear(ctx, r.tools(func(string) {}), change); err != nil {
		return fmt.Errorf("clear %s %s: %w", change.Noun, change.Name, err)
	}
	return nil
}

// make does one change: intent, action, result.
func (r *Runner) make(ctx context.Context, change Change, show func(Event)) error {
	begun := r.env.World.Now()
	step := r.env.step(change.Step)
	tools := r.tools(func(note string) {
		show(Event{Kind: Waiting, Change: change, Note: note, Elapsed: r.env.World.Now().Sub(begun)})
	})
	show(Event{Kind: Started, Change: change})
	intent := change
	intent.Diff, intent.Commands = "", nil
	if err := r.add(Entry{Will: &intent}); err != nil {
		return err
	}
	made, err := step.Apply(ctx, tools, change)
	if pending, ok := errors.AsType[*Pending](err); ok {
		if err := r.add(Entry{Later: pending}); err != nil {
			return err
		}
	}
	if err != nil {
		err = &ChangeError{change, err}
		r.env.Begun = append(r.env.Begun, intent)
		show(Event{Kind: Failed, Change: change, Err: err, Elapsed: r.env.World.Now().Sub(begun)})
		return err
	}
	made.Change, made.Step = change.ID, change.Step
	if err := r.add(Entry{Did: &made}); err != nil {
		r.env.Begun = append(r.env.Begun, intent)
		return err
	}
	r.env.Standing = append(r.env.Standing, made)
	r.env.lists = lists{}
	show(Event{Kind: Finished, Change: change, Elapsed: r.env.World.Now().Sub(begun)})
	return nil
}

func (r *Runner) tools(say func(string)) *Tools {
	return &Tools{Env: r.env, API: r.env.Site.API, Say: say, CAKey: &r.caKey}
}

func (r *Runner) add(e Entry) error {
	e.At = r.env.World.Now().UTC()
	return r.journal.Add(e)
}

// Verify proves every step from outside, in order, and returns the evidence. It
// stops at the first proof that fails.
func (r *Runner) Verify(ctx context.Context, show func(Event)) ([]Evidence, error) {
	var all []Evidence
	for i := range r.env.road {
		step := &r.env.road[i]
		if step.Verify == nil {
			continue
		}
		begun := r.env.World.Now()
		proof := Change{ID: string(step.ID) + ".proof", Step: step.ID, Noun: "proof", Name: step.Title}
		elapsed := func(kind EventKind) Event {
			return Event{Kind: kind, Change: proof, Elapsed: r.env.World.Now().Sub(begun)}
		}
		show(elapsed(Started))
		evidence, err := step.Verify(ctx, r.tools(func(note string) {
			ev := elapsed(Waiting)
			ev.Note = note
			show(ev)
		}))
		if err != nil {
			err = &ChangeError{proof, err}
			ev := elapsed(Failed)
			ev.Err = err
			show(ev)
			return all, err
		}
		ev := elapsed(Proved)
		ev.Evidence = evidence
		show(ev)
		all = append(all, evidence...)
	}
	return all, nil
}

// fingerprint tells one set of answers from another.
func fingerprint(values map[string]string) string {
	hash := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(hash, "%q=%q\n", key, values[key])
	}
	return string(hash.Sum(nil))
}
