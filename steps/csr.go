package steps

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/importing"
	"anywhere/pki/rules"
	"anywhere/signer/home"
)

// Somebody else issues: a key is made here and a request for it is handed over.
// Until the answer is there the road waits; everything after it is planned, shown
// and approved when it comes.

// requestSpec is exactly what will be asked for.
type requestSpec struct {
	Dir  string      `json:"dir"` // relative to the home
	Kind pki.KeyKind `json:"kind"`
	Name pki.Name    `json:"name"`
	DNS  string      `json:"dns,omitempty"`
	URI  string      `json:"uri,omitempty"`
}

func (s requestSpec) leaf() pki.LeafSpec {
	spec := pki.LeafSpec{Name: s.Name}
	if s.DNS != "" {
		spec.DNS = []string{s.DNS}
	}
	if s.URI != "" {
		spec.URIs = []string{s.URI}
	}
	return spec
}

func csrQuestions() []Question {
	return []Question{{
		Key: "csr.answer", Ask: "Which file holds the answer to the request?", Kind: File, Row: true, AskWhen: requested, Applies: requested, Example: "/path/to/machine.pem",
		Why:     "The certificate that came back, in any format, with what stands above it if that came too. Empty if it is not there yet: the request and what to do with it are shown again.",
		Default: fixed(""), Valid: validAnswer,
	}, {
		Key: "csr.ca", Ask: "Which file holds the certificate of that CA?", Kind: File, Row: true, AskWhen: lacksCA, Applies: requested, Example: "/path/to/ca.pem",
		Why:     "The answer does not bring it, and the trust anchor has to hold it. Whoever signed the request has it; it is no secret.",
		Default: fixed(""), Valid: validAnswersCA,
	}}
}

// validAnswersCA: with the file, nothing is missing any more.
func validAnswersCA(e *Env, file string) error {
	if file == "" {
		if lacksCA(e) {
			return errNotEmpty
		}
		return nil
	}
	certs, err := e.readCertificates(file)
	if err != nil {
		return err
	}
	answer := e.Get("csr.answer")
	if answer == "" {
		return nil
	}
	have, err := e.readAnswer(answer, certs...)
	if err == nil && have.anchor == nil {
		err = fmt.Errorf("%s has not issued the certificate in the answer, %s has", certs[0].Subject, have.issued.Certificate.Issuer)
	}
	return err
}

// requested: a request has been made and its answer is not taken yet.
func requested(e *Env) bool {
	_, made := e.Has("ca.request")
	_, issued := e.Has("certificate.issue")
	return made && !issued && issuerIs(issuerCSR)(e)
}

// lacksCA: the answer does not hold the certificate that a trust anchor needs.
func lacksCA(e *Env) bool {
	file := e.Get("csr.answer")
	if file == "" {
		return false
	}
	have, err := e.readAnswer(file)
	return err == nil && have.anchor == nil
}

type lacksCAError struct{ issuer string }

func (e *lacksCAError) Error() string {
	return "the answer does not hold the certificate of the CA that issued it, " + e.issuer
}

// Hint is how it is given.
func (e *lacksCAError) Hint() string {
	return "get that certificate too and add --set csr.ca=FILE"
}

func validAnswer(e *Env, file string) error {
	if file == "" {
		return nil
	}
	if _, err := e.World.Machine.ReadFile(file); err != nil || !requested(e) {
		return err
	}
	_, err := e.readAnswer(file) // a CA that is not in it is asked for next
	return err
}

// answerFile is what was given as the answer, also by a renewal.
func (e *Env) answerFile() string { return e.answers.given["csr.answer"] }

func (e *Env) requestDir() string { return filepath.Join("setups", e.Setup, "request") }

// planRequest plans the request, and what is kept of its answer.
func planRequest(e *Env) ([]Change, error) {
	if _, issued := e.Has("certificate.issue"); issued {
		return nil, nil
	}
	leaf, err := wantedLeaf(e)
	if err != nil {
		return nil, err
	}
	spec := requestSpec{Dir: filepath.ToSlash(e.requestDir()), Kind: leaf.Kind, Name: leaf.Name, DNS: leaf.DNS, URI: leaf.URI}
	var changes []Change
	if made, standing := e.Has("ca.request"); !standing || made.Values["request.subject"] != leaf.subject() {
		changes = append(changes, e.requestChange(spec))
	}
	if _, standing := e.Has("ca.answer"); !standing || len(changes) > 0 {
		detail := "from the answer, as soon as it is there"
		if file := e.Get("csr.answer"); file != "" {
			detail = "from " + e.shown(file)
			if _, err := e.wholeAnswer(file); err != nil {
				return nil, &InvalidError{Key: "csr.answer", Value: file, Err: err}
			}
		}
		dir := filepath.ToSlash(filepath.Join("ca", e.ID8()))
		changes = append(changes, Change{ID: "ca.answer", Step: StepCA, Verb: Create, Noun: "CA certificate", Name: e.shown(e.World.Home.Abs(dir)),
			Detail: detail, Spec: encodeSpec(fetchedSpec{Dir: dir, Kind: issuerCSR})})
	}
	return changes, nil
}

func (e *Env) requestChange(spec requestSpec) Change {
	return Change{ID: "ca.request", Step: StepCA, Verb: Create, Noun: "key and request", Name: e.shown(e.World.Home.Abs(spec.Dir)),
		Detail: fmt.Sprintf("CN=%s, %s; for somebody with a CA to sign", spec.Name.CommonName, spec.Kind.Words()), Spec: encodeSpec(spec),
		Commands: []Command{newKeyCommand(spec.Kind, "key.pem"), {Args: []string{"openssl", "req", "-new", "-key", "key.pem", "-subj", subjectArg(spec.Name), "-out", "request.pem"}}}}
}

// applyRequest makes key and request. The request is written last, so it stands
// only for both.
func applyRequest(t *Tools, change Change) (Made, error) {
	spec, err := decodeSpec[requestSpec](change)
	if err != nil {
		return Made{}, err
	}
	key, err := pki.NewKey(spec.Kind, t.World.Random)
	if err != nil {
		return Made{}, err
	}
	der, err := pki.NewCSR(spec.leaf(), key, t.World.Random)
	if err != nil {
		return Made{}, err
	}
	encoded, err := pki.EncodeKey(key)
	if err != nil {
		return Made{}, err
	}
	disk, dir := t.World.Home.Disk, t.World.Home.Abs(spec.Dir)
	keyFile, requestFile := filepath.Join(dir, "key.pem"), filepath.Join(dir, "request.pem")
	if err := disk.Mkdir(dir, home.DirPerm); err != nil {
		return Made{}, err
	}
	if err := errors.Join(disk.Remove(requestFile), disk.Remove(keyFile)); err != nil { // of a request that nobody wants any more
		return Made{}, err
	}
	if err := disk.Create(keyFile, encoded, home.SecretPerm); err != nil {
		return Made{}, err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	if err := disk.Write(requestFile, block, 0o644); err != nil {
		return Made{}, err
	}
	return requestMade(spec, der), nil
}

func requestMade(spec requestSpec, der []byte) Made {
	leaf := leafSpec{Kind: spec.Kind, Name: spec.Name, DNS: spec.DNS, URI: spec.URI}
	return Made{Noun: "key and request", Name: "CN=" + spec.Name.CommonName, Ref: spec.Dir, UID: hashOf(der), Ownership: Created,
		Values: map[string]string{"request.subject": leaf.subject()}}
}

// settleRequest: a request that stands is one whose key stands.
func settleRequest(e *Env, change Change) (*Made, error) {
	spec, err := decodeSpec[requestSpec](change)
	if err != nil {
		return nil, err
	}
	data, err := e.World.Machine.ReadFile(filepath.Join(e.World.Home.Abs(spec.Dir), "request.pem"))
	if err != nil {
		return nil, nil //nolint:nilerr // not written: this change did not happen
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, nil
	}
	if csr, err := x509.ParseCertificateRequest(block.Bytes); err != nil || csr.Subject.CommonName != spec.Name.CommonName {
		return nil, nil //nolint:nilerr // an older one
	}
	made := requestMade(spec, block.Bytes)
	return &made, nil
}

// requestFiles are the key and the request.
func requestFiles(dir string) []string {
	return []string{filepath.Join(dir, "key.pem"), filepath.Join(dir, "request.pem")}
}

// applyAnswer keeps the certificate for the trust anchor; without an answer the
// road waits.
func applyAnswer(t *Tools, change Change) (Made, error) {
	spec, err := decodeSpec[fetchedSpec](change)
	if err != nil {
		return Made{}, err
	}
	file := t.Get("csr.answer")
	if file == "" {
		return Made{}, t.waits([]string{"anywhere", "setup", "--name", t.Setup, "--set", "csr.answer=FILE"})
	}
	have, err := t.wholeAnswer(file)
	if err != nil {
		return Made{}, err
	}
	spec.Name, spec.Root = have.anchor.Subject.CommonName, have.anchor.Raw
	disk, dir := t.World.Home.Disk, t.World.Home.Abs(spec.Dir)
	if err := disk.Mkdir(dir, home.DirPerm); err != nil {
		return Made{}, err
	}
	return elsewhereMade(spec), disk.Write(caCertFile(dir), pki.EncodeCertificates(have.anchor), 0o644)
}

// answer is what came back: the pair and the certificate for a trust anchor.
type answer struct {
	issued pki.Issued
	key    crypto.Signer
	anchor *x509.Certificate // nil if it did not come along
}

// readAnswer takes apart what somebody sent back. Nothing in it is believed: the
// certificate must be for the key of the request and carry the name that was asked
// for, keep the rules, and lead upwards to a CA that may be a trust anchor.
func (e *Env) readAnswer(file string, also ...*x509.Certificate) (answer, error) {
	keyFile := filepath.Join(e.World.Home.Abs(e.requestDir()), "key.pem")
	data, err := e.World.Machine.ReadFile(keyFile)
	if err != nil {
		return answer{}, fmt.Errorf("open key of the request: %w", err)
	}
	key, err := decode.Key(data, nil)
	if err != nil {
		return answer{}, fmt.Errorf("open key of the request %s: %w", keyFile, err)
	}
	inputs := []importing.Input{{Name: keyFile, Data: data}}
	files := []string{file}
	if ca := e.answers.given["csr.ca"]; ca != "" {
		files = append(files, ca)
	}
	if ca := e.Value("ca.certificate"); ca != "" {
		files = append(files, e.World.Home.Abs(ca))
	}
	for _, name := range slices.Compact(files) {
		data, err := e.World.Machine.ReadFile(name)
		if err != nil {
			return answer{}, err
		}
		inputs = append(inputs, importing.Input{Name: name, Data: data})
	}
	if len(also) > 0 {
		inputs = append(inputs, importing.Input{Name: "the CA", Data: pki.EncodeCertificates(also...)})
	}
	have, err := importing.Sort(inputs, nil)
	switch {
	case err != nil:
		return answer{}, err
	case len(have.Skipped) > 0:
		return answer{}, fmt.Errorf("read %s: %w", e.shown(have.Skipped[0].Name), have.Skipped[0].Why)
	case have.Leaf == nil || pki.MatchKey(have.Leaf, key) != nil:
		return answer{}, errors.New("it holds no certificate for the key of this request")
	}
	der := slices.Clone(have.Leaf.Raw)
	for _, above := range have.Chain {
		der = append(der, above.Raw...)
	}
	issued, err := pki.ReadIssued(der, pki.LeafSpec{Name: pki.Name{CommonName: e.Get("leaf.cn")}}, key.Public())
	if err != nil {
		return answer{}, err
	}
	anchor := have.Root
	if anchor == nil && len(have.Chain) > 0 {
		anchor = have.Chain[len(have.Chain)-1]
	}
	return answer{issued, key, anchor}, nil
}

// wholeAnswer is an answer that also holds what the trust anchor needs.
func (e *Env) wholeAnswer(file string) (answer, error) {
	have, err := e.readAnswer(file)
	if err == nil && have.anchor == nil {
		err = &lacksCAError{have.issued.Certificate.Issuer.String()}
	}
	if err == nil {
		err = breaches(rules.CA, have.anchor)
	}
	return have, err
}
