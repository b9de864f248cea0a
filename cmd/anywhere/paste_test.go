//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pair is what a user has who got his certificate from elsewhere.
type pair struct{ ca, certificate, key string }

// pairFromElsewhere is made by another set-up, on another machine.
func pairFromElsewhere(t *testing.T) pair {
	t.Helper()
	home := t.TempDir()
	cmd := exec.Command("anywhere", "setup", "--sandbox", "--name", "elsewhere", "--set", "leaf.cn=build-box-7")
	cmd.Env = terminalEnv(home)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	read := func(pattern string) string {
		files, err := filepath.Glob(filepath.Join(home, ".anywhere", pattern))
		if err != nil || len(files) != 1 {
			t.Fatalf("got %q, %v; want one file", files, err)
		}
		return readFile(t, files[0])
	}
	return pair{read("ca/*/ca.pem"), read("setups/*/pairs/*/certificate.pem"), read("setups/*/pairs/*/key.pem")}
}

var pasteInto = []string{"setup", "--sandbox", "--name", "pasted", "--set", "ca.issuer=files", "--set", "permissions=nothing"}

// kept fails unless the texts lie in files for their owner alone, and nowhere else
// but where the pair is copied to.
func kept(t *testing.T, home string, texts ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(home, ".anywhere", "given", "*"))
	if err != nil || len(files) != len(texts) {
		t.Fatalf("got %q, %v; want %d files", files, err, len(texts))
	}
	all := ""
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("got %v, %v; want a file for its owner alone", info, err)
		}
		all += readFile(t, f)
	}
	for _, text := range texts {
		if !strings.Contains(all, strings.TrimSpace(text)) {
			t.Errorf("got files without\n%s", text)
		}
	}
}

// secretPart is a line of a key that must be shown nowhere.
func secretPart(key string) string { return strings.Split(key, "\n")[1] }

func TestFilesArePastedLineByLine(t *testing.T) {
	t.Parallel()
	home, have := t.TempDir(), pairFromElsewhere(t)
	ask := func(input string, args ...string) string {
		t.Helper()
		cmd := exec.Command("anywhere", args...)
		cmd.Env, cmd.Stdin = terminalEnv(home), strings.NewReader(input)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	input := have.key + "\n" + have.certificate + "\n" + have.key + "\n" + have.ca + "\n\nyes\n"
	said := ask(input, append(pasteInto, "--plain")...)
	for _, want := range []string{"Not possible: what was pasted holds no whole certificate", "Pasted certificate CN=elsewhere-ca, until 20", "Pasted certificate CN=build-box-7, until 20", "Pasted key, P-256."} {
		if !strings.Contains(said, want) {
			t.Errorf("got no %q in\n%s", want, said)
		}
	}
	if strings.Contains(said, secretPart(have.key)) {
		t.Errorf("got the key in\n%s", said)
	}
	kept(t, home, have.ca, have.certificate, have.key)
	ask("", "teardown", "pasted", "--yes", "--delete-ca")
	kept(t, home)
}

func TestTheEndOfInputInAPasteIsAnError(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("anywhere", append(pasteInto, "--plain")...)
	cmd.Env, cmd.Stdin = terminalEnv(t.TempDir()), strings.NewReader("-----BEGIN CERTIFICATE-----\nMIIB\n")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the input ended") {
		t.Errorf("got %v and\n%s\nwant the end of input told", err, out)
	}
}

func TestFilesArePastedOnTheScreen(t *testing.T) {
	t.Parallel()
	home, have := t.TempDir(), pairFromElsewhere(t)
	s := sit(t, home, 80, 24, pasteInto...)
	paste := func(text string) { s.press("\x1b[200~" + strings.ReplaceAll(text, "\n", "\r") + "\x1b[201~") }
	s.sees("Certificate of this machine")
	paste(have.certificate)
	s.sees("pasted certificate CN=build-box-7, until 20")
	s.opens(enter, "Key of this machine")
	paste(have.key)
	s.sees("pasted key, P-256")
	if strings.Contains(s.text(), secretPart(have.key)) {
		t.Errorf("got the key on the screen:\n%s", s.text())
	}
	s.opens(enter, "Certificate of the CA that issued it")
	paste(have.ca)
	s.sees("pasted certificate CN=elsewhere-ca, until 20")
	kept(t, home)
	s.opens(enter, "None of this has happened yet.")
	s.opens(enter, "pasted works")
	if code := s.exits("q"); code != exitDone {
		t.Errorf("got exit %d, want 0", code)
	}
	kept(t, home, have.ca, have.certificate, have.key)
	session := readFile(t, filepath.Join(home, ".anywhere", "setups", "pasted", "session.json"))
	journal := readFile(t, filepath.Join(home, ".anywhere", "setups", "pasted", "journal.jsonl"))
	if strings.Contains(session+journal, secretPart(have.key)) {
		t.Error("got the key in the session file or the journal")
	}
}

// What was pasted stayed behind, key and all, when a file was named in its place.
func TestWhatWasPastedGoesWhenAFileTakesItsPlace(t *testing.T) {
	t.Parallel()
	home, o := t.TempDir(), newOwned(t)
	ask := func(input string, args ...string) {
		t.Helper()
		cmd := exec.Command("anywhere", args...)
		cmd.Env, cmd.Stdin = terminalEnv(home), strings.NewReader(input)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	cert, key, _, cas := o.parts()
	all := string(joined(cert, key, cas))
	ask(all+"\n\nyes\n", append(pasteInto, "--plain")...)
	kept(t, home, all, string(cas))
	later := put(t, o.packed(o.machine(96*time.Hour), ""))
	ask("", "setup", "--name", "pasted", "--yes", "--set", "leaf.certificate="+later)
	kept(t, home, string(cas))
}
