package policy

import (
	"strings"
)

// check holds what the grammar asks of every statement.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
func (s Statement) check() error {
	switch {
	case s.Effect == "":
		return malformed("Missing required field Effect")
	case s.Effect != Allow && s.Effect != Deny:
		return malformed("Syntax errors in policy. (Effect is %q; its case matters)", s.Effect)
	case s.Principal != nil && s.NotPrincipal != nil:
		return malformed("Syntax errors in policy. (both Principal and NotPrincipal)")
	case s.Actions != nil && s.NotActions != nil:
		return malformed("Syntax errors in policy. (both Action and NotAction)")
	case s.Resources != nil && s.NotResources != nil:
		return malformed("Syntax errors in policy. (both Resource and NotResource)")
	case s.Actions == nil && s.NotActions == nil:
		return malformed("Missing required field Action")
	}
	return nil
}

// CheckTrust holds what IAM asks of a role's trust policy beyond the grammar. The
// error is a *[MalformedError].
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func CheckTrust(d Document) error {
	for _, s := range d.Statements {
		switch {
		case s.Resources != nil || s.NotResources != nil:
			return malformed("Has prohibited field Resource")
		case s.Principal == nil && s.NotPrincipal == nil:
			return malformed("Missing required field Principal")
		}
		for _, action := range s.Actions {
			if !strings.HasPrefix(strings.ToLower(action), "sts:") && action != "*" {
				return malformed("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
	}
	return d.checkCommon()
}

// CheckIdentity holds what IAM asks of an identity or session policy beyond the
// grammar. The error is a *[MalformedError].
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func CheckIdentity(d Document) error {
	for _, s := range d.Statements {
		switch {
		case s.Principal != nil || s.NotPrincipal != nil:
			return malformed("Policy document should not specify a principal.")
		case len(s.Resources)+len(s.NotResources) == 0:
			return malformed("Policy statement must contain resources.")
		}
		for _, list := range [][]string{s.Resources, s.NotResources} {
			for _, resource := range list {
				if !strings.HasPrefix(resource, "arn:") && resource != "*" {
					return malformed("Resource %s must be in ARN format or \"*\".", resource)
				}
			}
		}
	}
	return d.checkCommon()
}

func (d Document) checkCommon() error {
	seen := map[string]bool{}
	for _, s := range d.Statements {
		if len(s.Actions)+len(s.NotActions) == 0 {
			return malformed("Policy statement must contain actions.")
		}
		for _, list := range [][]string{s.Actions, s.NotActions} {
			for _, action := range list {
				if !strings.Contains(action, ":") && action != "*" {
					return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
				}
			}
		}
		if s.Sid == "" {
			continue
		}
		if strings.ContainsFunc(s.Sid, func(r rune) bool { return !alphanumeric(r) }) {
			return malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
		}
		if seen[s.Sid] {
			return malformed("Statement IDs (SID) in a single policy must be unique.")
		}
		seen[s.Sid] = true
	}
	return nil
}

func alphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// CheckResource holds what a resource's own policy, such as a bucket's, asks
// beyond the grammar. The error is a *[MalformedError].
//
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
func CheckResource(d Document) error {
	for _, s := range d.Statements {
		switch {
		case s.Principal == nil && s.NotPrincipal == nil:
			return malformed("Missing required field Principal")
		case len(s.Resources)+len(s.NotResources) == 0:
			return malformed("Missing required field Resource")
		}
	}
	return d.checkCommon()
}
