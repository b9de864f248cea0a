package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"anywhere/pki/foreign"
	"anywhere/signer"
	"anywhere/steps"
	"anywhere/tui"
)

// errSkipped ends a wait that the user does not want.
var errSkipped = errors.New("wait: skipped")

// cutWait is a wait that can be cut short from beside it.
type cutWait struct {
	mu  sync.Mutex
	cut context.CancelFunc
}

// skippable lets the waits of the road be cut short.
func (w *wizard) skippable() {
	w.wait = &cutWait{}
	world, wait := &w.runner.Env().World, w.runner.Env().World.Wait
	world.Wait = func(ctx context.Context, d time.Duration) error {
		inner, cancel := context.WithCancel(ctx)
		defer cancel()
		w.wait.mu.Lock()
		w.wait.cut = cancel
		w.wait.mu.Unlock()
		err := wait(inner, d)
		if err != nil && ctx.Err() == nil {
			return errSkipped
		}
		return err
	}
}

// Optional: the proof by CloudTrail is the only wait that the set-up can do
// without.
func (w *wizard) Optional(e steps.Event) time.Duration {
	if e.Kind == steps.Waiting && e.Note == steps.TrailNote {
		return steps.TrailWait
	}
	return 0
}

// CutShort ends the present wait.
func (w *wizard) CutShort() {
	w.wait.mu.Lock()
	defer w.wait.mu.Unlock()
	if w.wait.cut != nil {
		w.wait.cut()
	}
}

// Doctor finds the cause of a session that AWS refused; of other errors it knows
// no more than what is on the screen.
func (w *wizard) Doctor(err error) []string {
	if _, refused := errors.AsType[*signer.Refused](err); !refused || !w.app.has("doctor") {
		return nil
	}
	return []string{"doctor", w.runner.Env().Setup}
}

// has says whether there is a command of that name.
func (a *app) has(words ...string) bool {
	found, rest, err := a.root().Find(words)
	return err == nil && len(rest) == 0 && found.HasParent()
}

// goOn runs another command in the place of the screen that was left.
func (a *app) goOn(ctx context.Context, args []string) error {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	return root.ExecuteContext(ctx)
}

// printCopied prints what was copied: a terminal that ignores OSC 52 has nothing
// on its clipboard.
func (a *app) printCopied(out tui.Outcome) {
	for line := range strings.Lines(out.Copied) {
		fmt.Fprintln(a.stderr, foreign.Text(strings.TrimSuffix(line, "\n")))
	}
}
