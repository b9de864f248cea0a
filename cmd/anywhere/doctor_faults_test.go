package main

import (
	"crypto/rand"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/sandbox"
)

// Every fault of anywhere sandbox --break that has a code is found under its
// first one, so that a newcomer can learn by repairing.
func TestEveryFaultOfTheSandboxIsNamed(t *testing.T) {
	s := newShop(t)
	box, err := sandbox.Open(sandbox.Config{Dir: t.TempDir(), Now: time.Now, Random: rand.Reader, Region: cloudRegion})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box)
	t.Cleanup(func() {
		server.Close()
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	admin := box.Admin()
	s.cloud = &cloud{URL: server.URL, Admin: admin}
	s.API, err = awsapi.Connect(t.Context(), awsapi.Options{Isolated: true, Region: cloudRegion, Endpoint: server.URL, Attempts: 1,
		Credentials: &awsapi.Keys{AccessKeyID: admin.AccessKeyID, SecretAccessKey: admin.SecretAccessKey}})
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{"AWS_ENDPOINT_URL", server.URL}, {"AWS_ACCESS_KEY_ID", admin.AccessKeyID}, {"AWS_SECRET_ACCESS_KEY", admin.SecretAccessKey}} {
		t.Setenv(pair[0], pair[1])
	}
	s.want(exitDone, "setup", "--name", "broken", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=box", "--set", "proof.stranger=no",
		"--set", "ca.protection=none", "--set", "binary.dir="+t.TempDir())
	for _, kind := range sandbox.Faults() {
		if len(kind.Codes) == 0 {
			continue
		}
		t.Run(kind.Name, func(t *testing.T) {
			name := map[string]string{"clock": "clock+10m"}[kind.Name]
			if name == "" {
				name = kind.Name
			}
			if _, err := box.Break(name); err != nil {
				t.Fatal(err)
			}
			_, stdout, stderr := s.run("doctor", "broken")
			if _, err := box.Break("none"); err != nil {
				t.Fatal(err)
			}
			first := codeIn(stdout)
			if !slices.Contains(kind.Codes, first) {
				t.Errorf("got %q, want one of %v\n%s%s", first, kind.Codes, stdout, stderr)
			}
		})
	}
	s.want(exitDone, "doctor", "broken")
}

// codeIn is the first code of a report.
func codeIn(text string) string {
	for i := 0; i+5 <= len(text); i++ {
		if text[i:i+2] == "RA" && text[i+2] >= '1' && text[i+2] <= '9' {
			return text[i : i+5]
		}
	}
	return ""
}
