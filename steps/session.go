package steps

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer"
	"anywhere/signer/home"
)

var session = Step{
	ID:    StepSession,
	Title: "Get the first session",
	Why:   "The key signs one request; AWS checks the certificate against the trust anchor and the role, and answers with temporary credentials.",
	Needs: []ID{StepOpen, StepCertificate},
	Plan:  planSession, Settle: settleSession, Apply: applySession, Verify: verifySession,
	Inspect: inspectSession, Undo: undoSession,
	Proof: []string{"RA403", "RA404"},
}

// wantedSession is session.json as the answers and what was made ask for it.
func wantedSession(e *Env) (home.Session, error) {
	dir := e.Value("certificate.dir")
	if dir == "" {
		return home.Session{}, errors.New("write session.json: no certificate has been issued yet")
	}
	cert, err := e.readCertificate(filepath.Join(e.World.Home.Abs(dir), "certificate.pem"))
	if err != nil {
		return home.Session{}, err
	}
	key, err := filepath.Rel(e.Place().Dir, filepath.Join(e.World.Home.Abs(dir), "key.pem"))
	if err != nil {
		return home.Session{}, err
	}
	seconds, _ := strconv.Atoi(e.Get("session.duration"))
	s := home.Session{
		SchemaVersion: home.SchemaVersion, Setup: e.Setup, ID: e.ID, Mode: e.Site.Mode,
		Account: e.Site.Caller.Account, Region: e.Site.Region, Endpoint: e.Site.Endpoint,
		TrustAnchorARN: e.anchorARN(), ProfileARN: e.profileARN(), RoleARN: e.roleARN(),
		DurationSeconds: seconds, Certificate: cert.Raw, Key: filepath.ToSlash(key),
	}
	before, err := e.World.Home.ReadSession(e.Place())
	if err != nil {
		before = home.Session{} // the first, or not to be believed
	}
	s.Renewal = e.renewalOf(cert, before)
	s.Chain, err = chainOf(e, dir)
	return s, err
}

// chainOf is what must be sent with the certificate of a pair: what its issuer
// handed out with it, or its CA, where an existing trust anchor may hold only
// what stands above it. A certificate too many is tolerated.
func chainOf(e *Env, dir string) ([][]byte, error) {
	if all, err := e.readCertificates(filepath.Join(e.World.Home.Abs(dir), "certificate.pem")); err != nil {
		return nil, err
	} else if len(all) > 1 {
		return rawOf(all[1:]), nil
	}
	if newAnchor(e) {
		return nil, nil
	}
	ca, err := e.caCertificate()
	if err != nil || bytes.Equal(ca.RawSubject, ca.RawIssuer) {
		return nil, err
	}
	return [][]byte{ca.Raw}, nil
}

// sessionNeeds are the changes after which session.json is another.
var sessionNeeds = []string{"certificate.issue", "trust-anchor.create", "rolesanywhere-profile.create", "role.create"}

func planSession(_ context.Context, e *Env) ([]Change, error) {
	file := e.Place().SessionFile()
	if _, standing := e.Has("session.write"); standing {
		want, err := wantedSession(e)
		if err != nil {
			return nil, err
		}
		if data, err := e.World.Machine.ReadFile(file); err == nil && bytes.Equal(data, want.Encode()) {
			if !slices.ContainsFunc(sessionNeeds, e.planned) {
				return nil, nil
			}
		}
	}
	return []Change{{
		ID: "session.write", Step: StepSession, Verb: Create, Noun: "session.json", Name: e.shown(file),
		Detail:   "points to key, certificate and ARNs; holds no secret",
		Commands: sessionCommands(e),
	}}, nil
}

func applySession(_ context.Context, t *Tools, _ Change) (Made, error) {
	want, err := wantedSession(t.Env)
	if err != nil {
		return Made{}, err
	}
	return sessionMade(t.Env), t.World.Home.WriteSession(t.Place(), want)
}

func sessionMade(e *Env) Made {
	return Made{Noun: "session.json", Name: e.Setup, Ref: "setups/" + e.Setup + "/session.json", Ownership: Created}
}

func settleSession(_ context.Context, e *Env, _ Change) (*Made, error) {
	if _, err := e.World.Machine.ReadFile(e.Place().SessionFile()); err != nil {
		return nil, nil //nolint:nilerr // not written: this change did not happen
	}
	made := sessionMade(e)
	return &made, nil
}

// identity opens this machine's certificate and key as session.json names them.
func identity(e *Env) (signer.Identity, home.Session, error) {
	s, err := e.World.Home.ReadSession(e.Place())
	if err != nil {
		return signer.Identity{}, s, err
	}
	cert, err := x509.ParseCertificate(s.Certificate)
	if err != nil {
		return signer.Identity{}, s, fmt.Errorf("read session.json: %w", err)
	}
	data, err := e.World.Machine.ReadFile(filepath.Join(e.Place().Dir, filepath.FromSlash(s.Key)))
	if err != nil {
		return signer.Identity{}, s, err
	}
	key, err := decode.Key(data, nil)
	if err != nil {
		return signer.Identity{}, s, err
	}
	id := signer.Identity{Certificate: cert, Key: key}
	for _, der := range s.Chain {
		above, err := x509.ParseCertificate(der)
		if err != nil {
			return signer.Identity{}, s, fmt.Errorf("read session.json: chain: %w", err)
		}
		id.Chain = append(id.Chain, above)
	}
	return id, s, pki.MatchKey(cert, key)
}

// target is what session.json asks AWS for.
func target(s home.Session) signer.Target {
	return signer.Target{
		TrustAnchorARN: s.TrustAnchorARN, ProfileARN: s.ProfileARN, RoleARN: s.RoleARN,
		Region: s.Region, Endpoint: s.Endpoint, SessionName: s.RoleSessionName, Duration: s.Duration(),
	}
}

// spread is how long IAM is given to spread a new role; reports name 5 to 30
// seconds.
const spread = 2 * time.Minute

func verifySession(ctx context.Context, t *Tools) ([]Evidence, error) {
	id, s, err := identity(t.Env)
	if err != nil {
		return nil, err
	}
	creds, err := t.firstSession(ctx, target(s), id)
	if err != nil {
		return nil, err
	}
	t.First = creds
	serial := pki.SerialOf(id.Certificate)
	name := creds.AssumedRoleARN[strings.LastIndex(creds.AssumedRoleARN, "/")+1:]
	note := "the certificate's serial, not its CN"
	if name != serial.Hex() {
		return nil, fmt.Errorf("compare session name: AWS calls the session %s, the certificate's serial is %s", name, serial.Hex())
	}
	return []Evidence{
		{Label: "you are", Value: creds.AssumedRoleARN},
		{Label: "session name", Value: name, Note: note},
		{Label: "identity", Value: creds.SourceIdentity, Note: "in CloudTrail: sourceIdentity"},
	}, nil
}

// firstSession asks for a session, and goes on asking while IAM may still be
// spreading what this run made.
func (t *Tools) firstSession(ctx context.Context, want signer.Target, id signer.Identity) (signer.Credentials, error) {
	deadline := t.World.Now().Add(spread)
	for wait := time.Second; ; wait = min(2*wait, 8*time.Second) {
		creds, err := t.Site.Client.CreateSession(ctx, want, id)
		if err == nil || !t.fresh || !t.spreading(err) || t.World.Now().After(deadline) {
			return creds, err
		}
		t.Say("IAM spreads the new role; usually 5 to 15 s")
		if err := t.World.Wait(ctx, wait); err != nil {
			return creds, err
		}
	}
}

// spreading says whether a refusal may be over in some seconds: right after a
// role or profile is made AWS answers as if it were not there. A trust anchor or a
// Roles Anywhere profile that was there before is what AWS says it is.
func (e *Env) spreading(err error) bool {
	refused, ok := errors.AsType[*signer.Refused](err)
	if !ok || refused.Status != 403 {
		return false
	}
	for begin, made := range map[string]bool{
		"Unable to assume role": true, "Invalid or empty profile": true,
		"Specified Trust Anchor": newAnchor(e), "Trust anchor is disabled": newAnchor(e), "Profile is disabled": ownProfile(e),
	} {
		if made && strings.HasPrefix(refused.Message, begin) {
			return true
		}
	}
	return false
}
