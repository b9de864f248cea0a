package steps

import (
	"path/filepath"

	"anywhere/signer/home"
	"anywhere/signer/keystore"
)

// KeptKeyError says that a set-up's key is none that a renewal may replace by a
// new one in a file: somebody chose hardware for it, or a file of their own.
type KeptKeyError struct{ Ref string } // without a PIN

func (e *KeptKeyError) Error() string {
	return "renew certificate: its key " + e.Ref + " is not one that this program made"
}

// Hint keeps the key.
func (e *KeptKeyError) Hint() string {
	return "make a request with that key and have it certified: anywhere cert issue --csr REQUEST --cn NAME"
}

// oursToReplace refuses a key that a renewal would leave behind.
func oursToReplace(s home.Session) error {
	if keystore.Device(s.Key) == "" && !filepath.IsAbs(filepath.FromSlash(s.Key)) {
		return nil
	}
	return &KeptKeyError{(keystore.Store{}).Describe(s.Key, nil).Ref}
}
