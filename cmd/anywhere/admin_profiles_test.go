package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAWSConfigProfilesThatLeadToCredentialsAreOffered(t *testing.T) {
	tests := map[string]struct {
		config, credentials string
		want                string // name=way, sorted
	}{
		"no files":                      {"", "", ""},
		"a Region alone is no way in":   {"[profile dev]\nregion = eu-west-1\n", "", ""},
		"keys in the credentials file":  {"[profile dev]\nregion = eu-west-1\n", "[dev]\naws_access_key_id = AKIA1\n", "dev=access keys"},
		"the default one":               {"[default]\nsso_session = corp\nsso_account_id = 111122223333\n[sso-session corp]\nsso_start_url = https://corp.example.com\n", "", "default=signs in by SSO in account 111122223333"},
		"a role":                        {"[profile ops]\nrole_arn = arn:aws:iam::222233334444:role/ops\nsource_profile = default\n", "", "ops=a role in account 222233334444"},
		"a program":                     {"[profile vault]\ncredential_process = /opt/vault --role ops\n", "", "vault=a program gives the credentials"},
		"the section of a set-up":       {"[profile lab]\ncredential_process = /home/u/.anywhere/bin/anywhere-signer credential-process --setup lab\n", "", ""},
		"a section that is no profile":  {"[services x]\naws_access_key_id = AKIA1\n", "", ""},
		"a name that plays with colour": {"[profile \x1b[31mred]\nrole_arn = arn:aws:iam::222233334444:role/ops\n", "", `\x1b[31mred=a role in account 222233334444`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir, a := t.TempDir(), &app{}
			for variable, text := range map[string]string{"AWS_CONFIG_FILE": tt.config, "AWS_SHARED_CREDENTIALS_FILE": tt.credentials} {
				file := filepath.Join(dir, variable)
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				a.environ = append(a.environ, variable+"="+file)
			}
			var got []string
			for _, c := range a.adminProfiles() {
				got = append(got, c.Label+"="+c.Note)
			}
			if strings.Join(got, ",") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// With several AWS config profiles and no default one, setup said that there were no AWS
// credentials.
func TestWhichAdministratorIsMeantIsAsked(t *testing.T) {
	s := newShop(t)
	s.writeAdmins(t, s.home)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	bin := filepath.Join(t.TempDir(), "bin")
	setup := func(name, account string, more ...string) []string {
		return append([]string{"setup", "--name", name, "--yes", "--account", account, "--set", "leaf.cn=box", "--set", "ca.protection=none", "--set", "proof.stranger=no",
			"--set", "binary.dir=" + bin}, more...)
	}
	code, _, said := s.run(setup("new", auditAccount)...)
	if code != exitUsage || !strings.Contains(said, "--set aws.profile=audit-admin|main-admin") {
		t.Errorf("nobody said which: exit %d\n%s", code, said)
	}
	if code, _, said := s.run(setup("new", auditAccount, "--set", "aws.profile=main-admin")...); code != exitUsage || !strings.Contains(said, auditAccount) {
		t.Errorf("one of another account: exit %d\n%s", code, said)
	}
	if code, _, said := s.run(setup("new", auditAccount, "--set", "aws.profile=somebody")...); code != exitUsage || !strings.Contains(said, "aws.profile") {
		t.Errorf("one that there is not: exit %d\n%s", code, said)
	}
	s.want(exitDone, setup("new", auditAccount, "--set", "aws.profile=audit-admin")...)
	if file := must(s.homeDir().ReadSession(s.homeDir().Setup("new"))); file.Account != auditAccount {
		t.Errorf("it was made in account %s", file.Account)
	}
	// Later runs know by whom it was made, and nothing of that stands in the answers.
	if plan := s.want(exitDone, "setup", "--name", "new", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("got %s", plan)
	}
	if answers := readFile(t, s.homeDir().Setup("new").AnswersFile()); strings.Contains(answers, "audit-admin") {
		t.Errorf("the answers are\n%s", answers)
	}
	s.as("main-admin") // which decides, so that nothing is asked
	s.want(exitDone, setup("other", cloudAccount)...)
	s.want(exitDone, setup("third", auditAccount, "--set", "aws.profile=audit-admin")...) // and is overruled
}
