package pki

import (
	"bytes"
	"crypto/rand"
	"encoding/pem"
	"testing"
)

// encoding/pem wraps at 64 characters (RFC 7468 section 2), whatever is left for the
// last line.
func TestPEMIsWrittenAsEncodingPEMWritesIt(t *testing.T) {
	before := []byte("before\n")
	for _, length := range []int{0, 1, 2, 3, 47, 48, 49, 95, 96, 97, 138, 1000} {
		der := make([]byte, length)
		if _, err := rand.Read(der); err != nil {
			t.Fatal(err)
		}
		want := append(bytes.Clone(before), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
		if got := appendPEM(bytes.Clone(before), "CERTIFICATE", der); !bytes.Equal(got, want) {
			t.Errorf("%d octets: got\n%swant\n%s", length, got, want)
		}
	}
}
