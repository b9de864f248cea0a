package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/steps"
)

func TestACAOfItsOwnServesSeveralSetUps(t *testing.T) {
	s := newShop(t)
	away := filepath.Join(t.TempDir(), "root.key")
	phrase := put(t, []byte("open sesame"))
	var made steps.CreatedCA
	if err := json.Unmarshal([]byte(s.want(exitDone, "ca", "create", "--name", "office", "--json", "--set", "ca.shape=intermediate", "--set", "ca.root-protection=external",
		"--set", "ca.root-file="+away, "--set", "ca.protection=passphrase", "--set", "ca.passphrase-file="+phrase, "--set", "ca.life=2y")), &made); err != nil {
		t.Fatal(err)
	}
	if made.RootKey != away || made.Certificate.Subject != "CN=office-ca" || made.Anchor.Subject != "CN=office-root" {
		t.Errorf("got %+v", made)
	}
	root := certIn(t, readFile(t, made.Anchor.Path))
	if err := pki.MatchKey(root, must(decode.Key([]byte(readFile(t, away)), nil))); err != nil {
		t.Error(err)
	}
	if _, err := decode.Key([]byte(readFile(t, made.Key)), nil); err == nil {
		t.Error("the CA's key opens without its passphrase")
	}
	if info := must(os.Stat(made.Key)); info.Mode() != 0o600 {
		t.Errorf("the CA's key has mode %s", info.Mode())
	}
	for _, name := range []string{"one", "two"} {
		args := append(slices.Clone(made.Setup[1:]), "--name", name, "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn="+name, "--set", "proof.stranger=no",
			"--set", "ca.passphrase-file="+phrase, "--set", "binary.dir="+filepath.Join(filepath.Dir(s.home), "bin"))
		s.want(exitDone, args...)
		s.serialOf(name)
		file := must(s.homeDir().ReadSession(s.homeDir().Setup(name)))
		held := must(decode.Certificates([]byte(must(s.API.Anchor(t.Context(), file.TrustAnchorARN)).Source.Bundle)))
		if len(held) != 1 || !held[0].Equal(root) || len(file.Chain) != 1 {
			t.Errorf("%s: the trust anchor holds %s, %d certificates are sent along", name, held[0].Subject, len(file.Chain))
		}
		s.want(exitDone, "teardown", name, "--yes", "--account", cloudAccount, "--delete-ca")
	}
	if !exists(made.Key) || !exists(made.Certificate.Path) {
		t.Error("a teardown took a CA that belongs to no set-up")
	}
}

func TestACAIsNotMadeHalfAnswered(t *testing.T) {
	s := newShop(t)
	before, _ := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*"))
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"without a name":           {nil, "ca create: what is it called?"},
		"with a name that is none": {[]string{"--name", "../x"}, "ca create: what is it called?"},
		"nobody says who keeps it": {[]string{"--name", "x"}, "--set ca.protection=passphrase|external|none"},
		"without a key":            {[]string{"--name", "x", "--set", "ca.protection=destroy-after-issuing"}, "a CA without a key issues nothing"},
		"without a passphrase":     {[]string{"--name", "x", "--set", "ca.protection=passphrase"}, "ca.passphrase"},
		"a passphrase in the open": {[]string{"--name", "x", "--set", "ca.passphrase=open sesame"}, "a secret is never an argument"},
		"a question of a machine":  {[]string{"--name", "x", "--set", "leaf.cn=x"}, "no such question: leaf.cn"},
		"a kind that there is not": {[]string{"--name", "x", "--set", "ca.protection=none", "--set", "ca.key=ed25519"}, "must be one of"},
	} {
		code, _, said := s.run(append([]string{"ca", "create"}, tt.args...)...)
		if code != exitUsage || !strings.Contains(said, tt.want) {
			t.Errorf("%s: exit %d, want %d and %q:\n%s", name, code, exitUsage, tt.want, said)
		}
	}
	if after, _ := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*")); !slices.Equal(before, after) {
		t.Errorf("something was made: %v", after)
	}
}
