package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/pki"
	"anywhere/pki/decode"
)

// A request goes out, somebody else's CA answers, and the answer is a set-up.
func TestARequestGoesOutAndItsAnswerIsASetUp(t *testing.T) {
	theirs := newShop(t)
	dir := filepath.Join(t.TempDir(), "request")
	said := theirs.want(exitDone, "cert", "request", "--cn", "box", "--out", dir)
	for _, want := range []string{"openssl x509 -req", "step ca sign", "anywhere cert issue --csr request.pem --cn box", "leaf.private-key=" + filepath.Join(dir, "key.pem")} {
		if !strings.Contains(said, want) {
			t.Errorf("want %q in\n%s", want, said)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "key.pem")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
	answer := filepath.Join(t.TempDir(), "machine.pem")
	theirs.want(exitDone, "cert", "issue", "--csr", filepath.Join(dir, "request.pem"), "--cn", "box", "--out", answer)
	ca, err := filepath.Glob(filepath.Join(theirs.home, ".anywhere", "ca", "*", "ca.pem"))
	if err != nil || len(ca) != 1 {
		t.Fatal(ca, err)
	}
	theirs.want(exitDone, "setup", "--name", "other", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "proof.stranger=no",
		"--set", "binary.dir="+filepath.Join(t.TempDir(), "bin"), "--set", "ca.issuer=files", "--set", "leaf.certificate="+answer,
		"--set", "leaf.private-key="+filepath.Join(dir, "key.pem"), "--set", "ca.certificate="+ca[0])
	session, id, err := theirs.homeDir().ReadIdentity(theirs.homeDir().Setup("other"), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := certIn(t, readFile(t, answer))
	if !id.Certificate.Equal(want) || pki.MatchKey(id.Certificate, id.Key) != nil {
		t.Errorf("the set-up signs with %s", id.Certificate.Subject)
	}
	if _, err := theirs.client().CreateSession(t.Context(), session.Target(), id); err != nil {
		t.Error(err)
	}
	// The same files are no renewal; a newer answer in their place is one.
	if code, _, said := theirs.run("cert", "renew", "--setup", "other"); code != exitFailed || !strings.Contains(said, "none that lives longer") {
		t.Errorf("the same files: exit %d\n%s", code, said)
	}
	if err := os.Remove(answer); err != nil {
		t.Fatal(err)
	}
	theirs.want(exitDone, "cert", "issue", "--setup", "lab", "--csr", filepath.Join(dir, "request.pem"), "--cn", "box", "--life", "1y", "--out", answer)
	if said := theirs.want(exitDone, "cert", "renew", "--setup", "other"); !strings.Contains(said, pki.SerialOf(certIn(t, readFile(t, answer))).Hex()) {
		t.Errorf("the newer answer: %s", said)
	}
	theirs.want(exitDone, "teardown", "other", "--yes", "--account", cloudAccount)
	for _, kept := range []string{answer, ca[0], filepath.Join(dir, "key.pem")} {
		if !exists(kept) {
			t.Errorf("teardown took %s, which is the user's", kept)
		}
	}
	if code, _, _ := theirs.run("cert", "request", "--cn", "box", "--out", dir); code != exitUsage {
		t.Errorf("a second request over the first: exit %d, want %d", code, exitUsage)
	}
	data := readFile(t, filepath.Join(dir, "key.pem"))
	if key, err := decode.Key([]byte(data), nil); err != nil || pki.MatchKey(want, key) != nil {
		t.Errorf("the key was replaced: %v", err)
	}
}
