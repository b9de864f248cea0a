package exchange

import (
	"errors"
	"testing"
	"time"
)

const (
	anchorARN  = "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/11111111-2222-3333-4444-555555555555"
	profileARN = "arn:aws:rolesanywhere:us-east-1:000000000000:profile/11111111-2222-3333-4444-666666666666"
	roleARN    = "arn:aws:iam::000000000000:role/path/lab"
)

func TestWhatCannotBeRightIsRefusedBeforeTheNetwork(t *testing.T) {
	tests := map[string]struct {
		change func(*Target)
		field  string
	}{
		"no trust anchor":                {func(t *Target) { t.TrustAnchorARN = "" }, "trust anchor ARN"},
		"a profile for a trust anchor":   {func(t *Target) { t.TrustAnchorARN = profileARN }, "trust anchor ARN"},
		"an ARN cut short":               {func(t *Target) { t.ProfileARN = "arn:aws:rolesanywhere:us-east-1:000000000000:profile/" }, "Roles Anywhere profile ARN"},
		"a role with a Region":           {func(t *Target) { t.RoleARN = "arn:aws:iam:us-east-1:000000000000:role/x" }, "role ARN"},
		"a user for a role":              {func(t *Target) { t.RoleARN = "arn:aws:iam::000000000000:user/x" }, "role ARN"},
		"a profile in another Region":    {func(t *Target) { t.ProfileARN = "arn:aws:rolesanywhere:us-east-2:000000000000:profile/x" }, "Roles Anywhere profile ARN"},
		"a profile in another partition": {func(t *Target) { t.ProfileARN = "arn:aws-cn:rolesanywhere:us-east-1:000000000000:profile/x" }, "Roles Anywhere profile ARN"},
		"a role in another partition":    {func(t *Target) { t.RoleARN = "arn:aws-us-gov:iam::000000000000:role/x" }, "role ARN"},
		"a second too short":             {func(t *Target) { t.Duration = 899 * time.Second }, "session duration"},
		"a second too long":              {func(t *Target) { t.Duration = 43201 * time.Second }, "session duration"},
		// It gave a host that does not exist; AWS's helper signs for it what AWS refuses.
		"the old name of a FIPS endpoint":   {func(t *Target) { t.Region = "us-east-1-fips" }, "Region"},
		"another such name":                 {func(t *Target) { t.Region = "fips-us-gov-west-1" }, "Region"},
		"a Region that is part of an URL":   {func(t *Target) { t.Region = "us-east-1.example.com/" }, "Region"},
		"a trust anchor ARN without Region": {func(t *Target) { t.TrustAnchorARN = "arn:aws:rolesanywhere::000000000000:trust-anchor/x" }, "trust anchor ARN"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			target := Target{TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN}
			tt.change(&target)
			_, err := target.Check()
			got, ok := errors.AsType[*TargetError](err)
			if !ok || got.Field != tt.field {
				t.Errorf("got %v, want a *TargetError of the %s", err, tt.field)
			}
		})
	}
}

func TestWhatAWSMightTakeIsLetThrough(t *testing.T) {
	tests := map[string]Target{
		"no duration":      {TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN},
		"the shortest":     {TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN, Duration: MinDuration},
		"the longest":      {TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN, Duration: MaxDuration},
		"another's role":   {TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: "arn:aws:iam::999999999999:role/x"},
		"its Region given": {TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN, Region: "us-east-1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tt.Check()
			if err != nil || got.Region != "us-east-1" {
				t.Errorf("got %q, %v; want us-east-1", got.Region, err)
			}
		})
	}
}

func TestEndpointsOfEveryPartition(t *testing.T) {
	tests := map[string]struct {
		region     string
		fips, dual bool
		want       string
	}{
		"commercial":               {"us-east-1", false, false, "https://rolesanywhere.us-east-1.amazonaws.com"},
		"commercial, FIPS":         {"us-east-1", true, false, "https://rolesanywhere-fips.us-east-1.amazonaws.com"},
		"commercial, dual-stack":   {"us-east-1", false, true, "https://rolesanywhere.us-east-1.api.aws"},
		"commercial, both":         {"us-east-1", true, true, "https://rolesanywhere-fips.us-east-1.api.aws"},
		"GovCloud":                 {"us-gov-west-1", false, false, "https://rolesanywhere.us-gov-west-1.amazonaws.com"},
		"China":                    {"cn-north-1", false, false, "https://rolesanywhere.cn-north-1.amazonaws.com.cn"},
		"China, dual-stack":        {"cn-north-1", false, true, "https://rolesanywhere.cn-north-1.api.amazonwebservices.com.cn"},
		"European Sovereign Cloud": {"eusc-de-east-1", false, false, "https://rolesanywhere.eusc-de-east-1.amazonaws.eu"},
		"iso":                      {"us-iso-east-1", false, false, "https://rolesanywhere.us-iso-east-1.c2s.ic.gov"},
		"iso-b":                    {"us-isob-east-1", false, false, "https://rolesanywhere.us-isob-east-1.sc2s.sgov.gov"},
		"iso-e":                    {"eu-isoe-west-1", false, false, "https://rolesanywhere.eu-isoe-west-1.cloud.adc-e.uk"},
		"iso-f":                    {"us-isof-south-1", false, false, "https://rolesanywhere.us-isof-south-1.csp.hci.ic.gov"},
		"a Region yet to come":     {"mars-north-1", false, false, "https://rolesanywhere.mars-north-1.amazonaws.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Endpoint(tt.region, tt.fips, tt.dual); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
