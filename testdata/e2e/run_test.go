// Package e2e holds anywhere against programs that nobody here wrote: openssl
// reads our certificates, keys and signatures, and the AWS CLI uses our sessions.
//
// It is a module of its own, so that go test ./... of the project needs Go alone.
// Here a tool that is missing fails the test. .ci/run installs them.
package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binaries is the directory of the programs under test: ANYWHERE_BIN, or where
// TestMain built them. In pkcs11 below it are those that load PKCS #11 modules.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(build(m))
}

func build(m *testing.M) int {
	if binaries = os.Getenv("ANYWHERE_BIN"); binaries != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "anywhere-e2e-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, args := range [][]string{{"build", "-o", dir + "/", "./cmd/..."}, {"build", "-tags", "pkcs11", "-o", filepath.Join(dir, "pkcs11") + "/", "./cmd/..."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = filepath.Join("..", "..")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as they are released
		if out, err := cmd.CombinedOutput(); err != nil {
			panic(string(out))
		}
	}
	binaries = dir
	return m.Run()
}

// ours is the path of one of our programs.
func ours(program string) string { return filepath.Join(binaries, program) }

// command is one program to run, with no more of the environment than PATH and
// what is given.
func command(t *testing.T, env []string, program string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}, env...)
	return cmd
}

// output runs a program that must succeed and returns what it says on stdout.
func output(t *testing.T, env []string, program string, args ...string) string {
	t.Helper()
	cmd := command(t, env, program, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s%s", program, args, err, out, &stderr)
	}
	return string(out)
}

// openssl runs openssl, which must succeed.
func openssl(t *testing.T, args ...string) string {
	t.Helper()
	return output(t, nil, "openssl", args...)
}

// file writes one file into dir and returns its path.
func file(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
