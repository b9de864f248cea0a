package steps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/signer"
	"anywhere/signer/sharedconfig"
)

var proof = Step{
	ID:    StepProof,
	Title: "Prove it from outside",
	Why:   "The line in the AWS config file is run as the AWS CLI runs it, and AWS is asked who that is.",
	Needs: []ID{StepConfig, StepSession},
	Asks: []Question{
		{Key: "proof.stranger", Ask: "Try a stranger's certificate", Kind: YesNo, Row: true, Example: "yes",
			Why:     "A throw-away certificate of the same CA that differs only in its name must be refused. In AWS it leaves a subject and an audit event.",
			Applies: strangerCanBe, Default: strangerDefault},
		{Key: "proof.cloudtrail", Ask: "Wait for the CloudTrail event", Kind: YesNo, Row: true, Example: "no",
			Why:     "AWS shows the event up to 15 minutes later; the sandbox at once.",
			Default: func(e *Env) (string, bool) { return yesIf(!outsideSandbox(e)), true }},
	},
	Verify: verifyProof,
}

func yesIf(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// strangerCanBe: a role that takes every certificate of the anchor has no
// strangers, and an existing role may have its own idea of them.
func strangerCanBe(e *Env) bool { return ownRole(e) && !everybody(e) }

func strangerDefault(e *Env) (string, bool) { return yesIf(!outsideSandbox(e)), true }

func verifyProof(ctx context.Context, t *Tools) ([]Evidence, error) {
	creds, err := t.throughConfig(ctx)
	if err != nil {
		return nil, err
	}
	aws, err := t.Site.As(creds)
	if err != nil {
		return nil, err
	}
	caller, err := aws.WhoAmI(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask who am I with the credentials of AWS config profile %s: %w", t.Get("config.profile"), err)
	}
	if caller.ARN != t.First.AssumedRoleARN {
		return nil, fmt.Errorf("compare sessions: AWS config profile %s gives %s, the first session was %s", t.Get("config.profile"), caller.ARN, t.First.AssumedRoleARN)
	}
	all := []Evidence{{Label: "AWS config profile", Value: t.Get("config.profile"), Note: "gives these credentials to the AWS CLI and SDKs"}}
	for _, prove := range []func(context.Context, *Tools, awsapi.Reader) ([]Evidence, error){proveAllowed, proveStranger, proveTrail} {
		evidence, err := prove(ctx, t, aws)
		if err != nil {
			return all, err
		}
		all = append(all, evidence...)
	}
	return all, nil
}

// throughConfig runs the credential_process line of the AWS config file as
// written: split as botocore splits it, with nothing in the environment but HOME
// and PATH, and no cached session in the way.
func (t *Tools) throughConfig(ctx context.Context) (signer.Credentials, error) {
	data, err := t.World.Machine.ReadFile(t.Site.ConfigFile)
	if err != nil {
		return signer.Credentials{}, err
	}
	line, ok := sharedconfig.Parse(data).Get(sharedconfig.ProfileSection(t.Get("config.profile")), "credential_process")
	if !ok {
		return signer.Credentials{}, fmt.Errorf("read %s: [profile %s] has no credential_process", t.Site.ConfigFile, t.Get("config.profile"))
	}
	env := []string{"HOME=" + t.World.Machine.UserHome, "PATH=" + t.World.Machine.Path, "ANYWHERE_NO_CACHE=1"}
	stdout, stderr, err := t.World.Machine.Run(ctx, sharedconfig.SplitCommand(line), env)
	if err != nil {
		return signer.Credentials{}, processError(err, string(stderr))
	}
	return parseProcess(stdout)
}

// ProcessError is what the program in the AWS config file said when it was run.
type ProcessError struct {
	Says, Fix string
	Err       error // how it ended
}

func (e *ProcessError) Error() string { return "run credential_process: " + e.Says }
func (e *ProcessError) Unwrap() error { return e.Err }

// Hint is the program's own.
func (e *ProcessError) Hint() string { return e.Fix }

// processError takes apart what our programs print: one line with the cause after
// the program's name, and a line with the hint.
func processError(err error, stderr string) error {
	e := &ProcessError{Err: err}
	var says []string
	for line := range strings.Lines(strings.TrimSpace(stderr)) {
		line = strings.TrimSpace(line)
		if fix, ok := strings.CutPrefix(line, "hint: "); ok {
			e.Fix = fix
			continue
		}
		says = append(says, strings.TrimPrefix(line, wholeProgram+": "))
	}
	e.Says = strings.Join(append(says, err.Error()), "; ")
	return e
}

// parseProcess reads what a credential_process prints.
//
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
func parseProcess(stdout []byte) (signer.Credentials, error) {
	var printed struct {
		Version                                   int
		AccessKeyID                               string `json:"AccessKeyId"`
		SecretAccessKey, SessionToken, Expiration string
	}
	if err := json.Unmarshal(stdout, &printed); err != nil {
		return signer.Credentials{}, errors.New("read output of credential_process: it is not JSON")
	}
	if printed.Version != 1 || printed.AccessKeyID == "" || printed.SecretAccessKey == "" || printed.SessionToken == "" {
		return signer.Credentials{}, errors.New("read output of credential_process: version 1 with three keys is expected")
	}
	expires, err := time.Parse(time.RFC3339, printed.Expiration)
	if err != nil {
		return signer.Credentials{}, fmt.Errorf("read output of credential_process: Expiration: %w", err)
	}
	return signer.Credentials{AccessKeyID: printed.AccessKeyID, SecretAccessKey: printed.SecretAccessKey,
		SessionToken: printed.SessionToken, Expiration: expires}, nil
}

// proveAllowed tries what the role may do.
func proveAllowed(ctx context.Context, t *Tools, aws awsapi.Reader) ([]Evidence, error) {
	if t.Get("permissions") != mayList {
		return nil, nil
	}
	buckets, err := aws.Buckets(ctx)
	if err != nil && t.fresh && errors.Is(err, awsapi.ErrDenied) {
		t.Say("IAM spreads the new permissions; usually 5 to 15 s")
		if err := t.World.Wait(ctx, 5*time.Second); err != nil {
			return nil, err
		}
		buckets, err = aws.Buckets(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("list buckets with the new session: %w", err)
	}
	return []Evidence{{Label: "allowed", Value: "s3:ListAllMyBuckets", Note: fmt.Sprintf("%d found", len(buckets))}}, nil
}

// strangerLife is how long the throw-away certificate is valid.
const strangerLife = 10 * time.Minute

// proveStranger makes a certificate of the same CA that differs only in name,
// serial and key, in memory, and expects AWS to refuse it.
func proveStranger(ctx context.Context, t *Tools, _ awsapi.Reader) ([]Evidence, error) {
	if t.Get("proof.stranger") != "yes" {
		return nil, nil
	}
	id, s, err := identity(t.Env)
	if err != nil {
		return nil, err
	}
	caKey, err := t.openCAKey()
	if err != nil {
		return []Evidence{{Label: "stranger", Value: "not tried", Note: "the key of the CA is not at hand"}}, nil
	}
	ca, err := t.localCA(caKey)
	if err != nil {
		return nil, err
	}
	stranger, name, err := t.stranger(ctx, ca, id)
	if err != nil {
		return nil, err
	}
	_, err = t.Site.Client.CreateSession(ctx, target(s), stranger)
	refused, ok := errors.AsType[*signer.Refused](err)
	switch {
	case err == nil:
		return nil, &StrangerError{name}
	case !ok || !strings.HasPrefix(refused.Message, "Unable to assume role"):
		return nil, fmt.Errorf("try a stranger's certificate: %w", err)
	}
	return []Evidence{{Label: "refused", Value: name + ", same CA", Note: "as it should be"}}, nil
}

func (t *Tools) stranger(ctx context.Context, ca pki.LocalCA, id signer.Identity) (signer.Identity, string, error) {
	spec, err := wantedLeaf(t.Env)
	if err != nil {
		return signer.Identity{}, "", err
	}
	name := "CN=somebody-else"
	spec.Name.CommonName = "somebody-else"
	switch t.Get("role.restrict") {
	case restrictOU:
		spec.Name.OrganizationalUnit, name = "somebody-else", "OU=somebody-else"
	case restrictDNS:
		spec.DNS, name = "somebody-else.invalid", "DNS somebody-else.invalid"
	case restrictURI:
		spec.URI, name = "https://somebody-else.invalid/", "URI https://somebody-else.invalid/"
	}
	if spec.Serial, err = pki.NewSerial(t.World.Random); err != nil {
		return signer.Identity{}, "", err
	}
	spec.NotAfter = spec.NotBefore.Add(backdate + strangerLife)
	kind, _ := pki.KindOf(id.Certificate.PublicKey)
	key, err := pki.NewKey(kind, t.World.Random)
	if err != nil {
		return signer.Identity{}, "", err
	}
	issued, err := issue(ctx, t, ca, spec, key)
	return signer.Identity{Certificate: issued.Certificate, Chain: slices.Clone(id.Chain), Key: key}, name, err
}

// StrangerError says that AWS let somebody else in.
type StrangerError struct{ Name string }

func (e *StrangerError) Error() string {
	return "try a stranger's certificate: AWS let " + e.Name + " in, which differs from this machine only in its name"
}

// Hint says what to look at.
func (e *StrangerError) Hint() string {
	return "look at the role's trust policy; anywhere teardown closes the way in"
}

// TrailWait is how long CloudTrail is given; AWS names up to 15 minutes. Waiting
// ends early, without harm, when [World].Wait says so.
const TrailWait = 15 * time.Minute

// TrailNote is what is said meanwhile.
const TrailNote = "CloudTrail shows events up to 15 minutes later; everything stands already"

// proveTrail waits for the CreateSession event of this certificate.
func proveTrail(ctx context.Context, t *Tools, _ awsapi.Reader) ([]Evidence, error) {
	if t.Get("proof.cloudtrail") != "yes" {
		return nil, nil
	}
	begun := t.World.Now()
	for {
		events, err := t.AWS.Events(ctx, awsapi.EventQuery{Name: "CreateSession", Since: begun.Add(-time.Hour)})
		if err != nil {
			return nil, fmt.Errorf("look up CreateSession in CloudTrail: %w", err)
		}
		for _, e := range events {
			if e.Source == "rolesanywhere.amazonaws.com" && strings.Contains(e.Record, t.First.AccessKeyID) {
				return []Evidence{{Label: "CloudTrail", Value: e.Name, Note: "event " + e.ID + " names " + t.First.SourceIdentity}}, nil
			}
		}
		if outsideSandbox(t.Env) && t.World.Now().Sub(begun) < TrailWait {
			t.Say(TrailNote)
			if t.World.Wait(ctx, 20*time.Second) == nil {
				continue
			}
			return []Evidence{{Label: "CloudTrail", Value: "not waited for", Note: "look again later: EventName CreateSession"}}, nil
		}
		return []Evidence{{Label: "CloudTrail", Value: "no event yet", Note: "look again later: EventName CreateSession"}}, nil
	}
}
