package main

import (
	"os/exec"
	"slices"
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

// initialised runs the program and lists the packages that do work at its start, in
// their order, and what it prints.
func initialised(t *testing.T, env []string, program string, args ...string) (packages []string, out string) {
	t.Helper()
	run := exec.Command(program, args...)
	run.Env = append(env, "GODEBUG=inittrace=1")
	var trace, stdout strings.Builder
	run.Stdout, run.Stderr = &stdout, &trace
	if err := run.Run(); err != nil {
		t.Fatalf("%v\n%s", err, trace.String())
	}
	for line := range strings.Lines(trace.String()) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "init" {
			packages = append(packages, words[1])
		}
	}
	return packages, stdout.String()
}

// Initialisation is counted in packages and in bytes they allocate, never in
// time, which a busy machine would spoil.
func TestTheStartDoesLittle(t *testing.T) {
	packages, _ := initialised(t, nil, built(t), "version")
	var ours []string
	for _, name := range packages {
		if strings.HasPrefix(name, "anywhere") {
			ours = append(ours, name)
		}
	}
	if len(packages) < 30 || len(packages) > 80 {
		t.Errorf("%d packages do work at the start, want 30 to 80 (crypto/x509 and crypto/tls alone are some 55)", len(packages))
	}
	// One takes the processors, one looks for a kept session; the others make error values.
	if len(ours) > 5 || !slices.Contains(ours, earlyPackage) {
		t.Errorf("of ours %v do work at the start, want %s, %s, and at most 3 more for error values", ours, singlePackage, earlyPackage)
	}
	if at := slices.Index(packages, singlePackage); at < 0 || at > slices.Index(packages, "os") {
		t.Errorf("%s is not initialised before all that starts goroutines; the order is %v", singlePackage, packages)
	}
	for _, late := range []string{"crypto/internal/fips140", "path/filepath", "net", "crypto/x509", "crypto/tls"} {
		if at := slices.Index(packages, late); at < 0 || at < slices.Index(packages, earlyPackage) {
			t.Errorf("%s is initialised before %s: something that sorts late is imported there; the order is %v", late, earlyPackage, packages)
		}
	}
}

const (
	// earlyPackage is the package that answers from a kept session.
	earlyPackage = "anywhere/cmd/anywhere-signer/internal/early"
	// singlePackage is the package that takes all processors but one.
	singlePackage = "anywhere/cmd/anywhere-signer/internal/single"
)

// What a run that finds its session does not need is not even initialised.
func TestAKeptSessionIsServedBeforeTLSIsInitialised(t *testing.T) {
	world := newWorld(t)
	args, env := world.setup(t), []string{"HOME=" + world.home}
	_, first := initialised(t, env, world.program, args...)
	packages, again := initialised(t, env, world.program, args...)
	if first != again || !strings.Contains(again, "ASIA1") || world.asked.Load() != 1 {
		t.Errorf("got %q and %q, AWS asked %d times; want one session", first, again, world.asked.Load())
	}
	heavy := slices.DeleteFunc(slices.Clone(packages), func(name string) bool {
		return !strings.HasPrefix(name, "crypto/internal/fips140/") && !slices.Contains([]string{"crypto/tls", "crypto/x509", "net", "encoding/json", "math/big"}, name)
	})
	if len(packages) < 10 || len(heavy) > 0 {
		t.Errorf("%d packages are initialised for a kept session, %v of them in vain", len(packages), heavy)
	}
}
