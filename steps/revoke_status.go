package steps

import (
	"time"

	"anywhere/pki"
)

// ListStatus is what a CA has revoked and what AWS knows of it.
type ListStatus struct {
	Setup      string        `json:"setup"`
	AnchorARN  string        `json:"trustAnchorArn"`
	Number     int64         `json:"number"` // of AWS's list; 0 if it has none
	Entries    []pki.Revoked `json:"entries"`
	InAWS      int           `json:"inAws"` // how many of them AWS's list has
	Enabled    bool          `json:"enabled"`
	NextUpdate time.Time     `json:"nextUpdate,omitzero"`
}

// ListStatus compares the ledger, as a plan has read it, with our list in AWS.
func (r *Runner) ListStatus(p RevocationPlan) (ListStatus, error) {
	s := ListStatus{Setup: p.Setup, AnchorARN: p.AnchorARN, Entries: p.revoked.Entries, Enabled: p.list.Enabled}
	if s.Entries == nil {
		s.Entries = []pki.Revoked{}
	}
	if p.list.ID == "" {
		return s, nil
	}
	there, err := pki.ParseCRL(p.list.Data)
	if err != nil {
		return s, err
	}
	has := map[pki.Serial]bool{}
	for _, e := range pki.RevokedIn(there) {
		has[e.Serial] = true
	}
	for _, e := range s.Entries {
		if has[e.Serial] {
			s.InAWS++
		}
	}
	if there.Number != nil {
		s.Number = there.Number.Int64()
	}
	s.NextUpdate = there.NextUpdate.UTC()
	return s, nil
}
