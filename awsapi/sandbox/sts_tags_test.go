package sandbox

import (
	"strings"
	"testing"
)

// chained lets everybody of the account, roles too, pass tags on to a role.
const chained = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:AssumeRole","sts:TagSession"]}}`

// become assumes a role and returns its session as a client.
func (c client) become(role string, pairs ...string) client {
	c.Helper()
	got := c.assume(role, pairs...).want(c, 200)
	return c.as(keys{got.between("AccessKeyId"), got.between("SecretAccessKey"), got.between("SessionToken")})
}

func (c client) assume(role string, pairs ...string) reply {
	c.Helper()
	return c.query("sts", "AssumeRole", append([]string{"RoleArn", "arn:aws:iam::000000000000:role/" + role, "RoleSessionName", "me"}, pairs...)...)
}

// asks holds if the session's principal tags let it through: a role's policy
// allows iam:ListUsers only to who has this tag.
func (c client) asks(role, key, value string) bool {
	c.Helper()
	c.iam("PutRolePolicy", "RoleName", role, "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/`+key+`":"`+value+`"}}}}`).want(c, 200)
	return c.query("iam", "ListUsers").status == 200
}

func tagged(pairs ...string) []string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		at := "Tags.member." + itoa(i/2+1)
		out = append(out, at+".Key", pairs[i], at+".Value", pairs[i+1])
	}
	return out
}

// newChain makes the three roles of the IAM user guide's example, with their
// tags, and assumes the first with the tags Star and Heart, both transitive.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
func newChain(t *testing.T) (*world, client) {
	w := newWorld(t)
	w.newRole("Role1", chained, tagged("Heart", "1")...)
	w.newRole("Role2", chained, tagged("Sun", "2")...)
	w.newRole("Role3", chained, tagged("Lightning", "3", "Star", "3")...)
	first := append(tagged("Star", "1", "Heart", "1", "Moon", "1"), "TransitiveTagKeys.member.1", "Star", "TransitiveTagKeys.member.2", "heart")
	return w, w.as(w.admin()).become("Role1", first...)
}

func TestTransitiveTagsGoFromRoleToRole(t *testing.T) {
	_, one := newChain(t)
	two := one.become("Role2")
	three := two.become("Role3")
	for _, tt := range []struct {
		who              client
		role, key, value string
		want             bool
	}{
		{one, "Role1", "Star", "1", true}, {one, "Role1", "Heart", "1", true}, {one, "Role1", "Moon", "1", true},
		{two, "Role2", "Star", "1", true}, {two, "Role2", "Heart", "1", true}, {two, "Role2", "Sun", "2", true},
		{two, "Role2", "Moon", "1", false}, // it is not transitive
		{three, "Role3", "Star", "1", true}, {three, "Role3", "Heart", "1", true}, {three, "Role3", "Lightning", "3", true},
		{three, "Role3", "Star", "3", false}, // what is inherited hides the role's own
		{three, "Role3", "Sun", "2", false},  // a role's tag is never transitive
	} {
		if got := tt.who.asks(tt.role, tt.key, tt.value); got != tt.want {
			t.Errorf("%s, %s = %s: got %v, want %v", tt.role, tt.key, tt.value, got, tt.want)
		}
	}
}

// The first refusal was published by people who met it.
func TestInheritedTagsCannotBeChanged(t *testing.T) {
	w, one := newChain(t)
	two := one.become("Role2")
	for _, key := range []string{"Heart", "hEART"} {
		two.assume("Role3", tagged(key, "3")...).refused(t, 400, "InvalidParameterValue",
			"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	}
	two.become("Role3", tagged("Comet", "3")...)
	one.assume("Role2", "TransitiveTagKeys.member.1", "Comet").refused(t, 400, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.")
	one.assume("Role2", tagged("Comet", "1", "comet", "2")...).refused(t, 400, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	w.newRole("shut", strings.Replace(chained, `,"sts:TagSession"`, "", 1))
	one.assume("shut").refused(t, 403, "AccessDenied", "User: arn:aws:sts::000000000000:assumed-role/Role1/me is not authorized to perform: sts:TagSession on resource: arn:aws:iam::000000000000:role/shut")
	w.as(w.admin()).become("shut") // it has no tags to pass on
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
func TestATrustPolicyMayLimitWhichTagsGoOn(t *testing.T) {
	w := newWorld(t)
	w.newRole("Role1", strings.Replace(chained, `]}}`, `],"Condition":{"ForAllValues:StringEquals":{"sts:TransitiveTagKeys":["Project","Department"]}}}}`, 1))
	tags := tagged("Project", "Automation", "CostCenter", "12345", "Department", "Engineering")
	admin := w.as(w.admin())
	admin.become("Role1", append(tags, "TransitiveTagKeys.member.1", "Project", "TransitiveTagKeys.member.2", "Department")...)
	admin.assume("Role1", append(tags, "TransitiveTagKeys.member.1", "CostCenter")...).want(t, 403)
	admin.become("Role1", tags...)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
func TestTheEventTellsOfInheritedTags(t *testing.T) {
	w, one := newChain(t)
	one.become("Role2", tagged("Comet", "1")...)
	var found bool
	for _, e := range w.lookUp("EventName", "AssumeRole").Events {
		found = found || strings.Contains(e.CloudTrailEvent, `"incomingTransitiveTags":{"Heart":"1","Star":"1"}`)
	}
	if !found {
		t.Error("no event names what was inherited")
	}
}
