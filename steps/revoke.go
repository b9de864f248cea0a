package steps

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/pki/ledger"
	"anywhere/signer/home"
)

// Revocation says which certificate is to be let in no more.
type Revocation struct {
	// What is a serial in any form, a certificate file, or the common name of a
	// certificate that this home knows. Empty renews the list as it is.
	What string
	// Listed are more of the same; each must name one certificate, or, with All,
	// at least one.
	Listed []string
	All    bool // every certificate of that common name
	Reason pki.Reason
	// CutSessions also denies what sessions may do that were issued before now.
	CutSessions bool
	// From is a list that was made elsewhere, in PEM or DER; it is imported as it
	// is, and nothing is signed here.
	From []byte
	// Source is the file or URL that it was read from, for the commands that are named.
	Source string
	// Look is for who wants to see what is there, and brings no list.
	Look bool
	// HoldIssuer puts the intermediate that signed From into the trust anchor.
	HoldIssuer bool

	alone  bool              // for this set-up, not for others of the same CA
	signer *x509.Certificate // of From, if that is known already
}

// RevocationPlan is what a revocation would do; it is shown and approved first.
type RevocationPlan struct {
	Setup        string             `json:"setup"`
	Mode         home.Mode          `json:"mode"`
	Account      string             `json:"account"`
	Certificates []KnownCertificate `json:"certificates"`
	AnchorARN    string             `json:"trustAnchorArn"`
	// CanSign is false where the CA's key is not here: nothing below is then
	// filled, and there are other ways.
	CanSign bool  `json:"canSign"`
	Number  int64 `json:"number"`  // of the list
	Entries int   `json:"entries"` // in it
	// Bytes is its size in PEM, to some hundreds; Room is that beside what AWS takes,
	// and Full says that a further list may not fit.
	Bytes      int       `json:"bytes,omitempty"`
	Room       string    `json:"-"`
	Full       bool      `json:"nearlyFull,omitempty"`
	NextUpdate time.Time `json:"nextUpdate"`
	Unchanged  bool      `json:"unchanged,omitempty"` // AWS has this very list
	Hold       *Change   `json:"hold,omitempty"`      // of the trust anchor, before
	Change     Change    `json:"change"`              // import or update
	Cut        []Change  `json:"cut,omitempty"`       // of live sessions
	// Beside are other set-ups whose trust anchors hold the CA, and what is done there.
	Beside []Neighbour `json:"beside,omitempty"`
	Notes  []string    `json:"notes,omitempty"`

	revoked ledger.Revocations
	list    awsapi.CRL // ours, to update; zero if one is imported
	from    []byte
	ca      *x509.Certificate
	hold    []*x509.Certificate
	want    Revocation
	before  ledger.Revocations // what the enabled lists of that CA say
	past    *pastCA            // whose list it is, if that is not the CA in use
}

// maxLists is how many revocation lists a trust anchor has.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/load-balancer-limits.html
const maxLists = 2

// PlanRevocation looks at what is known here and in AWS. It writes nothing.
func (r *Runner) PlanRevocation(ctx context.Context, want Revocation) (RevocationPlan, error) {
	if want.From != nil {
		return r.planList(ctx, want)
	}
	e := r.env
	ca, past, err := e.whoseList(ctx, want)
	if err != nil {
		return RevocationPlan{}, err
	}
	p := RevocationPlan{want: want, past: past, Setup: e.Setup, Mode: e.Site.Mode, Account: e.Site.Caller.Account, AnchorARN: e.anchorARN(), NextUpdate: ca.NotAfter.UTC(), ca: ca}
	book, err := p.book(e)
	if err != nil {
		return p, err
	}
	if p.Certificates, err = e.findAll(want, ca, book.Dir); err != nil {
		return p, err
	}
	if p.CanSign = p.mayOpen(e); !p.CanSign {
		return p, nil
	}
	if !want.Look {
		if err := p.mayList(ctx, e, ca); err != nil {
			return p, err
		}
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
	var entries []pki.Revoked
	for _, c := range p.Certificates {
		entries = append(entries, pki.Revoked{Serial: c.serial, At: now, Reason: want.Reason})
	}
	p.revoked, _ = p.revoked.With(entries...)
	p.revoked.Number++
	if p.list.ID == "" && len(lists) >= maxLists {
		return p, &ManyListsError{Lists: lists}
	}
	p.Number, p.Entries = p.revoked.Number, len(p.revoked.Entries)
	if err := p.measure(); err != nil {
		return p, err
	}
	p.Change = p.change(e)
	if want.CutSessions {
		p.Cut = e.cuts(p.Certificates, now)
	}
	return p, r.planBeside(ctx, want, &p)
}

// mayList refuses early what AWS would refuse: a list counts only if a CA that the
// trust anchor holds has signed it. An intermediate of ours is put there first.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (p *RevocationPlan) mayList(ctx context.Context, e *Env, ca *x509.Certificate) error {
	bundle, err := e.bundle(ctx)
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	p.unknown(bundle)
	below := func(top *x509.Certificate) bool { return ca.CheckSignatureFrom(top) == nil }
	if slices.ContainsFunc(bundle, ca.Equal) || slices.ContainsFunc(bundle, below) {
		return p.holdFor(e, bundle, ca)
	}
	return fmt.Errorf("revoke: the trust anchor does not hold %s, so AWS would not take a list of it; revoke with the CA that the trust anchor holds", ca.Subject.CommonName)
}

// unknown notes serials of which nothing is known here: a list of one CA says nothing of
// what another one issued.
func (p *RevocationPlan) unknown(bundle []*x509.Certificate) {
	var serials, others []string
	for _, c := range p.Certificates {
		if c.NotAfter.IsZero() {
			serials = append(serials, c.SerialHex)
		}
	}
	if len(serials) == 0 {
		return
	}
	name := p.ca.Subject.CommonName
	note := fmt.Sprintf("Nothing is known here of %s: the list keeps it out only if %s issued it.", serials[0], name)
	if n := len(serials); n > 1 {
		note = fmt.Sprintf("Nothing is known here of %d of the serials: the list keeps them out only if %s issued them.", n, name)
	}
	for _, other := range bundle {
		if !other.Equal(p.ca) {
			others = append(others, other.Subject.CommonName)
		}
	}
	if len(others) > 0 {
		note += " The trust anchor also holds " + strings.Join(others, ", ") + "; by its file it is known which CA issued a certificate."
	}
	p.Notes = append(p.Notes, note)
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

// measure tells ahead how much of what AWS takes the list will be.
func (p *RevocationPlan) measure() (err error) {
	if p.Bytes, err = pki.CRLSize(p.revoked.Entries, p.ca); err != nil {
		return err
	}
	if p.Room, p.Full = pki.CRLRoom(p.Bytes); p.Full {
		p.Notes = append(p.Notes, "The list nears the size that AWS takes ("+p.Room+", RA221): anywhere ca rotate begins an empty one, and ends what this CA issued.")
	}
	return nil
}

func (p *RevocationPlan) change(e *Env) Change {
	c := Change{
		ID: "trust-anchor.crl", Step: StepAnchor, Verb: Create, Noun: "revocation list", Name: e.AWSName(),
		Detail: strings.TrimSuffix(fmt.Sprintf("number %d, %d entries, %s", p.Number, p.Entries, p.Room), ", "),
		Commands: []Command{{Args: e.region("aws", "rolesanywhere", "import-crl", "--name", e.AWSName(), "--crl-data", "fileb://crl.pem",
			"--trust-anchor-arn", p.AnchorARN, "--enabled")}},
	}
	if p.list.ID != "" {
		c.Verb, c.Name = Modify, p.list.Name
		c.Commands = []Command{{Args: e.region("aws", "rolesanywhere", "update-crl", "--crl-id", p.list.ID, "--crl-data", "fileb://crl.pem")}}
	}
	return c
}

// findAll looks for the certificates that are meant, each once.
func (e *Env) findAll(want Revocation, ca *x509.Certificate, dir string) ([]KnownCertificate, error) {
	whats := want.Listed
	if want.What != "" {
		whats = append([]string{want.What}, whats...)
	}
	if len(whats) == 0 {
		return nil, nil
	}
	all, err := e.certificatesOf(ca, dir)
	if err != nil {
		return nil, err
	}
	known := knowing{e, ca, all, want.All}
	var found []KnownCertificate
	seen := map[pki.Serial]bool{}
	for _, what := range whats {
		some, err := known.find(what)
		if err != nil {
			return nil, err
		}
		for _, k := range some {
			if !seen[k.serial] {
				seen[k.serial] = true
				found = append(found, k)
			}
		}
	}
	return found, nil
}

// knowing is what this home knows of a CA's certificates.
type knowing struct {
	*Env
	ca      *x509.Certificate
	all     []KnownCertificate
	several bool // a name may stand for more than one
}

// find looks for the certificates that are meant by one word.
func (e knowing) find(what string) ([]KnownCertificate, error) {
	if e.World.Machine.Exists(what) {
		cert, err := e.readCertificate(what)
		if err != nil {
			return nil, err
		}
		if err := cert.CheckSignatureFrom(e.ca); err != nil {
			return nil, &NotOfCAError{Serial: pki.SerialOf(cert).Hex(), CA: e.ca.Subject.CommonName}
		}
		return []KnownCertificate{e.known(knownOf(cert))}, nil
	}
	name := strings.TrimPrefix(what, "CN=")
	var named []KnownCertificate
	for _, k := range e.all {
		if k.CommonName == name && k.NotAfter.After(e.World.Now()) {
			named = append(named, k)
		}
	}
	switch {
	case len(named) > 1 && !e.several:
		return nil, &SeveralError{Name: name, Certificates: named}
	case len(named) > 0:
		return named, nil
	}
	serial, err := pki.ParseSerial(what)
	if err != nil || serial.IsZero() {
		return nil, &UnknownCertificateError{What: what}
	}
	return []KnownCertificate{e.known(KnownCertificate{SerialHex: serial.Hex(), serial: serial})}, nil
}

// known adds what this home knows of a certificate.
func (e knowing) known(c KnownCertificate) KnownCertificate {
	for _, k := range e.all {
		if k.serial == c.serial {
			return k
		}
	}
	return c
}
