package e2e

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/acme"
	"anywhere/pki/stepca"
)

// authority is a step-ca of a test, on loopback.
type authority struct {
	url, fingerprint string
	root             *x509.Certificate
	dir              string
	httpPort         int // where it looks for the answer of http-01
	tlsPort          int
	env              []string
}

// ports counts the ports that this process has given away.
var ports atomic.Int32

// freePort is a port that nobody listens on, and that nobody gets who asks for any:
// systems take those from 32768 up. It was one of these, closed again; so two
// servers could be told the same, or a sandbox have it before the server listened.
func freePort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		port := 20000 + (os.Getpid()*50+int(ports.Add(1)))%12000
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// serve starts a program that serves until the test ends, and waits until ready.
func serve(t *testing.T, env []string, ready func() bool, program string, args ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}, env...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { stop(); <-ended })
	again, late := time.NewTicker(20*time.Millisecond), time.After(60*time.Second)
	defer again.Stop()
	for !ready() {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", program, err, &said)
		case <-late:
			t.Fatalf("%s is not ready after a minute\n%s", program, &said)
		case <-again.C:
		}
	}
}

// listens says whether somebody answers TLS at an address.
func listens(address string) func() bool {
	return func() bool {
		conn, err := tls.DialWithDialer(&net.Dialer{Timeout: time.Second}, "tcp", address, &tls.Config{InsecureSkipVerify: true}) // only whether it is there
		if err != nil {
			return false
		}
		conn.Close()
		return true
	}
}

// newAuthority makes a step-ca with a JWK provisioner called jwk and an ACME one
// called acme. more are settings of ca.json's authority claims.
func newAuthority(t *testing.T, claims map[string]any) *authority {
	t.Helper()
	dir := t.TempDir()
	a := &authority{dir: dir, httpPort: freePort(t), tlsPort: freePort(t), env: []string{"STEPPATH=" + filepath.Join(dir, "step"), "NO_COLOR=1"}}
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	password := file(t, dir, "password", []byte("provisioner password"))
	output(t, a.env, "step", "ca", "init", "--deployment-type", "standalone", "--name", "e2e", "--dns", "127.0.0.1", "--dns", "localhost",
		"--address", address, "--provisioner", "jwk", "--password-file", password, "--provisioner-password-file", password, "--acme")
	a.backdate(t, filepath.Join(dir, "step"))
	config := filepath.Join(dir, "step", "config", "ca.json")
	edit(t, config, func(all map[string]any) {
		all["crl"] = map[string]any{"enabled": true, "generateOnRevoke": true, "cacheDuration": "24h"}
		all["authority"].(map[string]any)["claims"] = claims
	})
	a.url = "https://" + address
	data, err := os.ReadFile(filepath.Join(dir, "step", "certs", "root_ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	a.root = parsed(t, data)
	a.fingerprint = strings.TrimSpace(output(t, a.env, "step", "certificate", "fingerprint", filepath.Join(dir, "step", "certs", "root_ca.crt")))
	serve(t, a.env, listens(address), "step-ca", config, "--password-file", password,
		"--acme-http-port", fmt.Sprint(a.httpPort), "--acme-tls-port", fmt.Sprint(a.tlsPort), "--insecure")
	return a
}

// backdate gives the CA certificates that began an hour ago: a renewal after
// expiry is judged at a minute before the end.
func (a *authority) backdate(t *testing.T, dir string) {
	t.Helper()
	root, rootKey := filepath.Join(dir, "certs", "root_ca.crt"), filepath.Join(dir, "secrets", "root_ca_key")
	make := []string{"certificate", "create", "--not-before=-1h", "--no-password", "--insecure", "--force"}
	output(t, a.env, "step", append(make, "--profile", "root-ca", "e2e root", root, rootKey)...)
	output(t, a.env, "step", append(make, "--profile", "intermediate-ca", "--ca", root, "--ca-key", rootKey, "e2e intermediate",
		filepath.Join(dir, "certs", "intermediate_ca.crt"), filepath.Join(dir, "secrets", "intermediate_ca_key"))...)
}

func edit(t *testing.T, path string, change func(map[string]any)) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	change(all)
	if data, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func parsed(t *testing.T, data []byte) *x509.Certificate {
	t.Helper()
	issued, err := pki.SplitIssued(pemBody(t, data))
	if err != nil {
		t.Fatal(err)
	}
	return issued.Certificate
}

func (a *authority) ca() stepca.CA {
	return stepca.CA{URL: a.url, Fingerprint: a.fingerprint, Now: time.Now, Random: rand.Reader}
}

func (a *authority) enroller() stepca.Enroller {
	return stepca.Enroller{CA: a.ca(), Provisioner: "jwk", Password: func() ([]byte, error) { return []byte("provisioner password"), nil }}
}

// pair is a certificate that an issuer has given, with its key.
type pair struct {
	pki.Issued
	key crypto.Signer
}

// get goes through an issuer as a set-up does.
func get(t *testing.T, issuer pki.Issuer, cn string) (pair, error) {
	t.Helper()
	key, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spec := pki.LeafSpec{Name: pki.Name{CommonName: cn}}
	if p, ok := issuer.(pki.Preparer); ok {
		spec = p.Prepare(spec)
	}
	csr, err := pki.NewCSR(spec, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	order, err := issuer.Submit(t.Context(), spec, csr)
	if err != nil {
		return pair{}, err
	}
	issued, err := issuer.Fetch(t.Context(), order)
	if err != nil {
		return pair{}, err
	}
	checked, err := pki.ReadIssued(joined(issued), spec, key.Public())
	return pair{checked, key}, err
}

func joined(issued pki.Issued) []byte {
	der := bytes.Clone(issued.Certificate.Raw)
	for _, above := range issued.Chain {
		der = append(der, above.Raw...)
	}
	return der
}

// leads fails unless the pair leads to the root.
func (p pair) leads(t *testing.T, root *x509.Certificate) {
	t.Helper()
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(root)
	for _, above := range p.Chain {
		between.AddCert(above)
	}
	if _, err := p.Certificate.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
}

func TestStepCAIssuesByOneTimeTokenAndRenewsByCertificate(t *testing.T) {
	a := newAuthority(t, map[string]any{"minTLSCertDuration": "2s", "defaultTLSCertDuration": "1h"})
	first, err := get(t, a.enroller(), "build-box-7")
	if err != nil {
		t.Fatal(err)
	}
	first.leads(t, a.root)
	if len(first.Chain) != 1 || first.Certificate.Subject.CommonName != "build-box-7" {
		t.Errorf("got %s with %d above it, want the intermediate alone", first.Certificate.Subject, len(first.Chain))
	}
	second, err := get(t, stepca.Renewer{CA: a.ca(), Certificate: first.Certificate, Chain: first.Chain, Key: first.key}, "build-box-7")
	if err != nil {
		t.Fatal(err)
	}
	second.leads(t, a.root)
	if pki.SerialOf(first.Certificate) == pki.SerialOf(second.Certificate) || pki.MatchKey(first.Certificate, second.key) == nil {
		t.Error("the renewal gave the same serial or the same key")
	}
	if _, err := get(t, stepca.Renewer{CA: a.ca(), Certificate: first.Certificate, Chain: first.Chain, Key: first.key}, "another-name"); err == nil {
		t.Error("a renewal under another name was taken")
	}
	// A revoked certificate renews nothing.
	revokeAtCA(t, a, second)
	if _, err := get(t, stepca.Renewer{CA: a.ca(), Certificate: second.Certificate, Chain: second.Chain, Key: second.key}, "build-box-7"); err == nil {
		t.Error("a revoked certificate was renewed")
	}
	list := crlOf(t, a)
	if got := pki.RevokedIn(list); len(got) != 1 || got[0].Serial != pki.SerialOf(second.Certificate) {
		t.Errorf("the list of step-ca holds %v", got)
	}
}

func revokeAtCA(t *testing.T, a *authority, p pair) {
	t.Helper()
	key, err := pki.EncodeKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert := file(t, dir, "cert.pem", pki.EncodeCertificates(append([]*x509.Certificate{p.Certificate}, p.Chain...)...))
	output(t, a.env, "step", "ca", "revoke", "--cert", cert, "--key", file(t, dir, "key.pem", key))
}

func crlOf(t *testing.T, a *authority) *x509.RevocationList {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	resp, err := web.Get(a.url + "/1.0/crl")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var data bytes.Buffer
	if _, err := data.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	list, err := pki.ParseCRL(data.Bytes())
	if err != nil {
		t.Fatalf("%v: %s", err, &data)
	}
	return list
}

func TestStepCARevivesACertificateWhoseLifeIsOver(t *testing.T) {
	t.Parallel() // it waits most of the time
	a := newAuthority(t, map[string]any{"minTLSCertDuration": "1s", "defaultTLSCertDuration": "1h", "allowRenewalAfterExpiry": true})
	enroller := a.enroller()
	enroller.Life = 10 * time.Second // long enough to reach step-ca before it is over
	first, err := get(t, enroller, "build-box-7")
	if err != nil {
		t.Fatal(err)
	}
	<-time.After(time.Until(first.Certificate.NotAfter) + time.Second) // step-ca goes by the clock of the machine
	second, err := get(t, stepca.Renewer{CA: a.ca(), Certificate: first.Certificate, Chain: first.Chain, Key: first.key}, "build-box-7")
	if err != nil {
		t.Fatal(err)
	}
	second.leads(t, a.root)
}

func TestAnotherStepCAIsNotBelieved(t *testing.T) {
	a := newAuthority(t, nil)
	for name, change := range map[string]func(*stepca.Enroller){
		"another fingerprint": func(e *stepca.Enroller) { e.Fingerprint = strings.Repeat("ab", 32) },
		"no fingerprint":      func(e *stepca.Enroller) { e.Fingerprint = "" },
		"plain http":          func(e *stepca.Enroller) { e.URL = strings.Replace(a.url, "https", "http", 1) },
		"a wrong password":    func(e *stepca.Enroller) { e.Password = func() ([]byte, error) { return []byte("wrong"), nil } },
		"another provisioner": func(e *stepca.Enroller) { e.Provisioner = "nobody" },
		"a used-up token":     func(e *stepca.Enroller) { e.Token = "x.y.z" },
	} {
		enroller := a.enroller()
		change(&enroller)
		got, err := get(t, enroller, "build-box-7")
		if err == nil {
			t.Errorf("%s: issued %s", name, got.Certificate.Subject)
		}
		if err != nil && strings.Contains(err.Error(), "provisioner password") {
			t.Errorf("%s: the error tells the password", name)
		}
	}
}

func TestStepCAIssuesByACME(t *testing.T) {
	a := newAuthority(t, nil)
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	account, err := pki.NewKey(pki.P256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	server := acme.CA{Directory: a.url + "/acme/acme/directory", Account: account, Roots: pool, Now: time.Now}
	for name, with := range map[string]func(acme.CA) acme.CA{
		"http-01":     func(c acme.CA) acme.CA { c.HTTP01 = fmt.Sprintf("127.0.0.1:%d", a.httpPort); return c },
		"tls-alpn-01": func(c acme.CA) acme.CA { c.TLSALPN01 = fmt.Sprintf("127.0.0.1:%d", a.tlsPort); return c },
	} {
		t.Run(name, func(t *testing.T) {
			got, err := get(t, with(server), "localhost")
			if err != nil {
				t.Fatal(err)
			}
			got.leads(t, a.root)
			if _, known, err := with(server).RenewAt(t.Context(), got.Certificate); known || err != nil {
				t.Errorf("step-ca has no renewal information: got %v, %v", known, err)
			}
		})
	}
}
