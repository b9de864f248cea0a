package steps

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/decode/pkcs12"
	"anywhere/signer/keystore"
	"anywhere/signer/keystore/pkcs11uri"
)

// openCAKeyAt opens the CA key that ref names: a file of any form, PKCS #12 and
// one that only a TPM can load included, a key in a PKCS #11 token or one under a
// TPM's handle.
//
// passphrase is asked only if it is needed; for hardware it is the PIN. A key
// under a handle has none unless one is given: whether it wants one is seen only
// when it signs.
func (e *Env) openCAKeyAt(ref string, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	key, err := e.readCAKey(ref, passphrase)
	if errors.Is(err, fs.ErrNotExist) && keystore.Device(ref) == "" {
		return nil, &AwayCAKeyError{File: ref}
	}
	if errors.Is(err, decode.ErrPassphraseNeeded) {
		return nil, &CAPassphraseError{Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("open CA key: %w", err)
	}
	return key, nil
}

// CAPassphraseError says that the key of the CA wants a passphrase or a PIN, and
// there is none.
type CAPassphraseError struct{ Err error }

func (e *CAPassphraseError) Error() string { return "open CA key: " + e.Err.Error() }
func (e *CAPassphraseError) Unwrap() error { return e.Err }

// Hint gives it.
func (e *CAPassphraseError) Hint() string {
	return "add --ca-passphrase-file FILE; in anywhere setup, --set ca.passphrase-file=FILE"
}

func (e *Env) readCAKey(ref string, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	cert, err := e.caOf(ref)
	if err != nil {
		cert = nil // none is made yet, so the key tells whose it is
	}
	return e.readKeyOf(cert, ref, passphrase)
}

// caOf is the CA that issues if ref names its key: a file with several CAs does not
// say which of them that is.
func (e *Env) caOf(ref string) (*x509.Certificate, error) {
	if e.importedCA() == "" || shares(e) {
		return e.caCertificate()
	}
	ca, _, _, err := e.caWithChain(e.importedCA(), ref)
	return ca, err
}

// readKeyOf opens the key of a CA's certificate, which may be nil.
func (e *Env) readKeyOf(cert *x509.Certificate, ref string, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	store := keystore.Store{Passphrase: passphrase, TPM: e.World.Machine.TPM, NoTPMPassword: passphrase == nil}
	if cert != nil {
		store.Public = cert.PublicKey
	}
	if keystore.Device(ref) != "" {
		return store.OpenFile(ref)
	}
	data, err := e.World.Machine.ReadFile(ref)
	if err != nil {
		return nil, err
	}
	if decode.IsPKCS12(data) {
		contents, err := pkcs12.Decode(data, passphrase)
		return contents.Key, err
	}
	return store.Parse(ref, data)
}

// caKeyLocked says whether the CA's key wants a passphrase or a PIN.
func (e *Env) caKeyLocked() bool {
	ref := e.caKeyFile()
	if ref == "" {
		return false
	}
	if where := (keystore.Store{}).Describe(ref, nil); where.Kind == "PKCS #11" {
		return where.PIN == ""
	}
	_, err := e.readCAKey(ref, nil)
	return errors.Is(err, decode.ErrPassphraseNeeded)
}

// validCAKey refuses a reference that leads to no key, or that holds a secret:
// answers are saved and shown.
func validCAKey(e *Env, ref string) error {
	if ref == "" {
		return errors.New("the key of the CA is needed to issue a certificate")
	}
	if pkcs11uri.Is(ref) && strings.Contains(ref, "pin-value") {
		return errors.New("a PIN in the reference would be saved in the open: leave pin-value out and it is asked for, or name its file with pin-source")
	}
	key, err := e.readCAKey(ref, nil)
	if errors.Is(err, decode.ErrPassphraseNeeded) {
		return nil
	}
	if err != nil {
		return err
	}
	if cert, err := e.caOf(ref); err == nil {
		return pki.MatchKey(cert, key)
	}
	return nil
}

// validForeignPassphrase tries the passphrase of a key that somebody else has
// locked, however short it is. A PIN is not tried: a token counts wrong ones.
func validForeignPassphrase(e *Env, phrase string) error {
	ref := e.caKeyFile()
	if phrase == "" {
		return errors.New("must not be empty")
	}
	if keystore.Device(ref) != "" {
		return nil
	}
	_, err := e.readCAKey(ref, func() ([]byte, error) { return []byte(phrase), nil })
	return err
}
