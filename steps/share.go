package steps

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer/home"
)

// A set-up may use the certificate of another one of this machine: one
// certificate for several roles, Regions and accounts. The other one, the owner,
// issues and renews; this one holds a copy of the pair, so that its session.json
// stays whole whatever becomes of the owner.

// ownCertificate is the answer of a set-up that shares nobody's certificate: no set-up
// can be called that.
const ownCertificate = "-"

// shareQuestion is asked first, since a certificate that is there decides who
// issues and, in the same account and Region, which trust anchor is used.
func shareQuestion() Question {
	return Question{
		Key: "leaf.setup", Ask: "Which certificate should it use?", Kind: Choose, Row: true, AskWhen: canShare, Example: "laptop",
		Why:     "One certificate can open several roles, Regions and accounts: a set-up for each, and one renewal for all of them.",
		Choices: shareChoices, Default: fixed(ownCertificate), Valid: validShare,
	}
}

// shares says that this set-up uses the certificate of another one.
func shares(e *Env) bool { return e.Get("leaf.setup") != ownCertificate }

// issues says that this set-up has its certificates issued itself.
func issues(e *Env) bool { return !shares(e) }

func canShare(e *Env) bool { return len(e.mayLend()) > 0 }

// mayLend lists the other set-ups of this machine with a certificate of their own,
// sandbox with sandbox and AWS with AWS.
func (e *Env) mayLend() []*Env {
	if e.Site == nil || e.Setup == "" {
		return nil
	}
	all, err := e.World.Home.List()
	if err != nil {
		return nil
	}
	var lenders []*Env
	for _, s := range all {
		if s.Name == e.Setup {
			continue
		}
		other, err := e.sibling(s.Name)
		if err != nil || outsideSandbox(other) != outsideSandbox(e) || shares(other) {
			continue
		}
		if _, err := e.World.Home.ReadSession(s); err == nil {
			lenders = append(lenders, other)
		}
	}
	return lenders
}

func shareChoices(e *Env) []Choice {
	choices := []Choice{{ownCertificate, "one of its own", "issued for this set-up alone"}}
	for _, other := range e.mayLend() {
		if cert, err := other.lent(); err == nil {
			choices = append(choices, Choice{other.Setup, "that of set-up " + other.Setup, "CN=" + cert.Subject.CommonName + ", until " + cert.NotAfter.UTC().Format(time.DateOnly) + e.placeOf(other)})
		}
	}
	return choices
}

// placeOf says where another set-up lives, if that is elsewhere.
func (e *Env) placeOf(other *Env) string {
	b := other.Started
	switch {
	case e.Site == nil || b.Account == e.Site.Caller.Account && b.Region == e.Site.Region:
		return ""
	case b.Account == e.Site.Caller.Account:
		return ", in " + b.Region
	}
	return ", in account " + b.Account
}

func validShare(e *Env, name string) error {
	if name == ownCertificate {
		return nil
	}
	if name == e.Setup {
		return errors.New("must be another set-up")
	}
	if err := home.ValidName(name); err != nil {
		return err
	}
	other, err := e.sibling(name)
	if err != nil {
		return err
	}
	if shares(other) {
		return fmt.Errorf("%s uses the certificate of %s itself; name that one", name, other.Get("leaf.setup"))
	}
	if e.Site != nil && outsideSandbox(other) != outsideSandbox(e) {
		return errors.New("one lives in the sandbox and the other does not")
	}
	_, err = other.lent()
	return err
}

// sibling is another set-up of this machine, as its journal and its answers know
// it. Its AWS is not opened.
func (e *Env) sibling(name string) (*Env, error) {
	place := e.World.Home.Setup(name)
	journal, err := OpenJournal(place.JournalFile(), e.World.Home.Disk)
	if err != nil {
		return nil, err
	}
	begin := journal.Begin()
	if begin.ID == "" {
		return nil, &NoSetupError{name}
	}
	data, err := e.World.Machine.ReadFile(place.AnswersFile())
	if err != nil {
		return nil, fmt.Errorf("load set-up %s: %w", name, err)
	}
	answers, err := ParseAnswers(data)
	if err != nil {
		return nil, fmt.Errorf("load set-up %s: %w", name, err)
	}
	return &Env{
		World: e.World, Site: siteOf(begin), Setup: name, ID: begin.ID, Started: begin,
		Standing: journal.Standing(), Begun: journal.Begun(), answers: NewAnswers(answers), road: e.road,
	}, nil
}

// siteOf is the AWS of a set-up that is not opened.
func siteOf(b Begin) *Site {
	site := &Site{Mode: b.Mode, Region: b.Region, Endpoint: b.Endpoint}
	site.Caller.Account, site.Caller.Partition = b.Account, b.Partition
	return site
}

// owner is the set-up whose certificate this one uses; nil if it has its own, and
// if the other one cannot be read.
func (e *Env) owner() *Env {
	if issues(e) {
		return nil
	}
	other, err := e.sibling(e.Get("leaf.setup"))
	if err != nil {
		return nil
	}
	return other
}

// lender is the set-up that has this one's certificate issued: the owner, or
// itself.
func (e *Env) lender() *Env {
	if other := e.owner(); other != nil {
		return other
	}
	return e
}

// needOwner is owner with the reason why there is none.
func (e *Env) needOwner() (*Env, error) {
	other, err := e.sibling(e.Get("leaf.setup"))
	if err != nil {
		err = fmt.Errorf("use certificate of set-up %s: %w", e.Get("leaf.setup"), err)
	}
	return other, err
}

// sharers names the set-ups that use the certificate of this one.
func (e *Env) sharers() ([]string, error) {
	all, err := e.World.Home.List()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range all {
		if other, err := e.sibling(s.Name); err == nil && s.Name != e.Setup && other.Get("leaf.setup") == e.Setup {
			names = append(names, s.Name)
		}
	}
	return names, nil
}

// lentPair is the pair that this set-up signs with; after a teardown that left it
// to others, the newest one.
func (e *Env) lentPair() (Made, error) {
	current, err := e.World.Home.ReadSession(e.Place())
	for _, made := range slices.Backward(e.Standing) {
		if made.Change == "certificate.issue" && (err != nil || e.keyOf(made) == current.Key) {
			return made, nil
		}
	}
	return Made{}, &hintError{"use certificate of set-up " + e.Setup + ": it has none yet", "anywhere setup --name " + e.Setup + " goes on with it"}
}

// lent is the certificate that others may use.
func (e *Env) lent() (*x509.Certificate, error) {
	made, err := e.lentPair()
	if err != nil {
		return nil, err
	}
	return e.readCertificate(e.pairFile(made, "certificate.pem"))
}

// planShared plans the copy of the owner's pair, unless this set-up has it.
func planShared(_ context.Context, e *Env) ([]Change, error) {
	other, err := e.needOwner()
	if err != nil {
		return nil, err
	}
	cert, err := other.lent()
	if err != nil {
		return nil, err
	}
	if !cert.NotAfter.After(e.World.Now()) {
		return nil, &hintError{"use certificate of set-up " + other.Setup + ": it has expired", "anywhere cert renew --setup " + other.Setup}
	}
	if made, standing := e.Has("certificate.issue"); standing && made.UID == hashOf(cert.Raw) {
		return nil, nil
	}
	spec, err := wantedLeaf(e)
	if err != nil {
		return nil, err
	}
	spec.Serial, spec.NotBefore, spec.NotAfter = pki.SerialOf(cert), cert.NotBefore, cert.NotAfter
	spec.Dir = path.Join("setups", e.Setup, "pairs", spec.Serial.Hex())
	if where := e.placeOf(other); where != "" && newAnchor(e) {
		e.Note(fmt.Sprintf("The certificate is that of set-up %s%s; the trust anchor here holds the same CA. One renewal, revocation or replacement of the CA is for both.", other.Setup, where))
	}
	return []Change{{
		ID: "certificate.issue", Step: StepCertificate, Verb: Create, Noun: "certificate and key",
		Name:   e.shown(e.World.Home.Abs("setups/" + e.Setup + "/pairs")),
		Detail: fmt.Sprintf("CN=%s, copied from set-up %s", spec.Name.CommonName, other.Setup), Spec: encodeSpec(spec),
		Commands: []Command{{Args: []string{"cp", "-r", filepath.Dir(other.pairOfLent()), e.World.Home.Abs(spec.Dir)}, Alone: true}},
	}}, nil
}

// lentCopy reads the owner's pair, if it is still the one of the plan.
func (t *Tools) lentCopy(serial pki.Serial) (pki.Issued, crypto.Signer, error) {
	other, err := t.needOwner()
	if err != nil {
		return pki.Issued{}, nil, err
	}
	made, err := other.lentPair()
	if err != nil {
		return pki.Issued{}, nil, err
	}
	certs, err := other.readCertificates(other.pairFile(made, "certificate.pem"))
	if err != nil {
		return pki.Issued{}, nil, err
	}
	data, err := other.World.Machine.ReadFile(other.pairFile(made, "key.pem"))
	if err != nil {
		return pki.Issued{}, nil, err
	}
	key, err := decode.Key(data, nil)
	if err == nil {
		err = pki.MatchKey(certs[0], key)
	}
	if err == nil && pki.SerialOf(certs[0]) != serial {
		err = &MovedError{"set-up " + other.Setup, "its certificate was renewed after the plan was made"}
	}
	return pki.Issued{Certificate: certs[0], Chain: certs[1:]}, key, err
}

// pairOfLent is the key file of the pair that is lent; empty if there is none.
func (e *Env) pairOfLent() string {
	made, err := e.lentPair()
	if err != nil {
		return ""
	}
	return e.pairFile(made, "key.pem")
}

// lentField is a default taken from the certificate of the owner.
func lentField(pick func(*x509.Certificate) string) func(*Env) (string, bool) {
	return func(e *Env) (string, bool) {
		other := e.owner()
		if other == nil {
			return "", true
		}
		cert, err := other.lent()
		if err != nil {
			return "", true
		}
		return pick(cert), true
	}
}

// firstOf is the first of several values; empty if there is none.
func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func organizationOf(cert *x509.Certificate) string { return firstOf(cert.Subject.Organization) }
func unitOf(cert *x509.Certificate) string         { return firstOf(cert.Subject.OrganizationalUnit) }
func dnsOf(cert *x509.Certificate) string          { return firstOf(cert.DNSNames) }

func uriOf(cert *x509.Certificate) string {
	if len(cert.URIs) == 0 {
		return ""
	}
	return cert.URIs[0].String()
}

// anchorOfOwner is the trust anchor that lets the owner's certificate in already,
// where both live in one account and Region; else a new one is made.
func anchorOfOwner(e *Env) (string, bool) {
	other := e.owner()
	if other == nil || e.Site == nil {
		return "new", true
	}
	here, there := e.Site, other.Started
	if there.Mode != here.Mode || there.Account != here.Caller.Account || there.Partition != here.Caller.Partition || there.Region != here.Region {
		return "new", true
	}
	if arn := other.anchorARN(); strings.HasPrefix(arn, "arn:") {
		return arn, true
	}
	return "new", true
}
