// Package tui is the full screen: the wizard that sets up, and the screen that
// takes down again.
//
// It draws what steps declares and decides nothing that a flag could not decide:
// questions, plan, progress and results come in through [Setup] and [Teardown],
// answers and approval go out through them. It opens no file and no connection,
// reads no environment variable and no clock, and knows nothing of AWS.
//
// # How it is built
//
// The app holds the window, the theme and a stack of screens. A screen is a small
// value that says what was decided (answered, approved, backed) and does not know
// which screen comes next. The flow turns a decision into work; work runs in a
// [tea.Cmd], never in Update, and its result is the next screen. Every result
// carries the number of its work, so an answer that comes late is dropped.
//
// # Foreign text
//
// Everything that is not written in this package passes through [foreign.Text] on
// its way to the screen, the window title and the clipboard: a certificate's name
// must not be able to move the cursor or write to the clipboard.
package tui

import (
	"context"
	"slices"
	"time"

	"anywhere/steps"
)

// Setup is what the wizard needs of the road. Its methods are called one at a
// time and never on the event loop; Header, Rail, Picture and Summary are also
// called from within Apply's show, on the goroutine that calls it.
type Setup interface {
	// Next returns the next question; nil when nothing is left to ask.
	Next(context.Context) (*steps.Asked, error)
	// Answer takes a value. A *steps.InvalidError is shown beside the question.
	Answer(ctx context.Context, key, value string) error
	// Back forgets the last answer that was given here, which becomes its
	// question's default. It is false where there is none.
	Back() bool
	Header() Header
	Rail() []Stop
	Picture() Picture
	// Rows are the settings that have a default and can be edited in the review.
	Rows(context.Context) ([]steps.Row, error)
	Plan(context.Context) (steps.Plan, error)
	// Apply makes what plan shows; accept holds the IDs of the changes that were
	// accepted one by one. When ctx ends it stops after the change in hand, with
	// the journal written. It calls show for one event at a time.
	Apply(ctx context.Context, plan steps.Plan, accept []string, show func(steps.Event)) error
	// Summary says what is true after Apply came to its end.
	Summary() Summary
}

// Checker is a [Setup] that can judge a value while it is typed. Check asks
// nobody, writes nothing and returns at once.
type Checker interface {
	Check(key, value string) error
}

// Commander is a [Setup] that knows what an answer leads to on a command line.
// Commands asks nobody and returns at once.
type Commander interface {
	Commands(key, value string) []steps.Command
}

// Holder is a [Setup] that takes the text of a file in the place of its path. Hold
// returns the answer that stands for it, and says in a few words what it is; its
// error is one short sentence. It asks nobody and writes nothing.
type Holder interface {
	Hold(key, text string) (answer, says string, err error)
}

// Skipper is a [Setup] whose Apply waits at times for something that it could do
// without.
type Skipper interface {
	// Optional says how long the wait that e tells of may take, 0 if it cannot be
	// skipped. It is called within Apply's show.
	Optional(e steps.Event) time.Duration
	// CutShort ends that wait. It is called while Apply runs.
	CutShort()
}

// Explainer is a [Setup] or a [Teardown] that knows more of an error than its text.
type Explainer interface {
	Explain(error) Words
}

// Diagnosed is a [Setup] or a [Teardown] that knows which command finds the cause
// of an error; nil: none.
type Diagnosed interface {
	Doctor(error) []string
}

// Words are an error taken apart. Any field may be empty.
type Words struct {
	Says      string // AWS's own sentence, verbatim
	RequestID string
	Cause     string // what it means here, one sentence
	Hint      string // the next command or what to do, one line
}

// Teardown is what the screen needs to take a set-up down again. Its methods are
// called as those of [Setup] are.
type Teardown interface {
	Header() Header
	// List looks at everything that was made, in the order of removing it. What
	// stays only because it was not asked for (Keep and Ours, such as a CA key) can
	// be given its own yes on the screen.
	List(context.Context) (steps.Takedown, error)
	// Typed is what must be typed before anything is removed, such as the id of a
	// set-up whose machine is lost; empty: approval is enough.
	Typed() string
	// Remove takes away what List showed, and of what stays those whose
	// Made.Change is in accept.
	Remove(ctx context.Context, list steps.Takedown, accept []string, show func(steps.Event)) error
	Summary() Summary
}

// Header says what this is and where: the first line of every screen.
type Header struct {
	Setup   string // name; empty until it is known
	Mode    string // sandbox, aws or custom; empty until it is known
	Account string // 12 digits
	Region  string
	Caller  string // ARN
}

// Stop is one stretch of the road, for the rail at the left.
type Stop struct {
	Title string // one or two words
	State StopState
	Steps []steps.ID // that it stands for, so that a setting can be found on it
}

// railAt is the rail with the stop of a step as the one where the user is: in the
// review all is answered, and a setting leads back to where it belongs.
func railAt(rail []Stop, id steps.ID) []Stop {
	at := slices.IndexFunc(rail, func(s Stop) bool { return slices.Contains(s.Steps, id) })
	if at < 0 {
		return rail
	}
	moved := slices.Clone(rail)
	for i := range moved {
		moved[i].State = ToDo
		if i < at {
			moved[i].State = Past
		}
	}
	moved[at].State = Here
	return moved
}

// StopState says where the wizard stands.
type StopState int

// The states of a stop.
const (
	ToDo StopState = iota
	Here
	Past
)

// Picture is the chain of trust as far as it is known.
type Picture struct {
	Root                                            Node // above CA; drawn only if it has a name
	CA, Certificate, Anchor, Profile, Role, Session Node
}

// Node is one link of the chain.
type Node struct {
	Name   string // empty: not known yet
	Detail string // P-256, until 2031
	// Check is what AWS checks before it goes on to the next link; one line, for
	// wide windows.
	Check string
	// Key is the question whose answer is the name, so that the picture follows
	// what is typed; empty: none.
	Key string
	// Stands says that it has been made, not only answered.
	Stands bool

	here bool // the question on show names it
}

// Summary says what is true now. It is drawn on the last screen and printed
// after the screen is gone.
type Summary struct {
	Says     string // one sentence
	Warn     bool   // not all is as it should be: something stays, a proof is missing
	Waits    bool   // nothing is done yet: somebody else has to answer first
	Evidence []steps.Evidence
	Try      []Try // the first is the one that is copied
	Notes    []string
}

// Try is a command worth typing next.
type Try struct {
	Label   string // one word: try, check, undo
	Command []string
}
