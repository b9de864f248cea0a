package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A section without a line for us was called unreadable, with the words for a
// set-up's session.json.
func TestWhatASectionHasInPlaceOfALineIsSaid(t *testing.T) {
	const good = "/opt/aws_signing_helper credential-process --certificate /etc/a.pem --private-key /etc/a.key --trust-anchor-arn A --profile-arn P --role-arn R"
	for name, one := range map[string]struct {
		section, body string
		want          Code
		says, fix     string
	}{
		"a key with a slip":       {"profile edge", "credentials_process = " + good, "RA520", "written credentials_process", ""},
		"a key with a hyphen":     {"profile edge", "credential-process = " + good, "RA520", "written credential-process", ""},
		"a key behind export":     {"profile edge", "export credential_process = " + good, "RA520", "written export credential_process", ""},
		"an indented key":         {"profile edge", "region = us-east-1\n  credential_process = " + good, "RA520", "belongs to the line region", ""},
		"Identity Center":         {"profile edge", "sso_session = work", "RA520", "Identity Center", ""},
		"nothing at all":          {"profile edge", "", "RA520", "no credential_process", ""},
		"a line in quotes":        {"profile edge", `credential_process = "` + good + `"`, "RA520", "whole line stands in quotes", "quotes"},
		"another command":         {"profile edge", "credential_process = " + strings.Replace(good, "l-p", "l_p", 1), "RA520", "the command credential_process", ""},
		"another program":         {"profile edge", "credential_process = /opt/vault-broker --json", "RA520", "/opt/vault-broker", ""},
		"a comment behind it":     {"profile edge", "credential_process = " + good + " # new", "RA510", "a comment behind a value", "line of its own"},
		"one dash":                {"profile edge", "credential_process = " + strings.Replace(good, "--cert", "-cert", 1), "RA510", "one dash", "--certificate"},
		"a pipe":                  {"profile edge", "credential_process = " + good + " | tee log", "RA510", "not understood", "shell"},
		"a flag without value":    {"profile edge", "credential_process = " + strings.Replace(good, " /etc/a.pem", "", 1), "RA510", "behind --certificate", "its value"},
		"a flag that is missing":  {"profile edge", "credential_process = " + strings.Replace(good, "--role-arn R", "", 1), "RA521", "missing: --role-arn", ""},
		"a capital in the header": {"Profile edge", "credential_process = " + good, "RA504", "no AWS config profile", ""},
		"a slip in the name":      {"profile edeg", "credential_process = " + good, "RA504", "no AWS config profile", ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(file, []byte("["+one.section+"]\n"+one.body+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			config := ReadAWSProfile(file, "", "edge")
			subject, ok := SubjectOfLine(config, "")
			e := &Evidence{SchemaVersion: SchemaVersion, At: noon, Kind: KindAWSProfile, Name: "edge", Client: subject.Client, Config: config, Target: subject.Target, NoLive: true}
			if !ok && config.Trouble == nil {
				e.Subject = &Trouble{Kind: Unsupported, Says: "it starts no signer"}
			}
			r := Diagnose(e)
			if len(r.Causes) == 0 || r.Causes[0] != one.want {
				t.Fatalf("got causes %v, want %s first", r.Causes, one.want)
			}
			found, _ := r.Finding(one.want)
			if !strings.Contains(found.Says, one.says) || !strings.Contains(found.Fix.Text, one.fix) {
				t.Errorf("got %q, fix %q; want %q, fix with %q", found.Says, found.Fix.Text, one.says, one.fix)
			}
			if one.want == "RA504" && (len(found.Evidence) != 2 || found.Evidence[1].Value != "["+one.section+"]") {
				t.Errorf("got evidence %v, want the section that was meant", found.Evidence)
			}
		})
	}
}

// A config file that cannot be read was said to lack the section.
func TestAConfigFileThatCannotBeReadIsNotCalledEmpty(t *testing.T) {
	file := t.TempDir() // a directory: root reads any file
	config := ReadAWSProfile(file, "", "edge")
	if config.Trouble == nil || config.Trouble.Kind == Missing || !strings.Contains(config.Trouble.Says, file+" cannot be read: ") {
		t.Errorf("got %+v", config.Trouble)
	}
	if gone := ReadAWSProfile(filepath.Join(file, "no"), "", "edge"); gone.Trouble == nil || !strings.Contains(gone.Trouble.Says, "there is no file") {
		t.Errorf("without the file: got %+v", gone.Trouble)
	}
}

// Our own section that is gone can be put back; one that was renamed, stands in
// another file, or was never ours, is left to its owner.
func TestOnlyOurOwnSectionThatIsGoneIsPutBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[profile other]\nregion = us-east-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := func() *Evidence {
		return &Evidence{SchemaVersion: SchemaVersion, At: noon, Kind: KindSetup, Name: "edge", Client: ClientAnywhere, NoLive: true, Config: ReadAWSProfile(file, "", "edge"),
			Ours: &Ours{File: file, Section: "profile edge", Line: "/opt/anywhere-signer credential-process --setup edge", Lines: "credential_process=/opt/anywhere-signer credential-process --setup edge\nregion=us-east-1"}}
	}
	for name, tt := range map[string]struct {
		with func(*Evidence)
		want bool
	}{
		"ours":              {func(*Evidence) {}, true},
		"never ours":        {func(e *Evidence) { e.Ours = &Ours{} }, false},
		"renamed":           {func(e *Evidence) { e.Config.Near = []string{"profile Edge"} }, false},
		"in another file":   {func(e *Evidence) { e.Config.Elsewhere = []string{"/root/.aws/config"} }, false},
		"of another file":   {func(e *Evidence) { e.Ours.File = "/etc/config" }, false},
		"in an unread file": {func(e *Evidence) { e.Config.File.Trouble = &Trouble{Kind: Denied} }, false},
	} {
		e := gone()
		tt.with(e)
		found, _ := Diagnose(e).Finding("RA504")
		got := found.Fix.Automatic
		if found.Verdict != Fail || got != tt.want {
			t.Errorf("%s: got %s, automatic %v, want %v", name, found.Verdict, got, tt.want)
		}
		if got && (len(found.Fix.Edit.Absent.Pairs) != 2 || found.Fix.Edit.Absent.Pairs[1] != [2]string{"region", "us-east-1"}) {
			t.Errorf("%s: got %v", name, found.Fix.Edit.Absent)
		}
	}
}

func TestASignerIsSeenThroughWhatStartsIt(t *testing.T) {
	for line, want := range map[string]struct{ wrapper, certificate string }{
		"sudo -n /opt/aws_signing_helper credential-process --certificate /etc/a.pem":            {"sudo", "/etc/a.pem"},
		"env -u X anywhere-signer credential-process --certificate /etc/a.pem":                   {"env", "/etc/a.pem"},
		`sh -c "/opt/aws_signing_helper credential-process --certificate ~/a.pem"`:               {"sh", "/home/ops1/a.pem"},
		`/bin/bash -lc 'exec aws_signing_helper credential-process --certificate "$HOME/b.pem"'`: {"/bin/bash", "/home/ops1/b.pem"},
		"/opt/aws_signing_helper credential-process --certificate /etc/a.pem":                    {"", "/etc/a.pem"},
	} {
		h := takeApart(line)
		s, ok := SubjectOfLine(ConfigSeen{Profile: "edge", Helper: h}, "/home/ops1")
		if !ok || h.Wrapper != want.wrapper || s.CertificateFile != want.certificate {
			t.Errorf("%s: got %v, started by %q, certificate %q; want %q and %q", line, ok, h.Wrapper, s.CertificateFile, want.wrapper, want.certificate)
		}
	}
}
