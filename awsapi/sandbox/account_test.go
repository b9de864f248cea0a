package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const secondAccount = "222222222222"

// elsewhere is the same lab in another account: the same CA, a trust anchor, a role
// and a Roles Anywhere profile of its own.
func (l *lab) elsewhere(number string) *lab {
	l.Helper()
	w := *l.world
	w.in = number
	other := &lab{world: &w, ca: l.ca}
	other.anchor = other.newAnchor(l.ca)
	other.role = other.newRole("lab", trustsRolesAnywhere)
	other.profile = other.newProfile(map[string]any{})
	return other
}

func TestKeysDecideTheAccount(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	for l, number := range map[*lab]string{one: Account, two: secondAccount} {
		got := l.as(l.admin()).query("sts", "GetCallerIdentity").want(t, 200)
		if got.between("Account") != number || got.between("Arn") != "arn:aws:iam::"+number+":user/sandbox-admin" {
			t.Errorf("got %s %s, want the administrator of %s", got.between("Account"), got.between("Arn"), number)
		}
		if list := l.ra("GET", "/trustanchors", nil).want(t, 200); list.text("trustAnchors.0.trustAnchorArn") != l.anchor || list.field("trustAnchors.1") != nil {
			t.Errorf("%s sees %s, want only its own trust anchor", number, list.body)
		}
		if !strings.Contains(l.anchor, ":"+number+":") || !strings.Contains(l.role, "::"+number+":") || !strings.Contains(l.profile, ":"+number+":") {
			t.Errorf("got %s %s %s, want ARNs of %s", l.anchor, l.role, l.profile, number)
		}
	}
}

// One certificate opens a session in each account, and each account has the events
// and the subject of its own.
func TestOneCertificateOpensBothAccounts(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	host := one.host()
	for l, number := range map[*lab]string{one: Account, two: secondAccount} {
		k := l.session(host).want(t, 201).keys()
		if got := l.as(k).query("sts", "GetCallerIdentity").want(t, 200).between("Arn"); got != "arn:aws:sts::"+number+":assumed-role/lab/1000" {
			t.Errorf("got %s, want a session in %s", got, number)
		}
		events := l.lookUp("EventName", "CreateSession")
		if got := events.record(t, "recipientAccountId"); len(events.Events) != 1 || got != number {
			t.Errorf("%s has %d events of CreateSession, the last of %v", number, len(events.Events), got)
		}
		if list := l.ra("GET", "/subjects", nil).want(t, 200); list.field("subjects.1") != nil || !strings.Contains(list.text("subjects.0.subjectArn"), ":"+number+":") {
			t.Errorf("%s has the subjects %s", number, list.body)
		}
	}
}

// What AWS says of such a mix was seen for a Roles Anywhere profile and a role that
// are not there; of another account they are not there either.
func TestASessionIsOfOneAccount(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	host := one.host()
	tests := map[string]struct {
		ask  func(*asked)
		want string
	}{
		"a trust anchor of another account":          {func(a *asked) { a.anchor = two.anchor }, "Invalid or empty profile provided."},
		"a Roles Anywhere profile of another":        {func(a *asked) { a.profile = two.profile }, "Invalid or empty profile provided."},
		"a role of another":                          {func(a *asked) { a.role = two.role }, "Requested Role isn't one of those listed in the Profile."},
		"a trust anchor in an account that is not":   {func(a *asked) { a.anchor = strings.Replace(one.anchor, Account, "333333333333", 1) }, "Specified Trust Anchor wasn't found."},
		"a trust anchor that only its number moves":  {func(a *asked) { a.anchor = strings.Replace(one.anchor, Account, secondAccount, 1) }, "Specified Trust Anchor wasn't found."},
		"all of the other, but for the trust anchor": {func(a *asked) { a.profile, a.role = two.profile, two.role }, "Invalid or empty profile provided."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			one.session(host, tt.ask).refused(t, 403, "AccessDeniedException", tt.want)
		})
	}
}

func TestARoleOnlyTrustsTheAccountThatItNames(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	set := func(l *lab) {
		l.iam("UpdateAssumeRolePolicy", "RoleName", "lab", "PolicyDocument", strings.Replace(trustsRolesAnywhere, `"Action"`,
			`"Condition":{"StringEquals":{"aws:SourceAccount":"`+secondAccount+`"}},"Action"`, 1)).want(t, 200)
	}
	set(one)
	set(two)
	one.session(one.host()).refused(t, 403, "AccessDeniedException", "Unable to assume role for "+one.role+".")
	two.session(one.host()).want(t, 201)
}

func TestThingsOfAnotherAccountAreNotThere(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	id := one.anchor[strings.LastIndex(one.anchor, "/")+1:]
	two.ra("GET", "/trustanchor/"+id, nil).refused(t, 404, "ResourceNotFoundException", "TrustAnchor with id "+id+" does not exist.")
	two.ra("DELETE", "/profile/"+one.profile[strings.LastIndex(one.profile, "/")+1:], nil).want(t, 404)
	two.ra("POST", "/profiles", map[string]any{"name": "x", "roleArns": []string{one.role}}).
		refused(t, 403, "AccessDeniedException", "Cross-account pass role is not allowed.")
	two.ra("POST", "/TagResource", map[string]any{"resourceArn": one.anchor, "tags": []tag{{"a", "b"}}}).
		refused(t, 403, "AccessDeniedException", "User: arn:aws:iam::222222222222:user/sandbox-admin is not authorized to perform: rolesanywhere:TagResource on resource: "+
			one.anchor+" because no resource-based policy allows the rolesanywhere:TagResource action")
	two.iam("DeleteRole", "RoleName", "lab").want(t, 200)
	one.iam("GetRole", "RoleName", "lab").want(t, 200)
	made := one.iam("CreatePolicy", "PolicyName", "p", "PolicyDocument", mayListBuckets).want(t, 200).between("Arn")
	two.newRole("lab", trustsRolesAnywhere)
	two.iam("AttachRolePolicy", "RoleName", "lab", "PolicyArn", made).want(t, 404)
	one.session(one.host()).want(t, 201)
}

func TestEachAccountHasItsOwnLimits(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	for range maxAnchors - 1 {
		one.newAnchor(one.ca)
	}
	one.ra("POST", "/trustanchors", map[string]any{"name": "x", "source": bundle(one.ca.pem())}).want(t, 400)
	two.newAnchor(two.ca)
	if _, err := one.box.Break("rates"); err != nil {
		t.Fatal(err)
	}
	host := one.host()
	for range 10 {
		one.session(host).want(t, 201)
	}
	one.session(host).want(t, 429)
	two.session(host).want(t, 201)
	one.ra("GET", "/trustanchors", nil).want(t, 200)
	one.ra("GET", "/trustanchors", nil).want(t, 429)
	two.ra("GET", "/trustanchors", nil).want(t, 200)
}

// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func TestABucketOfAnotherAccountNeedsBothAccounts(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	path := "/" + SampleBucket + "/a"
	s3 := func(k keys, method, path string, body []byte) reply {
		return one.as(k).send("s3", method, path, "", body, nil)
	}
	s3(one.admin(), "PUT", path, []byte("hello")).want(t, 200)
	s3(two.admin(), "GET", path, nil).refused(t, 403, "AccessDenied", "User: arn:aws:iam::222222222222:user/sandbox-admin is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::"+
		SampleBucket+"/a because no resource-based policy allows the s3:GetObject action")
	lets := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + secondAccount + `"},"Action":"s3:*","Resource":["arn:aws:s3:::` + SampleBucket + `/*","arn:aws:s3:::` + SampleBucket + `"]}]}`
	s3(one.admin(), "PUT", "/"+SampleBucket+"?policy=", []byte(lets)).want(t, 204)
	s3(two.admin(), "GET", path, nil).want(t, 200)
	// The bucket's policy alone does not do it: a role there needs a policy of its own.
	k := two.session(one.host()).want(t, 201).keys()
	s3(k, "GET", path, nil).want(t, 403)
	two.iam("PutRolePolicy", "RoleName", "lab", "PolicyName", "p", "PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`).want(t, 200)
	s3(k, "GET", path, nil).want(t, 200)
	s3(two.admin(), "GET", "/"+SampleBucket+"?policy=", nil).refused(t, 405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	s3(two.admin(), "PUT", "/"+SampleBucket, nil).refused(t, 409, "BucketAlreadyExists", saysBucketTaken)
	if got := two.as(two.admin()).buckets().want(t, 200); got.between("Name") != SampleBucket+"-"+secondAccount || strings.Count(string(got.body), "<Name>") != 1 {
		t.Errorf("got the buckets %s", got.body)
	}
}

func TestARoleIsAssumedFromAnotherAccountIfBothAllowIt(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	trusts := func(who string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + who + `"},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]}]}`
	}
	target := one.newRole("target", trusts("arn:aws:iam::"+secondAccount+":root"))
	assume := func(k keys) reply {
		return one.as(k).query("sts", "AssumeRole", "RoleArn", target, "RoleSessionName", "visit")
	}
	assume(two.admin()).want(t, 200)
	k := two.session(one.host()).want(t, 201).keys()
	assume(k).refused(t, 403, "AccessDenied", "User: arn:aws:sts::222222222222:assumed-role/lab/1000 is not authorized to perform: sts:AssumeRole on resource: "+target)
	// To name the role is enough in one account, not from another one.
	one.iam("UpdateAssumeRolePolicy", "RoleName", "target", "PolicyDocument", trusts(two.role)).want(t, 200)
	assume(k).want(t, 403)
	two.iam("PutRolePolicy", "RoleName", "lab", "PolicyName", "p", "PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}`).want(t, 200)
	got := assume(k).want(t, 200)
	if arn := got.between("Arn"); arn != "arn:aws:sts::000000000000:assumed-role/target/visit" {
		t.Errorf("got %s", arn)
	}
	assume(two.admin()).want(t, 403) // the role is named now, not the account
	here, there := two.lookUp("EventName", "AssumeRole"), one.lookUp("ResourceName", target)
	for i, e := range here.Events { // the visit's is the last that went well
		if strings.Contains(e.CloudTrailEvent, "sharedEventID") {
			here.Events = here.Events[i:]
			break
		}
	}
	if a, b := here.record(t, "sharedEventID"), there.record(t, "sharedEventID"); a != b || a == nil {
		t.Errorf("got shared events %v and %v", a, b)
	}
	if got := there.record(t, "userIdentity.accountId"); got != secondAccount || there.record(t, "recipientAccountId") != Account || there.record(t, "userIdentity.arn") != nil {
		t.Errorf("got %s in the role's account", there.Events[0].CloudTrailEvent)
	}
}

func TestAFaultStrikesTheAccountOfItsSetup(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	host := one.host()
	tagged := func(l *lab, name string) {
		l.ra("POST", "/TagResource", map[string]any{"resourceArn": l.anchor, "tags": []tag{{setupTag, name}}}).want(t, 201)
	}
	tagged(one, "here")
	tagged(two, "there")
	for setup, struck := range map[string]*lab{"here": one, "there": two} {
		if _, err := one.box.Break("anchor-disabled@" + setup); err != nil {
			t.Fatal(err)
		}
		for _, l := range []*lab{one, two} {
			if got := l.session(host).status; (got == 403) != (l == struck) {
				t.Errorf("with %s broken %s answers %d", setup, l.anchor, got)
			}
		}
		if _, err := one.box.Break("none"); err != nil {
			t.Fatal(err)
		}
		one.session(host).want(t, 201)
		two.session(host).want(t, 201)
	}
	if _, err := one.box.Break("anchor-disabled@nobody"); !errors.Is(err, errNothing) {
		t.Errorf("got %v for a set-up that is nowhere", err)
	}
	one.now = one.now.Add(time.Minute)
	two.now = one.now
	two.anchor = two.newAnchor(two.ca)
	tagged(two, "newest")
	if _, err := one.box.Break("role-deleted"); err != nil {
		t.Fatal(err)
	}
	one.session(host).want(t, 201)
	two.session(host).refused(t, 403, "AccessDeniedException", "Unable to assume role for "+two.role+".")
}

func TestAnAccountIsTwelveDigits(t *testing.T) {
	w := newWorld(t)
	for _, number := range []string{"1", "22222222222x", "2222222222222", " 22222222222"} {
		if _, err := w.box.AdminOf(number); err == nil {
			t.Errorf("got account %q, want an error", number)
		}
	}
	if len(w.box.state.Others) != 0 {
		t.Errorf("got %d accounts made", len(w.box.state.Others))
	}
}

func TestAccountsSurviveARestartAndEndWithAReset(t *testing.T) {
	one := newLab(t)
	two := one.elsewhere(secondAccount)
	k, admin := two.session(one.host()).want(t, 201).keys(), two.admin()
	if err := one.box.Close(); err != nil {
		t.Fatal(err)
	}
	again := newWorld(t, func(c *Config) { c.Dir = one.box.cfg.Dir })
	again.in = secondAccount
	if again.admin() != admin {
		t.Error("the keys of the second account changed")
	}
	if got := again.as(k).query("sts", "GetCallerIdentity").want(t, 200).between("Account"); got != secondAccount {
		t.Errorf("got the session in %s", got)
	}
	if err := again.box.Reset(); err != nil {
		t.Fatal(err)
	}
	again.as(admin).query("sts", "GetCallerIdentity").refused(t, 403, "InvalidClientTokenId", "The security token included in the request is invalid.")
	again.as(k).query("sts", "GetCallerIdentity").want(t, 403)
}

// The state was written by a program that knew one account.
func TestAStateOfOneAccountIsReadAsBefore(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "state-of-one-account.json"))
	if err != nil {
		t.Fatal(err)
	}
	var was struct{ Admin Keys }
	if err := json.Unmarshal(data, &was); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "state.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *Config) { c.Dir = dir })
	if got := w.admin(); got.id != was.Admin.AccessKeyID || got.secret != was.Admin.SecretAccessKey {
		t.Errorf("got keys %+v, want the administrator's of before", got.id)
	}
	if got := w.ra("GET", "/trustanchors", nil).want(t, 200).text("trustAnchors.0.name"); got != "anywhere-lab-627f34ee" {
		t.Errorf("got trust anchor %q", got)
	}
	if got := w.iam("GetRole", "RoleName", "anywhere-lab-627f34ee").want(t, 200).between("Arn"); got != "arn:aws:iam::000000000000:role/anywhere-lab-627f34ee" {
		t.Errorf("got role %s", got)
	}
	if events := w.lookUp("", "").Events; len(events) != 3 { // the one of before and these two
		t.Errorf("got %d events", len(events))
	}
}

// A process that does not serve has an account made by the one that does.
func TestAnAccountIsMadeInWhateverProcessServes(t *testing.T) {
	cfg, _ := kept(t)
	first, err := Ensure(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := Ensure(t.Context(), cfg)
	if err != nil || second.Serves() {
		t.Fatalf("got %v, want the running one", err)
	}
	got, err := second.AdminOf(t.Context(), secondAccount)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := first.AdminOf(t.Context(), secondAccount); got != want || err != nil || got == first.Admin {
		t.Errorf("got keys %s, want %s, %v", got.AccessKeyID, want.AccessKeyID, err)
	}
	if _, err := second.AdminOf(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "must be 12 digits") {
		t.Errorf("got %v for a number that is none", err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, first.URL+makePath, strings.NewReader(`{"account":"333333333333"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden || len(first.Sandbox.state.Others) != 1 {
		t.Errorf("got %d without the administrator's secret", resp.StatusCode)
	}
}
