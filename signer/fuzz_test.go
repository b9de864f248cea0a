package signer

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Any bytes that net/http takes for a request are judged without a panic, and
// none but the recorded ones is good.
func FuzzVerify(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(recorded, "*.http"))
	if err != nil || len(files) == 0 {
		f.Fatal("no recordings", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		body, _ := io.ReadAll(io.LimitReader(req.Body, 1<<16))
		v, err := Verify(req, body)
		if (err == nil) != (v.Certificate != nil) {
			t.Errorf("got %v with certificate %v", err, v.Certificate)
		}
	})
}
