package steps

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"time"

	"anywhere/pki"
	"anywhere/signer"
	"anywhere/signer/home"
)

// Renewal says which certificate is to be renewed and with what.
type Renewal struct {
	Setup string
	// IfNeeded renews only what is due, by [pki.RenewAt] or by the issuer's own
	// word.
	IfNeeded bool
	// Answer is the file that came back for the request of an earlier renewal, where
	// somebody else issues.
	Answer string
	// Client asks for the session that proves the new pair.
	Client signer.Client
	// Passphrase opens a locked CA key; it is called at most once, and only if a
	// certificate is issued. Nil means that nobody can be asked.
	Passphrase func() ([]byte, error)
	// Open asks for the passphrase of a file with a certificate that the user has, in
	// the words given. Nil means that nobody can be asked.
	Open func(what string) ([]byte, error)
	// Enrol are secrets of [EnrolSecrets], to get a certificate as if it were the
	// first; empty shows the one there is. Those of [OwnSecrets] are taken, too.
	Enrol map[string]string
	// Keep is given the session that proved the new pair of a set-up which keeps
	// sessions, in the place of those of the old pair; nil drops it.
	Keep func(setup string, got signer.Credentials)
}

// Renewed is what a renewal did; it is the document of cert renew --json.
type Renewed struct {
	Setup string `json:"setup"`
	// Renewed is false if nothing was due.
	Renewed     bool              `json:"renewed"`
	DueAt       time.Time         `json:"dueAt"` // of the certificate that was in use before
	Certificate ResultCertificate `json:"certificate"`
	Before      ResultCertificate `json:"before"`
	Session     ResultSession     `json:"session,omitzero"` // the proof
	// Owner is the set-up whose certificate this one shares, if it does; HandedOn
	// are those that share the one renewed.
	Owner    string     `json:"owner,omitempty"`
	HandedOn []HandedOn `json:"handedOn,omitempty"`
	// Forgotten are the serials of older pairs whose life was over and that were
	// removed.
	Forgotten []string `json:"forgotten,omitempty"`

	look time.Time // when the next look at what is in use is worth a start
}

// Renew replaces the certificate and the key of a set-up by a new pair.
//
// The new pair is journaled, so that a teardown removes it too, and proved by a
// CreateSession before session.json is renamed; until then, and after any
// failure, the old one is in use. A pair that AWS refuses is taken back, and one
// that AWS could not be asked about waits for the next renewal ([*WaitingError]).
// Of several processes one renews; the others get [home.ErrBusy] at once. AWS's
// control plane is not asked, so no AWS credentials are needed.
func (r *Runner) Renew(ctx context.Context, want Renewal, show func(Event)) (Renewed, error) {
	if err := r.loadLocally(want.Setup, want.Client); err != nil {
		return Renewed{}, err
	}
	r.keep = want.Keep
	e := r.env
	if shares(e) {
		return r.renewShared(ctx, want, show)
	}
	if err := r.enrol(want.Enrol); err != nil {
		return Renewed{}, err
	}
	current, cert, err := e.inUse()
	if err == nil {
		err = oursToReplace(current)
	}
	if err != nil {
		return Renewed{}, err
	}
	out := Renewed{Setup: want.Setup, Before: e.described(current.Key, cert)}
	out.Certificate = out.Before
	out.DueAt, out.look = e.due(ctx, cert)
	if want.IfNeeded && e.World.Now().Before(out.DueAt) {
		if err := e.noteLook(current, cert, out.look); err != nil {
			return out, err
		}
		out.HandedOn, err = r.handOn(ctx, want.Client, show) // where a run was stopped before it came to that
		return out, err
	}
	lock, err := e.World.Home.Lock(e.Place())
	if err != nil {
		return out, err
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	// Another process may have renewed between the look and the lock.
	if err := r.loadLocally(want.Setup, want.Client); err != nil {
		return out, err
	}
	again, now, err := e.inUse()
	switch {
	case err != nil:
		return out, err
	case !now.Equal(cert):
		out.Renewed, out.Certificate = true, e.described(again.Key, now)
		return out, nil
	}
	if err := r.replacePair(ctx, want, current, &out, show); err != nil {
		return out, err
	}
	if out.HandedOn, err = r.handOn(ctx, want.Client, show); err != nil {
		return out, err
	}
	out.Forgotten, err = r.forgetEnded(ctx, show)
	return out, err
}

// loadLocally reads the journal and answers of a set-up without opening its AWS.
func (r *Runner) loadLocally(name string, client signer.Client) error {
	if r.loaded != "" && r.loaded != name {
		r.unload() // with the answers that were read for the other one
		r.caKey = nil
	}
	r.loaded, r.env.Site = "", nil // another set-up may live in another account
	if err := r.load(name); err != nil {
		return err
	}
	begin := r.env.Started
	if begin.ID == "" {
		return &NoSetupError{name}
	}
	site := siteOf(begin)
	site.Client = client
	r.env.Site = site
	r.answers.given["name"], r.answers.given["where"] = name, "aws"
	if begin.Mode == home.ModeSandbox {
		r.answers.given["where"] = "sandbox"
	}
	return nil
}

// inUse is session.json and its certificate.
func (e *Env) inUse() (home.Session, *x509.Certificate, error) {
	s, err := e.inUseOrLent()
	if err != nil {
		return s, nil, err
	}
	cert, err := x509.ParseCertificate(s.Certificate)
	if err != nil {
		return s, nil, fmt.Errorf("read certificate in session.json: %w", err)
	}
	return s, cert, nil
}

// described is a certificate as results show it; key is the reference of its key.
func (e *Env) described(key string, cert *x509.Certificate) ResultCertificate {
	serial := pki.SerialOf(cert)
	file := filepath.Join(e.Place().Dir, filepath.FromSlash(path.Dir(key)), "certificate.pem")
	return ResultCertificate{
		Path: file, Subject: cert.Subject.String(), SerialHex: serial.Hex(), SerialDecimal: serial.Decimal(),
		NotAfter: cert.NotAfter.UTC(),
	}
}

// replacePair finds or issues the new pair, proves it and points session.json to
// it.
func (r *Runner) replacePair(ctx context.Context, want Renewal, current home.Session, out *Renewed, show func(Event)) error {
	if err := r.settleCertificates(ctx); err != nil {
		return err
	}
	if err := r.journal.Compact(); err != nil {
		return err
	}
	made, err := r.waitingPair(current)
	if err == nil && made == nil {
		made, err = r.issueAgain(ctx, want, out.Before.NotAfter, show)
		err = r.env.afterEnd(err, out.Before.NotAfter)
	}
	if err != nil {
		return err
	}
	next, id, err := r.env.sessionWith(current, *made)
	if err != nil {
		return err
	}
	creds, err := want.Client.CreateSession(ctx, target(next), id)
	if refused, ok := errors.AsType[*signer.Refused](err); ok && refused.Status == 403 {
		taken := r.unmake(ctx, Removal{Made: *made}, show)
		return errors.Join(&RefusedPairError{Serial: made.Values["certificate.serial"], Err: err}, taken)
	}
	if err != nil {
		return &WaitingError{Serial: made.Values["certificate.serial"], Err: err}
	}
	if next.Setup == r.env.Setup { // a set-up that was torn down lends its pairs, and signs no more
		if err := r.env.pointTo(next); err != nil {
			return err
		}
	}
	out.Renewed, out.Certificate = true, r.env.described(next.Key, id.Certificate)
	out.Session = ResultSession{ARN: creds.AssumedRoleARN, SourceIdentity: creds.SourceIdentity, Expiration: creds.Expiration.UTC()}
	r.turnOver(r.env.Setup, creds)
	return nil
}

// settleCertificates writes down what became of certificates that a run which
// was stopped had begun. Anything else that is unfinished is for setup.
func (r *Runner) settleCertificates(ctx context.Context) error {
	for _, begun := range r.env.Begun {
		if begun.Step != StepCertificate {
			return &UnfinishedError{Setup: r.env.Setup, What: begun.Noun}
		}
	}
	return r.settleInJournal(ctx)
}

// UnfinishedError says that a set-up was stopped in the middle of something that
// only setup can finish.
type UnfinishedError struct{ Setup, What string }

func (e *UnfinishedError) Error() string {
	return "renew certificate: an earlier run of this set-up was stopped at its " + e.What
}

// Hint goes on with it.
func (e *UnfinishedError) Hint() string { return "anywhere setup --name " + e.Setup + " goes on" }

// waitingPair is the newest pair of the journal, if an earlier renewal issued it
// and could not prove it.
func (r *Runner) waitingPair(current home.Session) (*Made, error) {
	made, standing := r.env.Has("certificate.issue")
	if !standing || r.env.keyOf(made) == current.Key {
		return nil, nil
	}
	cert, err := r.env.readCertificate(r.env.pairFile(made, "certificate.pem"))
	if err != nil || !cert.NotAfter.After(r.env.World.Now()) {
		return nil, nil //nolint:nilerr // of no use any more; another is issued
	}
	return &made, nil
}

// pairFile is a file of a pair; keyOf its key, as session.json refers to it.
func (e *Env) pairFile(made Made, name string) string {
	return filepath.Join(e.World.Home.Abs(made.Ref), name)
}

func (e *Env) keyOf(made Made) string {
	return path.Join("pairs", path.Base(made.Ref), "key.pem")
}

// sessionWith is session.json with another pair, and the identity to prove it
// with.
func (e *Env) sessionWith(s home.Session, made Made) (home.Session, signer.Identity, error) {
	certs, err := e.readCertificates(e.pairFile(made, "certificate.pem"))
	if err != nil {
		return s, signer.Identity{}, err
	}
	s.Renewal = e.renewalOf(certs[0], s)
	s.Certificate, s.Key = certs[0].Raw, e.keyOf(made)
	if len(certs) > 1 {
		s.Chain = rawOf(certs[1:])
	}
	id, err := s.Identity(e.Place().Dir, nil)
	if err == nil {
		err = pki.MatchKey(id.Certificate, id.Key)
	}
	return s, id, err
}

func rawOf(certs []*x509.Certificate) [][]byte {
	var all [][]byte
	for _, cert := range certs {
		all = append(all, cert.Raw)
	}
	return all
}

// forgetEnded removes the pairs whose life is over. The one that was in use
// before stays until then: it is the way back.
func (r *Runner) forgetEnded(ctx context.Context, show func(Event)) ([]string, error) {
	current, _, err := r.env.inUse()
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, made := range slices.Clone(r.journal.Standing()) {
		if made.Change != "certificate.issue" || r.env.keyOf(made) == current.Key {
			continue
		}
		cert, err := r.env.readCertificate(r.env.pairFile(made, "certificate.pem"))
		if err == nil && cert.NotAfter.After(r.env.World.Now()) {
			continue
		}
		if err := r.unmake(ctx, Removal{Made: made}, show); err != nil {
			return gone, err
		}
		gone = append(gone, made.Values["certificate.serial"])
	}
	return gone, nil
}
