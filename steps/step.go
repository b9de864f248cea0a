// Package steps is the road: from an AWS account and a machine outside it to
// working temporary credentials, and back.
//
// A [Step] declares what it asks, looks at, plans, makes, proves and takes back.
// The [Runner] walks the road; it alone writes the journal and the answers, so a
// step cannot forget to. A [Plan] is a value: it is shown, and Apply makes only
// what was shown. Teardown is the road walked back by the journal.
//
// The package draws nothing and reads no flag, environment variable or clock of
// its own; all of that comes in by [World].
package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// ID names a step. It stands in the journal, so it never changes.
type ID string

// Step is one stretch of the road.
type Step struct {
	ID    ID
	Title string     // imperative, at most 48 columns
	Why   string     // for somebody new to X.509
	Needs []ID       // must come earlier on the road
	Asks  []Question // in the order of asking
	Proof []string   // codes of the doctor that prove it

	// Plan says what is still to be made, after looking at what stands. An
	// empty plan means that the step is done. It must not write.
	Plan func(context.Context, *Env) ([]Change, error)
	// Settle looks whether a change that was begun and has no known outcome
	// happened: nil if it did not. It must not write.
	Settle func(context.Context, *Env, Change) (*Made, error)
	// Clear takes away what a change that was begun and did not happen left
	// half-made on this machine; nil if nothing can be left.
	Clear func(context.Context, *Tools, Change) error
	// Apply makes one change.
	Apply func(context.Context, *Tools, Change) (Made, error)
	// Verify proves the step from outside, after all is made.
	Verify func(context.Context, *Tools) ([]Evidence, error)
	// Inspect says, before a teardown, what undoing made would remove and what
	// foreign things keep it from being removed. It must not write.
	Inspect func(context.Context, *Env, Made) (Removal, error)
	// Undo takes back one thing. One that is already gone is success.
	Undo func(context.Context, *Tools, Made) error
}

// Verb is what a change does; its glyphs are + ~ and -.
type Verb string

// The verbs.
const (
	Create Verb = "create"
	Modify Verb = "change"
	Remove Verb = "remove"
)

// Change is one thing that will be made, changed or removed: shown, approved,
// journaled and only then done.
type Change struct {
	ID     string `json:"id"` // <step>.<what>, such as role.create; --accept takes it
	Step   ID     `json:"step"`
	Verb   Verb   `json:"verb"`
	Noun   string `json:"noun"`             // trust anchor, role, ...
	Name   string `json:"name"`             // name, path or ARN of the thing
	Detail string `json:"detail,omitempty"` // one line more for the review
	Diff   string `json:"diff,omitempty"`   // unified diff or whole document, for the details view
	// Spec is exactly what Apply will make, in the step's own shape. It holds no
	// secret; ${anchor.arn} and the like stand for what is known after apply.
	Spec json.RawMessage `json:"spec,omitempty"`
	// Commands are the same by hand, with openssl, aws or a shell.
	Commands []Command `json:"commands,omitempty"`
	// Accept says why --yes is not enough for this change: it costs money, cannot
	// be undone or opens something to others. Empty for most.
	Accept string `json:"accept,omitempty"`
}

// Command is the equivalent of a change on a command line. Args is never cut
// and never holds a secret or a newline.
type Command struct {
	Args []string `json:"args"`
	// Sets names the shell variable that takes the command's output, for values
	// that later commands need; empty for most.
	Sets string `json:"sets,omitempty"`
	// File and Content are a file to write before the command runs.
	File    string `json:"file,omitempty"`
	Content string `json:"content,omitempty"`
	// Alone keeps the command out of scripts: it prints credentials, or only looks.
	Alone bool `json:"alone,omitempty"`
}

// Ownership says what undoing means.
type Ownership string

// The kinds of ownership: undo deletes what was created, takes our edit out of
// what was changed, and never writes to what is used.
const (
	Created Ownership = "created"
	Changed Ownership = "changed"
	Used    Ownership = "used"
)

// Made is the result of a change. It is enough to undo it.
type Made struct {
	Change    string    `json:"change"` // Change.ID
	Step      ID        `json:"step"`
	Noun      string    `json:"noun"`
	Name      string    `json:"name"`          // as AWS or the file system knows it
	Ref       string    `json:"ref,omitempty"` // ARN or path
	UID       string    `json:"uid,omitempty"` // what tells it from another of the same name: RoleId, UUID, SHA-256
	Ownership Ownership `json:"ownership"`
	// Values are what later steps need, by dotted key: anchor.arn.
	Values map[string]string `json:"values,omitempty"`
}

// Removal is what a teardown would do to one thing that was made.
type Removal struct {
	Made   Made   `json:"made"`
	Gone   bool   `json:"gone,omitempty"`   // already gone; nothing to do
	Keep   string `json:"keep,omitempty"`   // why it stays, such as a foreign policy on our role
	Ours   bool   `json:"ours,omitempty"`   // with Keep: it stays because it was not asked for, as a CA key does
	Partly bool   `json:"partly,omitempty"` // with Keep: our part of it goes all the same
	Detail string `json:"detail,omitempty"` // one line more
	// Commands remove by hand what we keep our hands off.
	Commands []Command `json:"commands,omitempty"`
}

// Evidence is one thing seen from outside that proves a step.
type Evidence struct {
	Label string `json:"label"` // session name
	Value string `json:"value"`
	Note  string `json:"note,omitempty"` // what it means, in words
}

// Pending is the error of an Apply or Undo that AWS, or somebody else, will finish
// later.
type Pending struct {
	What      string    // what is not finished
	Command   []string  // what to run then
	NotBefore time.Time `json:",omitzero"` // when it can be finished; zero: when somebody has answered
	// Hand is a file to hand over to whoever is waited for, and Ways what can be
	// done with it there.
	Hand string    `json:",omitempty"`
	Ways []SignWay `json:"-"`
}

func (p *Pending) Error() string {
	if p.NotBefore.IsZero() {
		return p.What + ": waits for an answer to " + p.Hand
	}
	return fmt.Sprintf("%s: not finished before %s", p.What, p.NotBefore.Format(time.RFC3339))
}
