package tui

import (
	"io"
	"strings"
	"time"
)

// Options are the terminal and the clock. Output and Now are required.
type Options struct {
	Input  io.Reader // nil: no keyboard; messages come from a test
	Output io.Writer // the terminal
	Env    []string  // KEY=VALUE; TERM and the like, for what the terminal can do
	// Width and Height in cells; 0: the terminal is asked.
	Width, Height int

	ASCII   bool // no glyph beyond ASCII
	Dark    bool // what to believe until the terminal says which background it has
	NoColor bool // NO_COLOR is set to anything
	Now     func() time.Time
}

// State says how the screen was left.
type State string

// The ways out.
const (
	Done        State = "done"        // everything was made, or removed
	Left        State = "left"        // the user went; nothing had failed
	Failed      State = "failed"      // the user went from an error
	Interrupted State = "interrupted" // ctrl+c, or the context ended
	Elsewhere   State = "elsewhere"   // to another command: Outcome.Next
)

// Outcome is all that a plain summary needs after the screen is gone.
type Outcome struct {
	State   State
	Header  Header
	Summary Summary // for Done
	Err     error   // for Failed: the error that was on the screen
	Written bool    // work that writes was begun, so something may stand
	Idle    bool    // nothing asks or tells the source of the screens any more
	// Next are the arguments of the command to go on with, for Elsewhere.
	Next []string
	// Copied is what was copied last: terminals may ignore the clipboard, so it is
	// printed too.
	Copied string
}

// Text is the summary as plain lines without any escape sequence, for standard
// output: what the full screen showed last is gone with it.
func (s Summary) Text() string {
	var b strings.Builder
	line := func(label, value, note string) {
		b.WriteString(strings.TrimRight("  "+pad(clean(label), labelWidth)+clean(value)+gapBefore(note), " ") + "\n")
	}
	b.WriteString(clean(s.Says) + "\n")
	for _, e := range s.Evidence {
		line(e.Label, e.Value, e.Note)
	}
	for _, n := range s.Notes {
		b.WriteString("  " + clean(n) + "\n")
	}
	for _, t := range s.Try {
		line(t.Label, quote(t.Command), "")
	}
	return b.String()
}

// gapBefore sets a note apart from the value before it.
func gapBefore(note string) string {
	if note == "" {
		return ""
	}
	return "  (" + clean(note) + ")"
}
