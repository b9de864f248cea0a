package main

import (
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"anywhere/awsapi"
)

func scriptCloud(ts *testscript.TestScript, _ []string) {
	s := scriptOf(ts)
	s.cloud = newCloud(s.t)
	for _, pair := range s.cloud.env() {
		name, value, _ := strings.Cut(pair, "=")
		ts.Setenv(name, value)
	}
}

func scriptWrote(ts *testscript.TestScript, args []string) {
	got := changing(scriptOf(ts).cloud.calls())
	if len(args) == 1 && args[0] == "nothing" {
		args = nil
	}
	if !slices.Equal(got, args) {
		ts.Fatalf("wrote %q", got)
	}
}

func scriptThings(ts *testscript.TestScript, args []string) {
	s := scriptOf(ts)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(s.cloud.things(s.t), "\n")+"\n"), 0o600))
	s.cloud.calls()
}

// scriptMake puts something of somebody else's into the script's AWS, and its ARN
// into a variable: $ROLE or $PROFILE.
func scriptMake(ts *testscript.TestScript, args []string) {
	s := scriptOf(ts)
	defer s.cloud.calls()
	ctx, api := s.t.Context(), s.cloud.API
	text := func(name string) string { return strings.TrimSpace(ts.ReadFile(name)) }
	switch what := args[0]; what {
	case "role":
		role, err := api.CreateRole(ctx, awsapi.RoleSpec{Name: args[1], Path: "/", TrustPolicy: text(args[2])})
		ts.Check(err)
		ts.Setenv("ROLE", role.ARN)
	case "list":
		list, err := api.CreateProfile(ctx, awsapi.ProfileSpec{Name: args[1], RoleARNs: []string{args[2]}, DurationSeconds: 3600, Enabled: true})
		ts.Check(err)
		ts.Setenv("PROFILE", list.ARN)
	case "inline-on":
		ts.Check(api.PutRolePolicy(ctx, text(args[1]), "somebody-elses", text(args[2])))
	case "uninline-on":
		ts.Check(api.DeleteRolePolicy(ctx, text(args[1]), "somebody-elses"))
	case "disable-all":
		anchors, err := api.Anchors(ctx)
		ts.Check(err)
		for _, a := range anchors {
			ts.Check(api.DisableAnchor(ctx, a.ARN))
		}
	case "nothing-left":
		if left := s.cloud.things(s.t); len(left) > 0 {
			ts.Fatalf("AWS still holds %q", left)
		}
	default:
		ts.Fatalf("make %s: not known", what)
	}
}
