package refusals

import (
	"regexp"
	"strings"
	"testing"
)

func TestEverySentenceIsFound(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/X"
	tests := map[string]struct {
		text string
		want ID
	}{
		"as AWS writes it":                  {"Untrusted signing certificate", UntrustedCertificate},
		"in capitals, with a full stop":     {"Untrusted Signing Certificate.", UntrustedCertificate},
		"printed by AWS's helper":           {"2026/11/22 02:07:59 AccessDeniedException: Certificate revoked", Revoked},
		"wrapped by the AWS CLI":            {"Error when retrieving credentials from custom-process: AccessDeniedException: Specified Trust Anchor wasn't found.\n", AnchorUnknown},
		"the bare no of the role":           {"Unable to assume role for " + role, RoleRefused},
		"the no of the role, with stop":     {"Unable to assume role for " + role + ".", RoleRefused},
		"the duration, more than that no":   {"Unable to assume role for " + role + ". The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", DurationOverRole},
		"the attributes, more than that no": {"Unable to assume role for " + role + ". Some attributes failed to be mapped into session tags. Issuer: [  ]; Subject: [ CN ]; SAN: [  ]", AttributesDropped},
		"the attributes in the other form":  {"Unable to assume role for " + role + ". some attributes fail to be mapped", AttributesDropped},
		"certificate rules, not the chain":  {"Untrusted certificate. Insufficient certificate", InsufficientCertificate},
		"the clock":                         {"Invalid signature", BadSignature},
		"the profile":                       {"Invalid or empty profile provided.", ProfileUnknown},
		"the list of roles":                 {"Requested Role isn't one of those listed in the Profile.", RoleNotListed},
		"the session name":                  {"Not authorized to set roleSessionName.", SessionNameRefused},
		"a duration out of range":           {"1 validation error detected: Value '5' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900", DurationOutOfRange},
		"a session name out of its pattern": {"1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern", SessionNameIllegal},
		"the size of policies":              {"Packed policy consumes 105% of allotted space, please use smaller policy.", PolicyTooLarge},
		"the rate":                          {"Rate exceeded", Throttled},
		"a disabled trust anchor":           {"Trust anchor is disabled", AnchorDisabled},
		"a disabled profile":                {"Profile is disabled", ProfileDisabled},
		"a trust policy":                    {"AccessDenied: User: x is not authorized to perform: sts:AssumeRole on resource: " + role, AssumeRoleDenied},
	}
	seen := map[ID]bool{}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Matches(tt.text)
			if len(got) == 0 || got[0].Refusal.ID != tt.want {
				t.Errorf("got %+v, want %s first", got, tt.want)
			}
		})
		seen[tt.want] = true
	}
	for _, r := range All() {
		if !seen[r.ID] {
			t.Errorf("%s: no row above finds it", r.ID)
		}
	}
}

func TestWhatAWSDoesNotSayMatchesNothing(t *testing.T) {
	for _, text := range []string{"", "signature", "Unable to assume", "The security token included in the request is expired"} {
		if got := Matches(text); len(got) != 0 {
			t.Errorf("%q: got %v, want nothing", text, got)
		}
	}
}

func TestAWholeSentenceIsSurerThanOneInAText(t *testing.T) {
	whole, part := Matches("Invalid signature"), Matches("error: Invalid signature, sorry")
	if len(whole) != 1 || len(part) != 1 || whole[0].Confidence != 1 || part[0].Confidence >= 1 {
		t.Errorf("got %v and %v, want 1 and less", whole, part)
	}
}

func TestTheTableIsWhole(t *testing.T) {
	code := regexp.MustCompile(`^RA[1-6]\d\d$`)
	ids := map[ID]bool{}
	for _, r := range All() {
		if ids[r.ID] {
			t.Errorf("%s: stands twice", r.ID)
		}
		ids[r.ID] = true
		if r.Type == "" || r.Status < 400 || r.Sentence == "" || r.Means == "" || len(r.Causes) == 0 || !strings.HasPrefix(r.Source, "https://") {
			t.Errorf("%s: a field is missing: %+v", r.ID, r)
		}
		for _, c := range r.Causes {
			if !code.MatchString(c) {
				t.Errorf("%s: %q is no code", r.ID, c)
			}
		}
		if found, ok := Find(r.ID); !ok || found.Sentence != r.Sentence {
			t.Errorf("%s: Find gives %+v, %v", r.ID, found, ok)
		}
	}
}
