package tui

import (
	"time"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// screen is one page. It decides; the app acts. Update returns what was decided
// as a message and never works itself; View is a function of the screen, the room
// it has and the theme.
type screen interface {
	Title() string // a word for the header; empty: none
	Update(tea.Msg) (screen, tea.Cmd)
	View(width, height int, look theme) string
	Keys() []key.Binding
	Lesson() lesson // for the explain pane; empty: none
}

// writer is a screen on which letters are text at the moment, and no keys.
type writer interface{ writing() bool }

// overlay is a screen that hears keys while work is running below it.
type overlay interface {
	screen
	overlay()
}

// What a screen can decide. The app handles push, pop, leave, stop, copyText and
// again; the rest goes to the flow.
type (
	push     struct{ on screen }     // show on top
	pop      struct{}                // back to what is below
	leave    struct{}                // quit
	stop     struct{}                // end the running work, then quit
	copyText struct{ text string }   // to the clipboard
	skip     struct{}                // do not wait for it any longer
	onward   struct{ args []string } // leave, and go on with another command
	again    struct{ work work }     // do it once more

	answered struct {
		key, value string
		edited     bool // in the settings, not on the road
	}
	typed    struct{ key, value string } // not an answer yet
	pasted   struct{ key, text string }  // what stands in a file, for its path
	backed   struct{}
	approved struct {
		plan    steps.Plan
		accept  []string
		picture Picture
	}
	removing struct {
		list    steps.Takedown
		changes []steps.Change // what will be done, for the progress
		accept  []string
	}
)

// What the screens hear besides keys.
type (
	// refused is an answer that cannot stand, or would not. An empty problem takes
	// back an earlier one.
	refused struct {
		key, value, problem string
		early               bool // judged while it was typed
		// commands are what the value leads to by hand, of one judged while typed.
		commands []steps.Command
	}
	// standsFor is the answer to what was pasted, or why there is none.
	standsFor struct{ key, value, says, problem string }
	// told is progress of the running work.
	told struct {
		event  steps.Event
		at     time.Time
		header Header
		// picture is the chain of trust as it stands now.
		picture Picture
		// most is how long this wait may take; 0: it cannot be skipped.
		most time.Duration
	}
	// tick is the time while something runs.
	tick struct{ now time.Time }
)

// send makes a decision a command.
func send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
