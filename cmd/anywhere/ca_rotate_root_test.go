package main

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer"
)

// chained is the intermediate that this machine sends along.
func (s *shop) chained() *x509.Certificate {
	s.t.Helper()
	chain := must(s.homeDir().ReadSession(s.place())).Chain
	if len(chain) != 1 {
		s.t.Fatalf("%d certificates are sent along", len(chain))
	}
	return must(x509.ParseCertificate(chain[0]))
}

// Once a CA under a root of its own could not be replaced, though that is all that
// the root's key is kept for.
func TestAnotherIntermediateTakesOverUnderTheSameRoot(t *testing.T) {
	dir := t.TempDir()
	away := filepath.Join(dir, "root.key")
	s := newShop(t, "ca.shape=intermediate", "ca.root-protection=external", "ca.root-file="+away, "ca.protection=none")
	held, old, before := s.anchorsHold(), s.chained(), s.serial()
	_, csr := elsewhere(t, "web01")
	s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "web01", "--out", filepath.Join(dir, "web01.pem"))
	rotate := []string{"ca", "rotate", "--yes", "--account", cloudAccount}

	usb := filepath.Join(dir, "usb.key") // the stick comes back as another drive
	if err := os.Rename(away, usb); err != nil {
		t.Fatal(err)
	}
	if code, _, said := s.run(rotate...); code == exitDone || !strings.Contains(said, "--root-key FILE") || s.serial() != before {
		t.Errorf("without the root's key: exit %d\n%s", code, said)
	}
	_, wrong := theirCA(t, "another root")
	if code, _, said := s.run(append(rotate, "--root-key", wrong, "--root-passphrase-file", put(t, []byte("pw")))...); code == exitDone || !strings.Contains(said, "--root-key FILE") || s.serial() != before {
		t.Errorf("with the key of another CA: exit %d\n%s", code, said)
	}

	s.pass(time.Minute)
	got := s.rotated("--root-key", usb)
	next := s.chained()
	if !got.Done || got.Root == nil || got.Root.Subject != "CN=lab-root" || got.CA.Subject != "CN=lab-ca-2" || got.Certificate.SerialHex == before || s.serial() == before {
		t.Errorf("got %+v", got)
	}
	if next.Equal(old) || next.Subject.CommonName != "lab-ca-2" || !next.MaxPathLenZero || next.CheckSignatureFrom(held[0]) != nil {
		t.Errorf("sent along is %s, path length %d", next.Subject, next.MaxPathLen)
	}
	if len(got.Waiting) != 1 || got.Waiting[0].CommonName != "web01" || len(got.Retired) != 0 {
		t.Errorf("of the old intermediate live elsewhere %+v, retired are %+v", got.Waiting, got.Retired)
	}
	if now := s.anchorsHold(); !slices.EqualFunc(now, held, (*x509.Certificate).Equal) {
		t.Errorf("the trust anchor was changed, it holds %s", s.anchored())
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
	if err := s.oldSession(before); err != nil {
		t.Errorf("the old intermediate was not to be retired yet: %v", err)
	}
	if found, _ := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*", "root.key")); len(found) > 0 {
		t.Errorf("a copy of the root's key lies in %v", found)
	}
	s.renewed(exitDone) // which needs the new intermediate's key alone
	if after := s.chained(); !after.Equal(next) {
		t.Errorf("a renewal came from %s", after.Subject)
	}
	if plan := s.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to change something after a rotation:\n%s", plan)
	}

	s.pass(time.Minute)
	if code, _, said := s.run(append(rotate, "--finish")...); code == exitDone || !strings.Contains(said, "--root-key FILE") {
		t.Errorf("finished without the root's key: exit %d\n%s", code, said)
	}
	kept := s.serial()
	finished := s.rotated("--finish", "--root-key", usb)
	if len(finished.Retired) != 1 || finished.Retired[0].Subject != "CN=lab-ca" || finished.CA.Subject != "CN=lab-ca-2" || s.serial() != kept {
		t.Errorf("got %+v", finished)
	}
	if refused, ok := errors.AsType[*signer.Refused](s.oldSession(before)); !ok || !strings.Contains(refused.Message, "revoked") {
		t.Errorf("the old intermediate's certificate: got %v", s.oldSession(before))
	}
	if len(finished.Evidence) != 1 || finished.Evidence[0].Label != "refused" {
		t.Errorf("the proof is %+v", finished.Evidence)
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
	// Another one, by the same root; the list of the root then names two.
	s.pass(time.Minute)
	if third := s.rotated("--finish", "--root-key", usb); third.CA.Subject != "CN=lab-ca-3" || len(third.Retired) != 2 || len(s.lists()) != 1 {
		t.Errorf("got %+v, and %d lists", third, len(s.lists()))
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	s.nothingLeft()
	if must(decode.Key([]byte(readFile(t, usb)), nil)) == nil {
		t.Error("the teardown touched the root's key")
	}
}

// oldSession asks for a session with a pair that is not in use any more.
func (s *shop) oldSession(serial string) error {
	s.t.Helper()
	session := must(s.homeDir().ReadSession(s.place()))
	certs := must(decode.Certificates([]byte(readFile(s.t, filepath.Join(s.place().Dir, "pairs", serial, "certificate.pem")))))
	key := must(decode.Key([]byte(readFile(s.t, filepath.Join(s.place().Dir, "pairs", serial, "key.pem"))), nil))
	_, err := s.client().CreateSession(s.t.Context(), session.Target(), signer.Identity{Certificate: certs[0], Chain: certs[1:], Key: key})
	return err
}

// An old intermediate that stood in the trust anchor for its own list would have
// stayed a way in past the root's list, which is not asked about a trust anchor.
func TestARetiredIntermediateIsTakenOutOfTheTrustAnchor(t *testing.T) {
	away := filepath.Join(t.TempDir(), "root.key")
	s := newShop(t, "ca.shape=intermediate", "ca.root-protection=external", "ca.root-file="+away, "ca.protection=none")
	before := s.serial()
	s.revoke(exitDone, "41aabbccddeeff00112233445566778899"[:32])
	if s.anchored() != "lab-root,lab-ca" {
		t.Fatalf("the trust anchor holds %s", s.anchored())
	}
	s.pass(time.Minute)
	if got := s.rotated("--finish"); s.anchored() != "lab-root" || len(got.Retired) != 1 || len(s.lists()) != 1 {
		t.Errorf("got %+v, the trust anchor holds %s, with %d lists", got, s.anchored(), len(s.lists()))
	}
	if _, ok := errors.AsType[*signer.Refused](s.oldSession(before)); !ok {
		t.Errorf("the old intermediate's certificate: got %v", s.oldSession(before))
	}
	s.pass(time.Minute)
	s.revoke(exitDone, s.serial()) // the new one has its place in the trust anchor
	if err := s.session(); err == nil || s.anchored() != "lab-root,lab-ca-2" {
		t.Errorf("the new intermediate's list keeps nobody out; the trust anchor holds %s", s.anchored())
	}
}

func TestTheRootsKeyIsOpenedWhereItLies(t *testing.T) {
	t.Run("locked here", func(t *testing.T) {
		phrase, mine := put(t, []byte("open sesame")), put(t, []byte("correct horse"))
		s := newShop(t, "ca.shape=intermediate", "ca.root-protection=passphrase", "ca.root-passphrase-file="+phrase, "ca.protection=passphrase", "ca.passphrase-file="+mine)
		both := []string{"--ca-passphrase-file", mine, "--root-passphrase-file", phrase}
		for missing, given := range map[string][]string{"--root-passphrase-file": both[:2], "--ca-passphrase-file": both[2:]} {
			code, _, said := s.run(append([]string{"ca", "rotate", "--yes", "--account", cloudAccount}, given...)...)
			if code != exitUsage || !strings.Contains(said, missing) || s.chained().Subject.CommonName != "lab-ca" {
				t.Errorf("without %s: exit %d\n%s", missing, code, said)
			}
		}
		if got := s.rotated(both...); got.CA.Subject != "CN=lab-ca-2" {
			t.Errorf("got %+v", got)
		}
		key := []byte(readFile(t, filepath.Join(filepath.Dir(s.intermediateFile()), "ca.key")))
		if _, err := decode.Key(key, nil); err == nil {
			t.Error("the new key opens without a passphrase")
		}
		next := must(decode.Key(key, func() ([]byte, error) { return []byte("correct horse"), nil }))
		if err := pki.MatchKey(s.chained(), next); err != nil {
			t.Error(err)
		}
	})
	t.Run("never written", func(t *testing.T) {
		s := newShop(t, "ca.shape=intermediate", "ca.root-protection=destroy-after-issuing", "ca.protection=none")
		code, _, said := s.run("ca", "rotate", "--yes", "--account", cloudAccount)
		if code == exitDone || !strings.Contains(said, "never written") || !strings.Contains(said, "--to-certificate FILE") {
			t.Errorf("exit %d\n%s", code, said)
		}
		before := s.serial()
		_, csr := elsewhere(t, "web01")
		s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "web01", "--out", filepath.Join(t.TempDir(), "web01.pem"))
		cert, key := theirCA(t, "their CA")
		to := []string{"--to-certificate", cert, "--to-key", key, "--ca-passphrase-file", put(t, []byte("pw"))}
		if got := s.rotated(to...); got.Done || len(got.Waiting) != 1 || s.anchored() != "lab-root,their CA" || s.serial() == before {
			t.Errorf("the way round: got %+v, the trust anchor holds %s", got, s.anchored())
		}
		if got := s.rotated("--finish"); !got.Done || s.anchored() != "their CA" {
			t.Errorf("finished: got %+v, the trust anchor holds %s", got, s.anchored())
		}
		if err := s.session(); err != nil {
			t.Error(err)
		}
	})
}

// intermediateFile is the certificate of the CA that issues now.
func (s *shop) intermediateFile() string {
	s.t.Helper()
	files := must(filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*-2", "ca.pem")))
	if len(files) != 1 {
		s.t.Fatal(files)
	}
	return files[0]
}

// Killed at any write of a rotation below a root, and of one that also retires the
// old intermediate: this machine is let in, the next run finishes, and a teardown
// leaves nothing.
func TestARotationBelowARootThatIsKilledAtAnyWriteIsFinishedByTheNextRun(t *testing.T) {
	for name, tt := range map[string]struct {
		protection string
		more       []string
		least      int
	}{
		"another intermediate":                       {"none", nil, 8},
		"another one, and the old one retired":       {"none", []string{"--finish"}, 11},
		"another one whose key is lost with its run": {"destroy-after-issuing", nil, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rotate := append(slices.Clone(rotateBox), tt.more...)
			made := func(t *testing.T) *bench {
				t.Helper()
				b := newBench(t)
				b.done(t, append(setupBox, "--set", "ca.shape=intermediate", "--set", "ca.root-protection=external", "--set", "ca.root-file="+filepath.Join(b.dir, "root.key"),
					"--set", "ca.protection="+tt.protection, "--set", "leaf.cn=box", "--set", "permissions=nothing", "--set", "proof.stranger=no")...)
				return b
			}
			moments := made(t).moments(t, rotate...)
			if len(moments) < tt.least {
				t.Fatalf("a rotation has only %d moments", len(moments))
			}
			everyMoment(t, moments, func(t *testing.T, stop string) {
				b := made(t)
				before := b.serials(t, "box")[0]
				b.die(t, stop, rotate...)
				b.serials(t, "box")
				b.done(t, rotate...)
				if after := b.serials(t, "box")[0]; after == before {
					t.Error("the machine still signs with what the old intermediate issued")
				}
				if names := b.anchorNames(t); len(names) != 1 || names[0] != "box-root" {
					t.Errorf("the trust anchor holds %q", names)
				}
				if strays := b.strays(t, "box"); len(strays) != 0 {
					t.Error(strays)
				}
				b.done(t, teardownBox...)
				if left, err := os.ReadDir(filepath.Join(b.home, ".anywhere")); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("teardown left %v, %v", left, err)
				}
			})
		})
	}
}

func TestTheRootsListIsWritten(t *testing.T) {
	out := filepath.Join(t.TempDir(), "root.crl")
	s := newShop(t, "ca.shape=intermediate", "ca.root-protection=external", "ca.root-file="+filepath.Join(t.TempDir(), "root.key"), "ca.protection=none")
	if code, _, said := s.run("ca", "crl", "--root", "--out", out); code != exitFailed || !strings.Contains(said, "anywhere ca rotate --finish") {
		t.Errorf("before there is one: exit %d\n%s", code, said)
	}
	if code, _, said := s.run("ca", "crl", "--root"); code != exitUsage || !strings.Contains(said, "--out FILE") {
		t.Errorf("without a file: exit %d\n%s", code, said)
	}
	old, root := s.chained(), s.anchorsHold()[0]
	s.pass(time.Minute)
	s.rotated("--finish")
	s.want(exitDone, "ca", "crl", "--root", "--out", out)
	list := must(pki.ParseCRL([]byte(readFile(t, out))))
	if got := pki.RevokedIn(list); list.CheckSignatureFrom(root) != nil || len(got) != 1 || got[0].Serial != pki.SerialOf(old) {
		t.Errorf("got %+v", got)
	}
	alone := newShop(t)
	if code, _, said := alone.run("ca", "crl", "--root", "--out", out+"2"); code != exitFailed || !strings.Contains(said, "no root above it") {
		t.Errorf("of a root alone: exit %d\n%s", code, said)
	}
}
