// Package pkcs12 reads PKCS #12 files (.p12, .pfx): a private key, its certificate
// and those above it, under one passphrase.
//
// It is apart from anywhere/pki/decode so that a signer that never meets such a
// file does not carry the code. Modern files (PBES2, AES, SHA-2), those of old
// Windows and Java (RC2, triple DES, SHA-1), those with an empty passphrase, those
// without an integrity check and, by [Certificates], those without a key are all
// read.
package pkcs12

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"anywhere/pki/decode"
)

// Contents is what a file held.
type Contents struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
	// Others are the file's further certificates in its own order: usually the
	// issuers, sometimes with the root.
	Others []*x509.Certificate
}

// Decode reads a file.
//
// The empty passphrase is tried first; only if it does not fit is passphrase
// called, once, and nil means that nobody can be asked. Errors are those of
// decode.Key: ErrPassphraseNeeded, ErrWrongPassphrase, *UnsupportedError, ErrNotAKey.
func Decode(data []byte, passphrase func() ([]byte, error)) (Contents, error) {
	contents, err := open(data, passphrase)
	if err != nil {
		return Contents{}, fmt.Errorf("read PKCS #12: %w", err)
	}
	return contents, nil
}

// Certificates reads the certificates of a file that holds no key, such as a
// trust store. The errors are those of Decode, and ErrNotACertificate.
func Certificates(data []byte, passphrase func() ([]byte, error)) ([]*x509.Certificate, error) {
	contents, err := openWith(data, passphrase, certificatesAlone)
	if err != nil {
		return nil, fmt.Errorf("read PKCS #12: %w", err)
	}
	return append([]*x509.Certificate{contents.Certificate}, contents.Others...), nil
}

func open(data []byte, passphrase func() ([]byte, error)) (Contents, error) {
	return openWith(data, passphrase, unlock)
}

func openWith(data []byte, passphrase func() ([]byte, error), unlock func([]byte, string) (Contents, error)) (Contents, error) {
	if len(data) > decode.MaxSize {
		return Contents{}, decode.ErrTooLong
	}
	if err := affordable(data, 0); err != nil {
		return Contents{}, err
	}
	contents, err := unlock(data, "")
	if !errors.Is(err, decode.ErrWrongPassphrase) {
		return contents, err
	}
	if passphrase == nil {
		return Contents{}, decode.ErrPassphraseNeeded
	}
	secret, err := passphrase()
	if err != nil {
		return Contents{}, err
	}
	return unlock(data, string(secret))
}

func unlock(data []byte, passphrase string) (Contents, error) {
	key, cert, others, err := decodeChain(data, passphrase)
	if err != nil {
		return Contents{}, err
	}
	signer, err := decode.Usable(key)
	if err != nil {
		return Contents{}, err
	}
	return Contents{signer, cert, others}, nil
}

// certificatesAlone opens a file that unlock has found to hold no key.
func certificatesAlone(data []byte, passphrase string) (Contents, error) {
	if _, _, _, err := decodeChain(data, passphrase); !errors.Is(err, decode.ErrNotAKey) {
		if err == nil {
			err = errors.New("it holds a key as well")
		}
		return Contents{}, err
	}
	rebuilt, err := withKey(data, passphrase)
	if err != nil {
		return Contents{}, err
	}
	_, cert, others, err := decodeChain(rebuilt, passphrase)
	return Contents{Certificate: cert, Others: others}, err
}

func decodeChain(data []byte, passphrase string) (any, *x509.Certificate, []*x509.Certificate, error) {
	bare := unchecked(data)
	if bare && passphrase != "" {
		checked, err := withCheck(data, passphrase)
		if err != nil {
			return nil, nil, nil, err
		}
		data = checked
	}
	key, cert, others, err := pkcs12.DecodeChain(data, passphrase)
	if err != nil {
		err = plainly(err, bare)
	}
	return key, cert, others, err
}

// plainly says the library's errors in this program's words. In a bare file, whose
// passphrase nothing checks, a wrong one shows as contents that make no sense.
func plainly(err error, bare bool) error {
	var unknown pkcs12.NotImplementedError
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return decode.ErrWrongPassphrase
	case strings.Contains(err.Error(), "private key missing"): // the library has no values for these
		return decode.ErrNotAKey
	case strings.Contains(err.Error(), "certificate missing"):
		return decode.ErrNotACertificate
	case strings.Contains(err.Error(), "exactly one key bag"):
		return &decode.UnsupportedError{
			What: "a PKCS #12 file with several keys",
			Fix:  "take it apart, and give all of it: openssl pkcs12 -in FILE -nodes -out FILE.pem",
		}
	case errors.As(err, &unknown):
		return &decode.UnsupportedError{
			What: "what this PKCS #12 file uses (" + string(unknown) + ")",
			Fix:  "convert it: openssl pkcs12 -in FILE -nodes -out FILE.pem",
		}
	case bare:
		return decode.ErrWrongPassphrase
	}
	return err
}
