package steps

import (
	"crypto"
	"fmt"
	"path/filepath"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer/home"
)

// The ways to protect the CA's key.
const (
	protectPassphrase = "passphrase"
	protectExternal   = "external"
	protectDestroy    = "destroy-after-issuing"
	protectNone       = "none"
)

// protections says what each means, shortly and in a sentence.
var protections = map[string]struct{ short, long string }{
	protectPassphrase: {"locked by a passphrase", "the key file is encrypted; every new certificate asks for the passphrase"},
	protectExternal:   {"kept elsewhere", "the key is written to a file you name, such as on a USB stick, and never copied"},
	protectDestroy:    {"never written", "nobody can issue another certificate; renewal needs a new CA"},
	protectNone:       {"not locked", "whoever reads the key file can become any machine of this trust anchor"},
}

// caKeyFor draws the key of a new CA, or reads the one that a run which was
// stopped has written to a file of the user's.
func caKeyFor(t *Tools, spec caSpec) (crypto.Signer, error) {
	if !spec.Written {
		return pki.NewKey(spec.Kind, t.World.Random)
	}
	data, err := t.World.Machine.ReadFile(spec.KeyFile)
	if err != nil {
		return nil, err
	}
	key, err := decode.Key(data, nil)
	if err != nil {
		return nil, fmt.Errorf("read CA key %s: %w", spec.KeyFile, err)
	}
	return key, nil
}

// writeCAKey writes the key of a new CA the way it is to be protected. A key
// that an unfinished run left in our own directory is replaced; a file of the
// user's is not.
func writeCAKey(t *Tools, spec caSpec, key crypto.Signer, passphrase string) error {
	pem, err := pki.EncodeKey(key)
	if spec.Protection == protectPassphrase {
		pem, err = pki.EncodeKeyLocked(key, []byte(passphrase), t.World.Random)
	}
	if err != nil {
		return err
	}
	disk := t.World.Home.Disk
	if filepath.IsAbs(spec.KeyFile) {
		return disk.Create(spec.KeyFile, pem, home.SecretPerm)
	}
	file := t.World.Home.Abs(spec.KeyFile)
	if err := disk.Remove(file); err != nil {
		return err
	}
	return disk.Create(file, pem, home.SecretPerm)
}

// caKeyFile is where the CA's key lies; empty if it is nowhere.
func (e *Env) caKeyFile() string {
	if e.CAKeyAt != "" {
		return e.CAKeyAt
	}
	if other := e.owner(); other != nil {
		return other.caKeyFile()
	}
	if e.importedCA() != "" {
		return e.Get("ca.private-key")
	}
	if file := e.Value("ca.private-key"); file != "" {
		return e.World.Home.Abs(file)
	}
	return ""
}

// openCAKey returns the CA's key, opening it at the first use.
func (t *Tools) openCAKey() (crypto.Signer, error) {
	if *t.CAKey != nil {
		return *t.CAKey, nil
	}
	file := t.caKeyFile()
	if file == "" {
		return nil, &NoCAKeyError{Setup: t.lender().Setup}
	}
	var passphrase func() ([]byte, error)
	if given := t.Get("ca.passphrase"); given != "" {
		passphrase = func() ([]byte, error) { return []byte(given), nil }
	}
	key, err := t.openCAKeyAt(file, passphrase)
	if err != nil {
		return nil, err
	}
	*t.CAKey = key
	return key, nil
}

// NoCAKeyError says that a certificate cannot be issued because the CA's key
// was not kept.
type NoCAKeyError struct{ Setup string }

func (*NoCAKeyError) Error() string { return "issue certificate: the key of the CA was not kept" }

// Hint replaces the CA: nobody is locked out by that.
func (e *NoCAKeyError) Hint() string {
	return "anywhere ca rotate --setup " + e.Setup + " makes another CA, and the next certificate by it"
}

// checkImportedCA compares the certificate and the key that the user gave.
func checkImportedCA(e *Env) error {
	cert, err := e.caCertificate()
	if err != nil {
		return &InvalidError{Key: "ca.certificate", Value: e.importedCA(), Err: err}
	}
	err = breaches("ca", cert)
	if _, issued := e.Has("certificate.issue"); err == nil && !issued {
		err = e.alive(cert)
	}
	if err != nil {
		return &InvalidError{Key: "ca.certificate", Value: e.importedCA(), Err: err}
	}
	return nil
}
