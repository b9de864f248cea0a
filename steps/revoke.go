package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/pki/ledger"
	"anywhere/signer/home"
)

// Revocation says which certificate is to be let in no more.
type Revocation struct {
	// What is a serial in any form, a certificate file, or the common name of a
	// certificate that this home knows. Empty renews the list as it is.
	What   string
	All    bool // every certificate of that common name
	Reason pki.Reason
	// CutSessions also denies what sessions may do that were issued before now.
	CutSessions bool
	// From is a list that was made elsewhere, in PEM or DER; it is imported as it
	// is, and nothing is signed here.
	From []byte
}

// RevocationPlan is what a revocation would do; it is shown and approved first.
type RevocationPlan struct {
	Setup        string             `json:"setup"`
	Mode         home.Mode          `json:"mode"`
	Account      string             `json:"account"`
	Certificates []KnownCertificate `json:"certificates"`
	AnchorARN    string             `json:"trustAnchorArn"`
	Number       int64              `json:"number"`  // of the list
	Entries      int                `json:"entries"` // in it
	NextUpdate   time.Time          `json:"nextUpdate"`
	Change       Change             `json:"change"`        // import or update
	Cut          []Change           `json:"cut,omitempty"` // of live sessions
	Notes        []string           `json:"notes,omitempty"`

	revoked ledger.Revocations
	list    awsapi.CRL // ours, to update; zero if one is imported
	from    []byte
	ca      *x509.Certificate
}

// maxLists is how many revocation lists a trust anchor has.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/load-balancer-limits.html
const maxLists = 2

// PlanRevocation looks at what is known here and in AWS. It writes nothing.
func (r *Runner) PlanRevocation(ctx context.Context, want Revocation) (RevocationPlan, error) {
	e := r.env
	ca, err := e.caCertificate()
	if err != nil {
		return RevocationPlan{}, err
	}
	p := RevocationPlan{Setup: e.Setup, Mode: e.Site.Mode, Account: e.Site.Caller.Account, AnchorARN: e.anchorARN(), NextUpdate: ca.NotAfter.UTC(), ca: ca}
	if want.What != "" {
		if p.Certificates, err = e.find(want, ca); err != nil {
			return p, err
		}
	}
	if err := e.mayList(ctx, p.AnchorARN, ca); err != nil {
		return p, err
	}
	book, err := e.ledger()
	if err != nil {
		return p, err
	}
	if p.revoked, err = book.Revocations(); err != nil {
		return p, err
	}
	lists, err := e.listsOf(ctx, p.AnchorARN)
	if err != nil {
		return p, err
	}
	for _, list := range lists {
		if err := p.take(ctx, e, list); err != nil {
			return p, err
		}
	}
	now := e.World.Now().UTC().Truncate(time.Second)
	for _, c := range p.Certificates {
		p.revoked, _ = p.revoked.With(pki.Revoked{Serial: c.serial, At: now, Reason: want.Reason})
	}
	p.revoked.Number++
	if want.From != nil {
		if err := p.bringIn(want.From, lists); err != nil {
			return p, err
		}
	}
	if p.list.ID == "" && len(lists) >= maxLists {
		return p, &ManyListsError{Lists: lists}
	}
	p.Number, p.Entries = p.revoked.Number, len(p.revoked.Entries)
	p.Change = p.change(e)
	if want.CutSessions {
		p.Cut = e.cuts(p.Certificates, now)
	}
	return p, nil
}

// mayList refuses early what AWS would refuse: a list counts only if a CA of the
// trust anchor has signed it.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (e *Env) mayList(ctx context.Context, arn string, ca *x509.Certificate) error {
	anchor, err := e.AWS.Anchor(ctx, arn)
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	bundle, err := decode.Certificates([]byte(anchor.Source.Bundle))
	if err != nil {
		return fmt.Errorf("revoke: read bundle of trust anchor %s: %w", anchor.Name, err)
	}
	if !slices.ContainsFunc(bundle, ca.Equal) {
		return fmt.Errorf("revoke: the trust anchor does not hold %s, so AWS would not take a list of it; revoke with the CA that the trust anchor holds", ca.Subject.CommonName)
	}
	return nil
}

// listsOf are the revocation lists of a trust anchor.
func (e *Env) listsOf(ctx context.Context, arn string) ([]awsapi.CRL, error) {
	all, err := e.AWS.CRLs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read revocation lists: %w", err)
	}
	return slices.DeleteFunc(all, func(l awsapi.CRL) bool { return l.AnchorARN != arn }), nil
}

// take puts what an existing list of this CA says into the new one, so that
// nothing that was revoked elsewhere is let in again.
func (p *RevocationPlan) take(ctx context.Context, e *Env, list awsapi.CRL) error {
	parsed, err := pki.ParseCRL(list.Data)
	if err != nil {
		p.Notes = append(p.Notes, "The list "+list.Name+" in AWS cannot be read: "+err.Error())
		return nil
	}
	if parsed.CheckSignatureFrom(p.ca) != nil {
		return nil // of another CA of the bundle
	}
	var added int
	p.revoked, added = p.revoked.With(pki.RevokedIn(parsed)...)
	if added > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("The list %s in AWS holds %d entries that were not known here; they stay.", list.Name, added))
	}
	if parsed.Number != nil {
		p.revoked.Number = max(p.revoked.Number, parsed.Number.Int64())
	}
	ours, err := e.taggedOurs(ctx, list.ARN)
	if ours {
		p.list = list
	}
	return err
}

// bringIn checks a list that was made elsewhere.
func (p *RevocationPlan) bringIn(data []byte, lists []awsapi.CRL) error {
	parsed, err := pki.ParseCRL(data)
	if err == nil && parsed.CheckSignatureFrom(p.ca) != nil {
		err = errors.New("use revocation list: " + p.ca.Subject.CommonName + " has not signed it")
	}
	if err != nil {
		return err
	}
	for _, list := range lists {
		there, err := pki.ParseCRL(list.Data)
		if err != nil || !list.Enabled || there.CheckSignatureFrom(p.ca) != nil {
			continue
		}
		if err := pki.Supersedes(there, parsed); err != nil {
			return err
		}
	}
	if !parsed.NextUpdate.IsZero() {
		p.NextUpdate = parsed.NextUpdate.UTC()
	}
	p.from = pki.EncodeCRL(parsed.Raw) // AWS documents PEM, and gets what was understood here
	p.revoked.Entries = pki.RevokedIn(parsed)
	if parsed.Number != nil {
		p.revoked.Number = parsed.Number.Int64()
	}
	return nil
}

func (p *RevocationPlan) change(e *Env) Change {
	c := Change{
		ID: "trust-anchor.crl", Step: StepAnchor, Verb: Create, Noun: "revocation list", Name: e.AWSName(),
		Detail: fmt.Sprintf("number %d, %d entries", p.Number, p.Entries),
		Commands: []Command{{Args: e.region("aws", "rolesanywhere", "import-crl", "--name", e.AWSName(), "--crl-data", "fileb://crl.pem",
			"--trust-anchor-arn", p.AnchorARN, "--enabled")}},
	}
	if p.list.ID != "" {
		c.Verb, c.Name = Modify, p.list.Name
		c.Commands = []Command{{Args: e.region("aws", "rolesanywhere", "update-crl", "--crl-id", p.list.ID, "--crl-data", "fileb://crl.pem")}}
	}
	return c
}

// find looks for the certificates that are meant.
func (e *Env) find(want Revocation, ca *x509.Certificate) ([]KnownCertificate, error) {
	if e.World.Machine.Exists(want.What) {
		cert, err := e.readCertificate(want.What)
		if err != nil {
			return nil, err
		}
		if err := cert.CheckSignatureFrom(ca); err != nil {
			return nil, &NotOfCAError{Serial: pki.SerialOf(cert).Hex(), CA: ca.Subject.CommonName}
		}
		return []KnownCertificate{e.fill(knownOf(cert), ca)}, nil
	}
	all, err := e.knownCertificates(ca)
	if err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(want.What, "CN=")
	named := slices.DeleteFunc(slices.Clone(all), func(k KnownCertificate) bool {
		return k.CommonName != name || !k.NotAfter.After(e.World.Now())
	})
	switch {
	case len(named) > 1 && !want.All:
		return nil, &SeveralError{Name: name, Certificates: named}
	case len(named) > 0:
		return named, nil
	}
	serial, err := pki.ParseSerial(want.What)
	if err != nil || serial.IsZero() {
		return nil, &UnknownCertificateError{What: want.What}
	}
	for _, k := range all {
		if k.serial == serial {
			return []KnownCertificate{k}, nil
		}
	}
	return []KnownCertificate{{SerialHex: serial.Hex(), serial: serial}}, nil
}

// fill adds what this home knows of a certificate.
func (e *Env) fill(c KnownCertificate, ca *x509.Certificate) KnownCertificate {
	all, err := e.knownCertificates(ca)
	if err != nil {
		return c
	}
	for _, k := range all {
		if k.serial == c.serial {
			return k
		}
	}
	return c
}
