package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// KeyKind names an algorithm and a size of private keys, as answers and files
// spell it.
type KeyKind string

// The kinds of key that this program makes. Roles Anywhere also takes other
// curves and sizes; those are read but not made.
const (
	P256    KeyKind = "p-256" // the default: signs in microseconds
	P384    KeyKind = "p-384"
	RSA2048 KeyKind = "rsa-2048"
	RSA3072 KeyKind = "rsa-3072"
	RSA4096 KeyKind = "rsa-4096"
)

// Words is the kind as people write it: P-256, RSA 2048.
func (k KeyKind) Words() string {
	return strings.Replace(strings.ToUpper(string(k)), "RSA-", "RSA ", 1)
}

// DefaultKeyKind is the kind to make when nobody asks for another.
const DefaultKeyKind = P256

// KeyKinds lists every kind that [NewKey] makes, the default first.
func KeyKinds() []KeyKind { return []KeyKind{P256, P384, RSA2048, RSA3072, RSA4096} }

// NewKey makes a private key.
//
// random is offered to the standard library, which since Go 1.26 draws keys from
// the system's own source instead; a test that wants the same key twice sets
// testing/cryptotest.SetGlobalRandom.
func NewKey(kind KeyKind, random io.Reader) (crypto.Signer, error) {
	var key crypto.Signer
	var err error
	switch kind {
	case P256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), random)
	case P384:
		key, err = ecdsa.GenerateKey(elliptic.P384(), random)
	case RSA2048:
		key, err = rsa.GenerateKey(random, 2048)
	case RSA3072:
		key, err = rsa.GenerateKey(random, 3072)
	case RSA4096:
		key, err = rsa.GenerateKey(random, 4096)
	default:
		return nil, fmt.Errorf("make key: no such kind %q: want one of %v", kind, KeyKinds())
	}
	if err != nil {
		return nil, fmt.Errorf("make %s key: %w", kind, err)
	}
	return key, nil
}

// KindOf names the kind of a public key: "p-256", "rsa-2048", and in the same
// manner kinds that [NewKey] does not make, such as "p-521" and "rsa-1024".
// It reports false for a key that [NewKey] would not make.
func KindOf(pub crypto.PublicKey) (KeyKind, bool) {
	kind := kindOf(pub)
	return kind, slices.Contains(KeyKinds(), kind)
}

func kindOf(pub crypto.PublicKey) KeyKind {
	switch pub := pub.(type) {
	case *ecdsa.PublicKey:
		return KeyKind(fmt.Sprintf("p-%d", pub.Curve.Params().BitSize))
	case *rsa.PublicKey:
		return KeyKind(fmt.Sprintf("rsa-%d", pub.N.BitLen()))
	}
	return ""
}

// signs reports whether Roles Anywhere can verify a signature of pub's owner.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
func signs(pub crypto.PublicKey) error {
	switch pub.(type) {
	case *ecdsa.PublicKey, *rsa.PublicKey:
		return nil
	case nil:
		return errors.New("key is missing")
	}
	return fmt.Errorf("key is neither RSA nor EC: %T", pub)
}
