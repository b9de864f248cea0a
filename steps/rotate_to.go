package steps

import (
	"context"
	"crypto/x509"
	"fmt"
	"path/filepath"

	"anywhere/pki/decode"
	"anywhere/signer/home"
)

// adopt makes a CA from outside the one that a rotation leads to: its certificate
// and its key become answers of the set-up, as if it had begun with them. A run
// that is stopped afterwards goes on by them.
func (r *Runner) adopt(ctx context.Context, want Rotation) error {
	if want.Certificate == "" {
		return nil
	}
	e := r.env
	old := e.usedUntilNow()
	delete(r.answers.given, "ca.private-key") // the old CA's does not say which certificate is meant
	if err := r.Answer(ctx, "ca.certificate", want.Certificate); err != nil {
		return err
	}
	if e.lockedBundle(want.Certificate) {
		if want.Passphrase == nil {
			return &CAPassphraseError{Err: decode.ErrPassphraseNeeded}
		}
		phrase, err := want.Passphrase()
		if err == nil {
			err = r.Answer(ctx, "ca.certificate-passphrase", string(phrase))
		}
		if err != nil {
			return err
		}
		want.Passphrase = func() ([]byte, error) { return phrase, nil } // asked for once
	}
	if err := r.Answer(ctx, "ca.private-key", want.Key); err != nil {
		return err
	}
	if err := checkImportedCA(e); err != nil {
		return err
	}
	// Its key is tried before anything changes.
	var err error
	if r.caKey, err = e.OpenCAKey(want.Passphrase); err != nil {
		return err
	}
	if err := r.keepHeld(); err != nil {
		return err
	}
	next, err := e.caCertificate()
	if err == nil {
		err = r.noteReplaced(old, next)
	}
	if err != nil {
		return err
	}
	if err := e.World.Home.Disk.Write(e.Place().AnswersFile(), encodeAnswers(r.savable()), home.SecretPerm); err != nil {
		return fmt.Errorf("rotate CA: %w", err)
	}
	return nil
}

// adopted says that a rotation to a CA from outside has begun and not ended.
func (e *Env) adopted(ctx context.Context) (bool, error) {
	if e.importedCA() == "" {
		return false, nil
	}
	return e.underWay(ctx)
}

// nextElsewhere is how a CA that belongs to no set-up is replaced.
func (e *Env) nextElsewhere() string {
	const then = "name it: --to-certificate FILE --to-key FILE"
	file := e.importedCA()
	if filepath.Dir(filepath.Dir(file)) != filepath.Dir(e.World.Home.CA("x")) {
		return "make the next one where this was made, and " + then
	}
	if !e.underRoot() {
		return "anywhere ca create --name NAME makes the next one; " + then
	}
	key := ""
	if e.rootKeyFile() == "" {
		key = " --root-key FILE"
	}
	return "anywhere ca create --name NAME --under " + file + key + " makes the next one below the same root; " + then
}

// endsUnderRoot says that a rotation ends as one below a root: the trust anchor holds
// that root, and none beside it that could be taken out.
func (e *Env) endsUnderRoot(ctx context.Context, root *x509.Certificate) (bool, error) {
	if !e.underRoot() {
		return false, nil
	}
	bundle, err := e.bundle(ctx)
	return e.importedCA() == "" || rootAlone(bundle, root), err
}
