package steps

import (
	"errors"
	"fmt"
	"slices"

	"anywhere/pki/decode"
	"anywhere/pki/importing"
	"anywhere/pki/rules"
	"anywhere/signer/keystore"
)

// ownPairQuestions ask for the certificate that the user has. A file that holds more
// than was asked for answers the questions after it.
func ownPairQuestions() []Question {
	return []Question{
		{
			Key: "leaf.certificate", Ask: "Certificate of this machine", Kind: File, Example: "/path/to/machine.p12",
			Why:     "A file in any format, or a folder. What else is in it is used too: the key, the chain, the CA.",
			Applies: ownPair, Valid: validOwnCertificate,
		},
		{
			Key: "leaf.certificate-passphrase", Ask: "Passphrase of the file with the certificate", Kind: Secret,
			Why:     "Its key is copied without it, into a file for you alone, because signing asks nobody. The passphrase is saved nowhere.",
			Applies: ownUntaken(lockedOwnCertificate), Valid: validOwnBundlePassphrase, Exists: always,
		},
		{
			Key: "leaf.private-key", Ask: "Key of this machine", Kind: File, Row: true, AskWhen: keyIsElsewhere, Example: "/path/to/machine.key",
			Why:     "Copied into anywhere's home. Nothing is asked if the file with the certificate holds it.",
			Applies: ownPair, Default: keyBesideLeaf, Valid: validOwnKey,
		},
		{
			Key: "leaf.passphrase", Ask: "Passphrase of the key of this machine", Kind: Secret,
			Why:     "The key is copied without it, into a file for you alone, because signing asks nobody. The passphrase is saved nowhere.",
			Applies: ownUntaken(lockedOwnKey), Valid: validOwnPassphrase, Exists: always,
		},
	}
}

// OwnSecrets are the keys of the passphrases of a certificate that the user has.
func OwnSecrets() []string { return []string{"leaf.certificate-passphrase", "leaf.passphrase"} }

// ownUntaken is for what is needed only while files are still to be copied.
func ownUntaken(is func(*Env) bool) func(*Env) bool {
	return func(e *Env) bool {
		if !ownPair(e) {
			return false
		}
		_, taken := e.taken()
		return !taken && is(e)
	}
}

// ownPhrase is the passphrase that was said for an input: that of the file with the
// certificate for a PKCS #12 file, that of the key for a key, or else the other one.
func (e *Env) ownPhrase(in importing.Input) string {
	given := e.answers.given
	return phraseFor(in, given["leaf.certificate-passphrase"], given["leaf.passphrase"], given["leaf.private-key"], given["leaf.certificate"])
}

func phraseFor(in importing.Input, ofCertificate, ofKey, keyFile, certificateFile string) string {
	if !decode.IsPKCS12(in.Data) || in.Name == keyFile && keyFile != certificateFile {
		ofCertificate, ofKey = ofKey, ofCertificate
	}
	if ofCertificate != "" {
		return ofCertificate
	}
	return ofKey
}

func silence(importing.Input) string { return "" }

// lockedAway says that something was not opened.
func lockedAway(have importing.Sorted) bool {
	return slices.ContainsFunc(have.Skipped, func(s importing.Skipped) bool { return locks(s.Why) })
}

func locks(why error) bool {
	return errors.Is(why, decode.ErrPassphraseNeeded) || errors.Is(why, decode.ErrWrongPassphrase)
}

// keyIsHere says that the certificate and its key were found.
func keyIsHere(have importing.Sorted) bool {
	return have.Leaf != nil && have.Key != nil && have.Key.Certificate == have.Leaf
}

// lockedOwnCertificate says that the certificate shows only to who has the passphrase.
func lockedOwnCertificate(e *Env) bool {
	inputs, err := e.ownInputs("leaf.certificate")
	if err != nil {
		return false
	}
	have, _ := e.sorted(inputs, silence) // with nothing but a locked file this is an error, too
	return have.Leaf == nil && hiddenIn(inputs, have)
}

// hiddenIn says that certificates may lie in what was not opened: beside a locked key in
// PEM they can be read.
func hiddenIn(inputs []importing.Input, have importing.Sorted) bool {
	inputs = slices.DeleteFunc(slices.Clone(inputs), func(in importing.Input) bool { return !decode.IsPKCS12(in.Data) })
	return slices.ContainsFunc(have.Skipped, func(s importing.Skipped) bool {
		return locks(s.Why) && slices.ContainsFunc(inputs, func(in importing.Input) bool { return in.Name == s.Name })
	})
}

// ownUnopened says that nobody has opened the file with the certificate yet.
func (e *Env) ownUnopened() bool {
	return e.answers.given["leaf.certificate-passphrase"] == "" && ownUntaken(lockedOwnCertificate)(e)
}

// lockedOwnKey says that the key does not open by what was said of the certificate.
func lockedOwnKey(e *Env) bool {
	if e.ownUnopened() {
		return false // asked for before, and perhaps enough
	}
	inputs, err := e.ownInputs("leaf.certificate", "leaf.private-key")
	if err != nil {
		return false
	}
	have, _ := e.sorted(inputs, func(importing.Input) string { return e.answers.given["leaf.certificate-passphrase"] })
	return !keyIsHere(have) && lockedAway(have)
}

// ownKeyLocked says that the key does not open by itself.
func (e *Env) ownKeyLocked(key importing.Key) bool {
	inputs, err := e.ownInputs("leaf.certificate", "leaf.private-key")
	if err != nil {
		return false
	}
	have, _ := e.sorted(inputs, silence)
	return have.Key == nil || have.Key.From != key.From
}

// validOwnCertificate looks for this machine's certificate in the file; whether it
// fits the key and the CA is seen once these are known.
func validOwnCertificate(e *Env, file string) error {
	_, taken := e.taken()
	switch {
	case file == "":
		return errNotEmpty
	case e.goneSince(file), taken && file == e.Get("leaf.certificate"):
		return nil
	}
	inputs, err := e.inputsAt(file)
	if err != nil {
		return err
	}
	have, err := e.sorted(inputs, silence)
	switch {
	case have.Leaf == nil && hiddenIn(inputs, have):
		return nil // its passphrase is asked for next
	case err != nil:
		return fmt.Errorf("holds no certificate: %w", err)
	}
	return e.noOwnCertificate(have)
}

// noOwnCertificate says why what was found is not a machine's certificate that AWS takes;
// nil if it is, or if its key will tell which one is.
func (e *Env) noOwnCertificate(have importing.Sorted) error {
	switch {
	case have.Leaf != nil:
		if err := breaches(rules.Leaf, have.Leaf); err != nil {
			return err
		}
		return e.alive(have.Leaf)
	case len(have.Others) > 1:
		return nil
	case len(have.CAKeys) > 0:
		return &hintError{"holds a CA with its key, and no certificate of a machine", "to have certificates issued by it: --set ca.issuer=own --set ca.certificate=FILE --set ca.private-key=FILE"}
	case len(have.CAs) == 0 && len(have.Skipped) > 0:
		return fmt.Errorf("holds no certificate that can be read: %w", have.Skipped[0].Why)
	}
	return errors.New("holds no certificate of a machine, only of CAs or none")
}

// validOwnBundlePassphrase tries the passphrase on the file with the certificate.
func validOwnBundlePassphrase(e *Env, phrase string) error {
	inputs, err := e.ownInputs("leaf.certificate")
	if err != nil || len(inputs) == 0 {
		return err
	}
	have, err := e.sorted(inputs, func(in importing.Input) string { return phrase })
	switch {
	case phrase == "":
		return errNotEmpty
	case have.Leaf == nil && len(have.Others) == 0 && hiddenIn(inputs, have):
		return errors.New("does not open the file")
	case err != nil:
		return ofTheFile(err)
	}
	return ofTheFile(e.noOwnCertificate(have))
}

// ofTheFile is what is wrong with a file that the passphrase has opened.
func ofTheFile(err error) error {
	if err == nil || wayRound(err) != "" {
		return err
	}
	return &advised{err, "name another file: --set leaf.certificate=FILE"}
}

// validOwnKey looks for the key of the certificate.
func validOwnKey(e *Env, file string) error {
	if _, taken := e.taken(); taken {
		return nil
	}
	if file == "" {
		return errNotEmpty
	}
	if keystore.Device(file) != "" {
		return &hintError{"a key in hardware cannot be copied, and a set-up copies its key", "sign with it by the flags of the signer: anywhere-signer credential-process --certificate FILE --private-key REFERENCE ..."}
	}
	found, err := e.inputsAt(file)
	if err != nil {
		return err
	}
	inputs, err := e.ownInputs("leaf.certificate")
	if err != nil {
		return nil //nolint:nilerr // said of that file
	}
	have, err := e.sorted(append(inputs, found...), e.ownPhrase)
	switch {
	case keyIsHere(have), lockedAway(have):
		return nil // its passphrase is asked for next
	case err != nil:
		return err
	case have.Key == nil && len(have.CAKeys) > 0:
		return fmt.Errorf("is the key of the CA %s, not of this machine", have.CAKeys[0].Certificate.Subject)
	case have.Key == nil && len(have.Skipped) > 0:
		return fmt.Errorf("holds no key that can be used: %w", have.Skipped[len(have.Skipped)-1].Why)
	case have.Key == nil:
		return errors.New("holds no key")
	case have.Leaf == nil:
		return fmt.Errorf("none of the certificates in %s is for this key", e.shown(e.Get("leaf.certificate")))
	}
	return fmt.Errorf("is not the key of %s", have.Leaf.Subject)
}

// validOwnPassphrase tries the passphrase on the key.
func validOwnPassphrase(e *Env, phrase string) error {
	inputs, err := e.ownInputs("leaf.certificate", "leaf.private-key")
	if err != nil || len(inputs) == 0 {
		return err
	}
	given := e.answers.given
	have, err := e.sorted(inputs, func(in importing.Input) string {
		return phraseFor(in, given["leaf.certificate-passphrase"], phrase, given["leaf.private-key"], given["leaf.certificate"])
	})
	switch {
	case phrase == "":
		return errNotEmpty
	case keyIsHere(have):
		return nil
	case lockedAway(have):
		return errors.New("does not open the key")
	case err != nil:
		return err
	}
	return ownLacks(have)
}
