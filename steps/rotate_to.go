package steps

import (
	"context"
	"fmt"

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
	for _, given := range []struct{ key, value string }{{"ca.certificate", want.Certificate}, {"ca.private-key", want.Key}} {
		if err := r.Answer(ctx, given.key, given.value); err != nil {
			return err
		}
	}
	if err := checkImportedCA(e); err != nil {
		return err
	}
	chain, err := e.caChain()
	switch {
	case err != nil:
		return err
	case len(chain) > 0:
		return &hintError{"rotate CA: " + want.Certificate + " holds an intermediate and its root", "name a file with the one CA that the trust anchor is to hold and that issues"}
	}
	// Its key is tried before anything changes.
	if r.caKey, err = e.OpenCAKey(want.Passphrase); err != nil {
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
