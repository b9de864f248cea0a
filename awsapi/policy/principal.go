package policy

import (
	"slices"
	"strings"
)

// Principal is who asks. Exactly one of Service, ARN and Federated is set.
type Principal struct {
	Service   string // an AWS service acting by itself: rolesanywhere.amazonaws.com
	ARN       string // of a user, a role or the session of a role
	Role      string // for the session of a role, the role's ARN
	Account   string // account number of ARN
	Federated string // ARN or name of an identity provider
}

// matches says whether who is among the principals. An account stands for
// everybody in it; wildcards work only for everybody.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (p *Principals) matches(who Principal) bool {
	if p.Everyone || slices.Contains(p.AWS, "*") {
		return true
	}
	switch {
	case who.Service != "":
		return slices.Contains(p.Services, who.Service)
	case who.Federated != "":
		return slices.Contains(p.Federated, who.Federated)
	}
	return slices.ContainsFunc(p.AWS, func(name string) bool {
		return name == who.ARN && name != "" ||
			name == who.Role && name != "" ||
			name == who.Account && name != "" ||
			strings.HasSuffix(name, "::"+who.Account+":root") && who.Account != ""
	})
}

// names lists the principals as they would be shown.
func (p *Principals) names() []string {
	if p == nil {
		return nil
	}
	if p.Everyone {
		return []string{"*"}
	}
	return slices.Concat(p.AWS, p.Services, p.Federated, p.Canonical)
}

func (w Principal) names() []string {
	var list []string
	for _, name := range []string{w.Service, w.Federated, w.ARN, w.Role} {
		if name != "" {
			list = append(list, name)
		}
	}
	return list
}
