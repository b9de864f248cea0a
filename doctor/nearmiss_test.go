package doctor

import (
	"strings"
	"testing"
)

// "Another value" left the reader to find the difference between vm and VM.
func TestASlipInAConditionIsNamed(t *testing.T) {
	l := newLab(t)
	leaf := Examine(l.evidence()).leaf
	for name, one := range map[string]struct{ operator, key, value, want string }{
		"upper case":             {"StringEquals", "aws:PrincipalTag/x509Subject/CN", strings.ToUpper(leaf.Subject.CommonName), "upper and lower case"},
		"a blank":                {"StringEquals", "aws:PrincipalTag/x509Subject/CN", leaf.Subject.CommonName + " ", "blanks or quotes"},
		"a pattern":              {"StringEquals", "aws:PrincipalTag/x509Subject/CN", leaf.Subject.CommonName[:1] + "*", "StringLike"},
		"the issuer's name":      {"StringEquals", "aws:PrincipalTag/x509Subject/CN", leaf.Issuer.CommonName, "value of aws:PrincipalTag/x509Issuer/CN"},
		"no CN=":                 {"StringEquals", "sts:SourceIdentity", leaf.Subject.CommonName, "CN= before"},
		"the name for a session": {"StringEquals", "sts:RoleSessionName", leaf.Subject.CommonName, "serial in hex, not its common name"},
		"an anchor's pattern":    {"StringEquals", "aws:SourceArn", "arn:aws:rolesanywhere:*", "StringLike"},
		"a profile's ARN":        {"ArnEquals", "aws:SourceArn", l.e.Target.ProfileARN, "that is the ARN of a Roles Anywhere profile"},
		"something else":         {"StringEquals", "aws:PrincipalTag/x509Subject/CN", "quite-another", ""},
		"a negation":             {"StringNotEquals", "aws:PrincipalTag/x509Subject/CN", leaf.Subject.CommonName, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.e.AWS.Role.Value.TrustPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},
				"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{"` + one.operator + `":{"` + one.key + `":"` + one.value + `"}}}]}`
			l.refuse("Unable to assume role for " + labRole)
			r := Diagnose(l.evidence())
			if r.Cause == nil || *r.Cause != "RA302" && *r.Cause != "RA303" {
				t.Fatalf("got cause %v, want RA302 or RA303", r.Causes)
			}
			found, _ := r.Finding(*r.Cause)
			_, slip, _ := strings.Cut(found.Says, ": ")
			if one.want == "" && slip != "" || !strings.Contains(slip, one.want) {
				t.Errorf("got %q, want a slip of %q", found.Says, one.want)
			}
		})
	}
}
