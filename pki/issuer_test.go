package pki

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"anywhere/pki/decode"
)

func TestALocalCAIssuesToWhoHoldsTheKey(t *testing.T) {
	ca, caKey := testCA(t)
	var issuer Issuer = LocalCA{Certificate: ca, Key: caKey, Chain: []*x509.Certificate{ca}, Random: rand.Reader}
	if got := issuer.Limits(); got != (Limits{NotAfter: ca.NotAfter}) {
		t.Errorf("got limits %+v, want the CA's end", got)
	}
	key := mustKey(t, P384)
	asks := leafSpec()
	asks.Name.CommonName = "somebody-else"
	csr, err := NewCSR(asks, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	order, err := issuer.Submit(t.Context(), leafSpec(), csr)
	if err != nil {
		t.Fatal(err)
	}

	// The order lies in a journal between the two calls.
	data, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	var kept Order
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatal(err)
	}
	issued, err := issuer.Fetch(t.Context(), kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := MatchKey(issued.Certificate, key); err != nil {
		t.Error(err)
	}
	if got := issued.Certificate.Subject.CommonName; got != "web-1" {
		t.Errorf("got a certificate for %q: the request chose its name", got)
	}
	if got, want := SerialOf(issued.Certificate).Hex(), order.ID; got != want {
		t.Errorf("got serial %s, order says %s", got, want)
	}
	if len(issued.Chain) != 1 || issued.Chain[0] != ca {
		t.Errorf("got a chain of %d", len(issued.Chain))
	}
}

func TestALocalCARefuses(t *testing.T) {
	ca, caKey := testCA(t)
	issuer := LocalCA{Certificate: ca, Key: caKey, Random: rand.Reader}
	csr, err := NewCSR(leafSpec(), mustKey(t, P256), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := issuer.Submit(stopped, leafSpec(), csr); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: got %v, want %v", err, context.Canceled)
	}
	forged := append([]byte{}, csr...)
	forged[len(forged)-1] ^= 1
	if _, err := issuer.Submit(t.Context(), leafSpec(), forged); err == nil {
		t.Error("a request with a wrong signature was taken")
	}
	if _, err := issuer.Submit(t.Context(), leafSpec(), []byte("no request")); err == nil {
		t.Error("no request at all was taken")
	}
	other, otherKey := testCA(t)
	order, err := LocalCA{Certificate: other, Key: otherKey, Random: rand.Reader}.Submit(t.Context(), leafSpec(), csr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := issuer.Fetch(t.Context(), order); err == nil {
		t.Error("a certificate of another CA was fetched")
	}
	if _, err := issuer.Fetch(t.Context(), Order{ID: "x"}); err == nil {
		t.Error("nothing was fetched")
	}
}

func TestRequestsCarryNamesAndProveTheKey(t *testing.T) {
	key := mustKey(t, RSA2048)
	spec := leafSpec()
	spec.DNS, spec.URIs = []string{"web-1.example"}, []string{"spiffe://lab/web-1"}
	der, err := NewCSR(spec, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := csr.CheckSignature(); err != nil {
		t.Error(err)
	}
	if csr.Subject.CommonName != "web-1" || csr.DNSNames[0] != "web-1.example" || csr.URIs[0].String() != "spiffe://lab/web-1" {
		t.Errorf("got %s %v %v", csr.Subject, csr.DNSNames, csr.URIs)
	}
	spec.Name.CommonName = "web 1"
	if _, err := NewCSR(spec, key, rand.Reader); err == nil {
		t.Error("a name with a blank was asked for")
	}
	if _, err := NewCSR(leafSpec(), nil, rand.Reader); err == nil {
		t.Error("a request was made without a key")
	}
}

func TestLifeIsFittedToTheIssuer(t *testing.T) {
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		limits Limits
		want   time.Duration // zero: no life is left
	}{
		"no limits":                    {Limits{}, 90 * day},
		"the CA ends later":            {Limits{NotAfter: noon.Add(100 * day)}, 90 * day},
		"the CA ends sooner":           {Limits{NotAfter: noon.Add(30 * day)}, 30 * day},
		"the CA has ended":             {Limits{NotAfter: noon}, 0},
		"a day at most":                {Limits{MaxLife: day}, day},
		"less than the least":          {Limits{MaxLife: day, MinLife: 7 * day}, 0},
		"the sooner of the two limits": {Limits{MaxLife: 40 * day, NotAfter: noon.Add(30 * day)}, 30 * day},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := tt.limits.Fit(LeafSpec{NotBefore: noon, NotAfter: noon.Add(90 * day)})
			if ok != (tt.want > 0) {
				t.Fatalf("got %v until %s", ok, got.NotAfter)
			}
			if life := got.NotAfter.Sub(got.NotBefore); ok && life != tt.want {
				t.Errorf("got a life of %s, want %s", life, tt.want)
			}
		})
	}
}

func TestWrittenCertificatesAreReadAgain(t *testing.T) {
	a, _ := testCA(t)
	b, _ := testCA(t)
	certs, err := decode.Certificates(EncodeCertificates(a, b))
	if err != nil || len(certs) != 2 || !certs[0].Equal(a) || !certs[1].Equal(b) {
		t.Errorf("got %d certificates, %v", len(certs), err)
	}
}
