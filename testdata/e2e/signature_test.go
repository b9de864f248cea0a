package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"anywhere/pki"
)

const (
	anchorARN  = "arn:aws:rolesanywhere:eu-central-1:000000000000:trust-anchor/11111111-2222-3333-4444-555555555555"
	profileARN = "arn:aws:rolesanywhere:eu-central-1:000000000000:profile/66666666-7777-8888-9999-000000000000"
	roleARN    = "arn:aws:iam::000000000000:role/web01"
)

// seen is a CreateSession request as the server got it.
type seen struct {
	method, uri string
	header      http.Header
	host        string
	body        []byte
}

// session runs anywhere-signer against a server that notes the request and
// answers as AWS does.
func session(t *testing.T, m machine) (seen, string) {
	t.Helper()
	var got seen
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = seen{r.Method, r.RequestURI, r.Header.Clone(), r.Host, body}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"credentialSet":[{"credentials":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"secret","sessionToken":"token",`+
			`"expiration":"2035-01-01T00:00:00Z"},"roleArn":"`+roleARN+`"}],"subjectArn":"arn:aws:rolesanywhere:eu-central-1:000000000000:subject/x"}`)
	}))
	defer server.Close()
	out := output(t, []string{"HOME=" + t.TempDir()}, ours("anywhere-signer"), "credential-process",
		"--certificate", m.leafPath, "--private-key", m.keyPath, "--trust-anchor-arn", anchorARN,
		"--profile-arn", profileARN, "--role-arn", roleARN, "--endpoint", server.URL)
	return got, out
}

// stringToSign is worked out here once more, from what the server saw, by the
// page "Signing process for IAM Roles Anywhere":
// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
func stringToSign(t *testing.T, s seen) (text string, fields map[string]string) {
	t.Helper()
	algorithm, rest, _ := strings.Cut(s.header.Get("Authorization"), " ")
	fields = map[string]string{"Algorithm": algorithm}
	for field := range strings.SplitSeq(rest, ", ") {
		key, value, _ := strings.Cut(field, "=")
		fields[key] = value
	}
	path, query, _ := strings.Cut(s.uri, "?")
	canonical := s.method + "\n" + path + "\n" + query + "\n"
	for name := range strings.SplitSeq(fields["SignedHeaders"], ";") {
		value := s.header.Get(name)
		if name == "host" {
			value = s.host
		}
		if name == "content-length" {
			value = fmt.Sprint(len(s.body))
		}
		canonical += name + ":" + strings.Join(strings.Fields(value), " ") + "\n"
	}
	canonical += "\n" + fields["SignedHeaders"] + "\n" + sum(s.body)
	_, scope, _ := strings.Cut(fields["Credential"], "/")
	return algorithm + "\n" + s.header.Get("X-Amz-Date") + "\n" + scope + "\n" + sum([]byte(canonical)), fields
}

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}

func TestOpensslVerifiesOurSignature(t *testing.T) {
	for _, kind := range pki.KeyKinds() {
		t.Run(string(kind), func(t *testing.T) {
			m := newMachine(t, kind)
			request, _ := session(t, m)
			text, fields := stringToSign(t, request)
			der, err := base64.StdEncoding.DecodeString(request.header.Get("X-Amz-X509"))
			if err != nil {
				t.Fatal(err)
			}
			signature, err := hex.DecodeString(fields["Signature"])
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			cert := file(t, dir, "sent.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
			public := file(t, dir, "public.pem", []byte(openssl(t, "x509", "-in", cert, "-noout", "-pubkey")))
			sig := file(t, dir, "signature", signature)
			got := openssl(t, "dgst", "-sha256", "-verify", public, "-signature", sig, file(t, dir, "text", []byte(text)))
			holds(t, "dgst", got, "Verified OK")

			forged := file(t, dir, "forged", []byte(text+" "))
			if out, err := command(t, nil, "openssl", "dgst", "-sha256", "-verify", public, "-signature", sig, forged).CombinedOutput(); err == nil {
				t.Errorf("another text was verified too: %s", out)
			}
			serial, _, _ := strings.Cut(fields["Credential"], "/")
			if want := pki.SerialOf(m.leaf).Decimal(); serial != want {
				t.Errorf("serial in Credential: got %s, want %s", serial, want)
			}
			for _, name := range []string{"host", "x-amz-date", "x-amz-x509"} {
				if !strings.Contains(";"+fields["SignedHeaders"]+";", ";"+name+";") {
					t.Errorf("header %s is not signed: %s", name, fields["SignedHeaders"])
				}
			}
		})
	}
}

func TestTheSignerPrintsWhatACredentialProcessMust(t *testing.T) {
	_, out := session(t, newMachine(t, pki.P256))
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := map[string]any{"Version": 1.0, "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret", "SessionToken": "token", "Expiration": "2035-01-01T00:00:00Z"}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s: got %v, want %v", key, got[key], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d fields, want %d: %s", len(got), len(want), out)
	}
}
