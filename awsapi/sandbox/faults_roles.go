package sandbox

import (
	"encoding/json"
	"errors"

	"anywhere/awsapi/policy"
)

// onRole makes a fault of what is done to the role.
func onRole(gone bool, do func(*patient, *role)) func(*patient) error {
	return func(p *patient) error {
		r, err := p.theRole()
		if err != nil {
			return err
		}
		if err := p.before("role", r.Name, r, gone); err != nil {
			return err
		}
		do(p, r)
		return nil
	}
}

// takePermissions wants that there are some: taking none away teaches nothing.
func takePermissions(p *patient) error {
	if r, err := p.theRole(); err == nil && len(r.Inline)+len(r.Attached) == 0 {
		return errors.New("the role has no permissions that could be removed")
	}
	return onRole(false, func(_ *patient, r *role) { r.Inline, r.Attached = nil, nil })(p)
}

func roleFaults() []FaultKind {
	return []FaultKind{
		{Name: "role-deleted", Says: "the role is deleted", Codes: []string{"RA300"},
			harm: onRole(true, func(p *patient, r *role) { p.account.Roles = without(p.account.Roles, r) })},
		{Name: "role-recreated", Says: "the role is made again under its name; sessions of the old one are over", Codes: []string{"RA300"},
			harm: onRole(false, func(p *patient, r *role) { r.ID, r.CreatedAt = p.Sandbox.token("AROA", 21), p.now })},
		{Name: "permissions-removed", Says: "the role has no permissions", Codes: []string{"RA312"},
			harm: takePermissions},
		{Name: "boundary-denies", Says: "the role's permissions boundary denies everything", Codes: []string{"RA308"},
			harm: onRole(false, func(_ *patient, r *role) { r.Boundary = managedPrefix + "AWSDenyAll" })},
	}
}

// onTrust makes a fault of a change of the trust policy's statements. It is
// written long ago: what settles slowly is another fault.
func onTrust(change func(p *patient, statement map[string]any)) func(*patient) error {
	return onRole(false, func(p *patient, r *role) {
		var document map[string]any
		if json.Unmarshal([]byte(r.TrustPolicy), &document) != nil {
			return
		}
		all, ok := document["Statement"].([]any)
		if !ok {
			all = []any{document["Statement"]}
		}
		for _, one := range all {
			if statement, ok := one.(map[string]any); ok {
				change(p, statement)
			}
		}
		if data, err := json.Marshal(document); err == nil {
			r.TrustPolicy = string(data)
		}
	})
}

// lacking leaves the actions that Roles Anywhere needs but one.
func lacking(action string) func(*patient, map[string]any) {
	return func(_ *patient, statement map[string]any) {
		var left []string
		for _, a := range policy.TrustActions() {
			if a != action {
				left = append(left, a)
			}
		}
		statement["Action"] = left
	}
}

// wanting replaces a statement's condition on one key, or adds it.
func wanting(operator, key string, value func(*patient) string) func(*patient, map[string]any) {
	return func(p *patient, statement map[string]any) {
		conditions, ok := statement["Condition"].(map[string]any)
		if !ok {
			conditions = map[string]any{}
		}
		for _, keys := range conditions {
			if of, ok := keys.(map[string]any); ok {
				delete(of, key)
			}
		}
		of, ok := conditions[operator].(map[string]any)
		if !ok {
			of = map[string]any{}
		}
		of[key] = value(p)
		conditions[operator] = of
		statement["Condition"] = conditions
	}
}

func trustFaults() []FaultKind {
	always := func(value string) func(*patient) string { return func(*patient) string { return value } }
	anotherAnchor := func(p *patient) string {
		return p.arn("rolesanywhere", DefaultRegion, "trust-anchor/00000000-0000-4000-8000-000000000000")
	}
	anotherAccount := func(p *patient) string {
		if p.account.Number == "111122223333" {
			return "444455556666"
		}
		return "111122223333"
	}
	return []FaultKind{
		{Name: "trust-no-assumerole", Says: "the trust policy lacks sts:AssumeRole", Codes: []string{"RA301"}, harm: onTrust(lacking("sts:AssumeRole"))},
		{Name: "trust-no-tagsession", Says: "the trust policy lacks sts:TagSession", Codes: []string{"RA301"}, harm: onTrust(lacking("sts:TagSession"))},
		{Name: "trust-no-sourceidentity", Says: "the trust policy lacks sts:SetSourceIdentity", Codes: []string{"RA301"}, harm: onTrust(lacking("sts:SetSourceIdentity"))},
		{Name: "trust-wrong-principal", Says: "the trust policy trusts another service", Codes: []string{"RA304"},
			harm: onTrust(func(_ *patient, s map[string]any) { s["Principal"] = map[string]any{"Service": "ec2.amazonaws.com"} })},
		{Name: "trust-other-anchor", Says: "the trust policy names another trust anchor", Codes: []string{"RA303"},
			harm: onTrust(wanting("ArnEquals", "aws:SourceArn", anotherAnchor))},
		{Name: "trust-other-cn", Says: "the trust policy wants another common name", Codes: []string{"RA302"},
			harm: onTrust(wanting("StringEquals", "aws:PrincipalTag/x509Subject/CN", always("another-host")))},
		{Name: "trust-other-account", Says: "the trust policy names another account", Codes: []string{"RA303"},
			harm: onTrust(wanting("StringEquals", "aws:SourceAccount", anotherAccount))},
		{Name: "trust-unmapped-tag", Says: "the trust policy wants an attribute that the certificate has not", Codes: []string{"RA302"},
			harm: onTrust(wanting("StringEquals", "aws:PrincipalTag/x509SAN/URI", always("spiffe://another/host")))},
	}
}
