package signer

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"anywhere/pki"
)

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
