package pkcs11

import (
	"crypto/ecdsa"
	"testing"
)

// A token is no more to be believed than a file.
func FuzzPublicHalf(f *testing.F) {
	f.Add([]byte("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"), []byte("\x04\x03\x04\x01\x02"))
	f.Add([]byte("\x06\x05\x2b\x81\x04\x00\x22"), []byte("\x04"))
	f.Fuzz(func(t *testing.T, params, point []byte) {
		if key, ok := ecKey(params, point).(*ecdsa.PublicKey); ok {
			if _, err := key.Bytes(); err != nil {
				t.Errorf("a point that is none: %v", err)
			}
		}
	})
}

func FuzzSignature(f *testing.F) {
	f.Add(make([]byte, 64))
	f.Add([]byte("\x30\x06\x02\x01\x01\x02\x01\x01"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if signature, err := joined(raw, 32); err == nil && len(signature) > 73 {
			t.Errorf("a signature of %d bytes", len(signature))
		}
	})
}
