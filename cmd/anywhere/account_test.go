package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/pki/decode"
	"anywhere/signer"
)

// auditAccount is a second account beside cloudAccount.
const auditAccount = "222222222222"

// adminProfiles are the AWS config profiles of the administrators of both accounts.
var adminProfiles = map[string]string{"main-admin": cloudAccount, "audit-admin": auditAccount}

// writeAdmins writes the credentials file with an administrator for each account.
func (c *cloud) writeAdmins(t testing.TB, home string, but ...string) {
	t.Helper()
	var text strings.Builder
	for name, number := range adminProfiles {
		if slices.Contains(but, name) {
			continue
		}
		keys := must(c.box.AdminOf(number))
		fmt.Fprintf(&text, "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", name, keys.AccessKeyID, keys.SecretAccessKey)
	}
	dir := filepath.Join(home, ".aws")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "credentials"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// apiOf is AWS as the administrator of an account sees it.
func (c *cloud) apiOf(t testing.TB, number string) *awsapi.Client {
	t.Helper()
	keys := must(c.box.AdminOf(number))
	return must(awsapi.Connect(t.Context(), awsapi.Options{Isolated: true, Region: cloudRegion, Endpoint: c.URL, Attempts: 1,
		Credentials: &awsapi.Keys{AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey}}))
}

// heldIn are the names of the CAs that the only trust anchor of an account holds.
func (c *cloud) heldIn(t testing.TB, number string) (names []string) {
	t.Helper()
	anchors := must(c.apiOf(t, number).Anchors(t.Context()))
	if len(anchors) != 1 {
		t.Fatalf("account %s has %d trust anchors, want one", number, len(anchors))
	}
	for _, cert := range must(decode.Certificates([]byte(anchors[0].Source.Bundle))) {
		names = append(names, cert.Subject.CommonName)
	}
	return names
}

// newPair is a shop with two accounts: lab in the first and audit, which uses the
// certificate of lab, in the second, each made by the AWS config profile of an
// administrator there.
func newPair(t *testing.T, answers ...string) *shop {
	t.Helper()
	s := newShop(t)
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	s.writeAdmins(t, s.home)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	bin := "binary.dir=" + filepath.Join(t.TempDir(), "bin")
	s.as("main-admin")
	args := []string{"setup", "--name", "lab", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=box", "--set", "ca.protection=none",
		"--set", "proof.stranger=no", "--set", bin}
	for _, answer := range answers {
		args = append(args, "--set", answer)
	}
	s.want(exitDone, args...)
	s.as("audit-admin")
	s.want(exitDone, "setup", "--name", "audit", "--yes", "--account", auditAccount, "--set", "where=aws", "--set", "leaf.setup=lab", "--set", "proof.stranger=no", "--set", bin)
	s.as("main-admin")
	return s
}

// as chooses an AWS config profile, as the user does.
func (s *shop) as(profile string) { s.t.(*testing.T).Setenv("AWS_PROFILE", profile) }

// refusalOf is why AWS gives a set-up no session; empty if it gives one.
func (s *shop) refusalOf(name string) string {
	s.t.Helper()
	file, id, err := s.homeDir().ReadIdentity(s.homeDir().Setup(name), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err = s.client().CreateSession(s.t.Context(), file.Target(), id); err != nil {
		return err.Error()
	}
	return ""
}

func TestOneCertificateServesTwoAccounts(t *testing.T) {
	s := newPair(t)
	lab, audit := must(s.homeDir().ReadSession(s.place())), must(s.homeDir().ReadSession(s.homeDir().Setup("audit")))
	if lab.Account != cloudAccount || audit.Account != auditAccount || !slices.Equal(lab.Certificate, audit.Certificate) {
		t.Errorf("got accounts %s and %s", lab.Account, audit.Account)
	}
	first := s.serialOf("lab")
	if s.serialOf("audit") != first {
		t.Error("the sessions are of different certificates")
	}
	config := readFile(t, filepath.Join(s.home, ".aws", "config"))
	if !strings.Contains(config, "[profile lab]") || !strings.Contains(config, "[profile audit]") {
		t.Errorf("the config file has not both AWS config profiles:\n%s", config)
	}
	// It does not matter which is renewed, and by whose AWS credentials.
	for _, name := range []string{"audit", "lab"} {
		s.pass(time.Minute)
		before := s.serialOf("lab")
		if got := s.renewed(exitDone, "--setup", name); got.Owner != map[string]string{"audit": "lab"}[name] || len(got.HandedOn) != 1 || got.HandedOn[0].Problem != "" {
			t.Errorf("renewing %s: got %+v", name, got)
		}
		if after := s.serialOf("lab"); after == before || s.serialOf("audit") != after {
			t.Errorf("renewing %s: lab had %s and has %s, audit has %s", name, before, after, s.serialOf("audit"))
		}
	}
	said := s.want(exitDone, "status")
	for _, want := range []string{"audit            custom " + auditAccount, "lab              custom " + cloudAccount} {
		if !strings.Contains(said, want) {
			t.Errorf("status lacks %q:\n%s", want, said)
		}
	}
	// The doctor reads each account with the AWS config profile that the set-up was made with.
	for _, profile := range []string{"main-admin", "audit-admin"} {
		s.as(profile)
		if said := s.want(exitDone, "doctor"); strings.Contains(said, "RA412") {
			t.Errorf("as %s the doctor could not read an account:\n%s", profile, said)
		}
	}
}

// A revocation reached the account of the set-up that was named and no other one; the
// CA's list is wanted wherever the CA is believed.
func TestARevocationReachesEveryAccountOfTheCA(t *testing.T) {
	s := newPair(t)
	serial := s.serialOf("lab")
	plan := s.want(exitDone, "cert", "revoke", serial, "--setup", "lab", "--plan", "--json")
	if !strings.Contains(plan, `"account": "`+auditAccount+`"`) {
		t.Errorf("the plan does not speak of the other account:\n%s", plan)
	}
	said := s.want(exitDone, "cert", "revoke", serial, "--setup", "lab", "--yes", "--account", cloudAccount, "--account", auditAccount, "--cut-sessions")
	if !strings.Contains(said, "set-up audit, account "+auditAccount+": AWS gives it no session any more") {
		t.Errorf("it is not said that the other account was tried:\n%s", said)
	}
	for name, number := range map[string]string{"lab": cloudAccount, "audit": auditAccount} {
		if got := s.refusalOf(name); !strings.Contains(got, "Certificate revoked") {
			t.Errorf("%s: got %q, want it revoked", name, got)
		}
		api, file := s.apiOf(t, number), must(s.homeDir().ReadSession(s.homeDir().Setup(name)))
		cut := false
		for policy := range must(api.InlinePolicies(t.Context(), file.RoleARN[strings.LastIndex(file.RoleARN, "/")+1:])) {
			cut = cut || strings.Contains(policy, "-cut-")
		}
		if !cut {
			t.Errorf("live sessions in account %s are not cut", number)
		}
	}
	// Both have a new one with one renewal.
	s.pass(time.Minute)
	s.renewed(exitDone, "--setup", "audit")
	if s.refusalOf("lab")+s.refusalOf("audit") != "" {
		t.Error("the new certificate is refused")
	}
}

func TestAnAccountThatARevocationDoesNotReachIsNamed(t *testing.T) {
	for name, tt := range map[string]struct {
		but  string // which administrator is not there
		args []string
		want string
	}{
		"it is not named":                  {"", nil, "--yes writes to account " + auditAccount + " only when it is named: add --account " + auditAccount},
		"there are no credentials of it":   {"audit-admin", []string{"--account", auditAccount}, "the AWS credentials in use belong to " + cloudAccount},
		"another CA took its trust anchor": {"", []string{"--account", auditAccount}, "does not hold lab-ca"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newPair(t)
			s.writeAdmins(t, s.home, tt.but)
			if strings.HasPrefix(name, "another CA") {
				if _, err := s.box.Break("anchor-other-ca@audit"); err != nil {
					t.Fatal(err)
				}
			}
			serial := s.serialOf("lab")
			said := s.want(exitFailed, append([]string{"cert", "revoke", serial, "--setup", "lab", "--yes", "--account", cloudAccount}, tt.args...)...)
			for _, want := range []string{"not reached", tt.want, "anywhere cert revoke " + serial + " --setup audit"} {
				if !strings.Contains(said, want) {
					t.Errorf("want %q in\n%s", want, said)
				}
			}
			if got := s.refusalOf("lab"); !strings.Contains(got, "Certificate revoked") {
				t.Errorf("the account that was reached: %q", got)
			}
			if strings.HasPrefix(name, "another CA") {
				return
			}
			if got := s.refusalOf("audit"); got != "" {
				t.Errorf("the account that was not reached refuses it: %s", got)
			}
			s.writeAdmins(t, s.home)
			s.as("audit-admin")
			s.want(exitDone, "cert", "revoke", serial, "--setup", "audit", "--yes", "--account", auditAccount, "--account", cloudAccount) // the command that was named
			if got := s.refusalOf("audit"); !strings.Contains(got, "Certificate revoked") {
				t.Errorf("after the command: %q", got)
			}
		})
	}
}

// A set-up with a trust anchor of its own was not told of a rotation: it stayed with
// the old CA, and took no renewed certificate any more.
func TestARotationTakesTheTrustAnchorsOfOtherAccountsAlong(t *testing.T) {
	s := newPair(t)
	before := s.serialOf("audit")
	s.pass(time.Minute)
	said := s.want(exitDone, "ca", "rotate", "--setup", "lab", "--yes", "--account", cloudAccount, "--account", auditAccount)
	if !strings.Contains(said, "too     set-up audit, account "+auditAccount) {
		t.Errorf("the other account is not spoken of:\n%s", said)
	}
	for _, number := range []string{cloudAccount, auditAccount} {
		if held := s.heldIn(t, number); !slices.Equal(held, []string{"lab-ca-2"}) {
			t.Errorf("the trust anchor in %s holds %q", number, held)
		}
	}
	if after := s.serialOf("audit"); after == before || after != s.serialOf("lab") {
		t.Errorf("audit had %s and has %s, lab has %s", before, after, s.serialOf("lab"))
	}
	s.pass(time.Minute)
	if got := s.renewed(exitDone, "--setup", "lab"); len(got.HandedOn) != 1 || got.HandedOn[0].Problem != "" {
		t.Errorf("the next renewal: got %+v", got)
	}
}

func TestAnAccountThatARotationDoesNotReachFollowsLater(t *testing.T) {
	s := newPair(t)
	before := s.serialOf("audit")
	s.writeAdmins(t, s.home, "audit-admin")
	for i, want := range []string{"lab-ca-2", "lab-ca-3"} { // two of them, while nobody reaches it
		s.pass(time.Minute)
		said := s.want(exitDone, "ca", "rotate", "--setup", "lab", "--yes", "--account", cloudAccount, "--account", auditAccount)
		if !strings.Contains(said, "behind  set-up audit, account "+auditAccount) || !strings.Contains(said, "anywhere ca rotate --setup audit") {
			t.Errorf("who stays behind is not named:\n%s", said)
		}
		if held := s.heldIn(t, cloudAccount); !slices.Equal(held, []string{want}) {
			t.Errorf("rotation %d: the trust anchor holds %q", i+1, held)
		}
		if s.serialOf("audit") != before {
			t.Error("the set-up that was not reached has another certificate")
		}
	}
	s.pass(time.Minute)
	code, _, said := s.run("cert", "renew", "--setup", "audit", "--json")
	if code != exitFailed || !strings.Contains(said, "anywhere ca rotate --setup audit brings the new CA of set-up lab into its trust anchor") {
		t.Errorf("the renewal does not say what is missing: exit %d\n%s", code, said)
	}
	// What the old CA issued is let in by the trust anchor that stayed behind alone, and revoked there.
	code, _, said = s.run("cert", "revoke", before, "--setup", "lab", "--yes", "--account", cloudAccount)
	if code != exitFailed || !strings.Contains(said, "the trust anchor of set-up audit still holds it") {
		t.Errorf("who still lets it in is not named: exit %d\n%s", code, said)
	}
	s.writeAdmins(t, s.home)
	s.want(exitDone, "cert", "revoke", before, "--setup", "audit", "--yes", "--account", auditAccount)
	if got := s.refusalOf("audit"); !strings.Contains(got, "Certificate revoked") {
		t.Errorf("the old certificate: got %q", got)
	}
	for range 2 { // the second time nothing is left to do
		s.want(exitDone, "ca", "rotate", "--setup", "audit", "--yes", "--account", auditAccount)
		if held := s.heldIn(t, auditAccount); !slices.Equal(held, []string{"lab-ca-3"}) {
			t.Errorf("the trust anchor in the other account holds %q", held)
		}
	}
	if s.serialOf("audit") != s.serialOf("lab") {
		t.Error("the set-up that followed has another certificate")
	}
}

// The root's list, which ends what an old intermediate issued, went to one trust anchor.
func TestAnIntermediateIsRetiredInEveryAccount(t *testing.T) {
	away := filepath.Join(t.TempDir(), "root.key")
	s := newPair(t, "ca.shape=intermediate", "ca.root-protection=external", "ca.root-file="+away)
	both := []string{"--yes", "--account", cloudAccount, "--account", auditAccount}
	old := s.serialOf("audit")
	// A revocation puts the intermediate into both trust anchors, where it would outlive the root's list.
	s.want(exitDone, append([]string{"cert", "revoke", "41aabbccddeeff001122334455667788", "--setup", "lab"}, both...)...)
	for _, number := range []string{cloudAccount, auditAccount} {
		if held := s.heldIn(t, number); !slices.Equal(held, []string{"lab-root", "lab-ca"}) {
			t.Fatalf("the trust anchor in %s holds %q", number, held)
		}
	}
	s.pass(time.Minute)
	said := s.want(exitDone, append([]string{"ca", "rotate", "--setup", "lab", "--root-key", away, "--finish"}, both...)...)
	if !strings.Contains(said, "too     set-up audit, account "+auditAccount) {
		t.Errorf("the other account is not spoken of:\n%s", said)
	}
	if s.serialOf("lab") == old || s.serialOf("audit") != s.serialOf("lab") {
		t.Errorf("lab has %s, audit has %s, both had %s", s.serialOf("lab"), s.serialOf("audit"), old)
	}
	for _, name := range []string{"lab", "audit"} {
		if got := s.refusalOfOld(name, old); !strings.Contains(got, "Certificate revoked") {
			t.Errorf("what the old intermediate issued, in the account of %s: got %q", name, got)
		}
	}
	for _, number := range []string{cloudAccount, auditAccount} {
		if held := s.heldIn(t, number); !slices.Equal(held, []string{"lab-root"}) {
			t.Errorf("the trust anchor in %s holds %q", number, held)
		}
	}
}

// refusalOfOld is refusalOf with an older pair of lab.
func (s *shop) refusalOfOld(name, serial string) string {
	s.t.Helper()
	dir := s.place().Pair(serial)
	certs := must(decode.Certificates([]byte(readFile(s.t, filepath.Join(dir, "certificate.pem")))))
	key := must(decode.Key([]byte(readFile(s.t, filepath.Join(dir, "key.pem"))), nil))
	file := must(s.homeDir().ReadSession(s.homeDir().Setup(name)))
	if _, err := s.client().CreateSession(s.t.Context(), file.Target(), signer.Identity{Certificate: certs[0], Chain: certs[1:], Key: key}); err != nil {
		return err.Error()
	}
	return ""
}

// Two set-ups that each have certificates of their own from one CA, whose key lies in a
// file: a revocation reaches both, and a rotation names the one that does not follow.
func TestSetUpsThatUseOneCAByThemselvesAreReachedToo(t *testing.T) {
	s := newPair(t)
	ca := must(filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*", "ca.pem")))[0]
	s.as("audit-admin")
	s.want(exitDone, "setup", "--name", "third", "--yes", "--account", auditAccount, "--set", "where=aws", "--set", "leaf.cn=third", "--set", "proof.stranger=no",
		"--set", "ca.certificate="+ca, "--set", "ca.private-key="+filepath.Join(filepath.Dir(ca), "ca.key"), "--set", "binary.dir="+filepath.Join(t.TempDir(), "bin"))
	s.as("main-admin")
	both := []string{"--yes", "--account", cloudAccount + "," + auditAccount}
	serial := s.serialOf("third")
	s.want(exitDone, append([]string{"cert", "revoke", serial, "--setup", "lab"}, both...)...)
	if got := s.refusalOf("third"); !strings.Contains(got, "Certificate revoked") {
		t.Errorf("third: got %q, want it revoked", got)
	}
	if lists := must(s.apiOf(t, auditAccount).CRLs(t.Context())); len(lists) != 2 {
		t.Errorf("%d lists are in the other account, want one for each trust anchor", len(lists))
	}
	s.pass(time.Minute)
	s.renewed(exitDone, "--setup", "third")
	said := s.want(exitDone, append([]string{"ca", "rotate", "--setup", "lab"}, both...)...)
	if !strings.Contains(said, "behind  set-up third, account "+auditAccount) || !strings.Contains(said, "anywhere ca rotate --setup third --to-certificate ") {
		t.Errorf("who has certificates of the old CA is not named:\n%s", said)
	}
	_, command, _ := strings.Cut(said, "anywhere ca rotate --setup third ")
	command, _, _ = strings.Cut(command, "\n")
	s.as("audit-admin")
	s.pass(time.Minute)
	s.want(exitDone, append(append([]string{"ca", "rotate", "--setup", "third"}, strings.Fields(command)...), both...)...)
	if got := must(s.homeDir().ReadSession(s.homeDir().Setup("third"))); s.refusalOf("third") != "" || len(got.Certificate) == 0 {
		t.Error("third gets no session by the command that was named")
	}
	for _, a := range must(s.apiOf(t, auditAccount).Anchors(t.Context())) {
		for _, cert := range must(decode.Certificates([]byte(a.Source.Bundle))) {
			if cert.Subject.CommonName != "lab-ca-2" {
				t.Errorf("the trust anchor %s holds %s", a.Name, cert.Subject)
			}
		}
	}
}

func TestTeardownInOneAccountLeavesTheOtherWhole(t *testing.T) {
	for _, first := range []string{"lab", "audit"} {
		t.Run(first+" first", func(t *testing.T) {
			s := newPair(t)
			accounts := map[string]string{"lab": cloudAccount, "audit": auditAccount}
			other := map[string]string{"lab": "audit", "audit": "lab"}[first]
			code := map[string]int{"lab": exitFailed, "audit": exitDone}[first] // the pair stays for audit
			s.want(code, "teardown", first, "--yes", "--account", accounts[first], "--delete-ca")
			before := s.serialOf(other)
			s.pass(time.Minute)
			s.renewed(exitDone, "--setup", other)
			if s.serialOf(other) == before {
				t.Error("the one that is left cannot be renewed")
			}
			s.want(exitDone, "teardown", other, "--yes", "--account", accounts[other], "--delete-ca")
			if first == "lab" {
				s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
			}
			s.nothingLeft()
			api := s.apiOf(t, auditAccount)
			if n := len(must(api.Anchors(t.Context()))) + len(must(api.Profiles(t.Context()))); n != 0 {
				t.Errorf("%d things are left in the other account", n)
			}
		})
	}
}

// A set-up stays in its account, whoever asks.
func TestTheAccountOfASetUpNeverChanges(t *testing.T) {
	s := newPair(t)
	s.writeAdmins(t, s.home, "audit-admin")
	for _, args := range [][]string{
		{"setup", "--name", "audit", "--yes", "--account", cloudAccount}, {"teardown", "audit", "--yes", "--account", cloudAccount},
		{"cert", "revoke", "box", "--setup", "audit", "--yes", "--account", cloudAccount}, {"ca", "rotate", "--setup", "audit", "--yes", "--account", cloudAccount},
	} {
		code, _, said := s.run(args...)
		if code == exitDone || !strings.Contains(said, "check account: this run is for "+auditAccount+", the AWS credentials in use belong to "+cloudAccount) {
			t.Errorf("%s: exit %d\n%s", strings.Join(args, " "), code, said)
		}
	}
	if s.refusalOf("audit") != "" || s.refusalOf("lab") != "" {
		t.Error("a set-up was harmed")
	}
	if len(must(s.apiOf(t, cloudAccount).Anchors(t.Context()))) != 1 {
		t.Error("something was made in the wrong account")
	}
}
