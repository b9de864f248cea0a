package keystore

import (
	"cmp"
	"crypto"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"anywhere/signer/keystore/hardware"
	"anywhere/signer/keystore/pkcs11uri"
	"anywhere/signer/keystore/tpm"
	"anywhere/signer/ownfile"
)

// Store opens keys wherever they lie. The zero value asks nobody and finds
// hardware where it usually is.
type Store struct {
	// Passphrase is called only if a key wants one: the passphrase of a locked file,
	// the PIN of a token, the password of a key in a TPM. Nil means that there is none.
	Passphrase func() ([]byte, error)
	// SignPIN is called for each signature of a token's key that wants a PIN for each,
	// which may be another; nil is Passphrase.
	SignPIN func() ([]byte, error)
	// Keypad is given the logins for which a person types at a token's own keypad; nil
	// just does them.
	Keypad func(login func() error) error
	// Module is the PKCS #11 module for URIs that name none; empty is p11-kit's, as
	// for AWS's helper.
	Module string
	// ReusePIN gives a token's PIN also to keys that want one for each signature.
	ReusePIN bool
	// TPM is the device or socket of the TPM; empty is this machine's.
	TPM string
	// NoTPMPassword says that the key under a TPM's handle has none.
	NoTPMPassword bool
	// Patience is how long a pipe in the place of a file is waited for; zero means the
	// constant [Patience].
	Patience time.Duration
	// Public, if not nil, is the public half of the key that is meant, for tokens in
	// which several match.
	Public crypto.PublicKey
	// Tried remembers the PINs that were refused; may be nil.
	Tried *hardware.Tried
}

// Open returns the private key that ref, of a session.json in base, names. A
// relative path, with slashes, counts from base and is a secret of ours: nobody
// else may read it. An absolute path is the user's own file.
//
// What is wrong with a key in hardware is a *[hardware.Error].
func (s Store) Open(ref, base string) (crypto.Signer, error) {
	path := filepath.FromSlash(ref)
	if filepath.IsAbs(path) || Device(ref) != "" {
		return s.OpenFile(ref)
	}
	if !filepath.IsLocal(path) {
		return nil, fmt.Errorf("open key %q: not a path inside %s", ref, base)
	}
	path = filepath.Join(base, path)
	data, err := ownfile.Read(path, true)
	if err != nil {
		return nil, err
	}
	return s.Parse(path, data)
}

// OpenFile returns the private key in the user's own file at ref, which is read
// whatever its mode: AWS would take a key that others can read, and the doctor
// warns of it. A relative path counts from the working directory.
func (s Store) OpenFile(ref string) (crypto.Signer, error) {
	switch scheme, rest, _ := strings.Cut(ref, ":"); strings.ToLower(scheme) {
	case "pkcs11":
		return s.openToken(ref)
	case "handle":
		return signerOf(tpm.OpenHandle(rest, s.askTPM(ref)))
	}
	data, err := ReadFileWithin(ref, cmp.Or(s.Patience, Patience))
	if err != nil {
		return nil, err
	}
	return s.Parse(ref, data)
}

// Parse reads the private key in the contents of the file at path, which may be
// one that only a TPM can load.
func (s Store) Parse(path string, data []byte) (crypto.Signer, error) {
	key, err := parse(path, data, s.Passphrase)
	if err != nil && tpm.IsKeyFile(data) {
		return signerOf(tpm.OpenFile(data, s.askTPM(path)))
	}
	return key, err
}

func (s Store) askTPM(ref string) tpm.Ask {
	return tpm.Ask{Ref: ref, Device: s.TPM, Password: s.Passphrase, NoPassword: s.NoTPMPassword, Tried: s.Tried}
}

// signerOf keeps a nil pointer from becoming a signer.
func signerOf[K crypto.Signer](key K, err error) (crypto.Signer, error) {
	if err != nil {
		return nil, err
	}
	return key, nil
}

// parsedURI reads a PKCS #11 URI.
func parsedURI(ref string) (pkcs11uri.URI, error) {
	uri, err := pkcs11uri.Parse(ref)
	if err != nil {
		return uri, &hardware.Error{Ref: pkcs11uri.WithoutPIN(ref), Says: "it cannot be understood", Reason: hardware.BadReference, Err: err,
			Fix: "write it as pkcs11:token=NAME;object=LABEL; p11tool --list-all or pkcs11-tool --list-objects shows the names"}
	}
	return uri, nil
}
