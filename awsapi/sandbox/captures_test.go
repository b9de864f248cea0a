package sandbox

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// captured are requests as AWS's helper 1.8.0 put them on the wire; see the
// README there.
const captured = "../../testdata/wire/aws_signing_helper-1.8.0"

// stage is a sandbox in which a captured request is in order: the anchor, the
// profile and the role that it names are there, and it is the moment at which it
// was signed.
func stage(t *testing.T, raw []byte) (send func([]byte) int) {
	t.Helper()
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse("20060102T150405Z", req.Header.Get("X-Amz-Date"))
	if err != nil {
		t.Fatal(err)
	}
	box := bare(t)
	box.cfg.Now = func() time.Time { return at }
	asked := req.URL.Query()
	leaf, chain, err := presented(req)
	if err != nil {
		t.Fatal(err)
	}
	a := &anchor{thing: thingIn(asked, "trustAnchorArn")}
	a.Source = source{"CERTIFICATE_BUNDLE", sourceData{X509CertificateData: anchorFor(leaf, chain)}}
	p := &profile{thing: thingIn(asked, "profileArn"), RoleARNs: []string{asked.Get("roleArn")}, Seconds: 3600, Mappings: defaultMappings(), AcceptRoleSessionName: true}
	_, path, _ := strings.Cut(asked.Get("roleArn"), ":role")
	at1 := strings.LastIndex(path, "/") + 1
	r := &role{holder: holder{Name: path[at1:], Path: path[:at1], ID: "AROALAB"}, TrustPolicy: trustsRolesAnywhere, MaxSession: 3600}
	box.state.Anchors, box.state.Profiles, box.state.Roles = []*anchor{a}, []*profile{p}, []*role{r}
	return func(raw []byte) int {
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil || req.URL == nil {
			return http.StatusBadRequest // the server does not even hand it over
		}
		w := httptest.NewRecorder()
		box.ServeHTTP(w, req)
		return w.Code
	}
}

func thingIn(asked url.Values, name string) thing {
	arn := asked.Get(name)
	return thing{ID: id(arn), ARN: arn, Enabled: true}
}

// anchorFor is the last certificate of the chain, an intermediate, which may be
// an anchor. The root is in no capture; where no chain was sent, the certificate
// itself stands in for it.
func anchorFor(leaf *x509.Certificate, chain []*x509.Certificate) string {
	last := leaf
	if len(chain) > 0 {
		last = chain[len(chain)-1]
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: last.Raw}))
}

func captures(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(captured + "/*.http")
	if err != nil || len(paths) != 6 {
		t.Fatalf("got %d captures (%v), want 6", len(paths), err)
	}
	out := map[string][]byte{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(path), ".http")] = data
	}
	return out
}

func TestCapturedRequestsAreAcceptedOnTheirDay(t *testing.T) {
	for name, raw := range captures(t) {
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(name, "mldsa") {
				req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
				if err != nil {
					t.Fatal(err)
				}
				w := httptest.NewRecorder()
				bare(t).ServeHTTP(w, req)
				if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), "ML-DSA") {
					t.Errorf("got %d %s, want 501: this kind of key cannot be verified here", w.Code, w.Body)
				}
				return
			}
			if got := stage(t, raw)(raw); got != http.StatusCreated {
				t.Errorf("got %d, want 201", got)
			}
		})
	}
}

// signedParts are the places of a request that its signature covers: the path
// with its query, the values of the signed headers, the body; and the signature's
// own header.
func signedParts(raw []byte) []int {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	_, signed, _ := bytes.Cut(head, []byte("SignedHeaders="))
	signed, _, _ = bytes.Cut(signed, []byte(","))
	names := append(strings.Split(string(signed), ";"), "authorization")
	var at []int
	offset := 0
	for i, line := range bytes.Split(head, []byte("\r\n")) {
		name, value, _ := bytes.Cut(line, []byte(": "))
		from, to := offset+len(line)-len(value), offset+len(line)
		if i == 0 {
			from, to = len("POST "), len(line)-len(" HTTP/1.1")
		}
		if i == 0 || slices.Contains(names, strings.ToLower(string(name))) {
			for n := from; n < to; n++ {
				at = append(at, n)
			}
		}
		offset += len(line) + 2
	}
	for n := len(raw) - len(body); n < len(raw); n++ {
		at = append(at, n)
	}
	return at
}

// unproved says that a request proves nothing of who sent it; the sandbox then
// refuses it, which a part of the changed requests goes all the way to show.
func unproved(raw []byte) bool {
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return true
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return true
	}
	p := prove(req, body)
	return p.wrong != nil || p.malformed != nil
}

func TestACapturedRequestWithOneByteChangedIsRefused(t *testing.T) {
	for name, raw := range captures(t) {
		if strings.HasPrefix(name, "mldsa") {
			continue // refused whole
		}
		t.Run(name, func(t *testing.T) {
			send := stage(t, raw)
			at := signedParts(raw)
			if len(at) < 1000 {
				t.Fatalf("got %d signed bytes, want most of the request", len(at))
			}
			for i, n := range at {
				changed := bytes.Clone(raw)
				changed[n] ^= 1
				if !unproved(changed) || i%29 == 0 && send(changed) == http.StatusCreated {
					t.Errorf("byte %d changed from %q to %q and accepted", n, raw[n], changed[n])
				}
			}
			if got := send(raw); got != http.StatusCreated {
				t.Errorf("unchanged: got %d, want 201", got)
			}
		})
	}
}
