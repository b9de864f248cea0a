package rules

import (
	"crypto/x509"
	"testing"
	"time"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

// RFC 5280 section 4.1.2.5: the period runs from notBefore through notAfter,
// inclusive.
func TestBothEndsOfALifeAreValid(t *testing.T) {
	cert := &x509.Certificate{NotBefore: noon, NotAfter: noon.Add(time.Hour)}
	for name, tt := range map[string]struct {
		now  time.Time
		want bool
		saw  string
	}{
		"a second before":       {noon.Add(-time.Second), false, "it begins at 2030-01-02T12:00:00Z, in 1s"},
		"the first second":      {noon, true, "it ends at 2030-01-02T13:00:00Z"},
		"in the last second":    {noon.Add(time.Hour + 900*time.Millisecond), true, "it ends at 2030-01-02T13:00:00Z"},
		"long after it":         {noon.Add(time.Hour + 90615*time.Hour), false, "it ended at 2030-01-02T13:00:00Z, 3775 days ago"},
		"after it":              {noon.Add(time.Hour + time.Second), false, "it ended at 2030-01-02T13:00:00Z, 1s ago"},
		"noon in another place": {noon.In(time.FixedZone("", 7200)), true, "it ends at 2030-01-02T13:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, rule := range At(tt.now) {
				if ok, saw := rule.Holds(cert); ok != tt.want || saw != tt.saw {
					t.Errorf("%s: got %v, %q; want %v, %q", rule.ID, ok, saw, tt.want, tt.saw)
				}
			}
		})
	}
}

func TestTheClockIsAskedOnlyWhenGiven(t *testing.T) {
	leaf, ca := load(t, "leaf-good"), load(t, "ca-good")
	late := leaf.NotAfter.AddDate(1, 0, 0)
	if got := ids(Breaches(Leaf, leaf)); got != "" {
		t.Errorf("got %q without a clock, want none", got)
	}
	if got := ids(BreachesAt(Leaf, leaf, late)); got != "RA115" {
		t.Errorf("got %q, want RA115", got)
	}
	if got := ids(BreachesAt(CA, ca, late)); got != "RA155" {
		t.Errorf("got %q, want RA155", got)
	}
}
