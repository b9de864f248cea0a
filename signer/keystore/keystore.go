// Package keystore turns a key reference into a private key that can sign.
//
// A reference is a path, a PKCS #11 URI (RFC 7512), or handle: with the handle of a
// key in a TPM. A file may hold the key, or one that only its TPM can load. The
// package asks no question: a passphrase or PIN comes from the caller.
package keystore

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

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

// maxKey is the size from which a file is no key, in bytes.
const maxKey = 1 << 20

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

// ReadFile reads a file of the user's own, a key or a certificate, refusing what
// is too large to be one. A pipe or a device tells no size: it is read up to there.
func ReadFile(path string) ([]byte, error) {
	data, err := readFile(path)
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

var errTooLarge = errors.New("is larger than 1 MiB")

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("is a directory")
	case info.Size() > maxKey:
		return nil, errTooLarge
	}
	var all bytes.Buffer
	all.Grow(int(info.Size()) + bytes.MinRead) // so that it need not grow
	if _, err := all.ReadFrom(io.LimitReader(f, maxKey+1)); err != nil {
		return nil, err
	}
	if all.Len() > maxKey {
		return nil, errTooLarge
	}
	return all.Bytes(), nil
}
