package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"anywhere/pki/atomicfile"
)

// readOnly is a disk that nothing can be written to.
func readOnly() *atomicfile.Disk {
	return &atomicfile.Disk{Before: func(c atomicfile.Change) error {
		return &fs.PathError{Op: string(c.Op), Path: c.Path, Err: syscall.EROFS}
	}}
}

func TestAReadOnlyDiskDoesNotHinderTheDoctor(t *testing.T) {
	s := newShop(t)
	s.disk = readOnly()
	if stdout := s.want(exitDone, "doctor", "lab"); !strings.Contains(stdout, "lab works: ") {
		t.Errorf("got %s", stdout)
	}
	s.want(exitDone, "status")
	// The report was lost with the file.
	code, stdout, stderr := s.run("doctor", "lab", "--save", t.TempDir()+"/e.json")
	if code != exitFailed || !strings.Contains(stdout, "lab works: ") || !strings.Contains(stderr, "anywhere: save evidence: ") || !strings.Contains(stderr, "read-only file system") || !strings.Contains(stderr, "hint: ") {
		t.Errorf("saving: exit %d, %s%s", code, stdout, stderr)
	}
	code, stdout, stderr = s.run("doctor", "lab", "--save", t.TempDir()+"/e.json", "--json")
	var doc struct {
		Verdict string
		Error   struct{ Message, Hint string }
	}
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil || code != exitFailed || doc.Verdict != "healthy" || !strings.Contains(doc.Error.Message, "read-only file system") || doc.Error.Hint == "" || strings.Contains(stderr, "anywhere: ") {
		t.Errorf("saving as JSON: exit %d, %v, %s%s", code, err, stdout, stderr)
	}
}

// An AWS_CA_BUNDLE that is not there ended the whole report.
func TestACABundleThatIsNotThereIsTheCause(t *testing.T) {
	s := newShop(t)
	var out, errs bytes.Buffer
	a := s.app(&out, &errs)
	a.environ = append(a.environ, "AWS_CA_BUNDLE="+filepath.Join(t.TempDir(), "none.pem"))
	if code := runApp(t, a, "doctor", "lab", "--json"); code != exitFailed {
		t.Errorf("got exit %d: %s", code, &errs)
	}
	var doc told
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(doc.Causes, []string{"RA407"}) || !strings.Contains(doc.with("pass"), "RA104") || strings.Contains(doc.with("pass"), "RA402") {
		t.Errorf("got causes %v, passed %s", doc.Causes, doc.with("pass"))
	}
}

// What stands where the program should stand is named.
func TestAFileThatIsNoProgramIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"#!/bin/sh\n": "", "MZ\x90": "one of Windows", "\xcf\xfa\xed\xfe": "one of macOS", "\x1f\x8b\x08": "an archive", "<html>": "a web page", "": "an empty file", "hello": "a file without #! in front",
	} {
		path := filepath.Join(t.TempDir(), "program")
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := otherFile(path); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := otherFile(filepath.Join(t.TempDir(), "none")); got != "" {
		t.Errorf("no file: got %q", got)
	}
}

// The sandbox could not take its port on a read-only disk, and the report ended
// with that.
func TestASandboxThatCannotStartLeavesTheRestToBeJudged(t *testing.T) {
	s := newShop(t)
	s.want(exitDone, "setup", "--sandbox", "--name", "box", "--yes", "--set", "binary.dir="+t.TempDir())
	port := filepath.Join(s.homeDir().Root, "sandbox", "port")
	if err := errors.Join(os.RemoveAll(port), os.MkdirAll(filepath.Join(port, "in the way"), 0o700)); err != nil {
		t.Fatal(err)
	}
	doc := s.ask(exitUnknown, "box")
	if doc.Verdict != "unknown" || len(doc.Causes) != 0 || !strings.Contains(doc.with("unknown"), "RA403") || !strings.Contains(fmt.Sprint(doc.Findings), port) {
		t.Errorf("got %s because of %v, unknown %s", doc.Verdict, doc.Causes, doc.with("unknown"))
	}
	stdout := s.want(exitUnknown, "doctor", "box")
	if strings.Count(stdout, "\n") > 22 || !strings.Contains(stdout, "and, because of that: RA201, ") {
		t.Errorf("got a long list of what is not known for one reason:\n%s", stdout)
	}
}

// A service without HOME finds what AWS_CONFIG_FILE names, and says of nothing that
// it is wrong.
func TestWithoutHomeTheDoctorSaysThatItCannotTell(t *testing.T) {
	s := newShop(t)
	run := func(environ []string, args ...string) (int, string) {
		var out, errs strings.Builder
		a := s.app(nil, nil)
		a.stdout, a.stderr, a.environ = &out, &errs, environ
		return runApp(t, a, args...), out.String() + errs.String()
	}
	if code, text := run(nil, "doctor"); code != exitUnknown || !strings.Contains(text, "HOME is not set") {
		t.Errorf("got exit %d: %s", code, text)
	}
	if code, text := run(nil, "doctor", "--json"); code != exitUnknown || !strings.Contains(text, `"error"`) {
		t.Errorf("--json: got exit %d: %s", code, text)
	}
	config := t.TempDir() + "/config"
	if err := (&atomicfile.Disk{}).Write(config, []byte("[profile x]\ncredential_process = /nowhere/anywhere-signer credential-process --setup lab\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, text := run([]string{"AWS_CONFIG_FILE=" + config}, "doctor", "--offline"); code != exitFailed || !strings.Contains(text, "HOME is not set, so set-up lab cannot be found") {
		t.Errorf("with AWS_CONFIG_FILE: got exit %d: %s", code, text)
	}
}

func runApp(t *testing.T, a *app, args ...string) int {
	t.Helper()
	return run(t.Context(), args, a)
}
