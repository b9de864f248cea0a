package policy

import "testing"

const (
	boundaryPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"
	sessionPage  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session"
	basicsPage   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html"
)

// The pages draw these as Venn diagrams and tables; here each area is a row.
func TestPoliciesOfEveryKindAreWeighedAsIAMSays(t *testing.T) {
	doc := func(effect, action string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"` + effect + `","Action":"` + action + `","Resource":"*"}}`
	}
	to := func(effect, principal string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"` + effect + `","Principal":` + principal + `,"Action":"s3:*","Resource":"*"}}`
	}
	const none = ""
	user := Principal{ARN: "arn:aws:iam::111122223333:user/ann", Account: "111122223333"}
	session := Principal{ARN: "arn:aws:sts::111122223333:assumed-role/lab/s1", Role: "arn:aws:iam::111122223333:role/lab", Account: "111122223333"}
	byUser, byRole := `{"AWS":"arn:aws:iam::111122223333:user/ann"}`, `{"AWS":"arn:aws:iam::111122223333:role/lab"}`
	bySession, byAccount := `{"AWS":"arn:aws:sts::111122223333:assumed-role/lab/s1"}`, `{"AWS":"arn:aws:iam::111122223333:root"}`
	tests := map[string]struct {
		who                                   Principal
		identity, resource, boundary, limited string
		want                                  bool
		kind                                  Kind
		source                                string
	}{
		"nothing allows":                                     {user, none, none, none, none, false, IdentityPolicy, basicsPage},
		"the identity's policy allows":                       {user, doc("Allow", "s3:*"), none, none, none, true, IdentityPolicy, basicsPage},
		"the identity's policy denies":                       {user, doc("Deny", "s3:*"), to("Allow", byUser), none, none, false, IdentityPolicy, basicsPage},
		"the resource's policy alone allows the user":        {user, none, to("Allow", byUser), none, none, true, ResourcePolicy, basicsPage},
		"the resource's policy denies what another allows":   {user, doc("Allow", "s3:*"), to("Deny", byUser), none, none, false, ResourcePolicy, basicsPage},
		"a policy for the account leaves it to the identity": {user, none, to("Allow", byAccount), none, none, false, IdentityPolicy, basicsPage},
		"the boundary allows too":                            {user, doc("Allow", "s3:*"), none, doc("Allow", "s3:*"), none, true, IdentityPolicy, boundaryPage},
		"the boundary allows something else":                 {user, doc("Allow", "s3:*"), none, doc("Allow", "ec2:*"), none, false, Boundary, boundaryPage},
		"the boundary alone gives nothing":                   {user, none, none, doc("Allow", "s3:*"), none, false, IdentityPolicy, boundaryPage},
		"the boundary denies":                                {user, doc("Allow", "s3:*"), none, doc("Deny", "s3:*"), none, false, Boundary, boundaryPage},
		"the resource names a user past his boundary":        {user, none, to("Allow", byUser), doc("Allow", "ec2:*"), none, true, ResourcePolicy, boundaryPage},
		"the session policy allows too":                      {session, doc("Allow", "s3:*"), none, none, doc("Allow", "s3:*"), true, IdentityPolicy, sessionPage},
		"the session policy allows something else":           {session, doc("Allow", "s3:*"), none, none, doc("Allow", "ec2:*"), false, SessionPolicy, sessionPage},
		"the session policy alone gives nothing":             {session, none, none, none, doc("Allow", "s3:*"), false, IdentityPolicy, sessionPage},
		"the session policy denies":                          {session, doc("Allow", "s3:*"), to("Allow", bySession), none, doc("Deny", "s3:*"), false, SessionPolicy, sessionPage},
		"the resource names the role within the session":     {session, none, to("Allow", byRole), none, doc("Allow", "s3:*"), true, ResourcePolicy, sessionPage},
		"the resource names the role, the session does not":  {session, none, to("Allow", byRole), none, doc("Allow", "ec2:*"), false, SessionPolicy, sessionPage},
		"the resource names the session past its policy":     {session, none, to("Allow", bySession), none, doc("Allow", "ec2:*"), true, ResourcePolicy, sessionPage},
		"the resource names the role, the boundary does not": {session, none, to("Allow", byRole), doc("Allow", "ec2:*"), none, false, Boundary, boundaryPage},
		"the resource names the session past the boundary":   {session, none, to("Allow", bySession), doc("Allow", "ec2:*"), none, true, ResourcePolicy, boundaryPage},
		"all three must allow":                               {session, doc("Allow", "s3:*"), none, doc("Allow", "s3:*"), doc("Allow", "s3:*"), true, IdentityPolicy, boundaryPage},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			docs := func(text string) []Document {
				if text == none {
					return nil
				}
				return []Document{parse(t, text)}
			}
			p := Policies{Identity: docs(tt.identity), Resource: docs(tt.resource), Boundary: docs(tt.boundary), Session: docs(tt.limited)}
			got := p.Judge(Request{Principal: tt.who, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"})
			if got.Allowed != tt.want || got.Kind != tt.kind {
				t.Errorf("got %v by the %s (%s), want %v by the %s\nsource: %s", got.Allowed, got.Kind, got.Reason, tt.want, tt.kind, tt.source)
			}
		})
	}
}
