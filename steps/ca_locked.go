package steps

import (
	"crypto/sha256"
	"errors"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/decode/pkcs12"
	"anywhere/pki/importing"
	"anywhere/pki/rules"
)

// A PKCS #12 file locks its certificates as well as its key. The certificates are
// taken out once, when its passphrase is known, and kept in the place of the file, so
// that nobody is asked again only to see which CA it is. The key stays where it is.

// opened is a locked file from which the certificates were taken in this run.
type opened struct {
	path, phrase string
	hasKey       bool // of the CA, beside the certificates
}

// bundlePassphrase asks for the passphrase of the file with the CA's certificate.
func bundlePassphrase() Question {
	return Question{
		Key: "ca.certificate-passphrase", Ask: "Passphrase of the file with the CA", Kind: Secret,
		Why:     "The certificates are taken out of the PKCS #12 file and kept; a key in it is not. It is saved nowhere.",
		Applies: func(e *Env) bool { return e.lockedBundle(e.Get("ca.certificate")) }, Valid: validBundlePassphrase,
		Exists: always,
	}
}

// lockedBundle says that a file is a PKCS #12 file that does not open without a
// passphrase.
func (e *Env) lockedBundle(file string) bool {
	if file == "" {
		return false
	}
	data, err := e.World.Machine.ReadFile(file)
	if err != nil || !decode.IsPKCS12(data) {
		return false
	}
	sum := sha256.Sum256(data)
	locked, known := e.locked[sum]
	if !known {
		_, err := pkcs12.Decode(data, nil) // slow on purpose, so once
		locked = errors.Is(err, decode.ErrPassphraseNeeded)
		if e.locked == nil {
			e.locked = map[[sha256.Size]byte]bool{}
		}
		e.locked[sum] = locked
	}
	return locked
}

func validBundlePassphrase(e *Env, phrase string) error {
	_, err := e.bundleIn(e.Get("ca.certificate"), phrase)
	return err
}

// bundleIn sorts out what a locked file holds.
func (e *Env) bundleIn(file, phrase string) (importing.Sorted, error) {
	data, err := e.World.Machine.ReadFile(file)
	if err != nil {
		return importing.Sorted{}, err
	}
	have, err := importing.Sort([]importing.Input{{Name: file, Data: data}}, func(string) ([]byte, error) { return []byte(phrase), nil })
	if err == nil && len(have.Skipped) > 0 {
		err = have.Skipped[0].Why
	}
	if errors.Is(err, decode.ErrWrongPassphrase) {
		err = errors.New("does not open the file")
	}
	if err == nil && len(have.CAs) == 0 {
		err = errors.New("it holds no certificate of a CA")
	}
	return have, err
}

// openBundle takes the certificates out of the locked file, now that its passphrase is
// known: what they are kept in becomes the answer.
func (r *Runner) openBundle() error {
	e := r.env
	file, phrase := e.Get("ca.certificate"), r.answers.given["ca.certificate-passphrase"]
	have, err := e.bundleIn(file, phrase)
	if err != nil {
		return &InvalidError{Key: "ca.certificate-passphrase", Err: err}
	}
	if err := breaches(rules.CA, have.Anchor()); err != nil {
		return &InvalidError{Key: "ca.certificate", Value: file, Err: err}
	}
	e.opened = opened{path: file, phrase: phrase, hasKey: len(have.CAKeys) > 0}
	r.answers.given["ca.certificate"] = r.Hold(pki.EncodeCertificates(have.CAs...))
	r.openKeyBeside()
	return nil
}

// openAgain: the locked file with the user's own certificate is opened once for both.
func (r *Runner) openAgain() error {
	given := r.answers.given
	phrase := given["leaf.certificate-passphrase"]
	if file := given["ca.certificate"]; file == "" || file != given["leaf.certificate"] || phrase == "" || !r.env.lockedBundle(file) {
		return nil
	}
	given["ca.certificate-passphrase"] = phrase
	return r.openBundle()
}

// openKeyBeside: a key in the same file has the same passphrase.
func (r *Runner) openKeyBeside() {
	o := r.env.opened
	if _, given := r.answers.given["ca.passphrase"]; !given && o.hasKey && r.env.Get("ca.private-key") == o.path {
		r.answers.given["ca.passphrase"] = o.phrase
	}
}

// keyBeside is the file with the key of the CA, if it is the one with the certificate or
// lies in the same folder. A locked key in a folder is not known to be the CA's.
func keyBeside(e *Env) (string, bool) {
	file := e.importedCA()
	if e.opened.hasKey || file == "" {
		return e.opened.path, e.opened.hasKey
	}
	inputs, err := e.inputsAt(file)
	if err != nil {
		return "", false
	}
	have, err := e.sorted(inputs, silence)
	switch {
	case err != nil || len(have.CAs) == 0:
		return "", false
	case len(have.CAKeys) > 0:
		return have.CAKeys[0].From, true
	}
	return file, len(inputs) == 1 && lockedAway(have)
}
