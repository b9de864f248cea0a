package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/steps"
)

// doorsOpen says which of the set-up's doors are enabled.
func (s *shop) doorsOpen() (anchor, profile bool) {
	s.t.Helper()
	session := must(s.homeDir().ReadSession(s.place()))
	a := must(s.API.Anchor(s.t.Context(), session.TrustAnchorARN))
	p := must(s.API.Profile(s.t.Context(), session.ProfileARN))
	return a.Enabled, p.Enabled
}

// The switch for an emergency knew both doors together and none alone.
func TestEitherDoorIsClosedAloneAndOpenedAgain(t *testing.T) {
	s := newShop(t)
	for flag, want := range map[string]struct {
		anchor, profile bool // still open
		keepsOut        []string
	}{
		"--close=trust-anchor":           {false, true, []string{"for every role, through every Roles Anywhere profile"}},
		"--close=roles-anywhere-profile": {true, false, []string{"through another Roles Anywhere profile they are let in as before"}},
		"--close":                        {false, false, []string{"for every role, through every Roles Anywhere profile", "let in as before"}},
	} {
		plan := s.want(exitDone, "cert", "revoke", flag, "--plan")
		if anchor, profile := s.doorsOpen(); !anchor || !profile {
			t.Fatalf("%s: a plan closed something", flag)
		}
		for _, text := range want.keepsOut {
			if !strings.Contains(plan, text) {
				t.Errorf("%s: want %q in\n%s", flag, text, plan)
			}
		}
		var out struct {
			Doors    []steps.Door
			Evidence []steps.Evidence
			Open     []string
		}
		if err := json.Unmarshal([]byte(s.revoke(exitDone, flag, "--json")), &out); err != nil {
			t.Fatal(err)
		}
		if anchor, profile := s.doorsOpen(); anchor != want.anchor || profile != want.profile || len(out.Doors) != len(want.keepsOut) || len(out.Evidence) != len(out.Doors) {
			t.Errorf("%s: the trust anchor is open: %t, the Roles Anywhere profile: %t; %+v", flag, anchor, profile, out)
		}
		if err := s.session(); err == nil {
			t.Errorf("%s: a session is given", flag)
		}
		if said, code := s.want(exitDone, "status"), map[bool]string{false: "RA201", true: "RA203"}[want.anchor]; !strings.Contains(said, "unhealthy ("+code+")") {
			t.Errorf("%s: want status to name %s:\n%s", flag, code, said)
		}
		s.want(exitDone, append(slices.Clone(out.Open[1:]), "--yes", "--account", cloudAccount)...)
		if err := s.session(); err != nil {
			t.Errorf("%s: %q did not open it again: %v", flag, out.Open, err)
		}
	}
	if code, _, said := s.run("cert", "revoke", "--close", "trust-anchor"); code != exitUsage || !strings.Contains(said, "write --close=trust-anchor") {
		t.Errorf("a door in a word of its own: exit %d\n%s", code, said)
	}
	if code, _, said := s.run("cert", "revoke", "--close=profile", "--yes", "--account", cloudAccount); code != exitUsage || !strings.Contains(said, "roles-anywhere-profile") {
		t.Errorf("a door that there is not: exit %d\n%s", code, said)
	}
}

func TestADoorOfSomebodyElseIsNotClosed(t *testing.T) {
	s := newShop(t)
	cert, key := theirCA(t, "their CA")
	anchor := must(s.API.CreateAnchor(t.Context(), awsapi.AnchorSpec{Name: "theirs", Enabled: true, Source: awsapi.AnchorSource{Bundle: readFile(t, cert)}}))
	s.want(exitDone, "setup", "--name", "two", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=box", "--set", "proof.stranger=no", "--set", "anchor.arn="+anchor.ARN,
		"--set", "ca.certificate="+cert, "--set", "ca.private-key="+key, "--set", "ca.passphrase-file="+put(t, []byte("pw")), "--set", "binary.dir="+t.TempDir())
	if code, _, said := s.run("cert", "revoke", "--setup", "two", "--close=trust-anchor", "--yes", "--account", cloudAccount); code == exitDone || !strings.Contains(said, "disable-trust-anchor --trust-anchor-id") {
		t.Errorf("exit %d\n%s", code, said)
	}
	if said := s.revoke(exitDone, "--setup", "two", "--close"); !strings.Contains(said, "whoever owns it may disable it") {
		t.Errorf("got %s", said)
	}
	if a := must(s.API.Anchor(t.Context(), anchor.ARN)); !a.Enabled {
		t.Error("somebody else's trust anchor was disabled")
	}
}

// Where one certificate opens two accounts, the switch closed one and only spoke of the other.
func TestEveryDoorOfACAIsClosedAtOnce(t *testing.T) {
	s := newPair(t)
	both := []string{"--yes", "--account", cloudAccount + "," + auditAccount}
	open := func() (names []string) {
		for _, name := range []string{"lab", "audit"} {
			if s.refusalOf(name) == "" {
				names = append(names, name)
			}
		}
		return names
	}
	plan := s.want(exitDone, "cert", "revoke", "--setup", "lab", "--close", "--plan")
	if !strings.Contains(plan, "set-up audit, account "+auditAccount+", "+cloudRegion+"  signs with the same certificate; it stays open, unless --all is added") || strings.Count(plan, "keeps out") != 4 {
		t.Errorf("who else comes in, and by which doors, is not said:\n%s", plan)
	}
	for name, tt := range map[string]struct {
		args []string
		code int
		want []string // open afterwards
		says string
	}{
		"the one alone":                 {append([]string{"--close"}, both...), exitDone, []string{"audit"}, "Still open: set-up audit, account " + auditAccount + ": anywhere cert revoke --setup audit --close"},
		"an account that was not named": {[]string{"--close", "--all", "--yes", "--account", cloudAccount}, exitFailed, []string{"audit"}, "add --account " + auditAccount},
		"all of them":                   {append([]string{"--close", "--all"}, both...), exitDone, nil, "anywhere setup --name audit opens it again"},
		"one door of all":               {append([]string{"--close=trust-anchor", "--all"}, both...), exitDone, nil, "anywhere setup --name audit opens it again"},
	} {
		said := s.want(tt.code, append([]string{"cert", "revoke", "--setup", "lab"}, tt.args...)...)
		if got := open(); !slices.Equal(got, tt.want) || !strings.Contains(said, tt.says) {
			t.Errorf("%s: open are %q, want %q, and %q in\n%s", name, got, tt.want, tt.says, said)
		}
		s.want(exitDone, "setup", "--name", "lab", "--yes", "--account", cloudAccount)
		s.as("audit-admin")
		s.want(exitDone, "setup", "--name", "audit", "--yes", "--account", auditAccount)
		s.as("main-admin")
		if got := open(); len(got) != 2 {
			t.Errorf("%s: opened again are %q", name, got)
		}
	}
}

// It was waited for two minutes for a trust anchor that somebody had closed long before.
func TestASetUpBehindAClosedTrustAnchorSaysSoAtOnce(t *testing.T) {
	s := newShop(t)
	s.revoke(exitDone, "--close=trust-anchor")
	errWaited := errors.New("it was waited for")
	var out, errs bytes.Buffer
	a := s.app(&out, &errs)
	a.wait = func(context.Context, time.Duration) error { return errWaited }
	code := run(t.Context(), []string{"setup", "--name", "second", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.setup=lab", "--set", "proof.stranger=no",
		"--set", "binary.dir=" + t.TempDir()}, a)
	said := errs.String()
	if code != exitFailed || !strings.Contains(said, "is disabled; AWS refuses every certificate of it until it is enabled") || !strings.Contains(said, "Trust anchor is disabled (request") {
		t.Errorf("exit %d\n%s", code, said)
	}
	if strings.Contains(said, errWaited.Error()) {
		t.Errorf("it was waited for what somebody else has closed:\n%s", said)
	}
}
