package steps

import (
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/pki/rules"
	"anywhere/signer/home"
)

// authorityQuestions ask about the trust anchor first, since an existing one
// decides which CA can be used.
func authorityQuestions() []Question {
	ownCA := func(e *Env) bool { return e.importedCA() == "" && issuerIs(issuerOwn)(e) }
	ownKey := func(e *Env) bool { return e.importedCA() != "" && issuerIs(issuerOwn)(e) }
	keyAway := func(e *Env) bool { _, beside := keyBeside(e); return ownKey(e) && !beside }
	lockedCA := func(e *Env) bool {
		_, issued := e.Has("certificate.issue")
		return !issued && (ownCA(e) && e.Get("ca.protection") == protectPassphrase || e.caKeyLocked())
	}
	questions := []Question{
		shareQuestion(),
		{
			Key: "anchor.arn", Ask: "Which trust anchor?", Kind: Choose, Row: true, AskWhen: asksForAnchor, Example: "new",
			Why:     "A trust anchor tells AWS which certificate authority to believe. A new one is yours alone; an existing one is used as it is and needs the key of its CA here.",
			Choices: anchorChoices, Default: anchorOfOwner, Valid: validAnchorAnswer,
		},
		{
			Key: "ca.certificate", Ask: "CA certificate", Kind: File, Row: true, AskWhen: needsCAFile, Example: "/path/to/ca.pem",
			Applies: takesCAFile,
			Why:     "The certificate of a CA that you have, if it is not to be a new one; what stands above it may be in the same file.",
			Words:   whichCA,
			Default: caBeside, Valid: validCACertificate,
		},
		bundlePassphrase(),
		{
			Key: "ca.private-key", Ask: "CA key", Kind: File, Row: true, AskWhen: keyAway, Example: "/path/to/ca.key",
			Why: "The key of that CA, to issue this machine's certificate. It is read, never copied. " +
				"A file, a key in a token (pkcs11:token=NAME;object=LABEL) or in a TPM (handle:0x81000001).",
			Applies: ownKey, Default: keyBeside, Valid: validCAKey,
		},
		{
			Key: "ca.protection", Ask: "How is the key of the CA protected?", Kind: Choose, Row: true, AskWhen: outsideSandbox, Example: protectPassphrase,
			Why:     "Whoever has this key can issue certificates that AWS believes.",
			Applies: ownCA, Choices: protectionChoices, Default: protectionDefault, Headless: protectionHeadless,
		},
		{
			Key: "ca.passphrase", Ask: "Passphrase of the CA key", Kind: Secret,
			Why:     "Asked again whenever a certificate is issued. It is saved nowhere.",
			Applies: lockedCA, Valid: validPassphrase, Exists: func(e *Env) bool { return e.importedCA() != "" },
		},
		{
			Key: "ca.external-file", Ask: "File for the CA key", Kind: Text, Example: "/media/usb/ca.key",
			Why:     "A path outside anywhere's home, such as on a USB stick. The file must not exist yet.",
			Applies: func(e *Env) bool { return ownCA(e) && e.Get("ca.protection") == protectExternal }, Valid: validExternalFile,
		},
		{Key: "ca.cn", Ask: "CA name", Kind: Text, Row: true, Applies: ownCA, Example: "laptop-ca",
			Why: "The common name of the CA's certificate.", Default: func(e *Env) (string, bool) { return e.Setup + "-ca", true }, Valid: validCN},
		{Key: "ca.key", Ask: "CA key kind", Kind: Choose, Row: true, Applies: ownCA, Example: "p-256",
			Why: "P-256 is fast and accepted everywhere; RSA for old tools.", Choices: keyChoices, Default: fixed(string(pki.P256))},
		{Key: "ca.life", Ask: "CA life", Kind: Text, Row: true, Applies: ownCA, Example: "5y",
			Why: "When it ends, every certificate of it stops working.", Default: fixed("5y"), Valid: validLife},
	}
	// The shape of a new CA is asked before what protects its key.
	at := slices.IndexFunc(questions, func(q Question) bool { return q.Key == "ca.protection" })
	questions = slices.Insert(questions, at, rootQuestions(ownCA)...)
	// Who issues is asked between the trust anchor and its CA.
	return slices.Insert(questions, 2, issuerQuestions()...)
}

// whichCA is what a CA certificate is wanted for, where it is not one to issue with.
func whichCA(e *Env) (ask, why string) {
	const held = "The trust anchor will hold it: by it AWS knows what that CA has issued. It is no secret. What stands above it may be in the same file."
	switch {
	case issuerIs(issuerFiles)(e):
		return "Certificate of the CA that issued it", held
	case issuerIs(issuerACME)(e):
		return "Certificate of the CA behind the ACME server", held
	case givenAnchor(e):
		return "Certificate of the CA in that trust anchor", "The trust anchor that you chose holds it already; this machine's certificate is issued with its key, which is asked for next."
	}
	return "", ""
}

// needsCAFile says that a file of the user's must hold the CA's certificate.
func needsCAFile(e *Env) bool {
	if !takesCAFile(e) || ownPair(e) && (len(e.besideLeaf()) > 0 || e.ownUnopened()) {
		return false
	}
	return givenAnchor(e) || issuerIs(issuerFiles, issuerACME)(e)
}

// takesCAFile says that a CA certificate of the user's has a part to play: a
// step-ca hands out its own, and an answer brings it.
func takesCAFile(e *Env) bool { return issues(e) && !issuerIs(issuerStepCA, issuerCSR)(e) }

func outsideSandbox(e *Env) bool { return e.Site != nil && e.Site.Mode != home.ModeSandbox }

// asksForAnchor: where there is none to choose from, or one holds the CA of the
// shared certificate already, there is nothing to ask.
func asksForAnchor(e *Env) bool {
	known, _ := anchorOfOwner(e)
	return len(foreignAnchors(e)) > 0 && known == "new"
}

// foreignAnchors are all but the one that this set-up has made.
func foreignAnchors(e *Env) []awsapi.Anchor {
	return slices.DeleteFunc(slices.Clone(e.facts.anchors), func(a awsapi.Anchor) bool { return e.ID != "" && a.Name == e.AWSName() })
}

// givenAnchor says that an existing trust anchor was chosen.
func givenAnchor(e *Env) bool { return e.Get("anchor.arn") != "new" }

func anchorChoices(e *Env) []Choice {
	choices := []Choice{{"new", "a new one", "holds only the CA of this set-up"}}
	for _, a := range foreignAnchors(e) {
		choices = append(choices, Choice{a.ARN, a.Name, a.ARN})
	}
	return choices
}

func validAnchorAnswer(e *Env, value string) error {
	if value == "new" || strings.HasPrefix(value, "arn:") && strings.Contains(value, ":trust-anchor/") {
		return nil
	}
	return errors.New("must be new or the ARN of a trust anchor")
}

func validCACertificate(e *Env, file string) error {
	if file == "" {
		if givenAnchor(e) && needsCAFile(e) {
			return errors.New("an existing trust anchor needs the certificate of its CA")
		}
		if needsCAFile(e) {
			return errors.New("the trust anchor will hold this certificate, so it is needed")
		}
		return nil
	}
	if e.lockedBundle(file) {
		return nil // its passphrase is asked for next
	}
	cert, err := e.caIn(file)
	if err != nil {
		return err
	}
	return breaches(rules.CA, cert)
}

func protectionChoices(*Env) []Choice {
	var choices []Choice
	for _, p := range []string{protectPassphrase, protectExternal, protectDestroy, protectNone} {
		choices = append(choices, Choice{p, protections[p].short, protections[p].long})
	}
	return choices
}

func protectionDefault(e *Env) (string, bool) {
	if !outsideSandbox(e) {
		return protectNone, true
	}
	return protectPassphrase, true
}

// protectionHeadless: outside the sandbox nobody but the user can say who keeps
// the key, so --yes is not an answer.
func protectionHeadless(e *Env) (string, bool) {
	if outsideSandbox(e) {
		return "", false
	}
	return protectNone, true
}

func validPassphrase(e *Env, phrase string) error {
	if e.importedCA() != "" {
		return validForeignPassphrase(e, phrase)
	}
	if len(phrase) < 8 {
		return errors.New("must have at least 8 characters")
	}
	return nil
}

func validExternalFile(e *Env, file string) error {
	switch {
	case !filepath.IsAbs(file):
		return errors.New("must be an absolute path")
	case strings.HasPrefix(file, e.World.Home.Root+string(filepath.Separator)):
		return errors.New("must lie outside " + e.World.Home.Root)
	}
	if e.Setup == "" {
		return nil // not known yet: a run that was stopped may have written it
	}
	if _, made := e.Has("ca.create"); made || e.begunKey(file) {
		return nil
	}
	if _, err := e.World.Machine.ReadFile(file); err == nil {
		return errors.New("exists already; it is not overwritten")
	}
	return nil
}

// begunKey says whether a run that was stopped was about to write the key to
// file: what is there now is used, not overwritten.
func (e *Env) begunKey(file string) bool {
	return slices.Contains(e.halfKeys, file) || slices.ContainsFunc(e.Begun, func(c Change) bool {
		spec, err := decodeSpec[caSpec](c)
		return c.ID == "ca.create" && err == nil && (spec.KeyFile == file || spec.Root != nil && spec.Root.KeyFile == file)
	})
}

func keyChoices(*Env) []Choice {
	var choices []Choice
	for _, kind := range pki.KeyKinds() {
		choices = append(choices, Choice{Value: string(kind), Label: kind.Words()})
	}
	return choices
}

// breaches says in one sentence why AWS would refuse the certificate; nil if
// nothing is certain.
func breaches(subject rules.Subject, cert *x509.Certificate) error {
	for _, b := range rules.Breaches(subject, cert) {
		if b.Rule.Severity == rules.Must {
			return fmt.Errorf("%s: %s (%s)", b.Rule.ID, b.Rule.Says, b.Saw)
		}
	}
	return nil
}
