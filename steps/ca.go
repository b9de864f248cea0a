package steps

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer/home"
)

var authority = Step{
	ID:    StepCA,
	Title: "Create the certificate authority",
	Why:   "A certificate authority (CA) is a key that signs certificates. AWS learns only its certificate; whoever holds its key can become any machine of it.",
	Needs: []ID{StepLook},
	Asks:  authorityQuestions(),
	Plan:  planCA, Settle: settleCA, Clear: clearCA, Apply: applyCA,
	Inspect: inspectCA, Undo: undoCA,
	Proof: []string{"RA151", "RA152"},
}

// caSpec is exactly what will be made.
type caSpec struct {
	Dir          string      `json:"dir"` // relative to the home
	Kind         pki.KeyKind `json:"kind"`
	CommonName   string      `json:"commonName"`
	Organization string      `json:"organization,omitempty"`
	NotBefore    time.Time   `json:"notBefore"`
	NotAfter     time.Time   `json:"notAfter"`
	Serial       pki.Serial  `json:"serial"`
	Protection   string      `json:"protection"`
	KeyFile      string      `json:"keyFile,omitempty"` // relative to the home, or absolute; empty: never written
	Written      bool        `json:"written,omitempty"` // a run that was stopped has written the key; it is used
	Root         *rootSpec   `json:"root,omitempty"`    // above it; nil for a root alone
}

// backdate is how far before now a new certificate begins: clocks differ.
const backdate = 10 * time.Minute

func planCA(ctx context.Context, e *Env) ([]Change, error) {
	if shares(e) {
		_, err := e.needOwner()
		return nil, err
	}
	if !issuerIs(issuerOwn)(e) {
		return planElsewhere(ctx, e)
	}
	if e.importedCA() != "" {
		return nil, checkImportedCA(e)
	}
	if _, standing := e.Has("ca.create"); standing {
		_, issued := e.Has("certificate.issue")
		if issued || e.Get("ca.protection") != protectDestroy {
			return nil, nil
		}
		// The key was never written and the run that held it is over: once more.
	}
	spec, err := newCASpec(e, filepath.Join("ca", e.ID8()))
	if err != nil {
		return nil, err
	}
	return []Change{{
		ID: "ca.create", Step: StepCA, Verb: Create, Noun: "CA and key", Name: e.shown(e.World.Home.Abs(spec.Dir)),
		Detail:   spec.detail(),
		Spec:     encodeSpec(spec),
		Commands: caCommands(e, spec),
	}}, nil
}

// newCASpec is the CA that the answers ask for, in dir, relative to the home.
func newCASpec(e *Env, dir string) (caSpec, error) {
	span, err := life(e.Get("ca.life"))
	if err != nil {
		return caSpec{}, err
	}
	serial, err := pki.NewSerial(e.World.Random)
	if err != nil {
		return caSpec{}, err
	}
	now := e.World.Now().UTC().Truncate(time.Second)
	spec := caSpec{
		Dir: filepath.ToSlash(dir), Kind: pki.KeyKind(e.Get("ca.key")), CommonName: e.Get("ca.cn"), Organization: e.Get("leaf.organization"),
		NotBefore: now.Add(-backdate), NotAfter: now.Add(span), Serial: serial, Protection: e.Get("ca.protection"),
	}
	switch spec.Protection {
	case protectDestroy:
	case protectExternal:
		spec.KeyFile = e.Get("ca.external-file")
		spec.Written = e.begunKey(spec.KeyFile) && e.World.Machine.Exists(spec.KeyFile)
	default:
		spec.KeyFile = filepath.ToSlash(filepath.Join(dir, "ca.key"))
	}
	if spec.Root, err = e.wantedRoot(dir, now); err != nil {
		return caSpec{}, err
	}
	if spec.Root != nil && spec.NotAfter.After(spec.Root.NotAfter) {
		spec.NotAfter = spec.Root.NotAfter
	}
	return spec, nil
}

// detail is the CA in one line.
func (s caSpec) detail() string {
	text := fmt.Sprintf("%s, %s, until %s, key %s", s.CommonName, s.Kind.Words(), s.NotAfter.Format(time.DateOnly), protections[s.Protection].short)
	if s.Root != nil {
		text += fmt.Sprintf("; under %s, until %s, key %s", s.Root.CommonName, s.Root.NotAfter.Format(time.DateOnly), protections[s.Root.Protection].short)
	}
	return text
}

func applyCA(_ context.Context, t *Tools, change Change) (Made, error) {
	switch change.ID {
	case "ca.create":
	case "ca.request":
		return applyRequest(t, change)
	case "ca.answer":
		return applyAnswer(t, change)
	default:
		return applyElsewhere(t, change)
	}
	spec, err := decodeSpec[caSpec](change)
	if err != nil {
		return Made{}, err
	}
	return makeCA(t, spec)
}

// makeCA makes a CA and keeps its key in memory for this run.
func makeCA(t *Tools, spec caSpec) (Made, error) {
	key, err := caKeyFor(t, spec)
	if err != nil {
		return Made{}, err
	}
	disk, dir := t.World.Home.Disk, t.World.Home.Abs(spec.Dir)
	if err := disk.Mkdir(dir, home.DirPerm); err != nil {
		return Made{}, err
	}
	chain, err := t.newCA(spec, key)
	if err != nil {
		return Made{}, err
	}
	cert := chain[0]
	if spec.KeyFile != "" && !spec.Written {
		if err := writeCAKey(t, spec, key, cmp.Or(t.newPassphrase, t.Get("ca.passphrase"))); err != nil {
			return Made{}, err
		}
	}
	// The key stands before the certificate that names it.
	if err := disk.Write(caCertFile(dir), pki.EncodeCertificates(chain...), 0o644); err != nil {
		return Made{}, err
	}
	*t.CAKey = key
	return caMade(spec, cert), nil
}

// caMade describes a CA that stands.
func caMade(spec caSpec, cert *x509.Certificate) Made {
	values := map[string]string{
		"ca.certificate": filepath.ToSlash(filepath.Join(spec.Dir, "ca.pem")),
		"ca.private-key": spec.KeyFile,
		"ca.protection":  spec.Protection,
	}
	if spec.Root != nil && !spec.Root.Stands { // a root that stood before is remembered with the first CA below it
		values["ca.root"] = filepath.ToSlash(filepath.Join(spec.Dir, "root.pem"))
		values["ca.root-key"] = spec.Root.KeyFile
	}
	return Made{
		Noun: "CA and key", Name: spec.CommonName, Ref: spec.Dir, UID: hashOf(cert.Raw), Ownership: Created, Values: values,
	}
}

// settleCA: the certificate is written last, so it stands only for a whole CA.
func settleCA(_ context.Context, e *Env, change Change) (*Made, error) {
	switch change.ID {
	case "ca.create":
	case "ca.request":
		return settleRequest(e, change)
	default:
		return settleElsewhere(e, change)
	}
	spec, err := decodeSpec[caSpec](change)
	if err != nil {
		return nil, err
	}
	cert, err := e.readCertificate(caCertFile(e.World.Home.Abs(spec.Dir)))
	if err != nil || pki.SerialOf(cert) != spec.Serial {
		return nil, nil //nolint:nilerr // no certificate, or an older one: this change did not happen
	}
	made := caMade(spec, cert)
	return &made, nil
}

// clearCA removes the directory of a CA whose certificate was not written. A key
// that went to a file of the user's stays: it is used by the next run.
func clearCA(_ context.Context, t *Tools, change Change) error {
	spec, err := decodeSpec[caSpec](change)
	if err != nil {
		return err
	}
	if made, standing := t.Has("ca.create"); standing && made.Ref == spec.Dir {
		return nil // an earlier CA is in it
	}
	dir := t.World.Home.Abs(spec.Dir)
	if change.ID == "ca.request" {
		return removeAll(t, append(requestFiles(dir), dir)...)
	}
	return removeAll(t, append(caFiles(dir), dir)...)
}

func caCertFile(dir string) string { return filepath.Join(dir, "ca.pem") }

func hashOf(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// importedCA is the file of a CA certificate that the user already has; empty
// if we make one.
func (e *Env) importedCA() string { return e.Get("ca.certificate") }

// caCertificate reads the CA that issues this set-up's certificates.
func (e *Env) caCertificate() (*x509.Certificate, error) {
	if shares(e) {
		other, err := e.needOwner()
		if err != nil {
			return nil, err
		}
		return other.caCertificate()
	}
	if e.importedCA() != "" {
		return e.caIn(e.importedCA())
	}
	file := e.Value("ca.certificate")
	if answer := e.answerFile(); file == "" && answer != "" && issuerIs(issuerCSR)(e) {
		have, err := e.wholeAnswer(answer)
		return have.anchor, err
	}
	if file == "" {
		return nil, errors.New("read CA certificate: none has been made yet")
	}
	return e.readCertificate(e.World.Home.Abs(file))
}

func (e *Env) readCertificate(file string) (*x509.Certificate, error) {
	certs, err := e.readCertificates(file)
	if err != nil {
		return nil, err
	}
	return certs[0], nil
}

// readCertificates reads every certificate of a file; there is at least one.
func (e *Env) readCertificates(file string) ([]*x509.Certificate, error) {
	data, err := e.World.Machine.ReadFile(file)
	if err != nil {
		return nil, err
	}
	certs, err := decode.Certificates(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return certs, nil
}
