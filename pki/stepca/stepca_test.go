package stepca

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"anywhere/pki"
)

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// stub speaks step-ca's API as far as a first certificate needs it.
type stub struct {
	*httptest.Server
	root   *x509.Certificate
	key    *jose.JSONWebKey
	locked string
	tokens []string // that /1.0/sign was given
	answer func(csr *x509.CertificateRequest) any
}

func newStub(t *testing.T) *stub {
	t.Helper()
	s := &stub{}
	mux := http.NewServeMux()
	s.Server = httptest.NewTLSServer(mux)
	t.Cleanup(s.Close)
	s.root = s.Certificate()
	provisioner := must(pki.NewKey(pki.P256, rand.Reader))
	s.key = &jose.JSONWebKey{Key: provisioner, KeyID: "kid-1", Algorithm: "ES256"}
	encrypter := must(jose.NewEncrypter(jose.A128GCM, jose.Recipient{Algorithm: jose.PBES2_HS256_A128KW, Key: []byte("secret"), PBES2Count: 1000}, nil))
	s.locked = must(must(encrypter.Encrypt(must(json.Marshal(s.key)))).CompactSerialize())
	say := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }
	mux.HandleFunc("GET /root/{sum}", func(w http.ResponseWriter, r *http.Request) {
		say(w, map[string]string{"ca": string(pki.EncodeCertificates(s.root))})
	})
	mux.HandleFunc("GET /provisioners", func(w http.ResponseWriter, r *http.Request) {
		public := s.key.Public()
		say(w, map[string]any{"provisioners": []any{
			map[string]any{"type": "ACME", "name": "acme"},
			map[string]any{"type": "JWK", "name": "jwk", "key": &public, "encryptedKey": s.locked},
		}})
	})
	mux.HandleFunc("POST /1.0/sign", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ CSR, OTT string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		s.tokens = append(s.tokens, in.OTT)
		block, _ := pem.Decode([]byte(in.CSR))
		say(w, s.answer(must(x509.ParseCertificateRequest(block.Bytes))))
	})
	return s
}

func (s *stub) enroller() Enroller {
	sum := sha256.Sum256(s.root.Raw)
	return Enroller{
		CA:          CA{URL: s.URL, Fingerprint: hex.EncodeToString(sum[:]), Now: time.Now, Random: rand.Reader},
		Provisioner: "jwk", Password: func() ([]byte, error) { return []byte("secret"), nil },
	}
}

func request(t *testing.T, cn string) (pki.LeafSpec, []byte) {
	t.Helper()
	spec := Enroller{}.Prepare(pki.LeafSpec{Name: pki.Name{CommonName: cn}})
	return spec, must(pki.NewCSR(spec, must(pki.NewKey(pki.P256, rand.Reader)), rand.Reader))
}

func TestTheTokenNamesWhoAsksAndIsNeverUsedTwice(t *testing.T) {
	s := newStub(t)
	now := time.Now()
	caKey := must(pki.NewKey(pki.P256, rand.Reader))
	ca := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "ca"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}, caKey, rand.Reader))
	s.answer = func(csr *x509.CertificateRequest) any {
		leaf := must(pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: csr.Subject.CommonName}, NotBefore: now, NotAfter: now.Add(time.Minute)}, csr.PublicKey, ca, caKey, rand.Reader))
		return map[string]any{"certChain": []string{string(pki.EncodeCertificates(leaf)), string(pki.EncodeCertificates(ca))}}
	}
	for range 2 {
		spec, csr := request(t, "box")
		order, err := s.enroller().Submit(t.Context(), spec, csr)
		if err != nil {
			t.Fatal(err)
		}
		if issued := must(s.enroller().Fetch(t.Context(), order)); issued.Certificate.Subject.CommonName != "box" || len(issued.Chain) != 1 {
			t.Errorf("got %s and %d above it", issued.Certificate.Subject, len(issued.Chain))
		}
	}
	var ids []string
	for _, token := range s.tokens {
		signed := must(jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256}))
		var claims struct {
			Iss, Aud, Sub, Sha, Jti string
			Sans                    []string
			Exp, Nbf                int64
		}
		if err := json.Unmarshal(must(signed.Verify(s.key.Public())), &claims); err != nil {
			t.Fatal(err)
		}
		if claims.Sub != "box" || fmt.Sprint(claims.Sans) != "[box]" || claims.Iss != "jwk" || claims.Aud != s.URL+"/1.0/sign" ||
			claims.Sha != s.enroller().Fingerprint || time.Duration(claims.Exp-claims.Nbf)*time.Second > 10*time.Minute {
			t.Errorf("got claims %+v", claims)
		}
		ids = append(ids, claims.Jti)
	}
	if ids[0] == ids[1] || len(ids[0]) != 64 {
		t.Errorf("token ids %v", ids)
	}
}

func TestWhoeverAnswersInPlaceOfTheCAIsRefused(t *testing.T) {
	s := newStub(t)
	s.answer = func(*x509.CertificateRequest) any { return map[string]any{"certChain": []string{"hello"}} }
	for name, c := range map[string]struct {
		change func(*Enroller)
		want   string
	}{
		"another root":        {func(e *Enroller) { e.Fingerprint = strings.Repeat("0", 64) }, "it has another fingerprint"},
		"no fingerprint":      {func(e *Enroller) { e.Fingerprint = "abc" }, "not a SHA-256"},
		"plain http":          {func(e *Enroller) { e.URL = "http://127.0.0.1" }, "want https"},
		"a wrong password":    {func(e *Enroller) { e.Password = func() ([]byte, error) { return []byte("no"), nil } }, "the password does not open its key"},
		"nobody to ask":       {func(e *Enroller) { e.Password = nil }, "password is needed"},
		"another provisioner": {func(e *Enroller) { e.Provisioner = "other" }, "no JWK provisioner of that name"},
		"an answer of noise":  {func(*Enroller) {}, "no certificate in PEM"},
	} {
		e := s.enroller()
		c.change(&e)
		spec, csr := request(t, "box")
		if _, err := e.Submit(t.Context(), spec, csr); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestAnAnswerWithoutEndIsCutOff(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 3 << 10 {
			if _, err := w.Write(make([]byte, 1<<10)); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	c := CA{URL: server.URL, Fingerprint: strings.Repeat("0", 64), Now: time.Now}
	if _, err := c.Root(t.Context()); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("got %v", err)
	}
	moved := httptest.NewTLSServer(http.RedirectHandler("https://127.0.0.1:1/", http.StatusFound))
	defer moved.Close()
	c.URL = moved.URL
	if _, err := c.Root(t.Context()); err == nil || !strings.Contains(err.Error(), "HTTP 302") {
		t.Errorf("a redirect: got %v", err)
	}
}
