package e2e

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
)

// machine is a CA and a machine's certificate with its key, made as set-up makes
// them.
type machine struct {
	ca, leaf *x509.Certificate
	key      crypto.Signer
	caPath   string
	leafPath string
	keyPath  string
}

func newMachine(t *testing.T, kind pki.KeyKind) machine {
	t.Helper()
	now := time.Now()
	caKey, err := pki.NewKey(kind, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m := machine{}
	m.ca, err = pki.NewCA(pki.CASpec{
		Name: pki.Name{CommonName: "e2e CA", Organization: "Example"}, NotBefore: now.Add(-10 * time.Minute), NotAfter: now.AddDate(5, 0, 0),
	}, caKey, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if m.key, err = pki.NewKey(kind, rand.Reader); err != nil {
		t.Fatal(err)
	}
	m.leaf, err = pki.IssueLeaf(pki.LeafSpec{
		Name: pki.Name{CommonName: "web01.example.org", OrganizationalUnit: "ops"},
		DNS:  []string{"web01.example.org"}, URIs: []string{"spiffe://example.org/web01"},
		NotBefore: now.Add(-10 * time.Minute), NotAfter: now.AddDate(0, 0, 90),
	}, m.key.Public(), m.ca, caKey, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := pki.EncodeKey(m.key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	m.caPath = file(t, dir, "ca.pem", pki.EncodeCertificates(m.ca))
	m.leafPath = file(t, dir, "cert.pem", pki.EncodeCertificates(m.leaf))
	m.keyPath = file(t, dir, "key.pem", encoded)
	return m
}

// holds fails unless every want stands in text.
func holds(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s: want %q in\n%s", what, want, text)
		}
	}
}

func TestOpensslAcceptsOurCertificates(t *testing.T) {
	for _, kind := range pki.KeyKinds() {
		t.Run(string(kind), func(t *testing.T) {
			m := newMachine(t, kind)
			got := openssl(t, "verify", "-x509_strict", "-check_ss_sig", "-purpose", "sslclient", "-CAfile", m.caPath, m.leafPath)
			holds(t, "verify", got, "cert.pem: OK")
			ca := openssl(t, "x509", "-in", m.caPath, "-noout", "-text")
			holds(t, "CA", ca,
				"Version: 3 (0x2)",
				"X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0",
				"X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign",
				"X509v3 Subject Key Identifier:")
			leaf := openssl(t, "x509", "-in", m.leafPath, "-noout", "-text")
			holds(t, "certificate", leaf,
				"Version: 3 (0x2)",
				"X509v3 Basic Constraints: critical\n                CA:FALSE",
				"X509v3 Key Usage: critical\n                Digital Signature\n",
				"X509v3 Extended Key Usage: \n                TLS Web Client Authentication",
				"X509v3 Authority Key Identifier:",
				"DNS:web01.example.org, URI:spiffe://example.org/web01")
			for what, text := range map[string]string{"CA": ca, "certificate": leaf} {
				if strings.Contains(text, "sha1") || strings.Contains(text, "(Negative)") {
					t.Errorf("%s: a weak signature or a negative serial in\n%s", what, text)
				}
			}
		})
	}
}

func TestOpensslReadsTheSameSerial(t *testing.T) {
	m := newMachine(t, pki.P256)
	got := strings.TrimSpace(openssl(t, "x509", "-in", m.leafPath, "-noout", "-serial"))
	if want := "serial=" + strings.ToUpper(pki.SerialOf(m.leaf).Hex()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	text := openssl(t, "x509", "-in", m.leafPath, "-noout", "-text")
	holds(t, "text", text, strings.ToLower(pki.SerialOf(m.leaf).Colon()))
}

func TestOpensslReadsOurKeys(t *testing.T) {
	for _, kind := range pki.KeyKinds() {
		t.Run(string(kind), func(t *testing.T) {
			m := newMachine(t, kind)
			holds(t, "key", openssl(t, "pkey", "-in", m.keyPath, "-noout", "-check"), "Key is valid")
			fromKey := openssl(t, "pkey", "-in", m.keyPath, "-pubout")
			if fromCert := openssl(t, "x509", "-in", m.leafPath, "-noout", "-pubkey"); fromCert != fromKey {
				t.Errorf("public key: got %s from the certificate, want %s", fromCert, fromKey)
			}
			locked, err := pki.EncodeKeyLocked(m.key, []byte("correct horse"), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			path := file(t, t.TempDir(), "locked.pem", locked)
			if got := openssl(t, "pkey", "-in", path, "-passin", "pass:correct horse", "-pubout"); got != fromKey {
				t.Errorf("locked key: got %s, want %s", got, fromKey)
			}
			if out, err := command(t, nil, "openssl", "pkey", "-in", path, "-passin", "pass:wrong", "-noout").CombinedOutput(); err == nil {
				t.Errorf("a wrong passphrase opened the key: %s", out)
			}
		})
	}
}

func TestOpensslAcceptsOurRequests(t *testing.T) {
	m := newMachine(t, pki.P256)
	der, err := pki.NewCSR(pki.LeafSpec{
		Name: pki.Name{CommonName: "web01", OrganizationalUnit: "ops"}, DNS: []string{"web01.example.org"},
	}, m.key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, t.TempDir(), "request.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	out, err := command(t, nil, "openssl", "req", "-in", path, "-noout", "-verify", "-text").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	holds(t, "request", string(out), "verify OK", "CN = web01", "OU = ops", "DNS:web01.example.org")
}
