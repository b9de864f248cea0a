package main

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/pki/decode"
)

// anchorsHold are the certificates of the only trust anchor.
func (s *shop) anchorsHold() []*x509.Certificate {
	s.t.Helper()
	anchors := must(s.API.Anchors(s.t.Context()))
	if len(anchors) != 1 {
		s.t.Fatalf("got %d trust anchors", len(anchors))
	}
	return must(decode.Certificates([]byte(must(s.API.Anchor(s.t.Context(), anchors[0].ARN)).Source.Bundle)))
}

func TestTheRootsKeyIsPutAwayAndTheIntermediateIssues(t *testing.T) {
	away := filepath.Join(t.TempDir(), "root.key")
	s := newShop(t, "ca.shape=intermediate", "ca.root-protection=external", "ca.root-file="+away)
	held := s.anchorsHold()
	if len(held) != 1 || held[0].Subject.CommonName != "lab-root" || held[0].MaxPathLen != 1 {
		t.Fatalf("the trust anchor holds %d certificates, the first %s with path length %d", len(held), held[0].Subject, held[0].MaxPathLen)
	}
	key := must(decode.Key([]byte(readFile(t, away)), nil))
	if err := pki.MatchKey(held[0], key); err != nil {
		t.Error(err)
	}
	if info := must(os.Stat(away)); info.Mode() != 0o600 {
		t.Errorf("the root's key has mode %s", info.Mode())
	}
	if found, _ := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*", "root.key")); len(found) > 0 {
		t.Errorf("a copy lies in %v", found)
	}
	// The root's key is taken away; nothing of every day needs it.
	if err := os.Rename(away, away+".gone"); err != nil {
		t.Fatal(err)
	}
	s.pass(time.Minute)
	s.renewed(exitDone)
	chain := must(s.homeDir().ReadSession(s.place())).Chain
	if len(chain) != 1 {
		t.Fatalf("%d certificates are sent along", len(chain))
	}
	between := must(x509.ParseCertificate(chain[0]))
	if between.Subject.CommonName != "lab-ca" || !between.MaxPathLenZero || between.CheckSignatureFrom(held[0]) != nil {
		t.Errorf("sent along is %s, path length %d", between.Subject, between.MaxPathLen)
	}
	if err := s.session(); err != nil {
		t.Error(err)
	}
	_, csr := elsewhere(t, "web01")
	issued := must(decode.Certificates([]byte(s.want(exitDone, "cert", "issue", "--csr", put(t, csr), "--cn", "web01"))))
	if len(issued) != 2 || !issued[1].Equal(between) {
		t.Errorf("a certificate for another machine comes with %d above it", len(issued)-1)
	}
	if plan := s.want(exitDone, "setup", "--name", "lab", "--plan"); !strings.Contains(plan, "nothing to change") {
		t.Errorf("setup wants to change something:\n%s", plan)
	}
	// AWS takes a list only of a CA that the trust anchor holds.
	if code, plan, _ := s.run("cert", "revoke", "box", "--all", "--plan"); code != exitDone || !strings.Contains(plan, "also holds lab-ca") {
		t.Errorf("a revocation would not bring the intermediate to AWS: exit %d\n%s", code, plan)
	}
	s.want(exitDone, "teardown", "lab", "--yes", "--account", cloudAccount, "--delete-ca")
	s.nothingLeft()
	if _, err := os.Stat(away + ".gone"); err != nil {
		t.Error("the teardown touched the root's key:", err)
	}
}

func TestWhoKeepsTheRootsKeyIsAnswered(t *testing.T) {
	s := newShop(t)
	base := []string{"setup", "--name", "new", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "ca.protection=none", "--set", "ca.shape=intermediate"}
	usb := filepath.Join(t.TempDir(), "usb.key")
	for name, tt := range map[string]struct {
		answers []string
		want    string
	}{
		"nobody said":                     {nil, "ca.root-protection"},
		"a file that is not named":        {[]string{"ca.root-protection=external"}, "ca.root-file"},
		"a file in anywhere's home":       {[]string{"ca.root-protection=external", "ca.root-file=" + filepath.Join(s.home, ".anywhere", "x")}, "must lie outside"},
		"a passphrase that nobody gave":   {[]string{"ca.root-protection=passphrase"}, "ca.root-passphrase"},
		"the names of both are one":       {[]string{"ca.root-protection=destroy-after-issuing", "ca.root-cn=new-ca"}, "must be another name"},
		"one file for both keys":          {[]string{"ca.protection=external", "ca.external-file=" + usb, "ca.root-protection=external", "ca.root-file=" + usb}, "must be another file"},
		"a passphrase that is too short":  {[]string{"ca.root-protection=passphrase", "ca.root-passphrase-file=" + put(t, []byte("short"))}, "at least 8"},
		"a shape that there is not":       {[]string{"ca.shape=three"}, "must be one of root, intermediate"},
		"a passphrase in the argument":    {[]string{"ca.root-protection=passphrase", "ca.root-passphrase=open-sesame"}, "a secret is never an argument"},
		"a life that is shorter than its": {[]string{"ca.root-protection=destroy-after-issuing", "ca.root-life=forever"}, "must be a number of days"},
	} {
		t.Run(name, func(t *testing.T) {
			args := slices.Clone(base)
			for _, answer := range tt.answers {
				args = append(args, "--set", answer)
			}
			if code, _, said := s.run(args...); code != exitUsage || !strings.Contains(said, tt.want) {
				t.Errorf("exit %d, want %d and %q:\n%s", code, exitUsage, tt.want, said)
			}
		})
	}
}

func TestTheRootsKeyLockedHereOpensWithItsPassphraseAlone(t *testing.T) {
	s := newShop(t, "ca.shape=intermediate", "ca.root-protection=passphrase", "ca.root-passphrase-file="+put(t, []byte("open sesame")), "ca.root-life=1y", "ca.life=5y")
	found, _ := filepath.Glob(filepath.Join(s.home, ".anywhere", "ca", "*", "root.key"))
	if len(found) != 1 {
		t.Fatalf("got %v", found)
	}
	data := []byte(readFile(t, found[0]))
	if _, err := decode.Key(data, nil); err == nil {
		t.Error("it opens without a passphrase")
	}
	key, err := decode.Key(data, func() ([]byte, error) { return []byte("open sesame"), nil })
	if err != nil {
		t.Fatal(err)
	}
	root := s.anchorsHold()[0]
	if err := pki.MatchKey(root, key); err != nil {
		t.Error(err)
	}
	between := certIn(t, readFile(t, filepath.Join(filepath.Dir(found[0]), "ca.pem")))
	if !between.NotAfter.Equal(root.NotAfter) {
		t.Errorf("the intermediate ends %s, the root %s", between.NotAfter, root.NotAfter)
	}
}

// The root's key, too, is written once to the user's own file.
func TestARootThatIsKilledInTheMakingKeepsItsKey(t *testing.T) {
	answers := func(b *bench) []string {
		return append(slices.Clone(setupBox), "--set", "ca.shape=intermediate", "--set", "ca.root-protection=external", "--set", "ca.root-file="+filepath.Join(b.dir, "root.key"),
			"--set", "ca.protection=external", "--set", "ca.external-file="+filepath.Join(b.dir, "ca.key"), "--set", "leaf.cn=box")
	}
	whole := newBench(t)
	writes := whole.done(t, answers(whole)...)
	first := slices.Index(writes, "create "+filepath.Join(whole.dir, "root.key"))
	last := slices.IndexFunc(writes, func(w string) bool { return strings.HasSuffix(w, "/ca.pem") })
	if first < 0 || last < first {
		t.Fatalf("the root's key is written at %d, the CA at %d: %q", first, last, writes)
	}
	for k := first + 1; k <= last+1; k++ {
		for _, when := range []string{"before", "after"} {
			t.Run(fmt.Sprintf("%s_%d", when, k), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.die(t, fmt.Sprintf("%s:%d", when, k), answers(b)...)
				keys := map[string]string{}
				for _, name := range []string{"root.key", "ca.key"} {
					if data, err := os.ReadFile(filepath.Join(b.dir, name)); err == nil {
						keys[name] = string(data)
					}
				}
				b.done(t, setupBox...)
				for name, was := range keys {
					if readFile(t, filepath.Join(b.dir, name)) != was {
						t.Errorf("%s was overwritten", name)
					}
				}
				b.sessionOf(t, "box")
			})
		}
	}
}

// A file that holds root and intermediate, with the intermediate's key: the trust
// anchor gets the root and the session the intermediate. Before, the trust anchor
// got the intermediate although the root was there.
func TestAnImportedRootIsWhatTheTrustAnchorHolds(t *testing.T) {
	dir := t.TempDir()
	rootCert, rootKey, rootPEM := newCA(t, dir, "above")
	root := certIn(t, readFile(t, rootCert))
	signer := must(decode.Key([]byte(readFile(t, rootKey)), nil))
	if root.MaxPathLenZero {
		// That helper makes CAs that sign machines only; this one signs a CA.
		root = must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "above"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter, PathLen: 1}, signer, rand.Reader))
		rootPEM = string(pki.EncodeCertificates(root))
	}
	key := must(pki.NewKey(pki.P256, rand.Reader))
	between := must(pki.NewIntermediate(pki.CASpec{Name: pki.Name{CommonName: "between"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter}, key.Public(), root, signer, rand.Reader))
	bundle, keyFile := filepath.Join(dir, "bundle.pem"), filepath.Join(dir, "between.key")
	writeFile(t, bundle, rootPEM+string(pki.EncodeCertificates(between)), 0o600)
	locked := must(pki.EncodeKeyLocked(key, []byte("open sesame"), rand.Reader))
	for name, data := range map[string][]byte{"open": must(pki.EncodeKey(key)), "locked": locked} {
		t.Run(name, func(t *testing.T) {
			writeFile(t, keyFile, string(data), 0o600)
			answers := []string{"ca.certificate=" + bundle, "ca.private-key=" + keyFile, "ca.protection=none"}
			if name == "locked" {
				answers = append(answers, "ca.passphrase-file="+put(t, []byte("open sesame")))
			}
			s := newShop(t, answers...)
			if held := s.anchorsHold(); len(held) != 1 || !held[0].Equal(root) {
				t.Errorf("the trust anchor holds %d, the first %s", len(held), held[0].Subject)
			}
			if chain := must(s.homeDir().ReadSession(s.place())).Chain; len(chain) != 1 || !slices.Equal(chain[0], between.Raw) {
				t.Errorf("%d certificates are sent along", len(chain))
			}
			if err := s.session(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("an anchor that holds the intermediate alone is used as it is", func(t *testing.T) {
		writeFile(t, keyFile, string(must(pki.EncodeKey(key))), 0o600)
		s := newShop(t)
		anchor := must(s.API.CreateAnchor(t.Context(), awsapi.AnchorSpec{Name: "theirs", Enabled: true, Source: awsapi.AnchorSource{Bundle: string(pki.EncodeCertificates(between))}}))
		s.want(exitDone, "setup", "--name", "second", "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.cn=box", "--set", "proof.stranger=no",
			"--set", "anchor.arn="+anchor.ARN, "--set", "ca.certificate="+bundle, "--set", "ca.private-key="+keyFile, "--set", "binary.dir="+filepath.Join(dir, "bin"))
		s.serialOf("second")
	})
}
