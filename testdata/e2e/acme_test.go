package e2e

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/acme"
)

func pemBody(t *testing.T, data []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatalf("no PEM: %s", data)
	}
	return block.Bytes
}

// newPebble is the ACME server that Let's Encrypt tests clients with: it has
// external account binding and renewal information. It drops common names.
func newPebble(t *testing.T, binding bool) (server acme.CA) {
	t.Helper()
	port, management, httpPort, tlsPort, dns := freePort(t), freePort(t), freePort(t), freePort(t), freePort(t)
	dir := t.TempDir()
	ca, certificate, certKey := tlsPair(t, dir)
	config := map[string]any{
		"listenAddress": fmt.Sprintf("127.0.0.1:%d", port), "managementListenAddress": fmt.Sprintf("127.0.0.1:%d", management),
		"certificate": certificate, "privateKey": certKey, "httpPort": httpPort, "tlsPort": tlsPort,
		"profiles":        map[string]any{"default": map[string]any{"description": "default", "validityPeriod": 7776000}},
		"domainBlocklist": []string{"blocked.example.test"},
	}
	if binding {
		config["externalAccountBindingRequired"] = true
		config["externalAccountMACKeys"] = map[string]string{"kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}
	}
	data, err := json.Marshal(map[string]any{"pebble": config})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, nil, func() bool { return answersDNS(dns) }, "pebble-challtestsrv", "-defaultIPv6", "", "-defaultIPv4", "127.0.0.1",
		"-dnsserver", fmt.Sprintf("127.0.0.1:%d", dns), "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "",
		"-management", fmt.Sprintf("127.0.0.1:%d", freePort(t)))
	serve(t, []string{"PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"}, listens(fmt.Sprintf("127.0.0.1:%d", port)),
		"pebble", "-config", file(t, dir, "pebble.json", data), "-dnsserver", fmt.Sprintf("127.0.0.1:%d", dns))
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	account, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return acme.CA{
		Directory: fmt.Sprintf("https://127.0.0.1:%d/dir", port), Account: account, Roots: pool, Now: time.Now,
		HTTP01: fmt.Sprintf("127.0.0.1:%d", httpPort),
	}
}

func answersDNS(port int) bool {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// tlsPair is a certificate for 127.0.0.1 and its key, made by openssl.
func tlsPair(t *testing.T, dir string) (ca *x509.Certificate, certificate, key string) {
	t.Helper()
	key, certificate = filepath.Join(dir, "tls.key"), filepath.Join(dir, "tls.pem")
	openssl(t, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
		"-days", "1", "-subj", "/CN=pebble", "-addext", "subjectAltName=IP:127.0.0.1")
	data, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, data), certificate, key
}

// pebble drops the common name, so its certificate cannot be used with Roles
// Anywhere; the order itself is what is tried here.
func order(t *testing.T, server acme.CA, cn string) (pki.Issued, error) {
	t.Helper()
	key, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spec := server.Prepare(pki.LeafSpec{Name: pki.Name{CommonName: cn}})
	csr, err := pki.NewCSR(spec, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ordered, err := server.Submit(t.Context(), spec, csr)
	if err != nil {
		return pki.Issued{}, err
	}
	issued, err := server.Fetch(t.Context(), ordered)
	if err != nil {
		return issued, err
	}
	if _, err := pki.ReadIssued(ordered.DER, spec, key.Public()); err == nil || !strings.Contains(err.Error(), "it has no common name") {
		t.Errorf("a certificate without a common name: got %v", err)
	}
	return issued, nil
}

func TestPebbleSaysWhenToRenewAndHowAccountsAreBound(t *testing.T) {
	server := newPebble(t, true)
	if _, err := order(t, server, "box.example.test"); err == nil || !strings.Contains(err.Error(), "externalAccountRequired") {
		t.Errorf("an account without binding: got %v", err)
	}
	server.KeyID, server.MACKey = "kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
	issued, err := order(t, server, "box.example.test")
	if err != nil {
		t.Fatal(err)
	}
	said, known, err := server.RenewAt(t.Context(), issued.Certificate)
	if err != nil || !known || said.RenewAt.Before(issued.Certificate.NotBefore) || said.RenewAt.After(issued.Certificate.NotAfter) || !said.AskAt.After(time.Now()) {
		t.Errorf("got %v, %v, %v; want a moment in its life", said, known, err)
	}
	if again, _, err := server.RenewAt(t.Context(), issued.Certificate); err != nil || !again.RenewAt.Equal(said.RenewAt) {
		t.Errorf("asked twice: %v and %v, %v", said.RenewAt, again.RenewAt, err)
	}
	server.Replaces = issued.Certificate
	if _, err := order(t, server, "box.example.test"); err != nil {
		t.Errorf("an order that replaces: %v", err)
	}
	// A renewal has the account's key and not the secret that bound it.
	server.KeyID, server.MACKey = "", ""
	if _, err := order(t, server, "box.example.test"); err != nil {
		t.Errorf("an order of the bound account without the secret: %v", err)
	}
	if _, err := order(t, server, "blocked.example.test"); err == nil {
		t.Error("a name on the server's list was issued")
	}
}

// The listener of http-01 answers one path while a challenge lasts, and nobody
// after it.
func TestTheListenerOfAChallengeEndsWithIt(t *testing.T) {
	server := newPebble(t, false)
	if _, err := order(t, server, "box.example.test"); err != nil {
		t.Fatal(err)
	}
	if resp, err := http.Get("http://" + server.HTTP01 + "/.well-known/acme-challenge/x"); err == nil {
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		t.Errorf("still answered: %s %s", resp.Status, body)
	}
}
