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
	"anywhere/pki"
)

// revoke runs cert revoke with leave to write.
func (s *shop) revoke(code int, args ...string) string {
	s.t.Helper()
	return s.want(code, append([]string{"cert", "revoke", "--yes", "--account", cloudAccount}, args...)...)
}

// serial is the serial that the set-up signs with.
func (s *shop) serial() string {
	s.t.Helper()
	session, err := s.homeDir().ReadSession(s.place())
	if err != nil {
		s.t.Fatal(err)
	}
	return filepath.Base(filepath.Dir(session.Key))
}

func (s *shop) lists() []awsapi.CRL {
	s.t.Helper()
	lists, err := s.API.CRLs(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return lists
}

func TestARevokedCertificateGetsNoSessionAndARenewedOneDoes(t *testing.T) {
	s := newShop(t)
	first := s.serial()
	said := s.revoke(exitDone, first, "--reason", "keyCompromise")
	for _, want := range []string{"refused  " + first, "AWS gives it no session any more", "Sessions already issued live until", "anywhere cert renew --setup lab"} {
		if !strings.Contains(said, want) {
			t.Errorf("want %q in\n%s", want, said)
		}
	}
	if err := s.session(); err == nil || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("got %v, want it refused as revoked", err)
	}
	// Status went on calling it healthy.
	if said := s.want(exitDone, "status"); !strings.Contains(said, "unhealthy (RA206) just now") {
		t.Errorf("status says\n%s", said)
	}
	s.pass(time.Minute)
	s.renewed(exitDone)
	if said := s.want(exitDone, "status"); strings.Contains(said, "healthy") {
		t.Errorf("what was wrong of the old certificate is said of the new one:\n%s", said)
	}
	if err := s.session(); err != nil {
		t.Errorf("the new certificate: %v", err)
	}
	lists := s.lists()
	if len(lists) != 1 || !lists[0].Enabled {
		t.Fatalf("got lists %+v, want one that is enabled", lists)
	}
	parsed, err := pki.ParseCRL(lists[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	if got := pki.RevokedIn(parsed); len(got) != 1 || got[0].Serial.Hex() != first || got[0].Reason != "keyCompromise" {
		t.Errorf("got entries %+v", got)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	if left := s.lists(); len(left) != 0 {
		t.Errorf("teardown left %d lists", len(left))
	}
	if files, err := filepath.Glob(filepath.Join(s.home, ".anywhere", "*")); err != nil || len(files) != 0 {
		t.Errorf("teardown left %v, %v", files, err)
	}
}

func TestASecondRevocationUpdatesTheListAndKeepsItsEntries(t *testing.T) {
	s := newShop(t)
	first := s.serial()
	s.revoke(exitDone, first)
	s.pass(time.Minute)
	s.renewed(exitDone)
	second := s.serial()
	s.revoke(exitDone, "box", "--all")
	lists := s.lists()
	if len(lists) != 1 {
		t.Fatalf("got %d lists, want the one updated", len(lists))
	}
	parsed, err := pki.ParseCRL(lists[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	var serials []string
	for _, e := range pki.RevokedIn(parsed) {
		serials = append(serials, e.Serial.Hex())
	}
	if !slices.Equal(serials, []string{first, second}) || parsed.Number.Int64() != 2 {
		t.Errorf("got %v with number %v, want %s and %s with 2", serials, parsed.Number, first, second)
	}
}

func TestACommonNameOfTwoCertificatesIsNotEnough(t *testing.T) {
	s := newShop(t)
	s.pass(time.Minute)
	s.renewed(exitDone)
	code, _, said := s.run("cert", "revoke", "box", "--yes", "--account", cloudAccount)
	if code != exitUsage || !strings.Contains(said, "(in use by lab)") || !strings.Contains(said, "--all") {
		t.Errorf("exit %d:\n%s", code, said)
	}
	if len(s.lists()) != 0 {
		t.Error("something was revoked")
	}
}

func TestWhatIsNotThereIsNotRevoked(t *testing.T) {
	s := newShop(t)
	for name, args := range map[string][]string{
		"no such name":          {"somebody"},
		"nothing named":         {},
		"an unknown reason":     {s.serial(), "--reason", "boredom"},
		"a name and everything": {"box", "--close"},
	} {
		if code, _, said := s.run(append([]string{"cert", "revoke", "--yes", "--account", cloudAccount}, args...)...); code != exitUsage {
			t.Errorf("%s: exit %d, want %d\n%s", name, code, exitUsage, said)
		}
	}
	if code, _, said := s.run("cert", "revoke", "box", "--yes"); code != exitUsage || !strings.Contains(said, "--account "+cloudAccount) {
		t.Errorf("--yes without the account: exit %d\n%s", code, said)
	}
	if s.want(exitDone, "cert", "revoke", "box", "--plan"); len(s.lists()) != 0 {
		t.Error("a plan was applied")
	}
}

func TestLiveSessionsAreCutOnlyWhenAsked(t *testing.T) {
	s := newShop(t, "permissions=list-buckets")
	session, id, err := s.homeDir().ReadIdentity(s.place(), nil)
	if err != nil {
		t.Fatal(err)
	}
	creds, err := s.client().CreateSession(t.Context(), session.Target(), id)
	if err != nil {
		t.Fatal(err)
	}
	live, err := awsapi.Connect(t.Context(), awsapi.Options{
		Isolated: true, Region: cloudRegion, Endpoint: s.URL, Attempts: 1,
		Credentials: &awsapi.Keys{AccessKeyID: creds.AccessKeyID, SecretAccessKey: creds.SecretAccessKey, SessionToken: creds.SessionToken},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.pass(time.Minute)
	s.revoke(exitDone, s.serial())
	if _, err := live.Buckets(t.Context()); err != nil {
		t.Errorf("a live session ended without being cut: %v", err)
	}
	s.revoke(exitDone, s.serial(), "--cut-sessions")
	if _, err := live.Buckets(t.Context()); err == nil {
		t.Error("a cut session still lists buckets")
	}
	s.renewed(exitDone)
	if err := s.session(); err != nil {
		t.Error(err)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	if _, err := s.API.Role(t.Context(), filepath.Base(session.RoleARN)); err == nil {
		t.Error("teardown left the role, whose policy was ours")
	}
}

func TestWithoutTheCAKeyTheOtherWaysAreShownWithTheirReach(t *testing.T) {
	s := newShop(t, "ca.protection=destroy-after-issuing")
	said := s.revoke(exitFailed, "box")
	for _, want := range []string{"Deny CN=box in the trust policy", "every certificate of that name", "disable-profile", "cert revoke --setup lab --close=trust-anchor", "AnywhereDeny"} {
		if !strings.Contains(said, want) {
			t.Errorf("want %q in\n%s", want, said)
		}
	}
	if err := s.session(); err != nil {
		t.Errorf("showing the ways closed one: %v", err)
	}
	s.revoke(exitDone, "--close")
	if err := s.session(); err == nil {
		t.Error("a closed set-up gives sessions")
	}
	s.want(exitDone, "setup", "--name", "lab", "--yes", "--account", cloudAccount)
	if err := s.session(); err != nil {
		t.Errorf("setup did not open it again: %v", err)
	}
}

func TestAListFromOutsideMustNotUnrevoke(t *testing.T) {
	s := newShop(t)
	s.revoke(exitDone, s.serial())
	older := s.lists()[0].Data
	s.pass(time.Minute)
	s.renewed(exitDone)
	s.revoke(exitDone, s.serial())
	file := filepath.Join(t.TempDir(), "older.crl")
	if err := os.WriteFile(file, older, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, said := s.run("ca", "crl", "--import", file, "--yes", "--account", cloudAccount)
	if code != exitFailed || !strings.Contains(said, "the list in use has 2") {
		t.Errorf("exit %d:\n%s", code, said)
	}
	var status struct {
		Number  int64
		InAws   int
		Entries []pki.Revoked
	}
	if err := json.Unmarshal([]byte(s.want(exitDone, "ca", "crl", "--json")), &status); err != nil {
		t.Fatal(err)
	}
	if status.Number != 2 || status.InAws != 2 || len(status.Entries) != 2 {
		t.Errorf("got %+v", status)
	}
	s.want(exitDone, "ca", "crl", "--refresh", "--yes", "--account", cloudAccount)
	if said := s.want(exitDone, "ca", "crl"); !strings.Contains(said, "2 revoked, all in AWS's list") {
		t.Errorf("got %s", said)
	}
}
