package tui

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// frames a second: a key waits for the next frame, on average half of one, so 120
// put it on the screen within 9 ms and 30 would take up to 33.
const frames = 120

// RunSetup shows the wizard until it is left.
//
// When ctx ends, on SIGTERM for instance, the change in hand is finished and
// written down, and the terminal is put back. Only a user who presses ctrl+c
// again and again leaves while Apply, whose context has ended, still runs. The
// error is one of the terminal or of a panic; what went wrong on the road is in
// the Outcome.
func RunSetup(ctx context.Context, setup Setup, options Options) (Outcome, error) {
	return run(ctx, road{setup, options.Now}, options)
}

// RunTeardown shows what a teardown removes, and removes it on approval.
func RunTeardown(ctx context.Context, teardown Teardown, options Options) (Outcome, error) {
	return run(ctx, walkBack{teardown, options.Now}, options)
}

func run(ctx context.Context, f flow, options Options) (Outcome, error) {
	return runWith(ctx, f, options, func(*tea.Program) {})
}

// runWith tells ready of the program before it runs, so that a test can send it
// keys.
func runWith(ctx context.Context, f flow, options Options, ready func(*tea.Program)) (Outcome, error) {
	var program *tea.Program
	post := func(msg tea.Msg) { program.Send(msg) }
	program = tea.NewProgram(newApp(ctx, f, options, post), programOptions(options)...)
	ready(program)
	release := context.AfterFunc(ctx, func() { post(interrupted{}) })
	defer release()
	last, err := program.Run()
	end := Outcome{State: Failed}
	if a, ok := last.(app); ok {
		end = a.end
		end.Idle = a.turn.TryLock()
	}
	if err != nil {
		return end, fmt.Errorf("show screen: %w", err)
	}
	return end, nil
}

// programOptions leave signals to the caller's context: Bubble Tea's own handler
// would not wait for the journal.
func programOptions(o Options) []tea.ProgramOption {
	list := []tea.ProgramOption{
		tea.WithInput(o.Input), tea.WithOutput(o.Output), tea.WithEnvironment(o.Env),
		tea.WithoutSignalHandler(), tea.WithFPS(frames),
	}
	if o.NoColor {
		// colorprofile reads NO_COLOR as a boolean; any value counts (no-color.org).
		list = append(list, tea.WithColorProfile(colorprofile.ASCII))
	}
	if o.Width > 0 && o.Height > 0 {
		list = append(list, tea.WithWindowSize(o.Width, o.Height))
	}
	return list
}
