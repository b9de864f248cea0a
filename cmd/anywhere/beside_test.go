package main

import (
	"path/filepath"
	"strings"
	"testing"

	"anywhere/awsapi"
)

// A ledger of a CA that somebody else has lay in anywhere's home for ever, and no
// teardown said so.
func TestALedgerThatSaysSomethingStaysUntilItIsAskedFor(t *testing.T) {
	dir := t.TempDir()
	certificate, key, _ := newCA(t, dir, "theirs")
	imported := []string{"ca.certificate=" + certificate, "ca.private-key=" + key, "ca.protection=none"}
	ledgers := func(s *shop) []string {
		found, _ := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*", "*.json*"))
		return found
	}
	down := []string{"teardown", "lab", "--yes", "--account", cloudAccount}
	t.Run("one that says something", func(t *testing.T) {
		s := newShop(t, imported...)
		_, csr := elsewhere(t, "web01")
		s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "web01")
		said := s.want(exitDone, down...)
		if !strings.Contains(said, "it knows 1 certificates issued and 0 revoked") || len(ledgers(s)) == 0 {
			t.Errorf("left are %v, and said was\n%s", ledgers(s), said)
		}
	})
	t.Run("one that is asked for", func(t *testing.T) {
		s := newShop(t, imported...)
		_, csr := elsewhere(t, "web01")
		s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "web01")
		s.want(exitDone, append(down, "--delete-ca")...)
		s.nothingLeft()
		if !exists(key) || !exists(certificate) {
			t.Error("the user's own files are gone")
		}
	})
	t.Run("one that another set-up needs", func(t *testing.T) {
		s := newShop(t, imported...)
		_, csr := elsewhere(t, "web01")
		s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "web01")
		args := []string{"setup", "--name", "second", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "proof.stranger=no", "--set", "binary.dir=" + filepath.Join(filepath.Dir(s.home), "bin")}
		for _, answer := range imported {
			args = append(args, "--set", answer)
		}
		s.want(exitDone, args...)
		said := s.want(exitDone, append(down, "--delete-ca")...)
		if len(ledgers(s)) == 0 || strings.Contains(said, "ledger") {
			t.Errorf("left are %v, and said was\n%s", ledgers(s), said)
		}
		s.want(exitDone, "teardown", "second", "--yes", "--account", cloudAccount, "--delete-ca")
		s.nothingLeft()
	})
}

// A list on somebody else's trust anchor was left without a word.
func TestARevocationListOnAnAnchorThatStaysIsNamed(t *testing.T) {
	dir := t.TempDir()
	certificate, key, pem := newCA(t, dir, "ours")
	s := newShop(t)
	anchor := must(s.API.CreateAnchor(t.Context(), awsapi.AnchorSpec{Name: "theirs", Enabled: true, Source: awsapi.AnchorSource{Bundle: pem}}))
	s.want(exitDone, "setup", "--name", "second", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=box", "--set", "proof.stranger=no", "--set", "binary.dir="+filepath.Join(dir, "bin"),
		"--set", "anchor.arn="+anchor.ARN, "--set", "ca.certificate="+certificate, "--set", "ca.private-key="+key)
	s.want(exitDone, "cert", "revoke", "0a1b2c", "--setup", "second", "--yes", "--account", cloudAccount)
	said := s.want(exitDone, "teardown", "second", "--yes", "--account", cloudAccount, "--delete-ca")
	lists := must(s.API.CRLs(t.Context()))
	if !strings.Contains(said, "lets 1 revoked certificates in again") || !strings.Contains(said, "delete-crl --crl-id") || len(lists) != 1 {
		t.Errorf("%d lists are left, and said was\n%s", len(lists), said)
	}
}
