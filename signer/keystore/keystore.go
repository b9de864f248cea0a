// Package keystore turns a key reference into a private key that can sign.
//
// A reference is a path, a PKCS #11 URI (RFC 7512), or handle: with the handle of a
// key in a TPM. A file may hold the key, or one that only its TPM can load. The
// package asks no question: a passphrase or PIN comes from the caller.
package keystore

import (
	"crypto"
	"crypto/x509"
	"fmt"

	"anywhere/pki/decode"
)

// UnsupportedError says that a key lies where this program cannot reach it.
type UnsupportedError struct {
	Ref   string // without a PIN
	Needs string // what would reach it
	Get   string // the file of the release whose programs can; may be empty
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("open key %s: %s is not in this program", e.Ref, e.Needs)
}

// Hint says what works.
func (e *UnsupportedError) Hint() string {
	if e.Get == "" {
		return "use a key in a file or in a TPM"
	}
	return "get " + e.Get + " from the same release: its anywhere and anywhere-signer load PKCS #11 modules"
}

// TokenCertificate is a certificate in a PKCS #11 token.
type TokenCertificate struct {
	Certificate *x509.Certificate
	URI         string // names this one alone
}

// Open is [Store.Open] of a store that knows only a passphrase.
func Open(ref, base string, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	return Store{Passphrase: passphrase}.Open(ref, base)
}

// OpenFile is [Store.OpenFile] of a store that knows only a passphrase.
func OpenFile(ref string, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	return Store{Passphrase: passphrase}.OpenFile(ref)
}

// Parse is [Store.Parse] of a store that knows only a passphrase.
func Parse(path string, data []byte, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	return Store{Passphrase: passphrase}.Parse(path, data)
}

func parse(path string, data []byte, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	key, err := decode.Key(data, passphrase)
	if err != nil {
		return nil, fmt.Errorf("open key %s: %w", path, err)
	}
	return key, nil
}
