package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// bare runs a command that needs no AWS and no set-up.
func bare(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := realApp()
	a.stdin, a.stdout, a.stderr, a.terminal = strings.NewReader(stdin), &out, &errs, false
	a.environ = append(withoutAWS(), "HOME="+t.TempDir())
	code = run(t.Context(), args, a)
	return code, out.String(), errs.String()
}

const theirs = "../../testdata/pki/certificates/"

func TestWhatSomebodyHasIsSortedOut(t *testing.T) {
	out := filepath.Join(t.TempDir(), "ca.pem")
	code, said, errs := bare(t, "", "ca", "import", theirs+"combined.pem", theirs+"chain.p7b", "--out", out)
	if code != exitDone {
		t.Fatalf("exit %d\n%s%s", code, said, errs)
	}
	for _, want := range []string{"machine       CN=leaf", "intermediate  CN=intermediate", "root          CN=root", "key           in", "trust anchor  CN=root", "twice         1"} {
		if !strings.Contains(said, want) {
			t.Errorf("want %q in\n%s", want, said)
		}
	}
	if cert := certIn(t, readFile(t, out)); cert.Subject.CommonName != "root" {
		t.Errorf("wrote %s", cert.Subject)
	}
	if strings.Contains(readFile(t, out), "PRIVATE KEY") {
		t.Error("a key was copied")
	}
	if code, _, _ := bare(t, "", "ca", "import", theirs+"root.pem", "--out", out); code != exitUsage {
		t.Errorf("an existing file: exit %d, want %d", code, exitUsage)
	}
}

func TestPastedTextIsSortedOutAndWhatIsMissingIsSaid(t *testing.T) {
	code, said, errs := bare(t, readFile(t, theirs+"leaf.pem"), "ca", "import", "-", "--json")
	var doc imported
	if err := json.Unmarshal([]byte(said), &doc); err != nil {
		t.Fatalf("%v\n%s%s", err, said, errs)
	}
	if code != exitFailed || doc.Anchor != nil || doc.Certificate.Subject != "CN=leaf" || len(doc.Missing) != 2 {
		t.Errorf("exit %d, %+v", code, doc)
	}
	code, said, _ = bare(t, "", "ca", "import", "../../testdata/pki/rules/ca-v1.pem")
	if code != exitFailed || !strings.Contains(said, "refused       RA15") {
		t.Errorf("a CA of version 1: exit %d\n%s", code, said)
	}
	for name, args := range map[string][]string{"nothing": {}, "no such file": {"no-such-file"}} {
		if code, _, _ := bare(t, "", append([]string{"ca", "import"}, args...)...); code != exitUsage {
			t.Errorf("%s: exit %d, want %d", name, code, exitUsage)
		}
	}
}
