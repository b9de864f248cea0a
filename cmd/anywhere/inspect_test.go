package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// inspecting runs cert inspect on files of the corpus.
func inspecting(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) }}
	for i, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			args[i] = filepath.Join("..", "..", "testdata", "pki", arg)
		}
	}
	root := a.root()
	root.SetArgs(append([]string{"cert", "inspect"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	err = root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestInspectJudgesEveryCertificateOfAFile(t *testing.T) {
	tests := map[string]struct {
		file    string
		code    int
		subject string
		broken  []string
	}{
		"a good one":                        {"rules/leaf-good.pem", exitDone, "CN=web-1", nil},
		"one that may not sign":             {"rules/leaf-key-encipherment.pem", exitFailed, "", []string{"RA113"}},
		"a CA":                              {"rules/ca-good.pem", exitDone, "", nil},
		"one whose name cannot become tags": {"rules/leaf-parentheses.pem", exitDone, "CN=web (1)", []string{"RA119"}},
		"a locked PKCS #12":                 {"certificates/no-key.p12", exitUsage, "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := inspecting(t, "--json", tt.file)
			if got := exitOf(err); got != tt.code {
				t.Fatalf("got exit %d (%v), want %d", got, err, tt.code)
			}
			if tt.code == exitUsage {
				return
			}
			var doc struct {
				Certificates []inspected `json:"certificates"`
			}
			if err := json.Unmarshal([]byte(out), &doc); err != nil || len(doc.Certificates) != 1 {
				t.Fatalf("got %v and %s, want one certificate", err, out)
			}
			var broken []string
			for _, r := range doc.Certificates[0].Rules {
				if !r.Holds {
					broken = append(broken, r.ID)
				}
			}
			if !slices.Equal(broken, tt.broken) {
				t.Errorf("got broken rules %v, want %v", broken, tt.broken)
			}
			if tt.subject != "" && !strings.HasPrefix(doc.Certificates[0].Subject, tt.subject) {
				t.Errorf("got subject %q, want %q", doc.Certificates[0].Subject, tt.subject)
			}
		})
	}
}

func TestInspectSaysWhatAWSMakesOfIt(t *testing.T) {
	out, err := inspecting(t, "certificates/chain.pem")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"chain.pem, 1 of 3", "source identity         CN=leaf", "session name            47f763d97e88618d12001ec2f7b6dcd877d7ff8c", "x509Issuer/CN           intermediate", "signed by itself"} {
		if !strings.Contains(out, want) {
			t.Errorf("got text without %q:\n%s", want, out)
		}
	}
}

func TestInspectOfNoCertificateIsTheCallersMistake(t *testing.T) {
	for _, args := range [][]string{{}, {"keys/ec.pem"}, {"not-there.pem"}} {
		out, err := inspecting(t, args...)
		if _, usage := errors.AsType[*usageError](err); !usage || out != "" {
			t.Errorf("%v: got %v and %q, want a usage error and no output", args, err, out)
		}
	}
}
