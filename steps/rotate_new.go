package steps

import (
	"context"
	"crypto/x509"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
)

// newCA makes the next CA, unless a rotation that was stopped has made it.
func (r *Runner) newCA(ctx context.Context, want Rotation, show func(Event)) error {
	e := r.env
	under, err := e.underWay(ctx)
	if err == nil && !under && want.Finish {
		under, err = e.notRetired(ctx)
	}
	if err != nil || under && !r.lostKey() {
		return err
	}
	spec, err := r.nextCA(want)
	if err != nil {
		return err
	}
	if err := r.takePassphrase(want); err != nil {
		return err
	}
	r.caKey = nil
	return r.make(ctx, Change{
		ID: "ca.create", Step: StepCA, Verb: Create, Noun: "CA and key", Name: e.shown(e.World.Home.Abs(spec.Dir)),
		Detail: spec.detailOfNext(), Spec: encodeSpec(spec),
	}, show)
}

// takePassphrase asks for what locks the key of the next CA, where that is locked
// like the old one's.
func (r *Runner) takePassphrase(want Rotation) error {
	e := r.env
	if e.Get("ca.protection") != protectPassphrase {
		return nil
	}
	if want.Passphrase == nil {
		return &advised{fmt.Errorf("lock key of the new CA: %w", decode.ErrPassphraseNeeded), "add --ca-passphrase-file FILE"}
	}
	phrase, err := want.Passphrase()
	if err == nil {
		err = validPassphrase(e, string(phrase))
	}
	if err != nil {
		return fmt.Errorf("lock key of the new CA: %w", err)
	}
	e.newPassphrase = string(phrase)
	return nil
}

// nextCA is the CA that takes over: like the old one, with a name of its own.
func (r *Runner) nextCA(want Rotation) (caSpec, error) {
	e := r.env
	span, err := life(e.Get("ca.life"))
	if err != nil {
		return caSpec{}, err
	}
	serial, err := pki.NewSerial(e.World.Random)
	if err != nil {
		return caSpec{}, err
	}
	generation := 1
	for _, made := range r.journal.entries {
		if made.Did != nil && made.Did.Change == "ca.create" {
			generation++
		}
	}
	now := e.World.Now().UTC().Truncate(time.Second)
	dir := filepath.Join("ca", fmt.Sprintf("%s-%d", e.ID8(), generation))
	spec := caSpec{
		Dir: filepath.ToSlash(dir), Kind: pki.KeyKind(e.Get("ca.key")), CommonName: fmt.Sprintf("%s-%d", e.Get("ca.cn"), generation),
		Organization: e.Get("leaf.organization"), NotBefore: now.Add(-backdate), NotAfter: now.Add(span), Serial: serial, Protection: e.Get("ca.protection"),
	}
	switch spec.Protection {
	case protectDestroy:
	case protectExternal:
		if spec.KeyFile, spec.Written = e.nextKeyFile(want.External); spec.KeyFile == "" {
			return spec, &hintError{"rotate CA: its key is kept elsewhere, in a new file", "add --external-file FILE"}
		}
	default:
		spec.KeyFile = filepath.ToSlash(filepath.Join(dir, "ca.key"))
	}
	err = r.putUnderRoot(&spec, want)
	return spec, err
}

// nextKeyFile is where the key of the next CA is kept, and whether a run that was
// stopped has written it there; then it need not be named again. Empty if file will
// not do.
func (e *Env) nextKeyFile(file string) (string, bool) {
	exists := e.World.Machine.Exists
	for _, half := range slices.Backward(e.halfKeys) {
		if exists(half) && (file == "" || file == half) {
			return half, true
		}
	}
	if validExternalFile(e, file) != nil || exists(file) {
		return "", false
	}
	return file, false
}

// detailOfNext is the CA that takes over in one line.
func (s caSpec) detailOfNext() string {
	text := fmt.Sprintf("%s, %s, until %s", s.CommonName, s.Kind.Words(), s.NotAfter.Format(time.DateOnly))
	if s.Root != nil {
		text += ", under " + s.Root.CommonName
	}
	return text
}

// underWay says whether a rotation has begun: the newest CA is not yet the only
// one of the trust anchor, or not yet the issuer of what is in use.
func (e *Env) underWay(ctx context.Context) (bool, error) {
	ca, err := e.caCertificate()
	if err != nil {
		return false, err
	}
	_, cert, err := e.inUse()
	if err != nil {
		return false, err
	}
	under := e.underRoot()
	if under && e.importedCA() == "" {
		return cert.CheckSignatureFrom(ca) != nil, nil // the trust anchor holds the root all along
	}
	bundle, err := e.bundle(ctx)
	if err != nil || cert.CheckSignatureFrom(ca) != nil {
		return true, err
	}
	if !under {
		return len(bundle) != 1 || !bundle[0].Equal(ca), nil
	}
	root, err := e.anchorCertificate()
	return err != nil || !rootAlone(bundle, root), err
}

// lostKey says that the newest CA has issued nothing that is in use, and cannot any
// more: its key was never written, and the run that held it is over.
func (r *Runner) lostKey() bool {
	if r.caKey != nil || r.env.caKeyFile() != "" {
		return false
	}
	ca, err := r.env.caCertificate()
	if err != nil {
		return false
	}
	_, cert, err := r.env.inUse()
	return err == nil && cert.CheckSignatureFrom(ca) != nil
}

// without leaves out of a bundle the CAs of ours whose keys were lost before they
// issued what is in use.
func (e *Env) without(bundle []*x509.Certificate) ([]*x509.Certificate, error) {
	_, cert, err := e.inUse()
	if err != nil {
		return nil, err
	}
	lost := func(ca *x509.Certificate) bool {
		return cert.CheckSignatureFrom(ca) != nil && slices.ContainsFunc(e.Standing, func(made Made) bool {
			return made.Change == "ca.create" && made.Values["ca.private-key"] == "" && made.UID == hashOf(ca.Raw)
		})
	}
	return slices.DeleteFunc(slices.Clone(bundle), lost), nil
}
