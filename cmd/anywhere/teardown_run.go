package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"anywhere/pki/foreign"
	"anywhere/signer/home"
	"anywhere/steps"
)

// teardownRun is one run of anywhere teardown.
type teardownRun struct {
	app    *app
	flags  teardownFlags
	runner *steps.Runner
	begun  time.Time
}

// walkBack looks, shows, asks and removes.
func (t *teardownRun) walkBack(ctx context.Context) error {
	if t.app.terminal && !t.flags.yes && !t.flags.plan && !t.flags.json && !t.flags.plain && t.app.getenv("TERM") != "dumb" {
		return t.onScreen(ctx)
	}
	down, err := t.runner.Takedown(ctx)
	if err != nil {
		return err
	}
	if t.flags.plan {
		return t.printPlan(down)
	}
	if !t.flags.json {
		printTakedown(t.app.stderr, down)
	}
	if err := t.approve(ctx, down, down.Setup, "yes"); err != nil {
		return err
	}
	err = t.runner.Teardown(ctx, down, steps.Approval{Account: t.flags.account}, t.show)
	if err != nil {
		return err
	}
	return t.finish(down)
}

// printPlan prints what would be done as the result of the run.
func (t *teardownRun) printPlan(down steps.Takedown) error {
	if t.flags.json {
		return t.printJSON(down, false)
	}
	printTakedown(t.app.stdout, down)
	return nil
}

func (t *teardownRun) show(e steps.Event) {
	if e.Kind == steps.Finished {
		fmt.Fprintf(t.app.stderr, "gone   %s  %s\n", foreign.Text(e.Change.Noun+" "+e.Change.Name), seconds(e.Elapsed))
		return
	}
	printEvent(t.app.stderr, e)
}

// approve asks, unless --yes did; outside the sandbox that needs the account.
func (t *teardownRun) approve(ctx context.Context, down steps.Takedown, what, word string) error {
	if t.flags.yes {
		if down.Begin.Mode != home.ModeSandbox && t.flags.account == "" {
			return &usageError{fmt.Sprintf("approve teardown: --yes writes to %s only when it is named", down.Begin.Account), "add --account " + down.Begin.Account}
		}
		return nil
	}
	if !t.app.terminal && !t.flags.plain {
		return &usageError{"approve teardown: nobody is there to say yes", "look with --plan, then add --yes"}
	}
	l := t.app.lines()
	fmt.Fprintf(l.out, "Type %s to remove %s: ", word, what)
	text, err := l.read(ctx)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) != word {
		return &usageError{"approve teardown: the answer was not " + word + "; nothing was changed", "anywhere teardown starts again"}
	}
	return nil
}

// finish prints what was done; what foreign things keep is a failure.
func (t *teardownRun) finish(down steps.Takedown) error {
	kept := down.Keeps()
	if t.flags.json {
		if err := t.printJSON(down, true); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(t.app.stdout, teardownSays(down))
		for _, r := range kept {
			fmt.Fprintf(t.app.stdout, "  stays  %s %s: %s\n", r.Made.Noun, foreign.Text(r.Made.Name), foreign.Text(r.Keep))
			for _, c := range r.Commands {
				fmt.Fprintf(t.app.stdout, "         %s\n", c.Line())
			}
		}
	}
	if foreignKeeps(down) {
		return &silent{exitFailed}
	}
	return nil
}

func foreignKeeps(down steps.Takedown) bool {
	for _, r := range down.Keeps() {
		if !r.Ours {
			return true
		}
	}
	return false
}

func teardownSays(down steps.Takedown) string {
	switch {
	case foreignKeeps(down):
		return down.Setup + " is closed; some of it stays, because something else hangs on it."
	case len(down.Keeps()) > 0:
		return down.Setup + " is gone, but for what was not asked for."
	}
	return down.Setup + " is gone; nothing of it is left."
}

// printJSON prints the document of teardown --json.
func (t *teardownRun) printJSON(down steps.Takedown, done bool) error {
	removals := down.Removals
	if removals == nil {
		removals = []steps.Removal{}
	}
	return printJSON(t.app.stdout, struct {
		SchemaVersion int             `json:"schemaVersion"`
		Setup         string          `json:"setup"`
		Mode          home.Mode       `json:"mode"`
		Account       string          `json:"account"`
		Region        string          `json:"region"`
		Done          bool            `json:"done"`
		Removals      []steps.Removal `json:"removals"`
		Stays         []string        `json:"stays,omitempty"`
		ElapsedMs     int64           `json:"elapsedMs"`
	}{
		schemaVersion, down.Setup, down.Begin.Mode, down.Begin.Account, down.Begin.Region, done, removals, down.Stays,
		t.app.now().Sub(t.begun).Milliseconds(),
	})
}

// fromTags takes away what a lost machine's set-up made in AWS. The id is typed
// again, because there is no journal to say that it is ours.
func (t *teardownRun) fromTags(ctx context.Context) error {
	id := strings.ToLower(t.flags.fromTags)
	down, err := t.runner.FromTags(ctx, id)
	if err != nil {
		return err
	}
	if t.flags.plan {
		return t.printPlan(down)
	}
	if !t.flags.json {
		printTakedown(t.app.stderr, down)
	}
	if err := t.approve(ctx, down, "all of this", id); err != nil {
		return err
	}
	if err := t.runner.TakeTagged(ctx, down, steps.Approval{Account: t.flags.account}, t.show); err != nil {
		return err
	}
	return t.finish(down)
}
