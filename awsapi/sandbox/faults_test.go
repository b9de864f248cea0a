package sandbox

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func (l *lab) breaks(name string) {
	l.Helper()
	if _, err := l.box.Break(name); err != nil {
		l.Fatal(err)
	}
}

// What each fault that harms things makes of the next session, by AWS's published
// sentences; "" where a session is still given.
func TestEveryFaultShowsAndIsMended(t *testing.T) {
	const cannot = "Unable to assume role for arn:aws:iam::000000000000:role/lab."
	wants := map[string]string{
		"anchor-disabled": "Trust anchor is disabled", "anchor-deleted": "Specified Trust Anchor wasn't found.",
		"anchor-other-ca": "Untrusted signing certificate", "anchor-expired-ca": "Untrusted signing certificate",
		"profile-disabled": "Profile is disabled", "profile-deleted": "Invalid or empty profile provided.", "profile-empty": "Invalid or empty profile provided.",
		"role-not-in-profile": "Requested Role isn't one of those listed in the Profile.", "mapping-removed": cannot,
		"duration-too-long":     cannot + " The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
		"session-policy-denies": "", "session-policy-too-large": cannot + " Serialized policy and tags exceed the allowed size.",
		"role-deleted": cannot, "role-recreated": "", "permissions-removed": "", "boundary-denies": "",
		"trust-no-assumerole": cannot, "trust-no-tagsession": cannot, "trust-no-sourceidentity": cannot, "trust-wrong-principal": cannot,
		"trust-other-anchor": cannot, "trust-other-cn": cannot, "trust-other-account": cannot, "trust-unmapped-tag": cannot,
		"crl-revokes": "Certificate revoked", "crl-stale": "",
	}
	for _, kind := range Faults() {
		want, known := wants[kind.Name]
		if kind.harm == nil {
			continue
		}
		t.Run(kind.Name, func(t *testing.T) {
			if !known {
				t.Fatal("nobody says what it should do")
			}
			l := newLab(t)
			l.iam("UpdateAssumeRolePolicy", "RoleName", "lab", "PolicyDocument", trusts(`{"StringEquals":{"aws:PrincipalTag/x509Subject/CN":"host-01"}}`)).want(t, 200)
			l.iam("PutRolePolicy", "RoleName", "lab", "PolicyName", "p", "PolicyDocument", mayListBuckets).want(t, 200)
			who := l.host()
			before := l.session(who).want(t, 201).keys()
			l.as(before).buckets().want(t, 200)
			l.breaks(kind.Name)
			got := l.session(who)
			if want != "" {
				got.refused(t, 403, "AccessDeniedException", want)
			} else {
				downstream := l.as(got.want(t, 201).keys()).buckets()
				harmless := kind.Name == "role-recreated" || kind.Name == "crl-stale"
				if harmless != (downstream.status == 200) {
					t.Errorf("got %d %s of the new session", downstream.status, downstream.message)
				}
			}
			if old := l.as(before).buckets(); kind.Name == "role-recreated" && old.status == 200 {
				t.Error("a session of the old role lives on")
			}
			l.breaks("none")
			l.as(l.session(who).want(t, 201).keys()).buckets().want(t, 200)
			if n := len(l.box.state.CRLs); n != 0 {
				t.Errorf("got %d CRLs after mending, want none", n)
			}
		})
	}
}

func TestFaultsOfWeatherComeOverCalls(t *testing.T) {
	createRole := func(l *lab) reply {
		return l.iam("CreateRole", "RoleName", "new", "AssumeRolePolicyDocument", trustsRolesAnywhere)
	}
	session := func(l *lab) reply {
		return l.session(l.host(func(c *x509.Certificate) { c.NotBefore = noon.Add(-time.Hour) }))
	}
	tests := map[string]struct {
		fault   string
		call    func(*lab) reply
		status  int
		code    string
		message string
	}{
		"the clock goes ahead":       {"clock+10m", session, 403, "AccessDeniedException", "Invalid signature"},
		"the clock goes back":        {"clock-10m", session, 403, "AccessDeniedException", "Invalid signature"},
		"a permission is taken":      {"deny:iam:CreateRole", createRole, 403, "AccessDenied", "User: arn:aws:iam::000000000000:user/sandbox-admin is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::000000000000:role/new because no identity-based policy allows the iam:CreateRole action"},
		"sessions are throttled":     {"throttle", session, 429, "ThrottlingException", "Rate exceeded"},
		"one operation is throttled": {"throttle:CreateRole", createRole, 400, "Throttling", "Rate exceeded"},
		"sessions are broken":        {"500", session, 500, "InternalServerException", "Internal server error"},
		"one operation is broken":    {"500:CreateRole", createRole, 500, "ServiceFailure", "The request processing has failed because of an unknown error, exception or failure."},
		"IAM is slow":                {"iam-slow", session, 403, "AccessDeniedException", "Unable to assume role for arn:aws:iam::000000000000:role/lab."},
		"EKU is asked for":           {"strict-eku", session, 403, "AccessDeniedException", "Untrusted certificate. Insufficient certificate"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.breaks(tt.fault)
			tt.call(l).refused(t, tt.status, tt.code, tt.message)
			l.breaks("none")
			if got := tt.call(l); got.status >= 300 {
				t.Errorf("after mending: got %d %s", got.status, got.message)
			}
		})
	}
}

func TestTheClockOfAFaultIsInTheDateHeader(t *testing.T) {
	l := newLab(t)
	l.breaks("clock+10m")
	if got, want := l.session(l.host()).header.Get("Date"), noon.Add(10*time.Minute).Format(http.TimeFormat); got != want {
		t.Errorf("got Date %s, want %s", got, want)
	}
}

func TestFreshMappingsMayBeNull(t *testing.T) {
	l := newLab(t)
	l.breaks("mapping-null")
	got := l.ra("POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{}}).want(t, 201)
	if !strings.Contains(string(got.body), `"attributeMappings":null`) {
		t.Errorf("got %s, want attributeMappings null", got.body)
	}
}

func TestAFaultIsRefusedIfItIsNoneOrFindsNothing(t *testing.T) {
	w := newWorld(t)
	for name, want := range map[string]string{
		"nonsense": "break nonsense: no such fault", "anchor-disabled": "break anchor-disabled: nothing in the sandbox fits: set something up first",
		"deny:x": "break deny:x: name an IAM action, such as iam:CreateRole", "clock10m": "break clock10m: name an offset, such as +10m or -1h",
		"slow:-1s": "break slow:-1s: name a time up to an hour, such as 3s", "throttle:Nothing": "break throttle:Nothing: the sandbox has no operation of that name",
	} {
		if _, err := w.box.Break(name); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	if _, err := w.box.Break("nonsense"); !errors.Is(err, ErrNoFault) {
		t.Errorf("got %v, want ErrNoFault", err)
	}
	if n := len(w.box.Broken()); n != 0 {
		t.Errorf("got %d faults in force, want none", n)
	}
}

func TestAFaultStrikesTheSetUpThatIsNamed(t *testing.T) {
	l := newLab(t)
	other := l.ra("POST", "/trustanchors", map[string]any{"name": "other", "source": bundle(l.ca.pem()), "enabled": true,
		"tags": []map[string]string{{"key": "anywhere:setup", "value": "other"}}}).want(t, 201).text("trustAnchor.trustAnchorArn")
	enabled := func(arn string) any {
		return l.ra("GET", "/trustanchor/"+id(arn), nil).want(t, 200).field("trustAnchor.enabled")
	}
	if _, err := l.box.Break("anchor-disabled@nobody"); err == nil {
		t.Error("got no error for a set-up that is not there")
	}
	l.breaks("anchor-disabled@other")
	if enabled(other) != false || enabled(l.anchor) != true {
		t.Errorf("got other %v, lab %v; want only the named one disabled", enabled(other), enabled(l.anchor))
	}
}

func TestRandomFaultsComeFromTheSourceOfRandomness(t *testing.T) {
	draw := func(b byte) string {
		l := newLab(t)
		l.session(l.host()).want(t, 201)
		l.box.cfg.Random = steady{l.box.cfg.Random, b}
		did, err := l.box.Break("random")
		if err != nil {
			t.Fatal(err)
		}
		return did
	}
	if first, again := draw(3), draw(3); first != again {
		t.Errorf("got %s, then %s, want the same", first, again)
	}
	if one, other := draw(3), draw(4); one == other {
		t.Errorf("got %s twice, want another", one)
	}
}

// steady is a source of one byte, and of real randomness for keys.
type steady struct {
	real interface{ Read([]byte) (int, error) }
	b    byte
}

func (s steady) Read(p []byte) (int, error) {
	if len(p) != 20 {
		return s.real.Read(p)
	}
	copy(p, slices.Repeat([]byte{s.b}, len(p)))
	return len(p), nil
}

func TestChanceIsReproducible(t *testing.T) {
	l := newLab(t)
	l.breaks("flaky")
	run := func(seed uint64) string {
		if err := l.box.SetSeed(seed); err != nil {
			t.Fatal(err)
		}
		out := ""
		for range 20 {
			out += fmt.Sprint(l.ra("GET", "/profiles", nil).status, " ")
		}
		return out
	}
	first := run(7)
	if again := run(7); first != again {
		t.Errorf("got  %s\nthen %s", first, again)
	}
	if other := run(8); first == other {
		t.Errorf("got %s with either seed", first)
	}
	if !strings.Contains(first, "500") || !strings.Contains(first, "200") {
		t.Errorf("got %s, want some of both", first)
	}
}

// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/load-balancer-limits.html
func TestRatesAreAWSs(t *testing.T) {
	l := newLab(t)
	l.breaks("rates")
	status := func(calls int, call func() reply) (throttled int) {
		for range calls {
			if got := call(); got.status >= 400 {
				throttled++
			}
		}
		return throttled
	}
	who := l.host()
	if n := status(12, func() reply { return l.session(who) }); n != 2 {
		t.Errorf("CreateSession: got %d of 12 throttled, want 2: 10 a second", n)
	}
	if n := status(1, func() reply { return l.session(l.host()) }); n != 0 {
		t.Error("another certificate is counted by itself")
	}
	if n := status(3, func() reply { return l.ra("GET", "/profiles", nil) }); n != 2 {
		t.Errorf("ListProfiles: got %d of 3 throttled, want 2: 1 a second", n)
	}
	if n := status(3, func() reply { return l.as(l.admin()).trail(map[string]any{}) }); n != 1 {
		t.Errorf("LookupEvents: got %d of 3 throttled, want 1: 2 a second", n)
	}
	if n := status(3, func() reply {
		return l.ra("PUT", "/profiles/"+id(l.profile)+"/mappings", map[string]any{"certificateField": "x509SAN", "mappingRules": []any{}})
	}); n != 0 {
		t.Errorf("PutAttributeMapping: got %d throttled, want none: it is in no published group", n)
	}
	l.now = l.now.Add(time.Second)
	if n := status(1, func() reply { return l.ra("GET", "/profiles", nil) }); n != 0 {
		t.Error("a second later the next call comes through")
	}
}

func TestFaultsSurviveARestartButNoReset(t *testing.T) {
	l := newLab(t)
	l.breaks("throttle")
	if err := l.box.Close(); err != nil {
		t.Fatal(err)
	}
	again := newWorld(t, func(c *Config) { c.Dir = l.box.cfg.Dir })
	if got := again.box.Broken(); !slices.Equal(got, []string{"throttle"}) {
		t.Errorf("got %v after a restart, want throttle", got)
	}
	before := again.admin()
	if err := again.box.Reset(); err != nil {
		t.Fatal(err)
	}
	if len(again.box.Broken()) != 0 || len(again.box.state.Roles) != 0 || again.admin() == before {
		t.Error("something is left after a reset")
	}
	again.ra("GET", "/profiles", nil).want(t, 200)
}

// Nobody public knows whether AWS asks for an extended key usage; a strict
// sandbox does, the others do not.
func TestAStrictSandboxWantsClientAuth(t *testing.T) {
	l := newLab(t)
	for name, tt := range map[string]struct {
		uses   []x509.ExtKeyUsage
		strict int
	}{
		"none":           {nil, 403},
		"for servers":    {[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, 403},
		"for clients":    {[]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, 201},
		"for both":       {[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, 201},
		"for everything": {[]x509.ExtKeyUsage{x509.ExtKeyUsageAny}, 201},
	} {
		t.Run(name, func(t *testing.T) {
			who := l.host(func(c *x509.Certificate) { c.ExtKeyUsage = tt.uses })
			l.session(who).want(t, 201)
			l.breaks("strict-eku")
			defer l.breaks("none")
			got := l.session(who)
			if got.status != tt.strict || got.status == 403 && got.message != "Untrusted certificate. Insufficient certificate" {
				t.Errorf("got %d %s, want %d", got.status, got.message, tt.strict)
			}
		})
	}
}
