package main

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"anywhere/pki"
)

// stepCA speaks as much of step-ca's API as a set-up needs, with a clock that a
// test can move and a plug that it can pull. The real one is asked in testdata/e2e.
type stepCA struct {
	*httptest.Server
	t     *testing.T
	root  *x509.Certificate
	key   crypto.Signer
	life  time.Duration
	mu    sync.Mutex
	clock func() time.Time
	down  bool
	// strict renews no certificate whose life is over.
	strict bool
	// revoked are serials in decimal that are renewed no more.
	revoked map[string]bool
	// asked is how many certificates were issued; revived those of them whose
	// predecessor's life was over.
	asked, revived int
}

func newStepCA(t *testing.T, life time.Duration) *stepCA {
	t.Helper()
	now := time.Now()
	c := &stepCA{t: t, key: must(pki.NewKey(pki.P256, rand.Reader)), life: life}
	c.clock = func() time.Time { return now } // stands still until the test has a clock of its own
	c.root = must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "step root"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 1, 0), Serial: must(pki.NewSerial(rand.Reader))}, c.key, rand.Reader))
	own := must(pki.NewKey(pki.P256, rand.Reader))
	der := must(x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "step"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, 20), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, c.root, own.Public(), c.key))
	roots := x509.NewCertPool()
	roots.AddCert(c.root)
	provisioner := &jose.JSONWebKey{Key: must(pki.NewKey(pki.P256, rand.Reader)), KeyID: "kid-1", Algorithm: "ES256"}
	lock := must(jose.NewEncrypter(jose.A128GCM, jose.Recipient{Algorithm: jose.PBES2_HS256_A128KW, Key: []byte("secret"), PBES2Count: 1000}, nil))
	locked := must(must(lock.Encrypt(must(json.Marshal(provisioner)))).CompactSerialize())
	public := provisioner.Public()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /root/{sum}", func(w http.ResponseWriter, _ *http.Request) {
		c.say(w, map[string]string{"ca": string(pki.EncodeCertificates(c.root))})
	})
	mux.HandleFunc("GET /provisioners", func(w http.ResponseWriter, _ *http.Request) {
		c.say(w, map[string]any{"provisioners": []any{map[string]any{"type": "JWK", "name": "jwk", "key": &public, "encryptedKey": locked}}})
	})
	mux.HandleFunc("POST /1.0/sign", c.sign)
	mux.HandleFunc("POST /1.0/rekey", c.rekey)
	mux.HandleFunc("POST /1.0/renew", c.renew)
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.isDown() {
			panic(http.ErrAbortHandler) // no answer: the connection ends
		}
		mux.ServeHTTP(w, r)
	}))
	c.TLS = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: own}},
		ClientAuth:   tls.VerifyClientCertIfGiven, ClientCAs: roots, Time: c.now,
	}
	c.StartTLS()
	t.Cleanup(c.Close)
	return c
}

func (c *stepCA) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clock()
}

func (c *stepCA) isDown() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.down
}

func (c *stepCA) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// answers are those of a set-up that has its certificates from here.
func (c *stepCA) answers() []string {
	sum := sha256.Sum256(c.root.Raw)
	password := filepath.Join(c.t.TempDir(), "password")
	writeFile(c.t, password, "secret", 0o600)
	return []string{"ca.issuer=step-ca", "stepca.url=" + c.URL, "stepca.fingerprint=" + hex.EncodeToString(sum[:]), "stepca.provisioner=jwk", "stepca.password-file=" + password}
}

func (c *stepCA) say(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		c.t.Error(err)
	}
}

// issue answers with a certificate for a name and a key.
func (c *stepCA) issue(w http.ResponseWriter, name string, dns []string, key crypto.PublicKey) {
	c.set(func() { c.asked++ })
	now := c.now().Truncate(time.Second)
	leaf := must(pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: name}, DNS: dns, NotBefore: now, NotAfter: now.Add(c.life), Serial: must(pki.NewSerial(rand.Reader))},
		key, c.root, c.key, rand.Reader))
	c.say(w, map[string]any{"certChain": []string{string(pki.EncodeCertificates(leaf)), string(pki.EncodeCertificates(c.root))}})
}

func (c *stepCA) request(r *http.Request) *x509.CertificateRequest {
	var in struct{ CSR string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		c.t.Error(err)
	}
	block, _ := pem.Decode([]byte(in.CSR))
	return must(x509.ParseCertificateRequest(block.Bytes))
}

func (c *stepCA) sign(w http.ResponseWriter, r *http.Request) {
	csr := c.request(r)
	c.issue(w, csr.Subject.CommonName, csr.DNSNames, csr.PublicKey)
}

// rekey issues for whoever shows a valid certificate of this CA.
func (c *stepCA) rekey(w http.ResponseWriter, r *http.Request) {
	if len(r.TLS.VerifiedChains) == 0 {
		http.Error(w, `{"status":401,"message":"missing peer certificate"}`, http.StatusUnauthorized)
		return
	}
	shown, csr := r.TLS.PeerCertificates[0], c.request(r)
	if c.isRevoked(shown) {
		http.Error(w, `{"status":401,"message":"The request lacked necessary authorization to be completed."}`, http.StatusUnauthorized)
		return
	}
	c.issue(w, shown.Subject.CommonName, shown.DNSNames, csr.PublicKey)
}

func (c *stepCA) isRevoked(cert *x509.Certificate) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revoked[cert.SerialNumber.String()]
}

// renew issues again for the key that signed the token, whose certificate may be
// over.
func (c *stepCA) renew(w http.ResponseWriter, r *http.Request) {
	token := must(jose.ParseSigned(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), []jose.SignatureAlgorithm{jose.ES256}))
	shown := token.Signatures[0].Header.ExtraHeaders["x5cInsecure"].([]any)[0].(string)
	cert := must(x509.ParseCertificate(must(base64.StdEncoding.DecodeString(shown))))
	if _, err := token.Verify(cert.PublicKey); err != nil || cert.CheckSignatureFrom(c.root) != nil || c.strict && c.now().After(cert.NotAfter) {
		http.Error(w, `{"status":401,"message":"not of this CA"}`, http.StatusUnauthorized)
		return
	}
	c.set(func() { c.revived++ })
	c.issue(w, cert.Subject.CommonName, cert.DNSNames, cert.PublicKey)
}
