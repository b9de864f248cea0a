package steps

import (
	"crypto"
	"crypto/x509"
	"errors"
	"path/filepath"
	"time"

	"anywhere/pki"
	"anywhere/pki/importing"
)

// A CA of our own is a root alone, or a root whose key is put away and an
// intermediate that issues in its place. The trust anchor holds the root; the
// certificate of a machine is sent with the intermediate.

// The shapes of a CA of our own.
const (
	shapeRoot         = "root"
	shapeIntermediate = "intermediate"
)

// rootSpec is exactly what root will stand above the CA that issues.
type rootSpec struct {
	CommonName string     `json:"commonName"`
	NotAfter   time.Time  `json:"notAfter"`
	Serial     pki.Serial `json:"serial"`
	Protection string     `json:"protection"`
	KeyFile    string     `json:"keyFile,omitempty"` // relative to the home, or absolute; empty: never written
	Written    bool       `json:"written,omitempty"` // a run that was stopped has written the key; it is used
	Stands     bool       `json:"stands,omitempty"`  // it is there, and so is whoever holds its key; only the CA below is made
}

func shapeChoices(*Env) []Choice {
	return []Choice{
		{shapeRoot, "a root alone", "one key, which issues"},
		{shapeIntermediate, "a root and an intermediate", "the intermediate issues; the root's key is put away until the next one is needed"},
	}
}

// rootQuestions ask about the root above an intermediate; applies says that a CA
// is made at all.
func rootQuestions(applies func(*Env) bool) []Question {
	two := func(e *Env) bool { return applies(e) && e.Get("ca.shape") == shapeIntermediate }
	kept := func(how string) func(*Env) bool {
		return func(e *Env) bool { return two(e) && e.Get("ca.root-protection") == how }
	}
	return []Question{
		{Key: "ca.shape", Ask: "Shape of the CA", Kind: Choose, Row: true, Applies: applies, Example: shapeRoot,
			Why:     "With a root above it, a stolen or lost key of the CA that issues is replaced without touching any trust anchor, as long as the root's key lies elsewhere.",
			Choices: shapeChoices, Default: fixed(shapeRoot)},
		{Key: "ca.root-protection", Ask: "Where does the root's key go?", Kind: Choose, Row: true, AskWhen: outsideSandbox, Applies: two, Example: protectExternal,
			Why:     "It is needed for nothing but another intermediate, so it should not stay on this machine.",
			Choices: rootProtectionChoices, Default: rootProtectionDefault, Headless: rootProtectionHeadless},
		{Key: "ca.root-file", Ask: "File for the root's key", Kind: Text, Example: "/media/usb/root.key",
			Why:     "A path outside anywhere's home, such as on a USB stick that you take away. The file must not exist yet.",
			Applies: kept(protectExternal), Valid: validRootFile},
		{Key: "ca.root-passphrase", Ask: "Passphrase of the root's key", Kind: Secret,
			Why:     "Asked again only for another intermediate. It is saved nowhere.",
			Applies: func(e *Env) bool { _, made := e.Has("ca.create"); return !made && kept(protectPassphrase)(e) }, Valid: validPassphrase},
		{Key: "ca.root-cn", Ask: "Root's name", Kind: Text, Row: true, Applies: two, Example: "laptop-root",
			Why: "The common name of the root's certificate.", Default: func(e *Env) (string, bool) { return e.Setup + "-root", true }, Valid: validRootCN},
		{Key: "ca.root-life", Ask: "Root's life", Kind: Text, Row: true, Applies: two, Example: "10y",
			Why: "When it ends, everything below it stops working.", Default: fixed("10y"), Valid: validLife},
	}
}

func rootProtectionChoices(*Env) []Choice {
	return []Choice{
		{protectExternal, "to a file you name", "on a USB stick, or wherever you take it away from; never copied"},
		{protectPassphrase, "here, locked by a passphrase", "in anywhere's home, encrypted"},
		{protectDestroy, "nowhere: it is never written", "there will be no other intermediate; the next CA is a new one"},
	}
}

func rootProtectionDefault(e *Env) (string, bool) {
	if outsideSandbox(e) {
		return protectExternal, true
	}
	return protectDestroy, true
}

// rootProtectionHeadless: nobody but the user can say who keeps the key.
func rootProtectionHeadless(e *Env) (string, bool) {
	if outsideSandbox(e) {
		return "", false
	}
	return protectDestroy, true
}

func validRootFile(e *Env, file string) error {
	if file == e.Get("ca.external-file") {
		return errors.New("must be another file than that of the intermediate's key")
	}
	return validExternalFile(e, file)
}

func validRootCN(e *Env, cn string) error {
	if cn == e.Get("ca.cn") {
		return errors.New("must be another name than the CA's")
	}
	return validCN(e, cn)
}

// wantedRoot is the root that the answers ask for; nil for a root alone.
func (e *Env) wantedRoot(dir string, now time.Time) (*rootSpec, error) {
	if e.Get("ca.shape") != shapeIntermediate {
		return nil, nil
	}
	span, err := life(e.Get("ca.root-life"))
	if err != nil {
		return nil, err
	}
	serial, err := pki.NewSerial(e.World.Random)
	if err != nil {
		return nil, err
	}
	root := &rootSpec{CommonName: e.Get("ca.root-cn"), NotAfter: now.Add(span), Serial: serial, Protection: e.Get("ca.root-protection")}
	switch root.Protection {
	case protectExternal:
		root.KeyFile = e.Get("ca.root-file")
		root.Written = e.begunKey(root.KeyFile) && e.World.Machine.Exists(root.KeyFile)
	case protectPassphrase:
		root.KeyFile = filepath.ToSlash(filepath.Join(dir, "root.key"))
	}
	return root, nil
}

// newCA makes the certificate of a CA: signed by itself, or by a root that is made
// and written down first, and comes after it.
func (t *Tools) newCA(spec caSpec, key crypto.Signer) ([]*x509.Certificate, error) {
	want := pki.CASpec{
		Name:      pki.Name{CommonName: spec.CommonName, Organization: spec.Organization},
		NotBefore: spec.NotBefore, NotAfter: spec.NotAfter, Serial: spec.Serial, // path length 0: it signs leaves only
	}
	if spec.Root == nil {
		cert, err := pki.NewCA(want, key, t.World.Random)
		return []*x509.Certificate{cert}, err
	}
	root, rootKey := t.root, t.rootKey
	if !spec.Root.Stands {
		var err error
		if root, rootKey, err = t.newRoot(spec); err != nil {
			return nil, err
		}
	}
	cert, err := pki.NewIntermediate(want, key.Public(), root, rootKey, t.World.Random)
	return []*x509.Certificate{cert, root}, err
}

// newRoot makes the root and writes its key, the way it is to be protected, and
// its certificate.
func (t *Tools) newRoot(spec caSpec) (*x509.Certificate, crypto.Signer, error) {
	keySpec := caSpec{Kind: spec.Kind, Protection: spec.Root.Protection, KeyFile: spec.Root.KeyFile, Written: spec.Root.Written}
	key, err := caKeyFor(t, keySpec)
	if err != nil {
		return nil, nil, err
	}
	cert, err := pki.NewCA(pki.CASpec{
		Name:      pki.Name{CommonName: spec.Root.CommonName, Organization: spec.Organization},
		NotBefore: spec.NotBefore, NotAfter: spec.Root.NotAfter, Serial: spec.Root.Serial, PathLen: 1, // one CA below it
	}, key, t.World.Random)
	if err != nil {
		return nil, nil, err
	}
	if keySpec.KeyFile != "" && !keySpec.Written {
		if err := writeCAKey(t, keySpec, key, t.Get("ca.root-passphrase")); err != nil {
			return nil, nil, err
		}
	}
	return cert, key, t.World.Home.Disk.Write(rootFile(t.World.Home.Abs(spec.Dir)), pki.EncodeCertificates(cert), 0o644)
}

func rootFile(dir string) string { return filepath.Join(dir, "root.pem") }

// anchorCertificate is what a trust anchor should hold: the root above the CA
// that issues, where it is known, else that CA itself.
func (e *Env) anchorCertificate() (*x509.Certificate, error) {
	if shares(e) {
		other, err := e.needOwner()
		if err != nil {
			return nil, err
		}
		return other.anchorCertificate()
	}
	if e.importedCA() != "" {
		_, _, root, err := e.caWithChain(e.importedCA(), e.Get("ca.private-key"))
		return root, err
	}
	if file := e.Value("ca.root"); file != "" {
		return e.readCertificate(e.World.Home.Abs(file))
	}
	return e.caCertificate()
}

// caChain is what must be sent with a certificate of the CA: the CA itself and
// what stands above it, without the certificate of the trust anchor.
func (e *Env) caChain() ([]*x509.Certificate, error) {
	if e.importedCA() != "" {
		_, chain, _, err := e.caWithChain(e.importedCA(), e.Get("ca.private-key"))
		return chain, err
	}
	ca, err := e.caCertificate()
	if err != nil {
		return nil, err
	}
	top, err := e.anchorCertificate()
	if err != nil || top.Equal(ca) {
		return nil, err
	}
	return []*x509.Certificate{ca}, nil
}

// localCA issues with the CA's own key.
func (e *Env) localCA(key crypto.Signer) (pki.LocalCA, error) {
	cert, err := e.caCertificate()
	if err != nil {
		return pki.LocalCA{}, err
	}
	chain, err := e.lender().caChain()
	return pki.LocalCA{Certificate: cert, Key: key, Chain: chain, Random: e.World.Random}, err
}

// caWithChain picks the CA out of a file of the user's: the one whose key is
// given, or what a trust anchor should hold; what is sent with a certificate of
// it; and what the trust anchor should hold, the root if it is in the file.
func (e *Env) caWithChain(file, keyRef string) (ca *x509.Certificate, chain []*x509.Certificate, anchor *x509.Certificate, err error) {
	inputs, err := e.inputsAt(file)
	if err != nil {
		return nil, nil, nil, err
	}
	if ownPair(e) {
		ca, err := e.aboveOwn(file, inputs)
		return ca, nil, ca, err
	}
	if keyRef != "" {
		if data, err := e.World.Machine.ReadFile(keyRef); err == nil {
			inputs = append(inputs, importing.Input{Name: keyRef, Data: data}) // a locked one is passed over
		}
	}
	have, err := importing.Sort(inputs, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	ca = have.Anchor()
	switch {
	case len(have.CAKeys) > 0:
		ca = have.CAKeys[0].Certificate
	case keyRef != "" && len(have.CAs) > 0:
		ca = have.CAs[0] // its key is locked: the lowest is the one that issues
	}
	if ca == nil {
		// Not a CA; the rules say why.
		ca, err = e.readCertificate(file)
		return ca, nil, ca, err
	}
	anchor = ca
	above := append([]*x509.Certificate{ca}, pki.Above(ca, have.CAs)...)
	for _, root := range have.CAs {
		if root.CheckSignatureFrom(root) == nil && !root.Equal(ca) && above[len(above)-1].CheckSignatureFrom(root) == nil {
			anchor, chain = root, above
		}
	}
	return ca, chain, anchor, nil
}

// caFiles are the files of a CA of our own.
func caFiles(dir string) []string {
	return []string{filepath.Join(dir, "ca.key"), filepath.Join(dir, "root.key"), caCertFile(dir), rootFile(dir)}
}
