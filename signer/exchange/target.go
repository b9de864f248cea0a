package exchange

import (
	"fmt"
	"strings"
	"time"
)

// Target is what CreateSession is asked for.
type Target struct {
	TrustAnchorARN string
	ProfileARN     string // of the Roles Anywhere profile
	RoleARN        string
	Region         string // of the endpoint and the signature; empty means the trust anchor's
	Endpoint       string // base URL, a path prefix included; empty means AWS's own for Region
	SessionName    string // empty means the certificate's serial; the Roles Anywhere profile must accept another
	// Duration is cut to whole seconds; zero leaves it to the Roles Anywhere
	// profile. AWS takes 15 minutes to 12 hours.
	Duration time.Duration
}

// The bounds of durationSeconds.
// Source: User Guide, "CreateSession API",
// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
const (
	MinDuration = 900 * time.Second
	MaxDuration = 43200 * time.Second
)

// TargetError says what in a [Target] no AWS account can accept.
type TargetError struct {
	Field string // trust anchor ARN, duration, ...
	Value string
	Why   string
	Fix   string // one line; may be empty
}

func (e *TargetError) Error() string { return fmt.Sprintf("check %s %q: %s", e.Field, e.Value, e.Why) }

// Hint says what would do.
func (e *TargetError) Hint() string { return e.Fix }

// Check refuses what is certain to be refused, before anything is sent, and
// fills in the Region. The error is a *[TargetError].
func (t Target) Check() (Target, error) {
	anchor, err := parseARN("trust anchor ARN", t.TrustAnchorARN, "rolesanywhere", "trust-anchor/")
	if err != nil {
		return t, err
	}
	profile, err := parseARN("Roles Anywhere profile ARN", t.ProfileARN, "rolesanywhere", "profile/")
	if err != nil {
		return t, err
	}
	role, err := parseARN("role ARN", t.RoleARN, "iam", "role/")
	if err != nil {
		return t, err
	}
	switch {
	case profile.region != anchor.region:
		return t, &TargetError{"Roles Anywhere profile ARN", t.ProfileARN, "its Region is not the trust anchor's, " + anchor.region,
			"trust anchor and Roles Anywhere profile must lie in one Region"}
	case profile.partition != anchor.partition:
		return t, &TargetError{"Roles Anywhere profile ARN", t.ProfileARN, "its partition is not the trust anchor's, " + anchor.partition,
			"all three ARNs must be of one partition"}
	case role.partition != anchor.partition:
		return t, &TargetError{"role ARN", t.RoleARN, "its partition is not the trust anchor's, " + anchor.partition,
			"all three ARNs must be of one partition"}
	}
	if t.Duration != 0 && (t.Duration < MinDuration || t.Duration > MaxDuration) {
		return t, &TargetError{"session duration", fmt.Sprint(t.Duration.Seconds()), "must be between 900 and 43200 seconds", "give --session-duration 3600, or what the Roles Anywhere profile allows"}
	}
	if t.Region == "" {
		t.Region = anchor.region
	}
	if name := strings.TrimSuffix(strings.TrimPrefix(t.Region, "fips-"), "-fips"); name != t.Region {
		// The old names of FIPS endpoints. A signature for one of them is wrong: its scope
		// wants the Region.
		return t, &TargetError{"Region", t.Region, "is the name of an endpoint, not of a Region", "give the Region " + name + ", and export AWS_USE_FIPS_ENDPOINT=true"}
	}
	if strings.Trim(t.Region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		// It becomes part of a host name.
		return t, &TargetError{"Region", t.Region, "must be lower-case letters, digits and hyphens", "write it as us-east-1"}
	}
	return t, nil
}

// arn is what the checks need of an ARN.
type arn struct{ partition, region string }

// parseARN reads arn:<partition>:<service>:<region>:<account>:<kind><rest>.
func parseARN(field, text, service, kind string) (arn, error) {
	if text == "" {
		return arn{}, &TargetError{field, text, "is missing", "trust anchor, Roles Anywhere profile and role are each named by an ARN"}
	}
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] == "" || parts[2] != service ||
		len(parts[5]) <= len(kind) || !strings.HasPrefix(parts[5], kind) || (parts[3] == "") != (service == "iam") {
		region := "REGION"
		if service == "iam" {
			region = ""
		}
		return arn{}, &TargetError{field, text, "is not an ARN of that kind",
			fmt.Sprintf("it should look like arn:aws:%s:%s:ACCOUNT:%s...", service, region, kind)}
	}
	return arn{partition: parts[1], region: parts[3]}, nil
}
