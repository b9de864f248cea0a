package main

import (
	"os/exec"
	"strings"
	"testing"
)

// This program starts at every call of the AWS CLI. What it links is looked over
// here, because every package may do work at the start.
func TestOnlyLightPackagesAreLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	// Everything else from outside the standard library needs a reason here.
	allowed := map[string]string{
		"anywhere/":                  "our own; the layers test holds what they import",
		"golang.org/x/crypto/":       "scrypt and PBKDF2 for locked keys",
		"golang.org/x/sys/":          "what the lock needs of the system",
		"github.com/gofrs/flock":     "the lock on a set-up",
		"github.com/smallstep/pkcs7": "certificates in PKCS #7",
		"golang.org/x/term":          "passwords without an echo",
		"software.sslmate.com/":      "certificate and key in PKCS #12",
		"crypto/internal/":           "standard library, though a name has a dot",
		"vendor/":                    "standard library",
	}
	used := map[string]bool{}
	forbidden := map[string]string{
		"net/http":      "a fifth of the start; package http1 makes the one request",
		"regexp":        "compiles at the start wherever it is a package variable",
		"text/template": "reflection, and it keeps the linker from dropping methods",
		"testing":       "flags at the start",
		"go/parser":     "no program needs it to sign",
	}
	for pkg := range strings.Lines(string(out)) {
		pkg = strings.TrimSpace(pkg)
		if why, bad := forbidden[pkg]; bad {
			t.Errorf("%s is linked: %s", pkg, why)
		}
		if !strings.Contains(pkg, ".") && !strings.HasPrefix(pkg, "anywhere") {
			continue
		}
		known := false
		for prefix := range allowed {
			if strings.HasPrefix(pkg, prefix) {
				known, used[prefix] = true, true
			}
		}
		if !known {
			t.Errorf("%s is linked; the start of every AWS CLI call pays for it", pkg)
		}
	}
	for prefix, why := range allowed {
		if !used[prefix] {
			t.Errorf("%s (%s) is not linked any more: take it off the list", prefix, why)
		}
	}
}

// Initialisation is counted in packages and in bytes they allocate, never in
// time, which a busy machine would spoil.
func TestTheStartDoesLittle(t *testing.T) {
	program := built(t)
	run := exec.Command(program, "version")
	run.Env = []string{"GODEBUG=inittrace=1"}
	trace, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, trace)
	}
	var packages, ours []string
	for line := range strings.Lines(string(trace)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "init" {
			continue
		}
		packages = append(packages, words[1])
		if strings.HasPrefix(words[1], "anywhere") {
			ours = append(ours, words[1])
		}
	}
	if len(packages) < 30 || len(packages) > 80 {
		t.Errorf("%d packages do work at the start, want 30 to 80 (crypto/x509 and crypto/tls alone are some 55)", len(packages))
	}
	// These two make error values.
	if len(ours) > 4 {
		t.Errorf("of ours %v do work at the start, want at most 4, for error values", ours)
	}
}
