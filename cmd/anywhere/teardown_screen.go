package main

import (
	"context"
	"fmt"
	"slices"

	"anywhere/steps"
	"anywhere/tui"
)

// onScreen shows the teardown on the full screen.
func (t *teardownRun) onScreen(ctx context.Context) error {
	down := &takedownScreen{teardownRun: t}
	out, err := tui.RunTeardown(ctx, down, t.app.screenOptions())
	if err != nil {
		return err
	}
	t.app.printCopied(out)
	switch out.State {
	case tui.Done:
		return t.finish(down.list)
	case tui.Elsewhere:
		return t.app.goOn(ctx, out.Next)
	case tui.Failed:
		return out.Err
	}
	if out.Written {
		fmt.Fprintln(t.app.stderr, "Everything removed so far is in the journal; anywhere teardown goes on.")
	}
	if out.State == tui.Interrupted {
		return &silent{exitInterrupted}
	}
	return nil
}

// takedownScreen shows a teardownRun to the full screen.
type takedownScreen struct {
	*teardownRun
	list steps.Takedown
}

func (t *takedownScreen) Header() tui.Header { return headerOf(t.runner.Env()) }

func (t *takedownScreen) List(ctx context.Context) (down steps.Takedown, err error) {
	t.list, err = t.runner.Takedown(ctx)
	return t.list, err
}

func (t *takedownScreen) Typed() string { return "" }

// Remove takes away what was shown. A CA key that was given its own yes goes
// too: then the list is made again with it.
func (t *takedownScreen) Remove(ctx context.Context, list steps.Takedown, accept []string, show func(steps.Event)) (err error) {
	if slices.Contains(accept, "ca.create") {
		t.runner.Env().DeleteCA = true
		if list, err = t.runner.Takedown(ctx); err != nil {
			return err
		}
	}
	t.list = list
	return t.runner.Teardown(ctx, list, steps.Approval{}, show)
}

func (t *takedownScreen) Summary() tui.Summary {
	s := tui.Summary{Says: teardownSays(t.list), Warn: foreignKeeps(t.list), Notes: t.list.Stays}
	for _, r := range t.list.Keeps() {
		s.Notes = append(s.Notes, fmt.Sprintf("%s %s stays: %s", r.Made.Noun, r.Made.Name, r.Keep))
		for _, c := range r.Commands {
			s.Try = append(s.Try, tui.Try{Label: "by hand", Command: c.Args})
		}
	}
	return s
}

// Explain takes an error apart for the error screen.
func (t *takedownScreen) Explain(err error) tui.Words { return wordsOf(err) }
