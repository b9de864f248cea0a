package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Files that are kept beside certificates are told for what they are, and none of
// a key is shown.
func TestExplainKnowsFilesForWhatTheyAre(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret := must(x509.MarshalPKCS8PrivateKey(key))
	request := must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "build-box-7"}}, key))
	ca := &x509.Certificate{SerialNumber: big.NewInt(1 << 40), Subject: pkix.Name{CommonName: "lab CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), SubjectKeyId: []byte{1}}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(0x5e0001), Subject: pkix.Name{CommonName: "build-box-7"}, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(100 * time.Hour)}
	issued := must(x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), key))
	list := func(next time.Time) []byte {
		return must(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-48 * time.Hour), NextUpdate: next}, ca, key))
	}
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	for name, tt := range map[string]struct {
		data []byte
		says []string
		not  string
	}{
		"a key":                         {block("PRIVATE KEY", secret), []string{"a private key (p-256)", "Nothing is wrong"}, "RA"},
		"a key in DER":                  {secret, []string{"a private key (p-256)"}, "RA"},
		"a key of OpenSSH":              {block("OPENSSH PRIVATE KEY", []byte("openssh-key-v1\x00")), []string{"RA106", "OpenSSH"}, ""},
		"a request":                     {block("CERTIFICATE REQUEST", request), []string{"certificate request of CN=build-box-7", "sign it first"}, "RA"},
		"a list":                        {block("X509 CRL", list(time.Now().Add(time.Hour))), []string{"revocation list of CN=lab CA"}, "RA"},
		"a list that is due":            {list(time.Now().Add(-time.Hour)), []string{"revocation list of CN=lab CA", "RA211"}, ""},
		"a good certificate":            {block("CERTIFICATE", issued), []string{"certificate of CN=build-box-7, issued by CN=lab CA", "Nothing is wrong"}, "RA"},
		"a certificate cut off, in DER": {issued[:len(issued)-40], []string{"strict readers refuse", "build-box-7", "RA110"}, ""},
		"a verification with its certificate": {append(block("CERTIFICATE", issued), "Verify return code: 20 (unable to get local issuer certificate)\n"...),
			[]string{"RA202"}, "certificate of CN="},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, tt.data, 0o600); err != nil {
				t.Fatal(err)
			}
			var out, errs strings.Builder
			a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now}
			if err := a.explain(file, false); err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(out.String(), file, "FILE")
			for _, want := range tt.says {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			if tt.not != "" && strings.Contains(text, tt.not) {
				t.Errorf("%q in\n%s", tt.not, text)
			}
		})
	}
}

// A mistyped file name was looked up as a sentence that nobody knows.
func TestExplainSaysThatThereIsNoSuchFile(t *testing.T) {
	a := &app{stdin: strings.NewReader(""), stdout: new(strings.Builder), stderr: new(strings.Builder), now: time.Now}
	if err := a.explain("/nowhere/leaf.pem", false); exitOf(err) != exitUsage || !strings.Contains(err.Error(), "/nowhere/leaf.pem") {
		t.Errorf("got %v, want that there is no such file", err)
	}
}
