package decode

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math"
	"testing"
)

// greedy is an encrypted key whose parameters ask for more than is given.
func greedy(t *testing.T, kdf asn1.ObjectIdentifier, params any) []byte {
	t.Helper()
	marshal := func(v any) []byte {
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	scheme := marshal(pbes2Params{
		KDF: pkix.AlgorithmIdentifier{Algorithm: kdf, Parameters: asn1.RawValue{FullBytes: marshal(params)}},
		Cipher: pkix.AlgorithmIdentifier{
			Algorithm:  asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42},
			Parameters: asn1.RawValue{FullBytes: marshal(make([]byte, 16))},
		},
	})
	der := marshal(encryptedInfo{
		Algorithm: pkix.AlgorithmIdentifier{
			Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13},
			Parameters: asn1.RawValue{FullBytes: scheme},
		},
		Data: make([]byte, 32),
	})
	return pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der})
}

func TestWorkIsBounded(t *testing.T) {
	pbkdf2 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	scrypt := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
	type rounds struct {
		Salt   []byte
		Rounds int
	}
	type cost struct {
		Salt    []byte
		N, R, P int
	}
	for name, tt := range map[string]struct {
		kdf    asn1.ObjectIdentifier
		params any
		want   string
	}{
		"too many rounds":              {pbkdf2, rounds{[]byte("salt"), maxRounds + 1}, "rounds"},
		"too much memory":              {scrypt, cost{[]byte("salt"), 1 << 19, 8, 1}, "scrypt"},
		"too much work":                {scrypt, cost{[]byte("salt"), 1 << 14, 8, 1 << 10}, "scrypt"},
		"a product that would wrap":    {scrypt, cost{[]byte("salt"), 1 << 62, 4, 1}, "scrypt"},
		"another that would":           {scrypt, cost{[]byte("salt"), 2, 1, math.MaxInt64}, "scrypt"},
		"a key derivation of no known": {asn1.ObjectIdentifier{1, 2, 3}, rounds{[]byte("salt"), 1}, "1.2.3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Key(greedy(t, tt.kdf, tt.params), func() ([]byte, error) {
				t.Error("asked for a passphrase in vain")
				return nil, nil
			})
			wantUnsupported(t, err, tt.want)
		})
	}
}

func TestAHugeRSAKeyIsRefusedUnread(t *testing.T) {
	modulus := make([]byte, 1025) // 8193 bits
	modulus[0] = 1
	inner, err := asn1.Marshal(struct {
		Version int
		N       asn1.RawValue
		Filler  []byte
	}{0, asn1.RawValue{Tag: asn1.TagInteger, Bytes: modulus}, make([]byte, 4096)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Key(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: inner}), nil)
	wantUnsupported(t, err, "8193 bits")
}
