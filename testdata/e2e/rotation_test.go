package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// openssl believes what another intermediate issues under the same root.
func TestOpensslAgreesWithAnotherIntermediate(t *testing.T) {
	phrase := file(t, t.TempDir(), "phrase", []byte("open sesame"))
	ca := caOf{program: ours("anywhere"), env: []string{"HOME=" + t.TempDir()},
		answers: []string{"ca.shape=intermediate", "ca.root-protection=passphrase", "ca.root-passphrase-file=" + phrase}}
	ca.set(t)
	top, _ := ca.files(t)
	ca.run(t, "ca", "rotate", "--yes", "--finish", "--root-passphrase-file", phrase)
	pairs, err := filepath.Glob(filepath.Join(filepath.Dir(sessionPath(ca.env)), "pairs", "*", "certificate.pem"))
	if err != nil || len(pairs) != 2 {
		t.Fatalf("got the pairs %q, %v", pairs, err)
	}
	for _, cert := range pairs {
		holds(t, "verify", openssl(t, "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", top, "-untrusted", cert, cert), ": OK")
	}
	agreesWithTheRootsList(t, ca, top, pairs)
}

// agreesWithTheRootsList has openssl look at both lists: the root's refuses the old
// intermediate, and with the new one's every certificate of a chain is looked for.
func agreesWithTheRootsList(t *testing.T, ca caOf, top string, pairs []string) {
	t.Helper()
	dir := t.TempDir()
	root, own := filepath.Join(dir, "root.crl"), filepath.Join(dir, "own.crl")
	ca.run(t, "ca", "crl", "--out", root, "--root")
	said, err := command(t, nil, "openssl", "crl", "-in", root, "-CAfile", top, "-verify", "-noout", "-text").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	holds(t, "list", string(said), "verify OK", "X509v3 CRL Number: \n                1", "Superseded")
	ca.run(t, "ca", "crl", "--refresh", "--yes")
	ca.run(t, "ca", "crl", "--out", own)
	now := ""
	for i, cert := range pairs {
		_, above, _ := strings.Cut(string(read(t, cert)), "-----END CERTIFICATE-----")
		between := file(t, dir, fmt.Sprintf("between-%d.pem", i), []byte(above))
		said, err := command(t, nil, "openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", top, "-CRLfile", root, between).CombinedOutput()
		switch {
		case err == nil && now == "":
			now = cert
		case err == nil:
			t.Error("openssl lets in both intermediates")
		default:
			holds(t, "the old intermediate", string(said), "certificate revoked")
		}
	}
	if now == "" {
		t.Fatal("openssl lets in neither intermediate")
	}
	holds(t, "the whole chain", openssl(t, "verify", "-x509_strict", "-purpose", "sslclient", "-crl_check_all", "-CAfile", top, "-untrusted", now,
		"-CRLfile", root, "-CRLfile", own, now), ": OK")
}
