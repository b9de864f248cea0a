package main

import (
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
	"anywhere/pki/decode"
)

// packedCA is a CA in a PKCS #12 file that pw opens, with the root above it.
func packedCA(t *testing.T, cn string) (file string, root *x509.Certificate) {
	t.Helper()
	rootCert, rootKey := rootThatStands(t)
	root = certIn(t, readFile(t, rootCert))
	key := must(pki.NewKey(pki.P256, rand.Reader))
	signer := must(decode.Key([]byte(readFile(t, rootKey)), nil))
	ca := must(pki.NewIntermediate(pki.CASpec{Name: pki.Name{CommonName: cn}, NotBefore: root.NotBefore, NotAfter: root.NotAfter}, key.Public(), root, signer, rand.Reader))
	return put(t, must(pkcs12.Modern.Encode(key, ca, []*x509.Certificate{root}, "pw"))), root
}

// A CA in a PKCS #12 file with a passphrase could not be named: nobody asked for the
// passphrase of its certificates.
func TestACAInALockedFileIsTakenWithoutItsKey(t *testing.T) {
	file, root := packedCA(t, "packed CA")
	phrase := put(t, []byte("pw\n"))
	s := newShop(t, "ca.certificate="+file, "ca.certificate-passphrase-file="+phrase)
	if held := s.anchorsHold(); len(held) != 1 || !held[0].Equal(root) {
		t.Errorf("the trust anchor holds %d, the first %s", len(held), held[0].Subject)
	}
	if got := s.chained().Subject.CommonName; got != "packed CA" {
		t.Errorf("sent along is %s", got)
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
	answers := readFile(t, s.place().AnswersFile())
	if !strings.Contains(answers, "ca.private-key = "+file+"\n") || strings.Contains(answers, "passphrase") {
		t.Errorf("the answers are\n%s", answers)
	}
	err := filepath.WalkDir(filepath.Join(s.home, ".anywhere"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data := []byte(readFile(t, path))
		_, none := decode.Key(data, nil)
		if ours := strings.Contains(path, "/pairs/"); none == nil && !ours || decode.IsPKCS12(data) {
			t.Errorf("%s holds a key", path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	// The certificate is read without anybody's help from now on, the key is not.
	if plan := s.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to change something:\n%s", plan)
	}
	s.pass(time.Minute)
	if code, _, said := s.run("cert", "renew"); code != exitUsage || !strings.Contains(said, "--ca-passphrase-file FILE") {
		t.Errorf("renewed without the passphrase: exit %d\n%s", code, said)
	}
	s.want(exitDone, "cert", "renew", "--ca-passphrase-file", phrase)
	next, nextRoot := packedCA(t, "next packed CA")
	rotate := []string{"ca", "rotate", "--yes", "--account", cloudAccount, "--to-certificate", next, "--to-key", next}
	s.pass(time.Minute)
	if code, _, said := s.run(rotate...); code != exitUsage || !strings.Contains(said, "--ca-passphrase-file FILE") {
		t.Errorf("rotated without the passphrase: exit %d\n%s", code, said)
	}
	s.want(exitDone, append(rotate, "--ca-passphrase-file", phrase)...)
	if held := s.anchorsHold(); len(held) != 1 || !held[0].Equal(nextRoot) || s.chained().Subject.CommonName != "next packed CA" {
		t.Errorf("the trust anchor holds %d, the first %s; sent along is %s", len(held), held[0].Subject, s.chained().Subject)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	s.nothingLeft()
	if !exists(file) || !exists(next) {
		t.Error("the teardown took the user's file")
	}
}

func TestTheLockedFileOfACAIsAskedFor(t *testing.T) {
	s := newShop(t)
	file, _ := packedCA(t, "packed CA")
	machine := must(os.ReadFile(theirs + "no-key.p12"))
	for name, tt := range map[string]struct {
		answers []string
		want    string
	}{
		"nobody said":        {[]string{"ca.certificate=" + file}, "--set ca.certificate-passphrase-file=FILE"},
		"a wrong passphrase": {[]string{"ca.certificate=" + file, "ca.certificate-passphrase-file=" + put(t, []byte("no"))}, "answer ca.certificate-passphrase: "},
		"no CA is in it":     {[]string{"ca.certificate=" + put(t, machine), "ca.certificate-passphrase-file=" + put(t, []byte("pw"))}, "it holds no certificate of a CA"},
		"in the argument":    {[]string{"ca.certificate=" + file, "ca.certificate-passphrase=pw"}, "a secret is never an argument"},
	} {
		args := []string{"setup", "--name", "packed", "--yes", "--account", cloudAccount, "--set", "where=aws"}
		for _, answer := range tt.answers {
			args = append(args, "--set", answer)
		}
		if code, _, said := s.run(args...); code != exitUsage || !strings.Contains(said, tt.want) {
			t.Errorf("%s: exit %d, want %d and %q:\n%s", name, code, exitUsage, tt.want, said)
		}
	}
	if found, _ := filepath.Glob(filepath.Join(s.home, ".anywhere", "given", "*")); len(found) > 0 {
		t.Errorf("something was kept: %v", found)
	}
}

func TestALockedFileIsInspectedWithItsPassphrase(t *testing.T) {
	phrase := put(t, []byte("pw"))
	for file, want := range map[string]string{"modern.p12": "leaf", "no-key.p12": "leaf", "legacy.p12": "leaf"} {
		code, said, errs := bare(t, "", "cert", "inspect", theirs+file, "--pkcs12-passphrase-file", phrase)
		if code == exitUsage || !strings.Contains(said, want) {
			t.Errorf("%s: exit %d\n%s%s", file, code, said, errs)
		}
		if code, _, errs := bare(t, "", "cert", "inspect", theirs+file); code != exitUsage || !strings.Contains(errs, "--pkcs12-passphrase-file FILE") {
			t.Errorf("%s without the passphrase: exit %d\n%s", file, code, errs)
		}
	}
}
