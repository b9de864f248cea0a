package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"anywhere/pki"
)

// owned is what somebody has whose certificate was issued elsewhere.
type owned struct {
	root, between *x509.Certificate
	betweenKey    crypto.Signer
	key           crypto.Signer
}

func newOwned(t *testing.T) *owned {
	t.Helper()
	now := time.Now()
	o := &owned{betweenKey: must(pki.NewKey(pki.P256, rand.Reader)), key: must(pki.NewKey(pki.P256, rand.Reader))}
	rootKey := must(pki.NewKey(pki.P256, rand.Reader))
	spec := pki.CASpec{Name: pki.Name{CommonName: "their root"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(9, 0, 0), PathLen: 1}
	o.root = must(pki.NewCA(spec, rootKey, rand.Reader))
	spec.Name.CommonName, spec.PathLen = "their CA", 0
	o.between = must(pki.NewIntermediate(spec, o.betweenKey.Public(), o.root, rootKey, rand.Reader))
	return o
}

// machine is a certificate of box that lives so long, for one key.
func (o *owned) machine(life time.Duration) *x509.Certificate {
	now := time.Now()
	spec := pki.LeafSpec{Name: pki.Name{CommonName: "box", OrganizationalUnit: "build"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(life), Serial: must(pki.NewSerial(rand.Reader))}
	return must(pki.IssueLeaf(spec, o.key.Public(), o.between, o.betweenKey, rand.Reader))
}

// packed is the certificate, its key and what stands above it in one file that the
// passphrase opens.
func (o *owned) packed(cert *x509.Certificate, passphrase string) []byte {
	return must(pkcs12.Modern.Encode(o.key, cert, []*x509.Certificate{o.between, o.root}, passphrase))
}

const opensIt = "opens the file and lies nowhere"

// A PKCS #12 file with a passphrase could not be the machine's certificate, and one
// without was asked for three times: as certificate, as key and as CA.
func TestACertificateInALockedFileIsTakenWhole(t *testing.T) {
	o := newOwned(t)
	file, phrase := put(t, o.packed(o.machine(48*time.Hour), opensIt)), put(t, []byte(opensIt+"\n"))
	open := "leaf.certificate-passphrase-file=" + phrase
	s := newShop(t, "ca.issuer=files", "leaf.certificate="+file, open)
	if held := s.anchorsHold(); len(held) != 1 || !held[0].Equal(o.root) {
		t.Errorf("the trust anchor holds %d, the first %s", len(held), held[0].Subject)
	}
	if got := s.chained(); !got.Equal(o.between) {
		t.Errorf("sent along is %s", got.Subject)
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
	s.keepsNo(opensIt)

	// Nobody is asked again for what was copied already.
	plan := func() string { return s.want(exitDone, "setup", "--name", "lab", "--plan") }
	if said := plan(); !strings.Contains(said, "nothing to change") {
		t.Errorf("setup wants to change something:\n%s", said)
	}
	if code, _, said := s.run("cert", "renew"); code != exitFailed || !strings.Contains(said, "holds none that lives longer") {
		t.Errorf("renewed by the same file: exit %d\n%s", code, said)
	}

	// A later certificate in the place of the old one is taken by a renewal.
	before := s.serial()
	if err := os.WriteFile(file, o.packed(o.machine(72*time.Hour), opensIt), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"cert", "renew"}, {"setup", "--name", "lab", "--plan"}} {
		if code, _, said := s.run(args...); code != exitUsage || !strings.Contains(said, "--set leaf.certificate-passphrase-file=FILE") {
			t.Errorf("%s without the passphrase: exit %d\n%s", args, code, said)
		}
	}
	if said := s.want(exitDone, "setup", "--name", "lab", "--plan", "--set", open); !strings.Contains(said, "certificate and key") || strings.Contains(said, "trust anchor") {
		t.Errorf("the plan is\n%s", said)
	}
	s.want(exitDone, "cert", "renew", "--set", open)
	if s.serial() == before {
		t.Error("the old certificate is in use")
	}

	// The file was needed once only.
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if said := plan(); !strings.Contains(said, "nothing to change") {
		t.Errorf("without the file, setup wants to change something:\n%s", said)
	}
	if code, _, said := s.run("cert", "renew"); code != exitFailed || !strings.Contains(said, "is not there any more") {
		t.Errorf("renewed without the file: exit %d\n%s", code, said)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount)
	s.nothingLeft()
	if left, _ := filepath.Glob(filepath.Join(s.home, ".anywhere", "given", "*")); len(left) > 0 {
		t.Errorf("left are %v", left)
	}
}

// A renewal that asked for the passphrase noted a certificate without a name, and no
// plan could be made afterwards.
func TestARenewalAsksForThePassphraseAtATerminal(t *testing.T) {
	o := newOwned(t)
	file, phrase := put(t, o.packed(o.machine(48*time.Hour), opensIt)), put(t, []byte(opensIt))
	s := newShop(t, "ca.issuer=files", "leaf.certificate="+file, "leaf.certificate-passphrase-file="+phrase)
	if err := os.WriteFile(file, o.packed(o.machine(72*time.Hour), opensIt), 0o600); err != nil {
		t.Fatal(err)
	}
	renew := func(typed string) (int, string) {
		var out, errs bytes.Buffer
		a := s.app(&out, &errs)
		a.terminal, a.stdin = true, strings.NewReader(typed)
		return run(t.Context(), []string{"cert", "renew"}, a), out.String() + errs.String()
	}
	if code, said := renew("no\n"); code != exitUsage || !strings.Contains(said, "does not open the file") {
		t.Errorf("by a wrong passphrase: exit %d\n%s", code, said)
	}
	if code, said := renew(opensIt + "\n"); code != exitDone || !strings.Contains(said, "Passphrase of the file with the certificate: ") {
		t.Errorf("exit %d\n%s", code, said)
	}
	if said := s.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(said, "nothing to change") {
		t.Errorf("setup wants to change something:\n%s", said)
	}
	if said := s.want(exitDone, "teardown", "lab", "--plan"); strings.Count(said, "CN=box") != 2 {
		t.Errorf("a pair has no name in\n%s", said)
	}
}

// keepsNo says that a secret lies in no file of the program's, and that every key is
// for its owner alone.
func (s *shop) keepsNo(secret string) {
	s.t.Helper()
	err := filepath.WalkDir(filepath.Join(s.home, ".anywhere"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text := readFile(s.t, path)
		if strings.Contains(text, secret) {
			s.t.Errorf("%s holds the secret", path)
		}
		if info := must(d.Info()); strings.Contains(text, "PRIVATE KEY") && (info.Mode().Perm() != 0o600 || !strings.Contains(path, "/pairs/")) {
			s.t.Errorf("%s holds a key, mode %s", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
}

// A new certificate in another file was passed over in silence: the set-up said that
// nothing was to change.
func TestAnotherFileBringsAnotherCertificate(t *testing.T) {
	o := newOwned(t)
	first, next := o.machine(48*time.Hour), o.machine(24*time.Hour)
	s := newShop(t, "ca.issuer=files", "leaf.certificate="+put(t, o.packed(first, "")))
	again := []string{"setup", "--name", "lab", "--yes", "--account", cloudAccount, "--set", "leaf.certificate=" + put(t, o.packed(next, ""))}
	s.want(exitDone, again...)
	if got := must(x509.ParseCertificate(must(s.homeDir().ReadSession(s.place())).Certificate)); !got.Equal(next) {
		t.Errorf("in use is %s until %s, want until %s", got.Subject, got.NotAfter, next.NotAfter)
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
	if said := s.want(exitDone, append(again, "--plan")...); !strings.Contains(said, "nothing to change") {
		t.Errorf("once more it wants to change something:\n%s", said)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount)
	s.nothingLeft()
}

func TestARoleIsTiedToWhatTheCertificateSays(t *testing.T) {
	o := newOwned(t)
	file := put(t, o.packed(o.machine(48*time.Hour), ""))
	s := newShop(t, "ca.issuer=files", "leaf.certificate="+file, "role.restrict=ou")
	if err := s.session(); err != nil {
		t.Errorf("the role is not tied to OU=build: %v", err)
	}
	for name, tt := range map[string]struct{ answer, want string }{
		"another unit than the certificate's": {"leaf.ou=ops", `must be "build", which the certificate that you have says`},
		"something that it does not say":      {"role.restrict=san-dns", "leaf.san-dns"},
		"another name":                        {"leaf.cn=else", "must be the common name of the certificate that you have, box"},
	} {
		code, _, said := s.run("setup", "--name", "second", "--plan", "--set", "where=aws", "--set", "ca.issuer=files", "--set", "leaf.certificate="+file,
			"--set", "role.restrict=ou", "--set", tt.answer)
		if code != exitUsage || !strings.Contains(said, tt.want) {
			t.Errorf("%s: exit %d, want %d and %q:\n%s", name, code, exitUsage, tt.want, said)
		}
	}
}
