package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"anywhere/pki"
	"anywhere/pki/rules"
	"anywhere/signer/home"
)

var certificate = Step{
	ID:    StepCertificate,
	Title: "Issue the certificate of this machine",
	Why:   "The certificate of this machine (end-entity) is what AWS lets in. Its common name becomes the source identity of every session, its serial the session name.",
	Needs: []ID{StepCA},
	Asks: []Question{
		{
			Key: "leaf.cn", Ask: "What should the certificate call this machine?", Kind: Text, Example: "build-box-7",
			Why: "Becomes the common name (CN). AWS writes it as the source identity of everything this machine does, and the role can be tied to it.",
			Row: true, AskWhen: makesKey, Default: leafName, Valid: validLeafCN,
		},
		{Key: "leaf.key", Ask: "Certificate key kind", Kind: Choose, Row: true, Example: "p-256",
			Applies: makesKey, Why: "The key of this machine. It never leaves it.", Choices: keyChoices, Default: fixed(string(pki.P256))},
		{Key: "leaf.life", Ask: "Certificate life", Kind: Text, Row: true, Example: "90d",
			Applies: makesKey, Why: "After that the machine is out until the certificate is renewed.", Default: fixed("90d"), Valid: validLife},
		{Key: "leaf.organization", Ask: "Organisation", Kind: Text, Row: true, Example: "Example Ltd",
			Why: "Becomes O of the certificate and a session tag.", Default: knownField(organizationOf), Valid: sameAsKnown(organizationOf, validTagText)},
		{Key: "leaf.ou", Ask: "Organisational unit", Kind: Text, Row: true, AskWhen: restrictsUnknown(restrictOU, unitOf), Example: "build",
			Why: "Becomes OU of the certificate; the role can be tied to it.", Default: knownField(unitOf), Valid: sameAsKnown(unitOf, needed(restrictOU, validTagText))},
		{Key: "leaf.san-dns", Ask: "DNS name", Kind: Text, Row: true, AskWhen: restrictsUnknown(restrictDNS, dnsOf), Example: "build-box-7.example.com",
			Why: "A subject alternative name of the certificate; the role can be tied to it.", Default: knownField(dnsOf), Valid: sameAsKnown(dnsOf, needed(restrictDNS, validDNSName))},
		{Key: "leaf.san-uri", Ask: "URI", Kind: Text, Row: true, AskWhen: restrictsUnknown(restrictURI, uriOf), Example: "spiffe://example.com/build",
			Why: "A subject alternative name of the certificate; the role can be tied to it.", Default: knownField(uriOf), Valid: sameAsKnown(uriOf, needed(restrictURI, validURI))},
	},
	Plan: planCertificate, Settle: settleCertificate, Clear: clearCertificate, Apply: applyCertificate,
	Inspect: inspectCertificate, Undo: undoCertificate,
	Proof: []string{"RA104", "RA112", "RA113"},
}

// leafSpec is exactly what will be issued.
type leafSpec struct {
	Dir       string      `json:"dir"` // pairs/<serial>, relative to the home
	Kind      pki.KeyKind `json:"kind"`
	Name      pki.Name    `json:"name"`
	DNS       string      `json:"dns,omitempty"`
	URI       string      `json:"uri,omitempty"`
	NotBefore time.Time   `json:"notBefore"`
	NotAfter  time.Time   `json:"notAfter"`
	Serial    pki.Serial  `json:"serial"`
	// File and Source are where a certificate that the user has comes from, and what
	// tells its contents then from later ones.
	File   string `json:"file,omitempty"`
	Source string `json:"source,omitempty"`
}

// subject is everything about a leaf that the answers decide.
func (s leafSpec) subject() string {
	return fmt.Sprintf("%s %q %q %q %s %s", s.Kind, s.Name.CommonName, s.Name.Organization, s.Name.OrganizationalUnit, s.DNS, s.URI)
}

// detail is the certificate in one line.
func (s leafSpec) detail(e *Env) string {
	switch e.Get("ca.issuer") {
	case issuerOwn:
		return fmt.Sprintf("CN=%s, %s, until %s", s.Name.CommonName, s.Kind.Words(), s.NotAfter.Format(time.DateOnly))
	case issuerCSR:
		return fmt.Sprintf("CN=%s, as the answer has it", s.Name.CommonName)
	case issuerFiles:
		return fmt.Sprintf("CN=%s, until %s, copied from %s", s.Name.CommonName, s.NotAfter.Format(time.DateOnly), e.shownFile(s.File))
	}
	return fmt.Sprintf("CN=%s, %s, as long as the issuer lets it live", s.Name.CommonName, s.Kind)
}

// lentLife stands for the life of a certificate that another set-up has issued.
const lentLife = 24 * time.Hour

func wantedLeaf(e *Env) (leafSpec, error) {
	span, err := lentLife, error(nil)
	if makesKey(e) {
		span, err = life(e.Get("leaf.life"))
	}
	if err != nil {
		return leafSpec{}, err
	}
	now := e.World.Now().UTC().Truncate(time.Second)
	spec := leafSpec{
		Kind: pki.KeyKind(e.Get("leaf.key")),
		Name: pki.Name{CommonName: e.Get("leaf.cn"), Organization: e.Get("leaf.organization"), OrganizationalUnit: e.Get("leaf.ou")},
		DNS:  e.Get("leaf.san-dns"),
		URI:  e.Get("leaf.san-uri"),
		// A short life begins less early, or most of it would be over at once.
		NotBefore: now.Add(-min(backdate, span/10)), NotAfter: now.Add(span),
	}
	return spec, nil
}

func planCertificate(ctx context.Context, e *Env) ([]Change, error) {
	if shares(e) {
		return planShared(ctx, e)
	}
	spec, err := wantedLeaf(e)
	if err != nil {
		return nil, err
	}
	if made, standing := e.Has("certificate.issue"); standing && made.Values["certificate.subject"] == spec.subject() {
		if same, err := e.sameOwn(made); same || err != nil {
			return nil, err
		}
	}
	if err := e.fromOwn(&spec); err != nil {
		return nil, err
	}
	if end := e.caEnd(); makesKey(e) && !end.IsZero() && spec.NotAfter.After(end) {
		spec.NotAfter = end
		e.Note("The certificate ends with its CA, on " + end.Format(time.DateOnly) + ".")
	}
	if spec.Serial, err = pki.NewSerial(e.World.Random); err != nil {
		return nil, err
	}
	spec.Dir = filepath.ToSlash(filepath.Join("setups", e.Setup, "pairs", spec.Serial.Hex()))
	return []Change{{
		ID: "certificate.issue", Step: StepCertificate, Verb: Create, Noun: "certificate and key",
		Name:     e.shown(e.World.Home.Abs("setups/" + e.Setup + "/pairs")),
		Detail:   spec.detail(e),
		Spec:     encodeSpec(spec),
		Commands: e.leafByHand(spec),
	}}, nil
}

// caEnd is when the CA ends; zero if it is not made yet.
func (e *Env) caEnd() time.Time {
	cert, err := e.caCertificate()
	if err != nil {
		return time.Time{}
	}
	return cert.NotAfter
}

func applyCertificate(ctx context.Context, t *Tools, change Change) (Made, error) {
	spec, err := decodeSpec[leafSpec](change)
	if err != nil {
		return Made{}, err
	}
	issued, key, err := t.newPair(ctx, spec)
	if err != nil {
		return Made{}, err
	}
	cert := issued.Certificate
	if err := breaches(rules.Leaf, cert); err != nil {
		return Made{}, err
	}
	pem, err := pki.EncodeKey(key)
	if err != nil {
		return Made{}, err
	}
	disk, dir := t.World.Home.Disk, t.World.Home.Abs(spec.Dir)
	if err := disk.Mkdir(dir, home.DirPerm); err != nil {
		return Made{}, err
	}
	keyFile := filepath.Join(dir, "key.pem")
	if err := disk.Remove(keyFile); err != nil { // left by a run that was stopped
		return Made{}, err
	}
	if err := disk.Create(keyFile, pem, home.SecretPerm); err != nil {
		return Made{}, err
	}
	if err := disk.Write(filepath.Join(dir, "certificate.pem"), pki.EncodeCertificates(append([]*x509.Certificate{cert}, issued.Chain...)...), 0o644); err != nil {
		return Made{}, err
	}
	if issuerIs(issuerCSR)(t.Env) { // the key has its place now; a renewal makes another
		for _, file := range requestFiles(t.World.Home.Abs(t.requestDir())) {
			if err := disk.Remove(file); err != nil {
				return Made{}, err
			}
		}
	}
	return leafMade(spec, cert), nil
}

func leafMade(spec leafSpec, cert *x509.Certificate) Made {
	values := map[string]string{
		"certificate.dir":     spec.Dir,
		"certificate.serial":  pki.SerialOf(cert).Hex(),
		"certificate.subject": spec.subject(),
	}
	if spec.Source != "" {
		values["certificate.file"], values["certificate.source"] = spec.File, spec.Source
	}
	return Made{Noun: "certificate and key", Name: "CN=" + spec.Name.CommonName, Ref: spec.Dir, UID: hashOf(cert.Raw), Ownership: Created, Values: values}
}

// settleCertificate: the certificate is written last, so it stands only for a
// whole pair.
func settleCertificate(_ context.Context, e *Env, change Change) (*Made, error) {
	spec, err := decodeSpec[leafSpec](change)
	if err != nil {
		return nil, err
	}
	cert, err := e.readCertificate(filepath.Join(e.World.Home.Abs(spec.Dir), "certificate.pem"))
	if err != nil {
		return nil, nil //nolint:nilerr // not written: this change did not happen
	}
	made := leafMade(spec, cert)
	return &made, nil
}

// clearCertificate removes a key whose certificate was not written.
func clearCertificate(_ context.Context, t *Tools, change Change) error {
	spec, err := decodeSpec[leafSpec](change)
	if err != nil {
		return err
	}
	dir := t.World.Home.Abs(spec.Dir)
	return removeAll(t, filepath.Join(dir, "key.pem"), dir)
}

// validTagText is the rule for certificate fields that become session tags.
func validTagText(_ *Env, text string) error { return pki.ValidAttribute("attribute", text) }

var errNeeded = errors.New("the role is to be tied to it, so it cannot be empty")

// needed makes a field compulsory where the role is restricted by it.
func needed(restrict string, valid func(*Env, string) error) func(*Env, string) error {
	return func(e *Env, value string) error {
		if value == "" {
			if e.Get("role.restrict") == restrict {
				return errNeeded
			}
			return nil
		}
		return valid(e, value)
	}
}
