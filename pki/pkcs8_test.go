package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
)

// crypto/x509 writes RFC 5958 and RFC 5915 as openssl does; the keys 1 and 2 have
// leading zeros, which RFC 5915 section 3 keeps.
func TestECKeysAreWrittenAsCryptoX509WritesThem(t *testing.T) {
	for _, curve := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		t.Run(curve.Params().Name, func(t *testing.T) {
			long := (curve.Params().BitSize + 7) / 8
			for name, secret := range map[string][]byte{
				"one": big.NewInt(1).FillBytes(make([]byte, long)), "two": big.NewInt(2).FillBytes(make([]byte, long)), "drawn": nil,
			} {
				key, err := ecdsa.GenerateKey(curve, rand.Reader)
				if secret != nil {
					key, err = ecdsa.ParseRawPrivateKey(curve, secret)
				}
				if err != nil {
					t.Fatal(err)
				}
				want, err := x509.MarshalPKCS8PrivateKey(key)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := pkcs8(key); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: got %x, %v; want %x", name, got, err, want)
				}
			}
		})
	}
}

// A curve that no document names has no PKCS #8 form.
func TestAnECKeyOfANamelessCurveIsNotWritten(t *testing.T) {
	curve := *elliptic.P256().Params()
	curve.Name = "mine"
	key := mustKey(t, P256).(*ecdsa.PrivateKey)
	other := &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: &curve, X: key.X, Y: key.Y}, D: key.D}
	if got, err := EncodeKey(other); err == nil {
		t.Errorf("written as %s", got)
	}
}
