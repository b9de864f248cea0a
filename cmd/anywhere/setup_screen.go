package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"anywhere/steps"
	"anywhere/tui"
)

// onScreen runs the wizard on the full screen and leaves a plain summary in the
// scrollback.
func (s *setupRun) onScreen(ctx context.Context) error {
	wizard := &wizard{setupRun: s}
	wizard.skippable()
	out, err := tui.RunSetup(ctx, wizard, s.app.screenOptions())
	if err != nil {
		return err
	}
	s.app.printCopied(out)
	if !out.Written && out.Idle {
		s.sayAgain()
	}
	switch out.State {
	case tui.Done:
		if wizard.pending != nil {
			return wizard.pending
		}
		s.app.printResultText(wizard.result)
		return nil
	case tui.Elsewhere:
		return s.app.goOn(ctx, out.Next)
	case tui.Failed:
		return out.Err
	}
	if out.Written {
		fmt.Fprintf(s.app.stderr, "Everything done so far is in the journal; anywhere setup --name %s goes on.\n", out.Header.Setup)
	}
	if out.State == tui.Interrupted {
		return &silent{exitInterrupted}
	}
	return nil
}

// screenOptions describe the terminal.
func (a *app) screenOptions() tui.Options {
	return tui.Options{
		Input: a.stdin, Output: a.stdout, Env: a.environ, Now: a.now, Dark: true,
		NoColor: a.getenv("NO_COLOR") != "", ASCII: !a.utf8(),
	}
}

// utf8 says whether the locale is UTF-8, as POSIX finds it.
func (a *app) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := a.getenv(name); value != "" {
			value = strings.ToUpper(value)
			return strings.Contains(value, "UTF-8") || strings.Contains(value, "UTF8")
		}
	}
	return os.PathSeparator == '\\' // Windows terminals are
}

// wizard shows a setupRun to the full screen.
type wizard struct {
	*setupRun
	result steps.Result
	// pending is what is waited for, once Apply has come to it.
	pending *steps.Pending
	asking  steps.ID // the step of the question on show; empty in the review
	wait    *cutWait
}

func (w *wizard) Next(ctx context.Context) (*steps.Asked, error) {
	q, err := w.runner.Next(ctx)
	w.asking = ""
	if q != nil {
		w.asking = q.Step
	}
	return q, err
}

func (w *wizard) Answer(ctx context.Context, key, value string) error {
	return w.runner.Answer(ctx, key, value)
}

// Check judges a value while it is typed.
func (w *wizard) Check(key, value string) error { return w.runner.Check(key, value) }

func (w *wizard) Back() bool { return w.runner.Back() }

func (w *wizard) Rows(ctx context.Context) ([]steps.Row, error) { return w.runner.Rows(ctx) }

func (w *wizard) Plan(ctx context.Context) (steps.Plan, error) { return w.runner.Plan(ctx) }

// Script writes a plan for an administrator.
func (w *wizard) Script(plan steps.Plan) string { return plan.Script() }

func (w *wizard) Apply(ctx context.Context, plan steps.Plan, accept []string, show func(steps.Event)) (err error) {
	approval := steps.Approval{Accept: append(accept, w.flags.accept...)}
	w.result, err = w.makeAll(ctx, plan, approval, show)
	if p := pendingOf(err); p != nil && p.Hand != "" {
		w.pending = p
		return nil
	}
	return err
}

func (w *wizard) Header() tui.Header { return headerOf(w.runner.Env()) }

func headerOf(e *steps.Env) tui.Header {
	h := tui.Header{Setup: e.Setup}
	if e.Site != nil {
		h.Mode, h.Account, h.Region, h.Caller = string(e.Site.Mode), e.Site.Caller.Account, e.Site.Region, e.Site.Caller.ARN
	}
	return h
}

// stops are the stretches of the road that the rail shows.
var stops = []struct {
	title string
	steps []steps.ID
}{
	{"Where", []steps.ID{steps.StepLook}}, {"Authority", []steps.ID{steps.StepCA}},
	{"Certificate", []steps.ID{steps.StepCertificate}}, {"Trust anchor", []steps.ID{steps.StepAnchor}},
	{"Role", []steps.ID{steps.StepRole}}, {"Permissions", []steps.ID{steps.StepPermissions, steps.StepProfile}},
	{"AWS config", []steps.ID{steps.StepOpen, steps.StepSession, steps.StepBinary, steps.StepConfig}},
	{"Proof", []steps.ID{steps.StepProof}},
}

// Rail says where on the road the wizard stands.
func (w *wizard) Rail() []tui.Stop {
	rail := make([]tui.Stop, len(stops))
	state := tui.Past
	for i, stop := range stops {
		rail[i] = tui.Stop{Title: stop.title, State: state, Steps: stop.steps}
		for _, id := range stop.steps {
			if id == w.asking {
				rail[i].State, state = tui.Here, tui.ToDo
			}
		}
	}
	return rail
}

// Summary says what is true now.
func (w *wizard) Summary() tui.Summary {
	if w.pending != nil {
		return pendingSummary(w.runner.Env().Setup, w.pending)
	}
	r := w.result
	s := tui.Summary{
		Says:     resultLines(r)[0],
		Evidence: r.Evidence, Notes: r.Notes,
	}
	for _, t := range w.app.tries(r) {
		s.Try = append(s.Try, tui.Try{Label: t.label, Command: t.command})
	}
	return s
}

// Explain takes an error apart for the error screen.
func (w *wizard) Explain(err error) tui.Words { return wordsOf(err) }

func wordsOf(err error) tui.Words {
	f := describe(err)
	words := tui.Words{Says: f.AWS, RequestID: f.RequestID, Hint: f.Hint}
	if f.Means != "" {
		words.Cause = f.Means + " (" + strings.Join(f.Causes, ", ") + ")"
		words.Hint = strings.TrimPrefix(words.Hint, f.Means+"; ") // it is said already
	}
	if moved, ok := errors.AsType[*steps.MovedError](err); ok {
		words.Cause = moved.Why
	}
	return words
}
