package steps

import (
	"time"

	"anywhere/signer/home"
)

// Plan is everything that Apply will do, and nothing else. It is a value: it is
// shown, approved and applied as it is.
type Plan struct {
	Setup   string    `json:"setup"`
	ID      string    `json:"id"` // 32 hex digits; everything made in AWS carries it as a tag
	Mode    home.Mode `json:"mode"`
	Account string    `json:"account"`
	Region  string    `json:"region"`
	Caller  string    `json:"caller"` // ARN
	Changes []Change  `json:"changes"`
	// Notes are what the user should know before approving, one sentence each.
	Notes []string `json:"notes,omitempty"`

	// Known are the shell variables of the commands whose values are known already.
	Known map[string]string `json:"-"`

	answers string // fingerprint of the answers it was made from
	journal string // mark of the journal it was made from
}

// Accepts lists the changes for which --yes is not enough.
func (p Plan) Accepts() []Change {
	var need []Change
	for _, c := range p.Changes {
		if c.Accept != "" {
			need = append(need, c)
		}
	}
	return need
}

// Approval is what the user said to a plan or a teardown.
type Approval struct {
	// Account must equal the caller's when nobody looked at the plan: headless, in
	// AWS. Empty means that the plan was shown and approved.
	Account string
	// Also are further accounts that may be written to, where a CA stands behind
	// set-ups of several.
	Also []string
	// Accept holds the IDs of changes that were accepted one by one.
	Accept []string
}

// EventKind says what happened to a change or a proof.
type EventKind string

// The events of Apply and Teardown.
const (
	Started  EventKind = "started"
	Finished EventKind = "finished"
	Waiting  EventKind = "waiting" // on something outside, such as IAM spreading a new role
	Proved   EventKind = "proved"  // Evidence was seen
	Failed   EventKind = "failed"
)

// Event is progress: of one change while it is made or undone, or of one step
// while it is proved, in which case Change has only its Step.
type Event struct {
	Kind     EventKind
	Change   Change
	Note     string        // for Waiting: on what, and how long it usually takes
	Elapsed  time.Duration // since Started of the same thing
	Evidence []Evidence    // for Proved
	Err      error         // for Failed
}
