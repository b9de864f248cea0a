package doctor

import (
	"testing"
	"time"

	"anywhere/awsapi"
)

// The doctor's own refused attempt was told, or not, as the answers came in.
func TestADoctorsOwnAttemptIsNotToldAsAnEarlierOne(t *testing.T) {
	for name, attempts := range map[string][]awsapi.Attempt{
		"subjects read before": {{SeenAt: noon.Add(-time.Hour), Serial: "1"}},
		"subjects read after":  {{SeenAt: noon.Add(-time.Hour), Serial: "1"}, {SeenAt: noon, Serial: "1", Failed: true}},
	} {
		l := newLab(t)
		l.seen(attempts...)
		l.refuse("Untrusted signing certificate")
		found, _ := Diagnose(l.evidence()).Finding("RA414")
		if found.Verdict != Skip {
			t.Errorf("%s: got %s, %q; want it passed over", name, found.Verdict, found.Says)
		}
	}
}
