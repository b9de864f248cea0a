package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/pki/decode"
)

const keys = "../../testdata/pki/keys/"

// The string that is signed, its hash and the encoding were found by verifying a
// signature of AWS's helper 1.8.0 with openssl: the words, 1, and the hash of
// IAM RA and the public key.
func TestTheFixedStringIsSigned(t *testing.T) {
	b := newBench(t)
	pub := b.leaf.PublicKey.(*ecdsa.PublicKey)
	point := must(pub.Bytes())
	bound := sha256.Sum256(append([]byte("IAM RA"), point...))
	text := append([]byte("AWS Roles Anywhere Credential Helper Signing Test1"), bound[:]...)
	tests := map[string]struct {
		flags string
		hash  crypto.Hash
		plain func(string) ([]byte, error)
	}{
		"by default":     {"", crypto.SHA256, func(s string) ([]byte, error) { return hex.DecodeString(strings.Trim(s, `"`)) }},
		"as json":        {" --format json", crypto.SHA256, func(s string) ([]byte, error) { return hex.DecodeString(s[1 : len(s)-1]) }},
		"as text":        {" --format=text --digest SHA384", crypto.SHA384, hex.DecodeString},
		"as bytes":       {" --format bin --digest=SHA512", crypto.SHA512, func(s string) ([]byte, error) { return []byte(s), nil }},
		"without a cert": {" --certificate= --format text", crypto.SHA256, hex.DecodeString},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if code := b.run(t, "sign-string --certificate "+b.cert+" --private-key "+b.key+tt.flags); code != 0 || b.errs.Len() != 0 {
				t.Fatalf("got exit %d, stderr %q", code, b.errs.String())
			}
			signature, err := tt.plain(b.out.String())
			sum := tt.hash.New()
			sum.Write(text)
			if err != nil || !ecdsa.VerifyASN1(pub, sum.Sum(nil), signature) {
				t.Errorf("got %q, %v; want a signature over the fixed string", b.out.String(), err)
			}
		})
	}
}

// An RSA key of another file, without any certificate.
func TestAnRSAKeySignsWithoutACertificate(t *testing.T) {
	b := newBench(t)
	file := filepath.Join(keys, "rsa.pem")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	key := must(decode.Key(data, nil))
	if code := b.run(t, "sign-string --format bin --private-key "+file); code != 0 {
		t.Fatalf("got exit %d, stderr %q", code, b.errs.String())
	}
	sum := sha256.Sum256(must(testString(key.Public())))
	if err := rsa.VerifyPKCS1v15(key.Public().(*rsa.PublicKey), crypto.SHA256, sum[:], b.out.Bytes()); err != nil {
		t.Error(err)
	}
}

func TestACertificateIsShownAsByAWSsHelper(t *testing.T) {
	b := newBench(t)
	want := `{"keyType":"EC","certificateData":"` + base64.StdEncoding.EncodeToString(b.leaf.Raw) + `","serialNumber":"` + b.leaf.SerialNumber.String() +
		`","supportedAlgorithms":["ECSHA256","ECSHA384","ECSHA512"]}`
	if code := b.run(t, "read-certificate-data --certificate "+b.cert); code != 0 || b.out.String() != want || b.errs.Len() != 0 {
		t.Errorf("got exit %d, stderr %q\n%s\nwant\n%s", code, b.errs.String(), b.out.String(), want)
	}
}

// The kind of an ML-DSA key was empty. What AWS's helper says of this certificate,
// which it has sent: read-certificate-data of its release 1.8.0.
func TestACertificateForMLDSAIsShownAsByAWSsHelper(t *testing.T) {
	b := newBench(t)
	_, sent, _ := strings.Cut(string(must(os.ReadFile("../../testdata/wire/aws_signing_helper-1.8.0/mldsa65-nochain.http"))), "\r\nX-Amz-X509: ")
	sent, _, _ = strings.Cut(sent, "\r\n")
	file := filepath.Join(t.TempDir(), "certificate.der")
	if err := os.WriteFile(file, must(base64.StdEncoding.DecodeString(sent)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, got := b.run(t, "read-certificate-data --certificate "+file), b.out.String()
	if code != 0 || !strings.HasPrefix(got, `{"keyType":"ML-DSA-65","certificateData":"MII`) || !strings.HasSuffix(got, `,"supportedAlgorithms":["ML-DSA-65"]}`) {
		t.Errorf("got exit %d, stderr %q\n%s", code, b.errs.String(), got)
	}
}

func TestWhatTheDiagnosticCommandsRefuse(t *testing.T) {
	b := newBench(t)
	for line, want := range map[string]string{
		"sign-string": "neither --private-key nor --certificate",
		"sign-string --format xml --private-key x":                `--format "xml"`,
		"sign-string --digest sha256 --private-key x":             `--digest "sha256"`,
		"sign-string --private-key x --role-arn y":                `no such flag: "--role-arn"`,
		"read-certificate-data":                                   "--certificate is not given",
		"read-certificate-data --cert-selector x":                 "choosing from a system's certificate store",
		"read-certificate-data --certificate x stray":             "stray argument",
		`sign-string --private-key x \ --certificate y`:           "continued by a backslash",
		"sign-string --private-key pkcs11:object=x":               "",
		"read-certificate-data --certificate " + keys + "rsa.pem": "",
	} {
		code := b.run(t, line)
		if code == 0 || want != "" && code != 2 || !strings.Contains(b.errs.String(), want) || b.out.Len() != 0 {
			t.Errorf("%s: got exit %d, stderr %q, want %q", line, code, b.errs.String(), want)
		}
	}
}
