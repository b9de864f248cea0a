package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"anywhere/pki/decode"
)

// samples are one key of each kind; the long RSA keys take half a second to make
// and differ from the short one in a number only.
func TestKeysAreOfTheKindAsked(t *testing.T) {
	for _, kind := range []KeyKind{P256, P384, RSA2048} {
		t.Run(string(kind), func(t *testing.T) {
			key := mustKey(t, kind)
			if got, ok := KindOf(key.Public()); got != kind || !ok {
				t.Errorf("got %q, %v", got, ok)
			}
		})
	}
	if KeyKinds()[0] != DefaultKeyKind {
		t.Errorf("the first kind is %s, the default %s", KeyKinds()[0], DefaultKeyKind)
	}
}

func TestKindsThatAreNotMadeHaveNamesToo(t *testing.T) {
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	long := *mustKey(t, RSA2048).Public().(*rsa.PublicKey)
	for _, kind := range []KeyKind{RSA3072, RSA4096} {
		long.N = long.N.Lsh(long.N, uint(1024))
		if got, ok := KindOf(&long); got != kind || !ok {
			t.Errorf("got %q, %v; want %s", got, ok, kind)
		}
	}
	for want, pub := range map[KeyKind]crypto.PublicKey{"p-521": p521.Public(), "": edwards} {
		if got, ok := KindOf(pub); got != want || ok {
			t.Errorf("got %q, %v; want %q, false", got, ok, want)
		}
	}
	if _, err := NewKey("rsa-512", rand.Reader); err == nil || !strings.Contains(err.Error(), `"rsa-512"`) {
		t.Errorf("got %v, want it to name rsa-512", err)
	}
}

func TestWrittenKeysAreReadAgain(t *testing.T) {
	for _, kind := range []KeyKind{P256, P384, RSA2048} {
		t.Run(string(kind), func(t *testing.T) {
			key := mustKey(t, kind)
			plain, err := EncodeKey(key)
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, plain, nil, key)
			locked, err := EncodeKeyLocked(key, []byte("zwölf Ämter"), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, locked, func() ([]byte, error) { return []byte("zwölf Ämter"), nil }, key)
		})
	}
}

func wantSame(t *testing.T, data []byte, passphrase func() ([]byte, error), want crypto.Signer) {
	t.Helper()
	got, err := decode.Key(data, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if !got.(interface{ Equal(crypto.PrivateKey) bool }).Equal(want) {
		t.Error("another key came back")
	}
}

func TestALockedKeyNeedsItsPassphrase(t *testing.T) {
	key := mustKey(t, P256)
	locked, err := EncodeKeyLocked(key, []byte("right"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if block, rest := pem.Decode(locked); block.Type != "ENCRYPTED PRIVATE KEY" || len(rest) > 0 || len(block.Headers) > 0 {
		t.Errorf("got a block %q with headers %v and %d octets behind it", block.Type, block.Headers, len(rest))
	}
	if _, err := decode.Key(locked, func() ([]byte, error) { return []byte("wrong"), nil }); !errors.Is(err, decode.ErrWrongPassphrase) {
		t.Errorf("got %v, want %v", err, decode.ErrWrongPassphrase)
	}
	again, err := EncodeKeyLocked(key, []byte("right"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) == string(locked) {
		t.Error("salt and initial vector are the same twice")
	}
	if _, err := EncodeKeyLocked(key, nil, rand.Reader); err == nil {
		t.Error("locked with an empty passphrase")
	}
	if _, err := EncodeKeyLocked(key, []byte("right"), strings.NewReader("short")); err == nil {
		t.Error("locked without randomness")
	}
}

// device is a key that cannot be copied.
type device struct{ crypto.Signer }

func TestAKeyInADeviceIsNotWritten(t *testing.T) {
	key := device{mustKey(t, P256)}
	if _, err := EncodeKey(key); !errors.Is(err, errHardware) {
		t.Errorf("got %v, want %v", err, errHardware)
	}
	if _, err := EncodeKeyLocked(key, []byte("right"), rand.Reader); !errors.Is(err, errHardware) {
		t.Errorf("got %v, want %v", err, errHardware)
	}
	if _, err := EncodeKey(nil); err == nil {
		t.Error("nothing was written as a key")
	}
}

func TestCertificateAndKeyAreMatched(t *testing.T) {
	ca, key := testCA(t)
	if err := MatchKey(ca, device{key}); err != nil {
		t.Error(err)
	}
	for want, other := range map[string]crypto.Signer{
		"the certificate is for another p-256 key":             mustKey(t, P256),
		"the certificate is for a p-256 key, the key is p-384": mustKey(t, P384),
	} {
		err := MatchKey(ca, other)
		if bad, ok := errors.AsType[*MismatchError](err); !ok || !strings.HasSuffix(err.Error(), want) || bad.Subject != "CN=lab CA" {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if MatchKey(nil, key) == nil || MatchKey(ca, nil) == nil {
		t.Error("nothing matches something")
	}
}
