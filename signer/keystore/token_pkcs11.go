//go:build pkcs11 && (linux || darwin)

package keystore

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"path/filepath"
	"strings"

	"anywhere/signer/keystore/hardware"
	"anywhere/signer/keystore/pkcs11"
	"anywhere/signer/keystore/pkcs11/library"
	"anywhere/signer/keystore/pkcs11uri"
)

const loadsModules = true

// openToken opens the private key that a PKCS #11 URI names.
func (s Store) openToken(ref string) (crypto.Signer, error) {
	module, ask, err := s.askToken(ref)
	if err != nil {
		return nil, err
	}
	return signerOf(pkcs11.Open(module, ask))
}

// Certificates returns the certificates that a PKCS #11 URI names, and all of that
// token, which may be the rest of a chain.
func (s Store) Certificates(ref string) (named []TokenCertificate, all []*x509.Certificate, err error) {
	module, ask, err := s.askToken(ref)
	if err != nil {
		return nil, nil, err
	}
	found, all, err := pkcs11.Certificates(module, ask)
	for _, f := range found {
		named = append(named, TokenCertificate{f.Certificate, f.URI.String()})
	}
	return named, all, err
}

// askToken loads the module that ref or the caller names.
func (s Store) askToken(ref string) (pkcs11.Module, pkcs11.Ask, error) {
	uri, err := parsedURI(ref)
	if err != nil {
		return nil, pkcs11.Ask{}, err
	}
	pin, err := s.pinOf(uri, s.Passphrase)
	if err != nil {
		return nil, pkcs11.Ask{}, err
	}
	again, err := s.pinOf(uri, s.SignPIN)
	if err != nil {
		return nil, pkcs11.Ask{}, err
	}
	path := s.moduleOf(uri)
	module, err := library.Load(path)
	if _, named := uri.Query("module-name"); err != nil && named {
		dir, name := filepath.Split(path)
		if other, failed := library.Load(dir + "lib" + name); failed == nil { // the name has no affixes (RFC 7512, section 2.4)
			module, err = other, nil
		}
	}
	if err != nil {
		return nil, pkcs11.Ask{}, &hardware.Error{Ref: uri.String(), Says: "load PKCS #11 module " + path, Reason: hardware.NoModule, Err: err,
			Fix: "name the token's module with --pkcs11-lib or module-path= in the URI, such as /usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"}
	}
	return module, pkcs11.Ask{URI: uri, PIN: pin, SignPIN: again, ReusePIN: s.ReusePIN, Keypad: s.Keypad, Public: s.Public, Tried: s.Tried}, nil
}

// pinOf is where a PIN comes from: the URI, a file that it names, or the caller.
func (s Store) pinOf(uri pkcs11uri.URI, caller func() ([]byte, error)) (func() ([]byte, error), error) {
	if value, given := uri.Query("pin-value"); given {
		return func() ([]byte, error) { return []byte(value), nil }, nil
	}
	source, given := uri.Query("pin-source")
	if !given {
		return caller, nil
	}
	refuse := func(says string) error {
		return &hardware.Error{Ref: uri.String(), Says: "pin-source " + says, Reason: hardware.BadReference, Err: errors.ErrUnsupported, Fix: "name a file: pin-source=/path/of/the/pin"}
	}
	switch scheme, path, found := strings.Cut(source, ":"); {
	case strings.HasPrefix(source, "|"):
		return nil, refuse("is a command, and what a configuration names is never run here")
	case !found || strings.HasPrefix(source, "/"):
		return s.pinFile(source), nil
	case strings.EqualFold(scheme, "file"):
		return s.pinFile(strings.TrimPrefix(path, "//")), nil // file:/p and file:///p are the same (RFC 8089, section 2)
	default:
		return nil, refuse("is neither a file nor a file: URI")
	}
}

// pinFile reads the first line.
func (s Store) pinFile(path string) func() ([]byte, error) {
	return func() ([]byte, error) {
		data, err := ReadFileWithin(path, cmp.Or(s.Patience, Patience))
		line, _, _ := strings.Cut(string(data), "\n")
		return []byte(strings.TrimSuffix(line, "\r")), err
	}
}
