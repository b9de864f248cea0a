package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The trust policy of the first way stood on one line with \n in it, and its command led
// past the endpoint.
func TestTheDenialOfANameIsPastedAsItIsShown(t *testing.T) {
	s := newShop(t, "ca.protection=destroy-after-issuing")
	role := filepath.Base(must(s.homeDir().ReadSession(s.place())).RoleARN)
	said := s.revoke(exitFailed, "box")
	_, rest, _ := strings.Cut(said, "\ncat > trust.json <<END\n")
	document, rest, found := strings.Cut(rest, "\nEND\n")
	command, _, _ := strings.Cut(rest, "\n")
	if !found || !json.Valid([]byte(document)) || !strings.HasSuffix(command, "--endpoint-url "+s.URL) {
		t.Fatalf("got the command %q and the document %q in\n%s", command, document, said)
	}
	if err := s.API.UpdateTrustPolicy(t.Context(), role, document); err != nil {
		t.Fatal(err)
	}
	if got := s.refusalOf("lab"); !strings.Contains(got, "Unable to assume role") {
		t.Errorf("got %q", got)
	}
	if said := s.revoke(exitFailed, "box"); strings.Count(said, "AnywhereDeny") != 1 {
		t.Errorf("what is denied already is denied twice:\n%s", said)
	}
}

// In the sandbox and beside a custom endpoint, commands without it reach for the real AWS.
func TestEveryCommandOfAPlanLeadsToTheSameAWS(t *testing.T) {
	s := newShop(t)
	text := s.want(exitDone, "setup", "--name", "new", "--plan", "--json", "--set", "where=aws", "--set", "leaf.cn=new", "--set", "ca.protection=none", "--set", "permissions=list-buckets",
		"--set", "binary.dir="+t.TempDir())
	var plan struct {
		Changes []struct {
			ID       string
			Commands []struct{ Args []string }
		}
	}
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, c := range plan.Changes {
		for _, command := range c.Commands {
			if len(command.Args) == 0 || command.Args[0] != "aws" || command.Args[1] == "configure" {
				continue
			}
			if seen++; !slices.Contains(command.Args, s.URL) {
				t.Errorf("%s: %q", c.ID, command.Args)
			}
		}
	}
	if seen < 5 {
		t.Errorf("%d commands of the AWS CLI in\n%s", seen, text)
	}
}
