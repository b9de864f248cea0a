package steps

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/ledger"
)

// A CA that stands under a root of its own is replaced by another intermediate
// under the same root. The trust anchor holds the root, so nothing in AWS has to
// change; the root's key is opened where it was put away, and never copied.

// underRoot says that the CA which issues is an intermediate under a root that is
// known: this set-up made it, or it stands in the file with the CA.
func (e *Env) underRoot() bool {
	if e.importedCA() != "" {
		chain, err := e.caChain()
		return err == nil && len(chain) > 0
	}
	return e.Value("ca.root") != ""
}

// rootAlone says that the trust anchor holds the root of the CA, and nothing that
// does not stand below it.
func rootAlone(bundle []*x509.Certificate, root *x509.Certificate) bool {
	return slices.ContainsFunc(bundle, root.Equal) && !slices.ContainsFunc(bundle, func(c *x509.Certificate) bool {
		return !c.Equal(root) && c.CheckSignatureFrom(root) != nil
	})
}

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
	ref := cmp.Or(want.RootKey, e.rootKeyFile())
	switch {
	case ref == "" && e.importedCA() != "":
		return &hintError{"open the key of the root " + root.Subject.CommonName + ": nobody said where it lies", "add --root-key FILE"}
	case ref == "":
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

// rootKeyFile is where the root's key was put when it was made; empty if nobody knows.
// Beside a CA that anywhere ca create made it may lie locked.
func (e *Env) rootKeyFile() string {
	if file := e.importedCA(); file != "" {
		beside := rootKeyBeside(filepath.Dir(file))
		if e.World.Machine.Exists(beside) && filepath.Dir(filepath.Dir(beside)) == filepath.Dir(e.World.Home.CA("x")) {
			return beside
		}
		return ""
	}
	if there := e.Value("ca.root-key"); there != "" {
		return e.World.Home.Abs(there)
	}
	return ""
}

func rootKeyBeside(dir string) string { return filepath.Join(dir, "root.key") }

// below are the CAs under one of the certificates that this set-up made, or that have
// issued certificates for it which are still here.
func (e *Env) below(tops []*x509.Certificate) []*x509.Certificate {
	var all []*x509.Certificate
	add := func(ca *x509.Certificate) {
		if slices.ContainsFunc(tops, ca.Equal) || slices.ContainsFunc(all, ca.Equal) {
			return
		}
		if slices.ContainsFunc(tops, func(top *x509.Certificate) bool { return ca.CheckSignatureFrom(top) == nil }) {
			all = append(all, ca)
		}
	}
	for _, made := range e.Standing {
		switch made.Change {
		case "ca.create":
			if ca, err := e.readCertificate(caCertFile(e.World.Home.Abs(made.Ref))); err == nil { // else it is gone
				add(ca)
			}
		case "certificate.issue":
			certs, err := e.readCertificates(e.pairFile(made, "certificate.pem"))
			for i := 1; err == nil && i < len(certs); i++ { // with what stands above it
				add(certs[i])
			}
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
	above, err := e.rootAbove()
	if err != nil {
		return err
	}
	out.Root, out.Done = &above, true
	if !want.Finish {
		return nil
	}
	if err := r.retire(ctx, ca, want, out, show); err != nil {
		return err
	}
	return r.retireBeside(ctx, ca, want, out, show)
}

// rootAbove is the root of this set-up's CA, and its file.
func (e *Env) rootAbove() (ResultCertificate, error) {
	root, err := e.anchorCertificate()
	if err != nil {
		return ResultCertificate{}, err
	}
	file := e.importedCA()
	if file == "" {
		file = e.World.Home.Abs(e.Value("ca.root"))
	}
	return certificateAt(file, root), nil
}

// rootLedger is what the root above this set-up's CA has revoked. It lies beside a
// root of ours, for another one under its own name.
func (e *Env) rootLedger(root *x509.Certificate) ledger.Ledger {
	book := ledger.Ledger{Dir: e.World.Home.CA(hashOf(root.Raw)[:16]), Disk: e.World.Home.Disk}
	if e.importedCA() == "" {
		book.Dir = rootLedgerDir(filepath.Dir(e.World.Home.Abs(e.Value("ca.root"))))
	}
	return book
}

// rootLedgerDir is where a root above an intermediate remembers what it revoked;
// dir is that of the first CA below it, where the root's certificate lies.
func rootLedgerDir(dir string) string { return filepath.Join(dir, "root") }
