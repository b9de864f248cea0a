package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/cmd/signing"
	"anywhere/doctor"
)

// The doctor once called words of our own signer strange, because it kept a list of
// flags of its own that nobody compared with the signer's.
func TestTheDoctorKnowsEveryFlagOfTheSigner(t *testing.T) {
	for _, command := range []string{"credential-process", "serve", "update", "sign-string", "read-certificate-data", "version"} {
		t.Run(command, func(t *testing.T) {
			var help bytes.Buffer
			signing.Run(t.Context(), []string{command, "--help"}, signing.World{Program: "anywhere-signer", Stdout: &help, Stderr: &help,
				Now: time.Now, Getenv: func(string) string { return "" }})
			want := map[string]string{}
			line := "credential_process = /opt/anywhere-signer " + command
			for text := range strings.SplitSeq(help.String(), "\n") {
				fields := strings.Fields(text)
				if len(fields) == 0 || !strings.HasPrefix(fields[0], "--") {
					continue
				}
				name, value := strings.TrimPrefix(fields[0], "--"), "true"
				line += " " + fields[0]
				if len(fields) > 1 && fields[1] == "VALUE" {
					value = "/x/" + name
					line += " " + value
				}
				want[name] = value
			}
			if len(want) == 0 {
				t.Fatalf("no flags in %q", help.String())
			}
			file := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(file, []byte("[profile lab]\n"+line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			got := doctor.ReadAWSProfile(file, "", "lab").Helper
			if len(got.Strange) > 0 {
				t.Errorf("not understood: %v", got.Strange)
			}
			for name, value := range want {
				if shown := got.Flags[name]; shown != value && shown != "(not shown)" {
					t.Errorf("--%s: got %q, want %q", name, shown, value)
				}
			}
		})
	}
}
