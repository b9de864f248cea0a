package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"anywhere/signer/refusals"
)

// The signer, the doctor and the sandbox know the same sentences, and mark the
// same ones as unconfirmed.
func TestEverySentenceOfCreateSessionIsInTheTableOfRefusals(t *testing.T) {
	for says, want := range map[string]refusals.ID{
		saysUntrusted: refusals.UntrustedCertificate, saysInsufficient: refusals.InsufficientCertificate, saysRevoked: refusals.Revoked,
		saysBadSignature: refusals.BadSignature, saysNoAnchor: refusals.AnchorUnknown, saysNoProfile: refusals.ProfileUnknown,
		saysRoleNotInList: refusals.RoleNotListed, saysNoSessionName: refusals.SessionNameRefused, saysCannotAssume: refusals.RoleRefused,
		saysTooLong: refusals.DurationOverRole, saysUnmapped: refusals.AttributesDropped, saysAnchorDisabled: refusals.AnchorDisabled,
		saysProfileDisabled: refusals.ProfileDisabled, saysPacked: refusals.PolicyTooLarge,
	} {
		sentence := says
		if n := strings.Count(says, "%s"); n > 0 {
			sentence = fmt.Sprintf(says, slices.Repeat([]any{"arn:aws:iam::000000000000:role/lab"}, n)...)
		}
		found := refusals.Matches(sentence)
		if len(found) == 0 || found[0].Refusal.ID != want {
			t.Errorf("%q: got %v, want %s", sentence, found, want)
			continue
		}
		invented := slices.Contains([]string{saysAnchorDisabled, saysProfileDisabled, saysPacked}, says)
		if r := found[0].Refusal; r.Type != "AccessDeniedException" || r.Status != 403 || r.Confirmed == invented {
			t.Errorf("%q: got %s %d confirmed %v there", sentence, r.Type, r.Status, r.Confirmed)
		}
	}
}
