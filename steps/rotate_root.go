package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"anywhere/pki"
	"anywhere/pki/decode"
)

// A CA that stands under a root of its own is replaced by another intermediate
// under the same root. The trust anchor holds the root, so nothing in AWS has to
// change; the root's key is opened where it was put away, and never copied.

// underRoot says that the CA which issues is an intermediate under a root that
// this set-up made.
func (e *Env) underRoot() bool { return e.importedCA() == "" && e.Value("ca.root") != "" }

// holdsRoot refuses to go on where somebody took the root out of the trust anchor.
func (e *Env) holdsRoot(bundle []*x509.Certificate) error {
	root, err := e.anchorCertificate()
	if err == nil && !slices.ContainsFunc(bundle, root.Equal) {
		err = &MovedError{"trust anchor " + e.AWSName(), "it does not hold " + root.Subject.CommonName + ", the root of this set-up's CA"}
	}
	return err
}

// putUnderRoot opens the root's key for the CA of spec, which ends with the root at
// the latest; nothing to do where the CA is a root itself.
func (r *Runner) putUnderRoot(spec *caSpec, want Rotation) error {
	e := r.env
	if !e.underRoot() {
		return nil
	}
	if err := e.openRoot(want); err != nil {
		return err
	}
	spec.Root = &rootSpec{CommonName: e.root.Subject.CommonName, NotAfter: e.root.NotAfter.UTC(), Serial: pki.SerialOf(e.root), Stands: true}
	if spec.NotAfter.After(e.root.NotAfter) {
		spec.NotAfter = e.root.NotAfter.UTC()
	}
	return nil
}

// openRoot opens the root's key for this run: where the user says, or where it was
// put when it was made.
func (e *Env) openRoot(want Rotation) error {
	if e.rootKey != nil {
		return nil
	}
	root, err := e.anchorCertificate()
	if err != nil {
		return err
	}
	ref := want.RootKey
	if there := e.Value("ca.root-key"); ref == "" && there != "" {
		ref = e.World.Home.Abs(there)
	}
	if ref == "" {
		return &hintError{"rotate CA: the key of its root " + root.Subject.CommonName + " was never written, so nobody can make another intermediate",
			"lead to a CA that you have with --to-certificate FILE --to-key FILE, or make another set-up and tear this one down"}
	}
	key, err := e.readKeyOf(root, ref, want.RootPassphrase)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &hintError{"open the root's key " + ref + ": there is no such file", "bring the disk or stick that holds it, or say where it lies: --root-key FILE"}
	case errors.Is(err, decode.ErrPassphraseNeeded):
		return &advised{&CAPassphraseError{Err: err}, "add --root-passphrase-file FILE"}
	case err == nil:
		err = pki.MatchKey(root, key)
	}
	if err != nil {
		return &advised{errors.Join(errors.New("open the root's key "+ref), err), "name the key of " + root.Subject.CommonName + ": --root-key FILE"}
	}
	e.root, e.rootKey = root, key
	return nil
}

// below are the CAs that this set-up made under one of the certificates.
func (e *Env) below(tops []*x509.Certificate) []*x509.Certificate {
	var all []*x509.Certificate
	for _, made := range e.Standing {
		if made.Change != "ca.create" {
			continue
		}
		ca, err := e.readCertificate(caCertFile(e.World.Home.Abs(made.Ref)))
		if err != nil || slices.ContainsFunc(tops, ca.Equal) {
			continue // gone, or one of them
		}
		if slices.ContainsFunc(tops, func(top *x509.Certificate) bool { return ca.CheckSignatureFrom(top) == nil }) {
			all = append(all, ca)
		}
	}
	return all
}

// olderThan are the intermediates that the CA has replaced.
func (e *Env) olderThan(ca *x509.Certificate) ([]*x509.Certificate, error) {
	root, err := e.anchorCertificate()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(e.below([]*x509.Certificate{root}), ca.Equal), nil
}

// endUnderRoot ends a rotation below a root: the trust anchor stays as it is, and
// what the old intermediates issued is let in until they are retired.
func (r *Runner) endUnderRoot(ctx context.Context, ca *x509.Certificate, want Rotation, out *Rotated, show func(Event)) error {
	e := r.env
	root, err := e.anchorCertificate()
	if err != nil {
		return err
	}
	above := certificateAt(e.World.Home.Abs(e.Value("ca.root")), root)
	out.Root, out.Done = &above, true
	if !want.Finish {
		return nil
	}
	return r.retire(ctx, ca, want, out, show)
}

// rootLedgerDir is where a root above an intermediate remembers what it revoked;
// dir is that of the first CA below it, where the root's certificate lies.
func rootLedgerDir(dir string) string { return filepath.Join(dir, "root") }
