package signer

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"anywhere/pki"
)

// received is req as the server at its host gets it.
func received(req *http.Request) *http.Request {
	got := httptest.NewRequest(req.Method, req.URL.RequestURI(), nil)
	got.Host = req.URL.Host
	got.Header = req.Header.Clone()
	return got
}

func TestWhatIsSignedVerifies(t *testing.T) {
	for _, kind := range pki.KeyKinds() {
		t.Run(string(kind), func(t *testing.T) {
			if kind == pki.RSA3072 || kind == pki.RSA4096 {
				kind = pki.RSA2048 // the same code, and making the key takes a second
			}
			id := lab(t, kind)
			body := []byte(`{"durationSeconds":900}`)
			req := must(http.NewRequest("POST", "http://127.0.0.1:9912/a%2Fb/sessions?b=2&a=1+1&a=%2B&c", nil))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Add("X-Extra", "  two   blanks ")
			req.Header.Add("X-Extra", "and more")
			req.Header.Set("User-Agent", "unsigned")
			if err := Sign(req, body, id, "eu-west-1", noon); err != nil {
				t.Fatal(err)
			}
			got, err := Verify(received(req), body)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Certificate.Equal(id.Certificate) || got.Region != "eu-west-1" || !got.Date.Equal(noon) {
				t.Errorf("got %s in %s at %s", got.Certificate.Subject, got.Region, got.Date)
			}
			want := []string{"content-type", "host", "x-amz-date", "x-amz-x509", "x-extra"}
			if !slices.Equal(got.Signed, want) {
				t.Errorf("got signed headers %v, want %v", got.Signed, want)
			}
		})
	}
}

func TestTheCanonicalRequestIsAsAWSWritesIt(t *testing.T) {
	req := httptest.NewRequest("POST", "/a%20b/sessions?z=1&a=b%20c&a=%41&plus=1+1&empty", nil)
	req.Host = "example.com:8443"
	req.Header.Add("X-Two", " a  b ")
	req.Header.Add("X-Two", "c")
	got, err := CanonicalRequest(req, nil, []string{"host", "x-two"})
	// The path is escaped once more; the last line is the SHA-256 of nothing.
	want := "POST\n/a%2520b/sessions\na=A&a=b%20c&empty=&plus=1%201&z=1\nhost:example.com:8443\nx-two:a b,c\n\nhost;x-two\n" +
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if err != nil || got != want {
		t.Errorf("got  %q (%v)\nwant %q", got, err, want)
	}
}

func TestAChainIsSignedAndNoOldOneIsLeft(t *testing.T) {
	id := lab(t, pki.P256)
	id.Chain = []*x509.Certificate{lab(t, pki.P256).Certificate, lab(t, pki.P256).Certificate}
	req := must(http.NewRequest("POST", "http://127.0.0.1/sessions", nil))
	if err := Sign(req, nil, id, "us-east-1", noon); err != nil {
		t.Fatal(err)
	}
	got, err := Verify(received(req), nil)
	if err != nil || len(got.Chain) != 2 || !got.Chain[1].Equal(id.Chain[1]) {
		t.Fatalf("got chain %v (%v), want both", got.Chain, err)
	}
	id.Chain = nil
	if err := Sign(req, nil, id, "us-east-1", noon); err != nil {
		t.Fatal(err)
	}
	if got, err := Verify(received(req), nil); err != nil || got.Chain != nil {
		t.Errorf("got chain %v (%v) after signing again without, want none", got.Chain, err)
	}
}

func TestAnIdentityThatCannotSignIsRefusedHere(t *testing.T) {
	good, other := lab(t, pki.P256), lab(t, pki.P256)
	tests := map[string]struct {
		id   Identity
		want string
	}{
		"no certificate":        {Identity{Key: good.Key}, "sign: no certificate"},
		"no key":                {Identity{Certificate: good.Certificate}, "sign: no private key"},
		"another's key":         {Identity{Certificate: good.Certificate, Key: other.Key}, "sign: match key and certificate: the certificate is for another p-256 key"},
		"too many certificates": {Identity{Certificate: good.Certificate, Key: good.Key, Chain: make([]*x509.Certificate, 6)}, "sign: 6 intermediate certificates, at most 5 can be sent"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			req := must(http.NewRequest("POST", "http://127.0.0.1/sessions", nil))
			err := Sign(req, nil, tt.id, "us-east-1", noon)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if req.Header.Get("Authorization") != "" {
				t.Error("the request is signed all the same")
			}
		})
	}
}

func TestARequestThatNobodySignedIsMalformed(t *testing.T) {
	id := lab(t, pki.P256)
	good := must(http.NewRequest("POST", "http://127.0.0.1/sessions", nil))
	if err := Sign(good, nil, id, "us-east-1", noon); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		spoil func(http.Header)
		part  string
	}{
		"no authorization":             {func(h http.Header) { h.Del("Authorization") }, "Authorization"},
		"two authorizations":           {func(h http.Header) { h.Add("Authorization", "x") }, "Authorization"},
		"an authorization of one word": {func(h http.Header) { h.Set("Authorization", "AWS4") }, "Authorization"},
		"a part twice":                 {set(", Signature", ", Credential=x, Signature"), "Authorization"},
		"an unknown part":              {set(", Signature", ", More=x, Signature"), "Authorization"},
		"another service":              {set("rolesanywhere", "sts"), "Authorization"},
		"no Region":                    {set("us-east-1", ""), "Authorization"},
		"a signature in capitals":      {set("Signature=30", "Signature=3A"), "Authorization"},
		"a signature that is no hex":   {set("Signature=30", "Signature=zz"), "Authorization"},
		"an unsorted list":             {set("host;x-amz-date", "x-amz-date;host"), "Authorization"},
		"host not signed":              {set("host;", ""), "Authorization"},
		"date not signed":              {set("x-amz-date;", ""), "Authorization"},
		"certificate not signed":       {set(";x-amz-x509", ""), "Authorization"},
		"no date":                      {func(h http.Header) { h.Del(headerDate) }, headerDate},
		"a date with fractions":        {func(h http.Header) { h.Set(headerDate, "20261122T120000.5Z") }, headerDate},
		"a date of another day":        {func(h http.Header) { h.Set(headerDate, "20261121T120000Z") }, headerDate},
		"no certificate":               {func(h http.Header) { h.Del(headerCert) }, headerCert},
		"a certificate not in base64":  {func(h http.Header) { h.Set(headerCert, "?") }, headerCert},
		"bytes that are none":          {func(h http.Header) { h.Set(headerCert, "AAAA") }, headerCert},
		"a chain not signed":           {func(h http.Header) { h.Set(headerChain, h.Get(headerCert)) }, "SignedHeaders"},
		"another serial":               {set("Credential=", "Credential=1"), "Authorization"},
		"the algorithm of another key": {set("ECDSA", "RSA"), "Authorization"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			req := received(good)
			tt.spoil(req.Header)
			_, err := Verify(req, nil)
			malformed, ok := errors.AsType[*MalformedError](err)
			if !ok || malformed.Part != tt.part {
				t.Errorf("got %v, want a *MalformedError of %s", err, tt.part)
			}
		})
	}
}

// set replaces a part of the Authorization header.
func set(old, now string) func(http.Header) {
	return func(h http.Header) { h.Set("Authorization", strings.Replace(h.Get("Authorization"), old, now, 1)) }
}

func TestChainsAreSentFromTheLeafUp(t *testing.T) {
	cert := func(subject, issuer string) *x509.Certificate {
		return &x509.Certificate{Raw: []byte(subject + "<" + issuer), RawSubject: []byte(subject), RawIssuer: []byte(issuer)}
	}
	leaf, one, two, root := cert("leaf", "one"), cert("one", "two"), cert("two", "root"), cert("root", "root")
	cross := cert("two", "other root")
	tests := map[string]struct {
		pool []*x509.Certificate
		want []*x509.Certificate
	}{
		"in order":                   {[]*x509.Certificate{one, two}, []*x509.Certificate{one, two}},
		"reversed":                   {[]*x509.Certificate{two, one}, []*x509.Certificate{one, two}},
		"with leaf, root and twice":  {[]*x509.Certificate{leaf, one, root, two, one}, []*x509.Certificate{one, two}},
		"cross-signed":               {[]*x509.Certificate{cross, two, one}, []*x509.Certificate{one, cross, two}},
		"of somebody else":           {[]*x509.Certificate{cert("a", "b")}, nil},
		"in a circle":                {[]*x509.Certificate{one, cert("two", "one")}, []*x509.Certificate{one, cert("two", "one")}},
		"issued by the anchor alone": {nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := OrderChain(leaf, tt.pool)
			if !slices.EqualFunc(got, tt.want, func(a, b *x509.Certificate) bool { return a.Equal(b) }) {
				t.Errorf("got %s, want %s", names(got), names(tt.want))
			}
		})
	}
}

func names(chain []*x509.Certificate) (all []string) {
	for _, cert := range chain {
		all = append(all, string(cert.Raw))
	}
	return all
}
