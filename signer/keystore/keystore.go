// Package keystore turns a key reference into a private key that can sign.
//
// A reference is a path or a URI. This program reads keys from files; the URIs of
// hardware keys are recognised and answered with what is missing. The package
// asks no question: a passphrase comes from the caller.
package keystore

import (
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"anywhere/pki/decode"
	"anywhere/signer/ownfile"
)

// UnsupportedError says that a key lies where this program cannot reach it.
type UnsupportedError struct {
	Ref   string // without a PIN
	Needs string // what would reach it
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("open key %s: %s is not in this program", e.Ref, e.Needs)
}

// Hint says what works.
func (e *UnsupportedError) Hint() string { return "use a key in a file" }

// maxKey is the size from which a file is no key, in bytes.
const maxKey = 1 << 20

// Open returns the private key that ref, of a session.json in base, names. A
// relative path, with slashes, counts from base and is a secret of ours: nobody
// else may read it. An absolute path is the user's own file.
//
// passphrase is called only if the key is locked; nil means that there is none.
func Open(ref, base string, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	path := filepath.FromSlash(ref)
	if filepath.IsAbs(path) || Device(ref) != "" {
		return OpenFile(ref, passphrase)
	}
	if !filepath.IsLocal(path) {
		return nil, fmt.Errorf("open key %q: not a path inside %s", ref, base)
	}
	path = filepath.Join(base, path)
	data, err := ownfile.Read(path, true)
	if err != nil {
		return nil, err
	}
	return Parse(path, data, passphrase)
}

// OpenFile returns the private key in the user's own file at ref, which is read
// whatever its mode: AWS would take a key that others can read, and the doctor
// warns of it. A relative path counts from the working directory.
func OpenFile(ref string, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	if kind := Device(ref); kind != "" {
		return nil, &UnsupportedError{withoutPIN(ref), kind}
	}
	data, err := ReadFile(ref)
	if err != nil {
		return nil, err
	}
	return Parse(ref, data, passphrase)
}

// Device says what hardware a reference leads to; empty if it is a file.
func Device(ref string) string {
	switch scheme, _, _ := strings.Cut(ref, ":"); strings.ToLower(scheme) {
	case "pkcs11":
		return "PKCS #11"
	case "handle":
		return "TPM 2.0"
	}
	return ""
}

// Parse reads the private key in the contents of the file at path.
func Parse(path string, data []byte, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	key, err := decode.Key(data, passphrase)
	if err != nil {
		return nil, fmt.Errorf("open key %s: %w", path, err)
	}
	return key, nil
}

// ReadFile reads a file of the user's own, a key or a certificate, refusing what
// is too large to be one.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = errors.New("is a directory")
	}
	if err == nil && info.Size() > maxKey {
		err = errors.New("is larger than 1 MiB")
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

// withoutPIN cuts the query of a PKCS #11 URI, where a pin-value may stand
// (RFC 7512, section 2.4).
func withoutPIN(uri string) string {
	path, _, _ := strings.Cut(uri, "?")
	return path
}
