package e2e

import (
	"path/filepath"
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
}
