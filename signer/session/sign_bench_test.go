package session

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"net/url"
	"slices"
	"testing"
	"time"

	"anywhere/pki"
)

// BenchmarkSign is what one attempt does before it goes to the network, turn
// about with the key's own part of it, which no signer can go below. The metric
// is the one's share of the other, median by median, which a busy machine does
// not spoil.
func BenchmarkSign(b *testing.B) {
	target := Target{TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN, Duration: time.Hour}
	u := &url.URL{Scheme: "https", Host: "rolesanywhere.us-east-1.amazonaws.com", Path: "/sessions", RawQuery: sessionQuery(target)}
	digest := sha256.Sum256(nil)
	for _, kind := range []pki.KeyKind{pki.P256, pki.RSA2048} {
		id := identity(b, kind)
		s := must(NewSigner(id))
		b.Run(string(kind), func(b *testing.B) {
			var whole, key []time.Duration
			for b.Loop() {
				start := time.Now()
				must(id.Key.Sign(rand.Reader, digest[:], crypto.SHA256))
				between := time.Now()
				r := &Request{Method: "POST", URL: u, Body: sessionBody(target)}
				if err := s.sign(r, "us-east-1", noon); err != nil {
					b.Fatal(err)
				}
				key, whole = append(key, between.Sub(start)), append(whole, time.Since(between))
			}
			b.ReportMetric(float64(median(whole))/float64(median(key)), "of-key")
		})
	}
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// identity makes a certificate with its key.
func identity(t testing.TB, kind pki.KeyKind) Identity {
	t.Helper()
	key, caKey := must(pki.NewKey(kind, rand.Reader)), must(pki.NewKey(pki.P256, rand.Reader))
	ca := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "lab CA"}, NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0), Serial: must(pki.NewSerial(rand.Reader))}, caKey, rand.Reader))
	spec := pki.LeafSpec{Name: pki.Name{CommonName: "lab"}, NotBefore: noon, NotAfter: noon.AddDate(0, 1, 0), Serial: must(pki.NewSerial(rand.Reader))}
	return Identity{Certificate: must(pki.IssueLeaf(spec, key.Public(), ca, caKey, rand.Reader)), Key: key}
}

// must hands on a value that cannot be missing in a test.
func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}
