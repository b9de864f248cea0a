package signer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const recorded = "../testdata/wire/aws_signing_helper-1.8.0"

// replay reads a recorded request as a server would.
func replay(t *testing.T, raw []byte) (*http.Request, []byte) {
	t.Helper()
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	return req, body
}

func recording(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(recorded, name+".http"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRequestsOfAWSsHelperVerify(t *testing.T) {
	tests := map[string]struct {
		algorithm string
		region    string
		chain     int
		signed    int
	}{
		"p256-chain":            {AlgorithmECDSA, "us-east-1", 2, 7},
		"p256-sessionname-900s": {AlgorithmECDSA, "eu-west-1", 0, 6},
		"p384-nochain":          {AlgorithmECDSA, "us-east-1", 0, 6},
		"rsa2048-nochain":       {AlgorithmRSA, "us-east-1", 0, 6},
		"rsa4096-chain":         {AlgorithmRSA, "us-east-1", 2, 7},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			req, body := replay(t, recording(t, name))
			got, err := Verify(req, body)
			if err != nil {
				t.Fatal(err)
			}
			if got.Algorithm != want.algorithm || got.Region != want.region || len(got.Chain) != want.chain || len(got.Signed) != want.signed {
				t.Errorf("got %s %s, %d in chain, signed %v; want %+v", got.Algorithm, got.Region, len(got.Chain), got.Signed, want)
			}
			if day := got.Date.Format("20060102"); day != "20261122" {
				t.Errorf("got date %s, want the day of the recording, 20261122", day)
			}
			canonical, err := CanonicalRequest(req, body, got.Signed)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := os.ReadFile(filepath.Join(recorded, name+".canonical"))
			if err != nil {
				t.Fatal(err)
			}
			if canonical != string(theirs) {
				t.Errorf("canonical request\ngot  %q\nwant %q", canonical, theirs)
			}
		})
	}
}

func TestEveryRecordingIsReplayed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recorded, "*.http"))
	if err != nil || len(files) != 6 {
		t.Errorf("got %d recordings (%v), want 6: add the new one to a test", len(files), err)
	}
}

func TestAKeyOfAnUnknownKindIsNamed(t *testing.T) {
	req, body := replay(t, recording(t, "mldsa65-nochain"))
	_, err := Verify(req, body)
	malformed, ok := errors.AsType[*MalformedError](err)
	if !ok || malformed.Part != headerCert {
		t.Errorf("got %v, want a *MalformedError of %s", err, headerCert)
	}
}

// Whatever the signature covers, one changed byte in it is refused.
func TestOneChangedByteIsRefused(t *testing.T) {
	raw := recording(t, "p256-chain")
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	tests := map[string]func(lines []string, body []byte){
		"method":                func(l []string, _ []byte) { l[0] = strings.Replace(l[0], "POST", "PUT", 1) },
		"path":                  func(l []string, _ []byte) { l[0] = strings.Replace(l[0], "/sessions", "/sessionz", 1) },
		"query value":           func(l []string, _ []byte) { l[0] = strings.Replace(l[0], "ExampleRole", "ExampleRolf", 1) },
		"query name":            func(l []string, _ []byte) { l[0] = strings.Replace(l[0], "roleArn", "roleArm", 1) },
		"added parameter":       func(l []string, _ []byte) { l[0] = strings.Replace(l[0], " HTTP", "&a=b HTTP", 1) },
		"host":                  change("Host: ", "127", "128"),
		"invocation id":         change("Amz-Sdk-Invocation-Id: ", "d38", "d39"),
		"attempt":               change("Amz-Sdk-Request: ", "attempt=1", "attempt=2"),
		"content type":          change("Content-Type: ", "json", "jsom"),
		"second of the date":    change("X-Amz-Date: ", "59Z", "58Z"),
		"day of the date":       change("X-Amz-Date: ", "20261122", "20261123"),
		"certificate":           edit("X-Amz-X509: ", flip),
		"chain":                 edit("X-Amz-X509-Chain: ", flip),
		"region of the scope":   change("Authorization: ", "us-east-1", "us-east-2"),
		"serial":                change("Authorization: ", "Credential=1", "Credential=2"),
		"signature":             change("Authorization: ", "Signature=3045022100dc", "Signature=3045022100dd"),
		"algorithm":             change("Authorization: ", "ECDSA", "RSA"),
		"a header less signed":  change("Authorization: ", "content-type;", ""),
		"a header not sent":     change("Authorization: ", "content-type;", "content-sort;"),
		"chain not in the list": change("Authorization: ", ";x-amz-x509-chain", ""),
		"body":                  func(_ []string, b []byte) { b[len(b)-2] = '1' },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			spoiled, content := slices.Clone(lines), bytes.Clone(body)
			spoil(spoiled, content)
			now := strings.Join(spoiled, "\r\n") + "\r\n\r\n" + string(content)
			if now == string(raw) {
				t.Fatal("nothing was changed")
			}
			req, got := replay(t, []byte(now))
			if v, err := Verify(req, got); err == nil {
				t.Errorf("got a verified request by %s, want a refusal", v.Certificate.Subject)
			}
		})
	}
}

// change replaces old in the header line that begins with prefix.
func change(prefix, old, now string) func([]string, []byte) {
	return edit(prefix, func(value string) string { return strings.Replace(value, old, now, 1) })
}

// edit changes the value of the header line that begins with prefix.
func edit(prefix string, change func(string) string) func([]string, []byte) {
	return func(lines []string, _ []byte) {
		for i, line := range lines {
			if value, ok := strings.CutPrefix(line, prefix); ok {
				lines[i] = prefix + change(value)
			}
		}
	}
}

// flip changes one character in the last quarter of a base64 text, where a
// certificate has its own signature and so still parses.
func flip(text string) string {
	b := []byte(text)
	i := len(b) * 7 / 8
	if b[i]++; b[i] == 'z'+1 || b[i] == 'Z'+1 || b[i] == '9'+1 {
		b[i] = 'A'
	}
	return string(b)
}
