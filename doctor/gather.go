package doctor

import (
	"context"
	"crypto"
	"net/http"
	"sync"
	"time"

	"anywhere/awsapi"
	"anywhere/signer"
	"anywhere/signer/keystore/hardware"
)

// Subject is what is to be looked at. It comes from a set-up, from a line of an
// AWS config file ([SubjectOfLine]) or from flags.
type Subject struct {
	Kind   Kind
	Name   string
	Mode   string // of a set-up: sandbox, aws or custom
	Client Client
	Target signer.Target
	// Leaf and Chain are the certificates of a set-up, DER; otherwise the files
	// are read.
	Leaf                       []byte
	Chain                      [][]byte
	CertificateFile, ChainFile string
	// KeyRef is a path or a URI; KeyDir is set for the key of a set-up, whose path
	// counts from there.
	KeyRef, KeyDir string
	Passphrase     func() ([]byte, error) // asked once at most; nil: there is none
	// Module is the PKCS #11 module that a flag names, TPM the device; the others say
	// how the signer is told to open hardware.
	Module, TPM             string
	ReusePIN, NoTPMPassword bool
	Unasked                 bool // nobody named it: no PIN is tried
	CAKeyFile               string
	KnownCAs                [][]byte
	Config                  ConfigSeen
	Ours                    *Ours
	Noted                   []Note   // what the signer warned of
	Trouble                 *Trouble // why it could not be read
}

// Sources are where evidence comes from.
type Sources struct {
	Now     func() time.Time
	Environ []string // name=value
	// AWS opens the control plane with credentials that are not those under test.
	// nil: it is not read. An error is evidence.
	AWS func(context.Context) (awsapi.Reader, error)
	// Client asks for the session; HTTP carries the probe of the endpoint.
	Client signer.Client
	HTTP   *http.Client
	// Down says why AWS cannot be asked at all; nil: it can.
	Down error
	// Inspect looks at the program of a credential_process; nil: not looked at.
	Inspect func(name string) Program
}

// Options narrow what is looked at.
type Options struct {
	Offline bool // nothing is asked
	NoLive  bool // no session is asked for
	Trail   bool // CloudTrail is asked, too
	// Watch is told each time that a part of the evidence is whole, one after the
	// other. It must return soon.
	Watch func(Progress)
	// Patience bounds each question by itself; 0 means 8 s.
	Patience time.Duration
}

// gatherer collects while several goroutines write different parts.
type gatherer struct {
	Sources
	Options
	subject  Subject
	e        *Evidence
	key      crypto.Signer
	contents map[string]contentsRead // of the files of the subject, which one goroutine reads
	tried    hardware.Tried          // PINs that were refused: none is tried twice
	aws      awsapi.Reader           // nil until the control plane was opened
}

// Gather looks at everything once. It returns when every question has its answer
// or has run out of time; what failed is evidence. Keys are opened with the
// subject's passphrase, if there is one, and nothing of them but the public half is
// kept.
func Gather(ctx context.Context, src Sources, subject Subject, options Options) *Evidence {
	if options.Patience == 0 {
		options.Patience = 8 * time.Second
	}
	e := &Evidence{
		SchemaVersion: SchemaVersion, At: src.Now(), Kind: subject.Kind, Name: subject.Name, Mode: subject.Mode, Client: subject.Client,
		Offline: options.Offline, NoLive: options.NoLive, Subject: subject.Trouble, Target: subject.Target, KnownCAs: subject.KnownCAs,
		Config: subject.Config, Ours: subject.Ours, Noted: subject.Noted, Environment: variables(src.Environ),
	}
	g := &gatherer{Sources: src, Options: options, subject: subject, e: e, contents: map[string]contentsRead{}}
	g.files()
	if src.Inspect != nil && len(e.Config.Helper.Words) > 0 {
		e.Config.Program = src.Inspect(e.Config.Helper.Words[0])
	}
	e.Exchange.Endpoint = subject.Target.Endpoint
	if e.Exchange.Endpoint == "" && region(subject.Target.TrustAnchorARN) != "" {
		e.Exchange.Endpoint = signer.Endpoint(region(subject.Target.TrustAnchorARN), false, false)
	}
	if options.Offline || subject.Trouble != nil {
		e.AWS.Trouble = &Trouble{Kind: NotAsked, Says: "AWS was not asked"}
		return e
	}
	g.ask(ctx)
	return e
}

// ask asks AWS, all at once.
func (g *gatherer) ask(ctx context.Context) {
	var all sync.WaitGroup
	w := watch(g.e, g.Watch)
	all.Go(func() {
		g.probe(ctx)
		from := &g.e.Exchange
		w.end(func(e *Evidence) {
			e.Exchange.Probe, e.Exchange.Addresses, e.Exchange.Private = from.Probe, from.Addresses, from.Private
		})
	})
	all.Go(func() {
		g.session(ctx)
		w.end(func(e *Evidence) { e.Exchange.Session, e.Exchange.Refused = g.e.Exchange.Session, g.e.Exchange.Refused }, GroupSession)
	})
	all.Go(func() {
		g.controlPlane(ctx)
		w.end(func(e *Evidence) { e.AWS = g.e.AWS }, GroupChain, GroupAnchor, GroupProfile, GroupRole, GroupAge)
	})
	all.Wait()
	if g.Trail && g.aws != nil && g.e.Exchange.Session.Asked {
		name := "CreateSession"
		if g.e.Exchange.Refused != nil {
			name = "AssumeRole" // whose event says which policy denied it
		}
		question(ctx, g, &g.e.AWS.Trail, func(ctx context.Context) ([]awsapi.Event, error) {
			return g.aws.Events(ctx, awsapi.EventQuery{Name: name, Since: g.e.At.Add(-time.Hour), Limit: 10})
		})
	}
}

// question asks for one thing, with its own time.
func question[T any](ctx context.Context, g *gatherer, into *Answer[T], f func(context.Context) (T, error)) {
	ctx, cancel := context.WithTimeout(ctx, g.Patience)
	defer cancel()
	value, err := f(ctx)
	into.Asked = true
	if err != nil {
		into.Trouble = troubleOf(err)
		return
	}
	into.Value = value
}

// controlPlane reads what AWS holds.
func (g *gatherer) controlPlane(ctx context.Context) {
	seen := &g.e.AWS
	if g.Down != nil {
		seen.Trouble = troubleOf(g.Down)
		return
	}
	if g.AWS == nil {
		seen.Trouble = &Trouble{Kind: NotAsked, Says: "the control plane was not asked"}
		return
	}
	aws, err := g.AWS(ctx)
	if err != nil {
		seen.Trouble = troubleOf(err)
		return
	}
	aws = awsapi.ReadOnly(aws)
	g.aws = aws
	t := g.e.Target
	var all sync.WaitGroup
	all.Go(func() { question(ctx, g, &seen.Caller, aws.WhoAmI) })
	if t.TrustAnchorARN != "" {
		all.Go(func() {
			question(ctx, g, &seen.Anchor, func(ctx context.Context) (awsapi.Anchor, error) { return aws.Anchor(ctx, t.TrustAnchorARN) })
		})
		all.Go(func() { question(ctx, g, &seen.Anchors, aws.Anchors) })
		all.Go(func() { question(ctx, g, &seen.CRLs, aws.CRLs) })
		all.Go(func() { g.subjects(ctx, aws) })
	}
	if t.ProfileARN != "" {
		all.Go(func() {
			question(ctx, g, &seen.Profile, func(ctx context.Context) (awsapi.Profile, error) { return aws.Profile(ctx, t.ProfileARN) })
		})
		all.Go(func() { question(ctx, g, &seen.Profiles, aws.Profiles) })
	}
	if t.RoleARN != "" {
		all.Go(func() { question(ctx, g, &seen.Roles, aws.Roles) })
		all.Go(func() {
			question(ctx, g, &seen.Role, func(ctx context.Context) (awsapi.Role, error) { return aws.Role(ctx, roleName(t.RoleARN)) })
		})
		all.Go(func() {
			question(ctx, g, &seen.Policies, func(ctx context.Context) (map[string]string, error) {
				return policiesOf(ctx, aws, roleName(t.RoleARN))
			})
		})
	}
	all.Wait()
	g.elsewhere()
	g.followUp(ctx, aws)
}

// elsewhere takes what belongs to another account or Region for missing: the
// caller cannot see it, so an answer would be about something else.
func (g *gatherer) elsewhere() {
	seen := &g.e.AWS
	caller, t := seen.Caller, g.e.Target
	if !caller.Known() || caller.Value.Account == account(t.TrustAnchorARN) || account(t.TrustAnchorARN) == "" {
		return
	}
	other := &Trouble{Kind: NoCredentials, Says: "the AWS credentials are of account " + caller.Value.Account + ", not of " + account(t.TrustAnchorARN)}
	*seen = AWSSeen{Trouble: other, Caller: caller}
}

// policiesOf collects the documents of a role's own and attached policies.
func policiesOf(ctx context.Context, aws awsapi.Reader, role string) (map[string]string, error) {
	all := map[string]string{}
	inline, err := aws.InlinePolicies(ctx, role)
	if err != nil {
		return nil, err
	}
	for name, text := range inline {
		all[name] = text
	}
	attached, err := aws.AttachedPolicies(ctx, role)
	if err != nil {
		return nil, err
	}
	for _, arn := range attached {
		if all[arn], err = aws.ManagedPolicy(ctx, arn); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// followUp asks what only the first answers show to be of interest.
func (g *gatherer) followUp(ctx context.Context, aws awsapi.Reader) {
	seen := &g.e.AWS
	limits := append([]string{}, seen.Profile.Value.ManagedPolicyARNs...)
	if b := seen.Role.Value.PermissionsBoundary; b != "" {
		limits = append(limits, b)
	}
	if len(limits) > 0 {
		question(ctx, g, &seen.Limits, func(ctx context.Context) (map[string]string, error) {
			texts := map[string]string{}
			for _, arn := range limits {
				if text, err := aws.ManagedPolicy(ctx, arn); err == nil {
					texts[arn] = text
				}
			}
			return texts, nil
		})
	}
	if arn := seen.Anchor.Value.Source.PrivateCA; arn != "" {
		question(ctx, g, &seen.PrivateCA, func(ctx context.Context) (awsapi.PrivateCA, error) { return aws.PrivateCA(ctx, arn) })
	}
	off := ""
	switch {
	case seen.Anchor.Known() && !seen.Anchor.Value.Enabled:
		off = "DisableTrustAnchor"
	case seen.Profile.Known() && !seen.Profile.Value.Enabled:
		off = "DisableProfile"
	}
	if off != "" {
		question(ctx, g, &seen.Disabled, func(ctx context.Context) ([]awsapi.Event, error) {
			return aws.Events(ctx, awsapi.EventQuery{Name: off, Limit: 20})
		})
	}
}
