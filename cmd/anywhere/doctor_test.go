package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
	"anywhere/awsapi/sandbox"
	"anywhere/doctor"
)

// told is the document of doctor --json.
type told struct {
	SchemaVersion int
	Verdict       string
	Cause         *string
	Causes        []string
	Findings      []toldFinding
	ElapsedMs     *int64
	Others        []struct{ Name, Verdict string }
	Error         struct{ Code, Message string }
}

type toldFinding struct {
	Code, Title, Verdict, Says, Source string
	Evidence                           []struct{ Label, Value string }
	BecauseOf                          *string
	Fix                                struct {
		Text, Command string
		Automatic     bool
	}
}

// ask runs doctor --json; the exit code must be code.
func (s *shop) ask(code int, args ...string) told {
	s.t.Helper()
	stdout := s.want(code, append([]string{"doctor", "--json"}, args...)...)
	var doc told
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil {
		s.t.Fatalf("not one JSON document: %v\n%s", err, stdout)
	}
	return doc
}

func (d told) with(verdict string) string {
	var codes []string
	for _, f := range d.Findings {
		if f.Verdict == verdict && f.BecauseOf == nil {
			codes = append(codes, f.Code)
		}
	}
	return strings.Join(codes, " ")
}

// wantCause fails the test unless that is the only cause.
func (s *shop) wantCause(want string, args ...string) told {
	s.t.Helper()
	doc := s.ask(exitFailed, args...)
	if !slices.Equal(doc.Causes, []string{want}) || doc.Cause == nil || *doc.Cause != want || doc.Verdict != "unhealthy" {
		s.t.Errorf("got %s because of %v, want %s alone", doc.Verdict, doc.Causes, want)
	}
	return doc
}

func TestAHealthySetUpIsOneLine(t *testing.T) {
	s := newShop(t)
	stdout := s.want(exitDone, "doctor", "lab")
	if strings.Count(stdout, "\n") != 1 || !strings.Contains(stdout, "lab works: ") || !strings.Contains(stdout, "sessions as CN=box") {
		t.Errorf("got %q", stdout)
	}
	doc := s.ask(exitDone, "lab")
	if doc.SchemaVersion != 1 || doc.Verdict != "healthy" || doc.Cause != nil || doc.Causes == nil || len(doc.Findings) < 60 || doc.ElapsedMs == nil {
		t.Errorf("got %+v", doc)
	}
	if doc.with("warn")+doc.with("unknown")+doc.with("fail") != "" {
		t.Errorf("warns %q, unknown %q, fails %q", doc.with("warn"), doc.with("unknown"), doc.with("fail"))
	}
	s.want(exitDone, "doctor", "lab", "--strict")
	if status := s.want(exitDone, "status"); !strings.Contains(status, "healthy") {
		t.Errorf("status forgot the verdict: %s", status)
	}
	if ops := changing(s.calls()); slices.ContainsFunc(ops, func(op string) bool { return strings.HasPrefix(op, "sts:") }) {
		t.Errorf("the doctor changed something: %v", ops)
	}
}

// What AWS holds is broken one thing at a time, in AWS itself.
func TestFaultsInAWSAreFound(t *testing.T) {
	s := newShop(t)
	ctx, api := t.Context(), s.API
	session := must(s.homeDir().ReadSession(s.place()))
	role := must(api.Role(ctx, session.RoleARN[strings.LastIndex(session.RoleARN, "/")+1:]))
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	trust := func(old, now string) {
		t.Helper()
		if !strings.Contains(role.TrustPolicy, old) {
			t.Fatalf("no %q in %s", old, role.TrustPolicy)
		}
		do(api.UpdateTrustPolicy(ctx, role.Name, strings.ReplaceAll(role.TrustPolicy, old, now)))
	}
	for _, f := range []struct {
		name, want string
		brk, mend  func()
	}{
		{"the trust anchor is disabled", "RA201", func() { do(api.DisableAnchor(ctx, session.TrustAnchorARN)) }, func() { do(api.EnableAnchor(ctx, session.TrustAnchorARN)) }},
		{"the Roles Anywhere profile is disabled", "RA203", func() { do(api.DisableProfile(ctx, session.ProfileARN)) }, func() { do(api.EnableProfile(ctx, session.ProfileARN)) }},
		{"the role is not listed", "RA204", func() {
			other := must(api.CreateRole(ctx, awsapi.RoleSpec{Name: "other", Path: "/", TrustPolicy: role.TrustPolicy}))
			must(api.UpdateProfileRoles(ctx, session.ProfileARN, []string{other.ARN}))
		}, func() { must(api.UpdateProfileRoles(ctx, session.ProfileARN, []string{session.RoleARN})) }},
		{"an action is missing", "RA301", func() { trust(`"sts:SetSourceIdentity"`, `"sts:AssumeRole"`) }, nil},
		{"the role wants another name", "RA302", func() { trust(`"box"`, `"box-8"`) }, nil},
		{"the role is for another anchor", "RA303", func() { trust(session.TrustAnchorARN, session.TrustAnchorARN[:len(session.TrustAnchorARN)-1]+"x") }, nil},
		{"the role trusts another service", "RA304", func() { trust(policy.Service, "ec2.amazonaws.com") }, nil},
		{"the mapping leaves the name out", "RA210", func() {
			must(api.PutAttributeMapping(ctx, session.ProfileARN, awsapi.AttributeMapping{Field: "x509Subject", Specifiers: []string{"OU"}}))
		}, func() {
			must(api.PutAttributeMapping(ctx, session.ProfileARN, awsapi.AttributeMapping{Field: "x509Subject", Specifiers: []string{"*"}}))
		}},
		{"AWS is asked too often", "RA405", func() {
			s.breakWith(func(c sandbox.Call) *sandbox.Fault {
				if c.Operation == "CreateSession" {
					return &sandbox.Fault{Throttle: true}
				}
				return nil
			})
		}, func() { s.breakWith(nil) }},
	} {
		t.Run(f.name, func(t *testing.T) {
			f.brk()
			doc := s.wantCause(f.want, "lab")
			if found := slices.IndexFunc(doc.Findings, func(x toldFinding) bool { return x.Code == "RA403" }); f.want != "RA405" && (doc.Findings[found].BecauseOf == nil || *doc.Findings[found].BecauseOf != f.want) {
				t.Errorf("the refused session does not follow from %s: %+v", f.want, doc.Findings[found])
			}
			if f.mend != nil {
				f.mend()
			} else {
				do(api.UpdateTrustPolicy(ctx, role.Name, role.TrustPolicy))
			}
			s.want(exitDone, "doctor", "lab")
		})
	}
}

// A certificate that has ended, by the same clock on both sides.
func TestAnExpiredCertificateIsTheCause(t *testing.T) {
	s := newShop(t)
	s.pass(80 * 24 * time.Hour)
	if doc := s.ask(exitDone, "lab"); doc.with("warn") != "RA601" {
		t.Errorf("got warnings %q, want RA601", doc.with("warn"))
	}
	s.pass(11 * 24 * time.Hour)
	s.wantCause("RA115", "lab")
}

// Without permission, without AWS credentials, offline: the report is narrower.
func TestWhatCannotBeReadIsUnknown(t *testing.T) {
	s := newShop(t)
	s.breakWith(func(c sandbox.Call) *sandbox.Fault {
		if c.Operation == "CreateSession" {
			return nil
		}
		return &sandbox.Fault{Status: 403, Code: "AccessDenied", Message: "no identity-based policy allows it"}
	})
	doc := s.ask(exitDone, "lab")
	if doc.Verdict != "healthy" || doc.with("unknown") != "RA412" || doc.with("warn") != "" {
		t.Errorf("got %s, unknown %q, warnings %q", doc.Verdict, doc.with("unknown"), doc.with("warn"))
	}
	s.want(exitFailed, "doctor", "lab", "--strict")
	s.breakWith(nil)
	if err := s.API.DisableAnchor(t.Context(), must(s.homeDir().ReadSession(s.place())).TrustAnchorARN); err != nil {
		t.Fatal(err)
	}
	if doc := s.ask(exitDone, "lab", "--offline"); doc.with("fail")+doc.with("warn")+doc.with("unknown") != "" || len(s.calls()) == 0 {
		t.Errorf("offline: fails %q, warns %q, unknown %q", doc.with("fail"), doc.with("warn"), doc.with("unknown"))
	}
	s.calls()
	s.want(exitDone, "doctor", "lab", "--offline")
	if calls := s.calls(); len(calls) != 0 {
		t.Errorf("offline asked %v", calls)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	s.wantCause("RA201", "lab")
}

// The endpoint answers nobody: it could not be told.
func TestWithoutNetworkItCannotBeTold(t *testing.T) {
	s := newShop(t)
	doc := s.ask(exitFailed, "lab", "--endpoint", "http://127.0.0.1:1")
	if doc.with("fail") != "RA402" {
		t.Errorf("got causes %v, want RA402", doc.Causes)
	}
	keyless := s.ask(exitUnknown, "--certificate", filepath.Join(s.place().Dir, "pairs", s.pairs()[0], "certificate.pem"))
	if keyless.Verdict != "unknown" || len(keyless.Causes) != 0 {
		t.Errorf("a certificate alone: got %s because of %v", keyless.Verdict, keyless.Causes)
	}
}

func TestTheKeyIsJudgedWithoutBeingShown(t *testing.T) {
	s := newShop(t)
	key := filepath.Join(s.place().Dir, "pairs", s.pairs()[0], "key.pem")
	secret := strings.Split(string(must(os.ReadFile(key))), "\n")[1]
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	s.wantCause("RA102", "lab")
	_, stdout, stderr := s.run("doctor", "lab", "--fix", "--yes")
	if strings.Contains(stdout+stderr, secret) {
		t.Error("the key was shown")
	}
	if info := must(os.Stat(key)); info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %o after --fix", info.Mode().Perm())
	}
	s.want(exitDone, "doctor", "lab")
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	s.wantCause("RA101", "lab")
}

// Our section that is gone from the AWS config file had to be written by hand.
func TestOurOwnSectionIsPutBackAndNothingElseTouched(t *testing.T) {
	s := newShop(t)
	config := filepath.Join(s.home, ".aws", "config")
	was := string(must(os.ReadFile(config)))
	for name, left := range map[string]string{"the section alone is gone": "# mine\n[profile other]\nregion = eu-west-1\n", "the file is gone": ""} {
		if err := os.Remove(config); err != nil {
			t.Fatal(err)
		}
		if left != "" {
			if err := os.WriteFile(config, []byte(left), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s.wantCause("RA504", "lab")
		if _, _, stderr := s.run("doctor", "lab", "--fix", "--yes"); !strings.Contains(stderr, "  [profile lab]\n  credential_process = ") {
			t.Errorf("%s: it was not shown first:\n%s", name, stderr)
		}
		got := string(must(os.ReadFile(config)))
		if !strings.HasPrefix(got, left) || strings.TrimSpace(strings.TrimPrefix(got, left)) != strings.TrimSpace(was) {
			t.Errorf("%s: got\n%s\nwant, behind what was there,\n%s", name, got, was)
		}
		s.want(exitDone, "doctor", "lab")
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount) // and it is ours again
	if _, err := os.Stat(config); err == nil && strings.Contains(string(must(os.ReadFile(config))), "profile lab") {
		t.Error("teardown left it")
	}
}

// A trust policy wants its own yes.
func TestATrustPolicyIsRepairedOnlyByItsOwnYes(t *testing.T) {
	s := newShop(t)
	session := must(s.homeDir().ReadSession(s.place()))
	name := session.RoleARN[strings.LastIndex(session.RoleARN, "/")+1:]
	role := must(s.API.Role(t.Context(), name))
	if err := s.API.UpdateTrustPolicy(t.Context(), name, strings.Replace(role.TrustPolicy, `"sts:TagSession"`, `"sts:AssumeRole"`, 1)); err != nil {
		t.Fatal(err)
	}
	s.want(exitFailed, "doctor", "lab", "--fix", "--yes")
	if s.wantCause("RA301", "lab"); strings.Contains(must(s.API.Role(t.Context(), name)).TrustPolicy, "sts:TagSession") {
		t.Fatal("--yes changed a trust policy")
	}
	var out, errs strings.Builder
	a := s.app(nil, nil)
	a.stdin, a.stdout, a.stderr = strings.NewReader("yes\n"), &out, &errs
	run(t.Context(), []string{"doctor", "lab", "--fix=RA301"}, a)
	if !strings.Contains(errs.String(), "becomes\n  {\n") { // it was one line with \n in it, which nobody can judge
		t.Errorf("the policy was not shown as it will be:\n%s", &errs)
	}
	if got := must(s.API.Role(t.Context(), name)).TrustPolicy; !strings.Contains(got, "sts:TagSession") {
		t.Errorf("got %s\n%s%s", got, &out, &errs)
	}
	s.want(exitDone, "doctor", "lab")
}

// Anybody's AWS config profile: the line is taken apart and never run.
func TestForeignLinesAreTakenApartAndNotRun(t *testing.T) {
	s := newShop(t)
	session := must(s.homeDir().ReadSession(s.place()))
	dir := t.TempDir()
	pair := filepath.Join(s.place().Dir, "pairs", s.pairs()[0])
	trap := filepath.Join(dir, "aws_signing_helper")
	touched := filepath.Join(dir, "touched")
	if err := os.WriteFile(trap, []byte("#!/bin/sh\ntouch "+touched+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	line := trap + " credential-process --certificate " + pair + "/certificate.pem --private-key " + pair + "/key.pem --trust-anchor-arn " + session.TrustAnchorARN +
		" --profile-arn " + session.ProfileARN + " --role-arn " + session.RoleARN
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(os.Getenv("AWS_CONFIG_FILE"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[profile good]\ncredential_process = " + line + "\n")
	s.ask(exitDone, "--aws-profile", "good")
	for name, tt := range map[string]struct{ config, want string }{
		"a line that goes on":    {"[profile x]\ncredential_process = " + strings.Replace(line, " --certificate", " \\\n  --certificate", 1) + "\n", "RA501"},
		"a section without word": {"[x]\ncredential_process = " + line + "\n", "RA504"},
		"a section twice":        {"[profile x]\nregion = eu-west-1\n[profile x]\ncredential_process = " + line + "\n", "RA505"},
		"no such program":        {"[profile x]\ncredential_process = " + strings.Replace(line, trap, "/nowhere/aws_signing_helper", 1) + "\n", "RA503"},
		"no such certificate":    {"[profile x]\ncredential_process = " + strings.Replace(line, "certificate.pem", "gone.pem", 1) + "\n", "RA109"},
		"another Region":         {"[profile x]\ncredential_process = " + strings.Replace(line, session.ProfileARN, strings.Replace(session.ProfileARN, cloudRegion, "us-west-1", 1), 1) + "\n", "RA209"},
		"no such section":        {"[profile y]\n", "RA504"},
	} {
		t.Run(name, func(t *testing.T) {
			write(tt.config)
			s.wantCause(tt.want, "--aws-profile", "x")
		})
	}
	if _, err := os.Stat(touched); err == nil {
		t.Error("the program of the line was run")
	}
}

// Without an argument everything that is found is looked at, the worst first.
func TestEverythingFoundIsLookedAt(t *testing.T) {
	s := newShop(t)
	data := must(os.ReadFile(os.Getenv("AWS_CONFIG_FILE")))
	data = append(data, "\n[profile broken]\ncredential_process = /nowhere/aws_signing_helper credential-process --certificate /nowhere/a.pem\n"...)
	if err := os.WriteFile(os.Getenv("AWS_CONFIG_FILE"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	doc := s.ask(exitFailed)
	if doc.Verdict != "unhealthy" || len(doc.Others) != 1 || doc.Others[0].Name != "lab" || doc.Others[0].Verdict != "healthy" {
		t.Errorf("got %s and others %+v", doc.Verdict, doc.Others)
	}
}

func TestBadCallsOfTheDoctorAreUsage(t *testing.T) {
	s := newShop(t)
	for _, args := range [][]string{
		{"doctor", "nobody"}, {"doctor", "lab", "--aws-profile", "x"}, {"doctor", "--from", "/nowhere/file"},
		{"doctor", "--from", "x", "--fix"}, {"doctor", "lab", "--fix=RA999"}, {"explain"}, {"explain", "RA999"}, {"whois"},
	} {
		s.want(exitUsage, args...)
	}
}

// Saved evidence is judged elsewhere to the same end, and names nobody.
func TestSavedEvidenceNamesNobody(t *testing.T) {
	s := newShop(t)
	session := must(s.homeDir().ReadSession(s.place()))
	if err := s.API.DisableProfile(t.Context(), session.ProfileARN); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "evidence.json")
	s.want(exitFailed, "doctor", "lab", "--save", file)
	data := string(must(os.ReadFile(file)))
	for what, secret := range map[string]string{"the account": cloudAccount, "the role": session.RoleARN, "the user's directory": s.home, "a key": s.Admin.AccessKeyID, "a secret": s.Admin.SecretAccessKey} {
		if strings.Contains(data, secret) {
			t.Errorf("%s is in it", what)
		}
	}
	if info := must(os.Stat(file)); info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %o", info.Mode().Perm())
	}
	s.want(exitFailed, "doctor", "lab", "--save", file) // it is there already, and stays
	s.calls()
	s.wantCause("RA203", "--from", file)
	if calls := s.calls(); len(calls) != 0 {
		t.Errorf("judging saved evidence asked %v", calls)
	}
}

// Where somebody can answer, evidence is written after a yes and not before.
func TestSavingAsksWhereSomebodyCanAnswer(t *testing.T) {
	s := newShop(t)
	for answer, want := range map[string]bool{"yes\n": true, "no\n": false, "\n": false, "": false} {
		file := filepath.Join(t.TempDir(), "evidence.json")
		var out, errs strings.Builder
		a := s.app(nil, nil)
		a.terminal, a.stdin, a.stdout, a.stderr = true, strings.NewReader(answer), &out, &errs
		if code := run(t.Context(), []string{"doctor", "lab", "--save", file}, a); code != exitDone {
			t.Errorf("%q: got exit %d", answer, code)
		}
		if _, err := os.Stat(file); (err == nil) != want || !strings.Contains(errs.String(), `"schemaVersion": 1`) {
			t.Errorf("%q: written %v, want %v, after showing it:\n%s", answer, err == nil, want, &errs)
		}
	}
}

func TestWhoisGoesFromAnyNameToTheCertificate(t *testing.T) {
	s := newShop(t)
	leaf := doctor.WhoisOf(certIn(t, string(must(os.ReadFile(filepath.Join(s.place().Dir, "pairs", s.pairs()[0], "certificate.pem"))))))
	session := must(s.homeDir().ReadSession(s.place()))
	for _, name := range []string{"box", "CN=box", leaf.SessionName, strings.ToUpper(leaf.SessionName), leaf.Colon, "dec:" + leaf.Decimal, doctor.SessionARN(session.RoleARN, leaf.SessionName)} {
		if stdout := s.want(exitDone, "whois", name); !strings.Contains(stdout, leaf.SessionName) || !strings.Contains(stdout, leaf.Colon) || !strings.Contains(stdout, leaf.Decimal) {
			t.Errorf("%s: got %s", name, stdout)
		}
	}
	file := filepath.Join(s.place().Dir, "pairs", s.pairs()[0], "certificate.pem")
	if stdout := s.want(exitDone, "whois", file); !strings.Contains(stdout, "lab, in use") || !strings.Contains(stdout, leaf.SessionName) {
		t.Errorf("the file: got %s", stdout)
	}
	strange := filepath.Join("..", "..", "testdata", "pki", "rules", "leaf-good.pem")
	if stdout := s.want(exitDone, "whois", strange); !strings.Contains(stdout, "none of this machine") || !strings.Contains(stdout, "CN=web-1") {
		t.Errorf("somebody else's file: got %s", stdout)
	}
	s.want(exitFailed, "whois", "somebody-else")
	if stdout := s.want(exitDone, "whois", "box", "--json"); !json.Valid([]byte(stdout)) || !strings.Contains(stdout, `"sourceIdentity": "CN=box"`) {
		t.Errorf("got %s", stdout)
	}
}

func TestExplainTakesCodesFilesAndText(t *testing.T) {
	s := newShop(t)
	for _, args := range [][]string{{"RA113"}, {"ra302", "--json"}, {"Unable to assume role for arn:aws:iam::1:role/x"}, {"../../testdata/pki/rules/leaf-v1.pem"}} {
		s.want(exitDone, append([]string{"explain"}, args...)...)
	}
	if stdout := s.want(exitDone, "explain", "../../testdata/pki/rules/leaf-key-encipherment.pem"); !strings.Contains(stdout, "certificate of CN=web-1") || !strings.Contains(stdout, "\nRA113  ") {
		t.Errorf("got %s", stdout)
	}
	if stdout := s.want(exitFailed, "explain", "good morning", "--json"); !strings.Contains(stdout, `"matches": []`) {
		t.Errorf("got %s", stdout)
	}
}
