package steps

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/importing"
	"anywhere/pki/rules"
)

// A certificate of this machine that somebody has issued already lies in one file or in
// several, in a folder or in pasted text. It is copied with its key once; after that
// the copy is asked and the files are looked at only to see whether they hold others.

// ownPair says that the user has the certificate already.
var ownPair = issuerIs(issuerFiles)

// errUnread says that a folder is not read before its name is whole: every folder above
// it is the answer for a moment while it is typed.
var errUnread = errors.New("the folder is read when it is the answer")

// inputsAt reads a file, or every file of a folder.
func (e *Env) inputsAt(path string) ([]importing.Input, error) {
	data, err := e.World.Machine.ReadFile(path)
	if err == nil {
		return []importing.Input{{Name: path, Data: data}}, nil
	}
	if e.World.Machine.ReadFolder == nil || !e.World.Machine.HasFiles(path) {
		return nil, err
	}
	if e.typing {
		return nil, errUnread
	}
	return e.World.Machine.ReadFolder(path)
}

// ownInputs are the files that the answers to questions name, each once.
func (e *Env) ownInputs(keys ...string) ([]importing.Input, error) {
	var all []importing.Input
	for _, key := range keys {
		file := e.Get(key)
		if file == "" {
			continue
		}
		found, err := e.inputsAt(file)
		if err != nil {
			return nil, &InvalidError{Key: key, Value: file, Err: err}
		}
		for _, in := range found {
			if !slices.ContainsFunc(all, func(other importing.Input) bool { return other.Name == in.Name }) {
				all = append(all, in)
			}
		}
	}
	return all, nil
}

// sorted puts inputs in order; phrase is the passphrase of a locked one, empty where
// nobody has said it. What it finds is kept: opening a locked file is slow on purpose.
func (e *Env) sorted(inputs []importing.Input, phrase func(importing.Input) string) (importing.Sorted, error) {
	hash := sha256.New()
	for _, in := range inputs {
		fmt.Fprintf(hash, "%q %q %x\n", in.Name, phrase(in), sha256.Sum256(in.Data))
	}
	key := [sha256.Size]byte(hash.Sum(nil))
	if have, known := e.arranged[key]; known {
		return have.Sorted, have.err
	}
	have, err := importing.Sort(inputs, func(name string) ([]byte, error) {
		i := slices.IndexFunc(inputs, func(in importing.Input) bool { return in.Name == name })
		if said := phrase(inputs[i]); said != "" {
			return []byte(said), nil
		}
		return nil, decode.ErrPassphraseNeeded
	})
	if e.arranged == nil {
		e.arranged = map[[sha256.Size]byte]arranged{}
	}
	e.arranged[key] = arranged{have, err}
	return have, err
}

// arranged is what was found in inputs.
type arranged struct {
	importing.Sorted
	err error
}

// ownFiles are the pair and the chain that the user has, whole and in order.
func (e *Env) ownFiles() (importing.Sorted, error) {
	inputs, err := e.ownInputs("leaf.certificate", "leaf.private-key", "ca.certificate")
	if err != nil {
		return importing.Sorted{}, err
	}
	have, err := e.sorted(inputs, e.ownPhrase)
	switch {
	case err != nil:
	case have.Leaf == nil || have.Key == nil || have.Key.Certificate != have.Leaf || have.Root == nil && len(have.Chain) == 0:
		err = ownLacks(have)
	default:
		err = breaches(rules.Leaf, have.Leaf)
		for _, cert := range append([]*x509.Certificate{have.Leaf, have.Root}, have.Chain...) {
			if err == nil && cert != nil {
				err = e.alive(cert)
			}
		}
	}
	if err != nil {
		return have, &InvalidError{Key: "leaf.certificate", Value: e.Get("leaf.certificate"), Err: err}
	}
	return have, nil
}

// ownLacks says what is not among the files. An input that could not be used may be
// what is missing, so its reason comes first.
func ownLacks(have importing.Sorted) error {
	for _, skipped := range have.Skipped {
		if !errors.Is(skipped.Why, importing.ErrNothing) {
			return fmt.Errorf("%s: %w", skipped.Name, skipped.Why)
		}
	}
	if len(have.Missing) > 0 {
		return errors.New("missing: " + have.Missing[0])
	}
	return errors.New("no certificate of a machine with its key is among the files")
}

// alive refuses what AWS would refuse for its dates, by AWS's clock, before anything is
// made there.
func (e *Env) alive(cert *x509.Certificate) error {
	const minute = "2006-01-02 15:04 UTC"
	now := e.World.Now()
	if e.Site != nil {
		now = now.Add(e.Site.ClockOffset)
	}
	switch {
	case now.After(cert.NotAfter):
		return fmt.Errorf("the life of CN=%s ended on %s", cert.Subject.CommonName, cert.NotAfter.UTC().Format(minute))
	case now.Before(cert.NotBefore):
		return fmt.Errorf("the life of CN=%s begins on %s", cert.Subject.CommonName, cert.NotBefore.UTC().Format(minute))
	}
	return nil
}

// sourceOf tells the contents of files from others.
func sourceOf(inputs []importing.Input) string {
	hash := sha256.New()
	for _, in := range inputs {
		fmt.Fprintf(hash, "%x\n", sha256.Sum256(in.Data))
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// ownSource tells the contents of what leaf.certificate names from others; empty where
// nothing can be read.
func (e *Env) ownSource() string {
	inputs, err := e.inputsAt(e.Get("leaf.certificate"))
	if err != nil {
		return ""
	}
	return sourceOf(inputs)
}

// taken is the pair that was copied from what leaf.certificate names, as it is now.
// Files that are gone were needed once only.
func (e *Env) taken() (Made, bool) {
	made, standing := e.Has("certificate.issue")
	if !standing || !ownPair(e) {
		return Made{}, false
	}
	return made, e.goneSince(e.Get("leaf.certificate")) || made.Values["certificate.source"] != "" && made.Values["certificate.source"] == e.ownSource()
}

// goneSince says that the pair that stands came from file, which is not there any more.
func (e *Env) goneSince(file string) bool {
	made, standing := e.Has("certificate.issue")
	if !standing || made.Values["certificate.file"] != file {
		return false
	}
	_, err := e.inputsAt(file)
	return errors.Is(err, fs.ErrNotExist)
}

// ownLeaf is the certificate that the user has, with what is above it in the same
// place: of the copy, where there is one.
func (e *Env) ownLeaf() ([]*x509.Certificate, error) {
	if made, taken := e.taken(); taken {
		return e.readCertificates(e.pairFile(made, "certificate.pem"))
	}
	inputs, err := e.ownInputs("leaf.certificate", "leaf.private-key")
	if err != nil {
		return nil, err
	}
	have, err := e.sorted(inputs, e.ownPhrase)
	if err == nil && have.Leaf == nil {
		err = ownLacks(have)
	}
	if err != nil {
		return nil, err
	}
	return append([]*x509.Certificate{have.Leaf}, have.Chain...), nil
}

// leafName is the common name of a certificate that the user has.
func leafName(e *Env) (string, bool) {
	if shares(e) {
		return lentField(func(cert *x509.Certificate) string { return cert.Subject.CommonName })(e)
	}
	if !ownPair(e) {
		return pki.CleanCommonName(e.World.Machine.HostName), true
	}
	certs, err := e.ownLeaf()
	if err != nil {
		return "", false
	}
	return certs[0].Subject.CommonName, true
}

// besideLeaf are the certificates above the user's own in the same place, the lowest
// first; nil if there are none.
func (e *Env) besideLeaf() []*x509.Certificate {
	if !ownPair(e) || e.Get("leaf.certificate") == "" {
		return nil
	}
	inputs, err := e.ownInputs("leaf.certificate")
	if err != nil {
		return nil
	}
	have, err := e.sorted(inputs, e.ownPhrase)
	if err != nil || have.Leaf == nil {
		return nil
	}
	if have.Root != nil {
		return append(slices.Clone(have.Chain), have.Root)
	}
	return have.Chain
}

// caBeside keeps the certificates above the user's own apart: the trust anchor stays
// known when the file with the key has been put away again.
func caBeside(e *Env) (string, bool) {
	certs := e.besideLeaf()
	if len(certs) == 0 || e.held == nil {
		return "", true
	}
	return e.hold(pki.EncodeCertificates(certs...)), true
}

// keyBesideLeaf is the place of the certificate, if its key is there too. A locked file
// that nobody has opened yet may hold it, so no other is asked for before it is open.
func keyBesideLeaf(e *Env) (string, bool) {
	file := e.Get("leaf.certificate")
	if _, taken := e.taken(); taken || file == "" {
		return file, true
	}
	inputs, err := e.ownInputs("leaf.certificate")
	if err != nil {
		return "", false
	}
	have, _ := e.sorted(inputs, e.ownPhrase)
	if have.Leaf == nil && hiddenIn(inputs, have) || have.Key != nil && have.Key.Certificate == have.Leaf && have.Leaf != nil {
		return file, true
	}
	if (have.Key == nil || have.Key.Certificate == nil) && lockedAway(have) {
		return file, true // its passphrase is asked for next
	}
	return "", false
}

func keyIsElsewhere(e *Env) bool {
	_, beside := keyBesideLeaf(e)
	return !beside
}

// checkOwnPair looks through the files before anything is made of them.
func (e *Env) checkOwnPair() error {
	if _, taken := e.taken(); taken {
		return checkImportedCA(e)
	}
	have, err := e.ownFiles()
	if err != nil {
		return err
	}
	if e.ownKeyLocked(*have.Key) {
		e.Note("The key of this machine is copied without its passphrase, into a file for you alone: signing asks nobody.")
	}
	if top, err := e.caCertificate(); err == nil && newAnchor(e) && !selfIssued(top) {
		e.Note("The trust anchor holds " + top.Subject.CommonName + ", whose own root is not among the files: only what it has issued gets in. Name the root, if you have it: --set ca.certificate=FILE.")
	}
	return checkImportedCA(e)
}

// ownPairOf takes the pair of a plan out of the files, if they are as they were.
func (t *Tools) ownPairOf(spec leafSpec) (pki.Issued, crypto.Signer, error) {
	if source := t.ownSource(); source != spec.Source {
		return pki.Issued{}, nil, &MovedError{t.Get("leaf.certificate"), "it was changed after the plan was made"}
	}
	have, err := t.ownFiles()
	if err != nil {
		return pki.Issued{}, nil, err
	}
	return pki.Issued{Certificate: have.Leaf, Chain: have.Chain}, have.Key.Signer, nil
}

// sameOwn says that a pair that stands is the one that the user's files hold, where it
// comes from such.
func (e *Env) sameOwn(made Made) (bool, error) {
	if _, taken := e.taken(); taken || !ownPair(e) {
		return true, nil
	}
	have, err := e.ownFiles()
	return err == nil && made.UID == hashOf(have.Leaf.Raw), err
}

// fromOwn puts into a plan where the pair comes from and how long it lives.
func (e *Env) fromOwn(spec *leafSpec) error {
	if !ownPair(e) {
		return nil
	}
	have, err := e.ownFiles()
	if err != nil {
		return err
	}
	spec.File, spec.Source = e.Get("leaf.certificate"), e.ownSource()
	spec.NotBefore, spec.NotAfter = have.Leaf.NotBefore, have.Leaf.NotAfter
	return nil
}
