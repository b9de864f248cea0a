package e2e

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The AWS CLI gets its credentials from serve in both ways, and from the file that
// update writes.
func TestTheAWSCLIUsesServeAndUpdate(t *testing.T) {
	home := t.TempDir()
	env := []string{"HOME=" + home, "AWS_EC2_METADATA_DISABLED=false"}
	r := set(t, env, "--sandbox", "--yes", "--name", "box")
	token := filepath.Join(home, ".anywhere", "setups", "box", "serve.token")
	serve := ours("anywhere-signer") + " serve --setup box --port 0 2>log & server=$!; " +
		`trap 'kill $server' EXIT; until grep -q event=.renewed log; do kill -0 $server; sleep 0.1; done; ` +
		`base=$(sed -n 's/.*FULL_URI="\(.*\)\/credentials" .*/\1/p' log); unset AWS_PROFILE AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE; `
	for name, shell := range map[string]string{
		"the container endpoint": serve + `AWS_CONTAINER_CREDENTIALS_FULL_URI=$base/credentials AWS_CONTAINER_AUTHORIZATION_TOKEN=$(cat ` + token + `) aws sts get-caller-identity`,
		"IMDS":                   serve + `AWS_EC2_METADATA_SERVICE_ENDPOINT=$base/ aws sts get-caller-identity`,
		"update":                 ours("anywhere-signer") + ` update --setup box --once --profile written; unset AWS_PROFILE AWS_CONFIG_FILE; aws --profile written sts get-caller-identity`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			out, err := inSandbox(t, append(env, "AWS_REGION=us-east-1"), "cd "+dir+"; "+shell)
			if err != nil || !strings.Contains(out, "/"+r.Certificate.SerialHex+`"`) {
				t.Errorf("got %v\n%s\nwant a caller with session name %s", err, out, r.Certificate.SerialHex)
			}
			if _, err := os.Stat(filepath.Join(home, ".aws")); err == nil {
				t.Error("the user's own ~/.aws was written")
			}
		})
	}
}

// sign-string signs what AWS's helper signs, and openssl agrees.
func TestOpensslVerifiesTheFixedString(t *testing.T) {
	for _, kind := range []string{"EC", "RSA"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			key, public, text, signature := filepath.Join(dir, "key"), filepath.Join(dir, "public"), filepath.Join(dir, "text"), filepath.Join(dir, "signature")
			make := []string{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key}
			if kind == "RSA" {
				make = []string{"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key}
			}
			output(t, nil, "openssl", make...)
			output(t, nil, "openssl", "pkey", "-in", key, "-pubout", "-out", public)
			if err := os.WriteFile(signature, []byte(output(t, nil, ours("anywhere-signer"), "sign-string", "--private-key", key, "--format", "bin")), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(text, fixedString(t, public), 0o600); err != nil {
				t.Fatal(err)
			}
			output(t, nil, "openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, text)
		})
	}
}

// fixedString is the text that AWS's helper signs with the key of a public one.
func fixedString(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	pub, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte("AWS Roles Anywhere Credential Helper Signing Test1"), bound(t, pub)...)
}

func bound(t *testing.T, pub crypto.PublicKey) []byte {
	t.Helper()
	sum := sha256.Sum256(append([]byte("IAM RA"), encoded(t, pub)...))
	return sum[:]
}

// encoded is a point, or RSAPublicKey.
func encoded(t *testing.T, pub crypto.PublicKey) []byte {
	t.Helper()
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return x509.MarshalPKCS1PublicKey(pub)
	case *ecdsa.PublicKey:
		point, err := pub.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return point
	}
	t.Fatalf("%T", pub)
	return nil
}
