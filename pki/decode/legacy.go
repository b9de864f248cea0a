package decode

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
)

// keyInLegacyPEM opens the PEM encryption of OpenSSL before 1.0 (RFC 1421 headers
// Proc-Type and DEK-Info), which step still writes by default. It is weak: one
// round of MD5 turns the passphrase into a key.
func keyInLegacyPEM(block *pem.Block, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	cipher, _, _ := strings.Cut(block.Headers["DEK-Info"], ",")
	switch cipher {
	case "DES-CBC", "DES-EDE3-CBC", "AES-128-CBC", "AES-192-CBC", "AES-256-CBC":
	case "":
		return nil, unsupported(fixScheme, "an encrypted key without DEK-Info header")
	default:
		return nil, unsupported(fixScheme, "the PEM cipher %.40q", cipher)
	}
	secret, err := ask(passphrase)
	if err != nil {
		return nil, err
	}
	der, err := x509.DecryptPEMBlock(block, secret) // deprecated for its weakness, not for its work
	switch {
	case errors.Is(err, x509.IncorrectPasswordError):
		return nil, ErrWrongPassphrase
	case err != nil:
		return nil, unsupported(fixScheme, "this DEK-Info header")
	}
	return opened(der)
}

// ask gets the passphrase, if there is somebody to ask.
func ask(passphrase func() ([]byte, error)) ([]byte, error) {
	if passphrase == nil {
		return nil, ErrPassphraseNeeded
	}
	return passphrase()
}

// opened reads a key that has just been decrypted. Padding comes out right by
// chance once in 256 wrong passphrases; then what follows is not a key.
func opened(der []byte) (crypto.Signer, error) {
	key, err := plainKey(der)
	if errors.Is(err, ErrNotAKey) {
		return nil, ErrWrongPassphrase
	}
	return key, err
}
