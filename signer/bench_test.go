package signer

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"net/http"
	"strings"
	"testing"

	"anywhere/pki"
)

// BenchmarkSign is a whole signed request; BenchmarkKey the key's part of it,
// which no signer can go below.
func BenchmarkSign(b *testing.B) {
	for _, kind := range []pki.KeyKind{pki.P256, pki.RSA2048} {
		id := lab(b, kind)
		body := []byte(`{"durationSeconds":3600}`)
		b.Run(string(kind), func(b *testing.B) {
			for b.Loop() {
				req, _ := http.NewRequest("POST", "http://127.0.0.1/sessions?profileArn="+profileARN+"&roleArn="+roleARN+"&trustAnchorArn="+anchorARN, nil)
				req.Header.Set("Content-Type", "application/json")
				if err := Sign(req, body, id, "us-east-1", noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkKey(b *testing.B) {
	for _, kind := range []pki.KeyKind{pki.P256, pki.RSA2048} {
		id := lab(b, kind)
		digest := sha256.Sum256(nil)
		b.Run(string(kind), func(b *testing.B) {
			for b.Loop() {
				if _, err := id.Key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	id := lab(b, pki.P256)
	req := must(http.NewRequest("POST", "http://127.0.0.1/sessions", strings.NewReader("{}")))
	if err := Sign(req, []byte("{}"), id, "us-east-1", noon); err != nil {
		b.Fatal(err)
	}
	body := must(io.ReadAll(req.Body))
	for b.Loop() {
		if _, err := Verify(req, body); err != nil {
			b.Fatal(err)
		}
	}
}
