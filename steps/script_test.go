package steps

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/pki/foreign"
)

// shell runs text as a shell would and returns what it prints.
func shell(t *testing.T, dir, text string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", append(args, "-s")...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(text)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil || problems.Len() > 0 {
		t.Errorf("sh: %v %s\n%s", err, &problems, text)
	}
	return string(out)
}

// nasty are words that a shell would take for something else.
var nasty = []string{
	"plain", "", "two words", "it's", `"quoted"`, "$HOME", "$(touch made)", "`touch made`", `back\slash`, "a;b", "a|b", "a&b", "a>b",
	"*", "~", "-n", "#no", "a=b", "END", "\x1b[2J", "\u202e", "line\nbreak", "ünï", "$ANCHOR_ARNx", "{a,b}", "!x",
}

func TestACommandIsReadByAShellAsItIs(t *testing.T) {
	dir := t.TempDir()
	for _, word := range nasty {
		c := Command{Args: []string{"printf", "<%s>", word}}
		if strings.Contains(c.Line(), "\n") {
			t.Errorf("%q: a shown command holds a line break: %q", word, c.Line())
		}
		if got, want := shell(t, dir, c.Shell()), "<"+foreign.Text(word)+">"; got != want {
			t.Errorf("%q: the shell reads %q, want %q", word, got, want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("a word was run: %v %v", left, err)
	}
}

func TestAFileOfAScriptIsWrittenAsItIs(t *testing.T) {
	dir := t.TempDir()
	for _, text := range nasty {
		c := Command{File: "out file.json", Content: "{\n" + text + "\n}\n"}
		shell(t, dir, c.Shell())
		got, err := os.ReadFile(filepath.Join(dir, c.File))
		if err != nil || string(got) != c.Content {
			t.Errorf("got %q, %v, want %q", got, err, c.Content)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "made")); err == nil {
		t.Error("a line of the file was run")
	}
}

// The trust policy is written before the trust anchor's ARN is known, so one
// variable of ours is filled in, and no other.
func TestTheAnchorsARNIsFilledIn(t *testing.T) {
	dir := t.TempDir()
	c := Command{File: "trust.json", Content: `{"a":"$ANCHOR_ARN","b":"$HOME"}`}
	shell(t, dir, "ANCHOR_ARN=arn:aws:x\n"+c.Shell())
	got, err := os.ReadFile(filepath.Join(dir, "trust.json"))
	if want := `{"a":"arn:aws:x","b":"$HOME"}` + "\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if got := shell(t, dir, "ANCHOR_ARN='arn a'\nPROFILE_ARN=x/y/z\n"+Command{Args: []string{"printf", "<%s>", "$ANCHOR_ARN", "${PROFILE_ARN##*/}"}}.Shell()); got != "<arn a><z>" {
		t.Errorf("got %q, want the values as one word each", got)
	}
}

func TestAScriptIsReadByAShell(t *testing.T) {
	var plan Plan
	plan.Setup, plan.Account, plan.Region = "box", "111122223333", "us-east-1"
	plan.Known = map[string]string{"ROLE_ARN": "arn:aws:iam::111122223333:role/x y"}
	for _, word := range nasty {
		plan.Changes = append(plan.Changes, Change{Verb: Create, Noun: "role", Name: word, Commands: []Command{
			{Args: []string{"true", word}}, {Sets: "ANCHOR_ARN", Args: []string{"echo", word}}, {File: "f " + foreign.Text(word), Content: "x\n" + word + "\n"},
		}})
	}
	text := plan.Script()
	shell(t, t.TempDir(), text, "-n")
	out := shell(t, t.TempDir(), text)
	if !strings.Contains(out, "arn:aws:iam::111122223333:role/x y\n") {
		t.Errorf("the script does not end with the ARNs: %q", out)
	}
}
