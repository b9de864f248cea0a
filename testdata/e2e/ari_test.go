package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// advised is the directory of step-ca's ACME server with renewal information,
// which it does not have itself: the window that a test sets, for the certificate
// that is asked of first. Those after it have time, or a slow machine would renew
// them too before the test is over.
type advised struct {
	*httptest.Server
	mu         sync.Mutex
	first      string // where its window is asked for
	start, end time.Time
}

func newAdvised(t *testing.T, a *authority) *advised {
	t.Helper()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	output(t, a.env, "step", "ca", "certificate", "127.0.0.1", cert, key, "--provisioner", "jwk", "--provisioner-password-file", filepath.Join(a.dir, "password"))
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.root)
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	s := &advised{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/renewal-info/") {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.first == "" {
				s.first = r.URL.Path
			}
			start, end := s.start, s.end
			if r.URL.Path != s.first {
				start, end = time.Now().Add(8*time.Minute), time.Now().Add(9*time.Minute)
			}
			w.Header().Set("Retry-After", "90")
			fmt.Fprintf(w, `{"suggestedWindow":{"start":%q,"end":%q}}`, start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339))
			return
		}
		resp, err := web.Get(a.url + "/acme/acme/directory")
		if err != nil {
			t.Error(err)
			return
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		var all map[string]any
		if err != nil || json.Unmarshal(data, &all) != nil {
			t.Errorf("%v: %s", err, data)
			return
		}
		all["renewalInfo"] = s.URL + "/renewal-info"
		if err := json.NewEncoder(w).Encode(all); err != nil {
			t.Error(err)
		}
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *advised) say(start, end time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start, s.end = start, end
}

// What an ACME server says of the time to renew is followed, by its word again and
// again, and a renewal that signing starts goes through a challenge.
func TestAnACMEServersWordOnRenewalIsFollowed(t *testing.T) {
	a := newAuthority(t, map[string]any{"minTLSCertDuration": "1s", "defaultTLSCertDuration": "10m"})
	server := newAdvised(t, a)
	env := []string{"HOME=" + t.TempDir()}
	setUp(t, env, "lab", "ca.issuer=acme", "acme.directory="+server.URL+"/directory", "ca.certificate="+filepath.Join(a.dir, "step", "certs", "root_ca.crt"),
		"leaf.cn=localhost", fmt.Sprintf("acme.http-address=127.0.0.1:%d", a.httpPort))
	session := filepath.Join(strings.TrimPrefix(env[0], "HOME="), ".anywhere", "setups", "lab", "session.json")
	first := pointerOf(t, session)

	// Later than by its age: it is not renewed, and asked again when the server says.
	server.say(time.Now().Add(8*time.Minute), time.Now().Add(9*time.Minute))
	asked := time.Now().Truncate(time.Second)
	output(t, env, ours("anywhere"), "cert", "renew", "--if-needed")
	looked, answered := pointerOf(t, session), time.Now()
	if at := looked.Renewal.At; looked.Key != first.Key || at.Before(asked.Add(90*time.Second)) || at.After(answered.Add(90*time.Second)) {
		t.Errorf("key %s and then %s; the next look is at %v, want one a minute and a half after now, %v", first.Key, looked.Key, at, answered)
	}

	// At once, as after an accident at the CA: the next look renews, or the one after
	// it, since a tenth of the life passes first. The next is made now.
	server.say(time.Now().Add(-time.Hour), time.Now().Add(-time.Minute))
	edit(t, session, func(all map[string]any) {
		all["renewal"].(map[string]any)["at"] = time.Now().UTC().Format(time.RFC3339)
	})
	until(t, "the certificate is another", func() bool {
		if out, err := inSandbox(t, env, ours("anywhere-signer")+" credential-process --setup lab"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return pointerOf(t, session).Key != first.Key
	})
	second := pointerOf(t, session)
	if second.Renewal.Issuer != "acme" || !second.Renewal.At.After(time.Now()) {
		t.Errorf("got %+v", second.Renewal)
	}
	until(t, "the renewal has ended", func() bool {
		var all struct {
			Setups []struct {
				Attempts int `json:"renewalAttempts"`
			}
		}
		data := output(t, env, ours("anywhere"), "status", "--json")
		return json.Unmarshal([]byte(data), &all) == nil && len(all.Setups) == 1 && all.Setups[0].Attempts == 0
	})
	if left, err := os.ReadDir(filepath.Join(filepath.Dir(session), "pairs")); err != nil || len(left) != 2 {
		t.Errorf("got pairs %v, %v; want the old and the new one", left, err)
	}
}
