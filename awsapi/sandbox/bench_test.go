package sandbox

import (
	"bytes"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"anywhere/signer"
)

// bare is a sandbox without a server, for fuzzing and benchmarks.
func bare(tb testing.TB) *Sandbox {
	tb.Helper()
	box, err := Open(Config{Dir: tb.TempDir(), Now: func() time.Time { return noon }, Random: rand.Reader})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { box.Close() })
	return box
}

// BenchmarkCreateSession is a session from the signed request to the answer,
// with a full event history and the state on the disk.
func BenchmarkCreateSession(b *testing.B) {
	box := bare(b)
	ca, key := newAuthority(b, "lab CA"), ecKey(b, elliptic.P256())
	c := &call{Sandbox: box, account: &box.state.account, region: DefaultRegion, now: noon}
	a := &anchor{thing: c.newThing("trust-anchor", "lab", true, nil), Source: source{"CERTIFICATE_BUNDLE", sourceData{X509CertificateData: ca.pem()}}}
	r := &role{holder: holder{Name: "lab", Path: "/", ID: "AROALAB"}, TrustPolicy: trustsRolesAnywhere, MaxSession: 3600}
	p := &profile{thing: c.newThing("profile", "lab", true, nil), RoleARNs: []string{r.arn()}, Seconds: 3600, Mappings: defaultMappings()}
	box.state.Anchors, box.state.Roles, box.state.Profiles = []*anchor{a}, []*role{r}, []*profile{p}
	cert := ca.issue(b, key)
	query := url.Values{"trustAnchorArn": {a.ARN}, "profileArn": {p.ARN}, "roleArn": {r.arn()}}
	body, _ := json.Marshal(map[string]int{"durationSeconds": 3600})
	once := func() {
		req := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:9912/sessions?"+query.Encode(), bytes.NewReader(body))
		if err := signer.Sign(req, body, signer.Identity{Certificate: cert, Key: key}, DefaultRegion, noon); err != nil {
			b.Fatal(err)
		}
		w := httptest.NewRecorder()
		box.ServeHTTP(w, req)
		if w.Code != http.StatusCreated {
			b.Fatalf("got %d %s", w.Code, w.Body)
		}
	}
	for range maxEvents / 2 {
		once()
	}
	for b.Loop() {
		once()
	}
}
