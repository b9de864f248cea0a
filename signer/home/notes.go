package home

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Notes is notes.json: what was last seen of a set-up's health, and warnings
// that the SDKs threw away with our stderr. Losing it loses nothing else.
type Notes struct {
	SchemaVersion int       `json:"schemaVersion"`
	Verdict       Verdict   `json:"verdict,omitzero"`
	Warnings      []Warning `json:"warnings,omitempty"` // oldest first
	Renewal       Starts    `json:"renewal,omitzero"`
}

// Starts counts the renewals that signing has started since the last that ended
// well. They are counted before they are started: one that dies without a word
// counts too.
type Starts struct {
	Count     int       `json:"count"`
	Last      time.Time `json:"last"`
	NotBefore time.Time `json:"notBefore"` // of the next
}

// RenewalWarning is the doctor's code of a certificate whose renewal is due or has
// gone wrong.
const RenewalWarning = "RA601"

// Verdict is the doctor's last word.
type Verdict struct {
	Verdict string    `json:"verdict"`         // healthy, unhealthy or unknown
	Cause   string    `json:"cause,omitempty"` // code of the first cause
	At      time.Time `json:"at"`
}

// Warning is something that was noticed while signing succeeded.
type Warning struct {
	Code string    `json:"code"` // of the doctor
	Says string    `json:"says"`
	At   time.Time `json:"at"`
}

// maxWarnings is how many are kept; older ones go.
const maxWarnings = 20

// Warn returns n with w, which takes the place of an older one with its code.
func (n Notes) Warn(w Warning) Notes {
	kept := slices.DeleteFunc(slices.Clone(n.Warnings), func(old Warning) bool { return old.Code == w.Code })
	kept = append(kept, w)
	n.Warnings = kept[max(0, len(kept)-maxWarnings):]
	return n
}

// Encode renders notes.json.
func (n Notes) Encode() []byte {
	n.SchemaVersion = SchemaVersion
	data, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		panic("encode notes: " + err.Error()) // its times come from clocks and have four-digit years
	}
	return append(data, '\n')
}

// DecodeNotes reads notes.json.
func DecodeNotes(data []byte) (Notes, error) {
	var n Notes
	if err := json.Unmarshal(data, &n); err != nil {
		return Notes{}, fmt.Errorf("decode notes.json: %w", err)
	}
	if n.SchemaVersion != SchemaVersion {
		return Notes{}, fmt.Errorf("decode notes.json: schemaVersion %d, this program knows %d", n.SchemaVersion, SchemaVersion)
	}
	return n, nil
}

// Without returns n without the warning of a code.
func (n Notes) Without(code string) Notes {
	n.Warnings = slices.DeleteFunc(slices.Clone(n.Warnings), func(w Warning) bool { return w.Code == code })
	return n
}
