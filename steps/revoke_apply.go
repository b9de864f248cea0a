package steps

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
	"anywhere/pki"
	"anywhere/pki/ledger"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/signer/refusals"
)

// Revoke makes what the plan shows: the entries into the CA's ledger, then the
// list into AWS, then the cut of live sessions; and it tries whether a revoked
// certificate still gets a session.
//
// A run that is stopped is finished by the next one: what stands in the ledger
// goes into every later list.
func (r *Runner) Revoke(ctx context.Context, p RevocationPlan, passphrase func() ([]byte, error), approval Approval, show func(Event)) ([]Evidence, error) {
	e := r.env
	if err := r.ApprovedAccount(approval); err != nil {
		return nil, err
	}
	lock, err := e.World.Home.Lock(e.Place())
	if err != nil {
		return nil, err
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	if err := r.settleInJournal(ctx); err != nil {
		return nil, err
	}
	var evidence []Evidence
	if !p.Unchanged {
		if evidence, err = r.revokeHere(ctx, p, passphrase, show); err != nil {
			return evidence, err
		}
	}
	for _, cut := range p.Cut {
		if err := r.make(ctx, cut, show); err != nil {
			return evidence, err
		}
	}
	beside, err := r.revokeBeside(ctx, p, passphrase, approval, show)
	return append(evidence, beside...), err
}

// revokeHere brings the list to this set-up's trust anchor.
func (r *Runner) revokeHere(ctx context.Context, p RevocationPlan, passphrase func() ([]byte, error), show func(Event)) ([]Evidence, error) {
	made, err := r.sign(p, passphrase)
	if err != nil {
		return nil, err
	}
	if p.Hold != nil {
		if err := r.setBundle(ctx, p.hold, p.Hold.Detail, show); err != nil {
			return nil, err
		}
	}
	if err := r.noted(p.Change, show, func() error { return r.putList(ctx, p, made) }); err != nil {
		return nil, err
	}
	if err := r.env.shutOut("RA206", r.env.comeBy(p)...); err != nil {
		return nil, err
	}
	return r.proveRevoked(ctx, p)
}

// noted shows a change that needs no journal: its tags say whose it is.
func (r *Runner) noted(c Change, show func(Event), do func() error) error {
	begun := r.env.World.Now()
	show(Event{Kind: Started, Change: c})
	if err := do(); err != nil {
		err = &ChangeError{c, err}
		show(Event{Kind: Failed, Change: c, Err: err})
		return err
	}
	show(Event{Kind: Finished, Change: c, Elapsed: r.env.World.Now().Sub(begun)})
	return nil
}

// sign writes the entries down and signs the list that carries them.
func (r *Runner) sign(p RevocationPlan, passphrase func() ([]byte, error)) ([]byte, error) {
	if p.from != nil {
		return p.from, nil
	}
	key, err := r.listKey(p, passphrase)
	if err != nil {
		return nil, err
	}
	book, err := p.book(r.env)
	if err != nil {
		return nil, err
	}
	if err := r.env.World.Home.Disk.Mkdir(book.Dir, home.DirPerm); err != nil {
		return nil, err
	}
	lock, err := home.LockFile(filepath.Join(book.Dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("lock CA: %w", err)
	}
	defer func() { _ = lock.Release() }() // the system releases it at the latest when the process ends
	now, err := book.Revocations()
	if err != nil {
		return nil, err
	}
	if unseen, n := p.revoked.With(now.Entries...); n > 0 {
		return nil, &MovedError{"ledger of the CA", fmt.Sprintf("%d entries were added after the plan was made", len(unseen.Entries)-p.Entries)}
	}
	data, err := r.signed(p, key)
	if err != nil {
		return nil, err
	}
	return data, book.Record(p.revoked)
}

// signed is the list in PEM. Its next update is the end of the CA: nothing of
// ours goes stale before that.
func (r *Runner) signed(p RevocationPlan, key crypto.Signer) ([]byte, error) {
	now := r.env.World.Now()
	entries := p.revoked.Entries
	spec := pki.CRLSpec{Number: p.Number, Entries: entries, ThisUpdate: now.Add(-backdate), NextUpdate: p.NextUpdate}
	list, err := pki.NewCRL(spec, p.ca, key, r.env.World.Random)
	if err != nil {
		return nil, err
	}
	return pki.EncodeCRL(list.Raw), nil
}

// putList brings the list to AWS, if it is still what the plan saw, and reads it
// back.
func (r *Runner) putList(ctx context.Context, p RevocationPlan, data []byte) error {
	api := r.env.Site.API
	lists, err := r.env.listsOf(ctx, p.AnchorARN)
	if err != nil {
		return err
	}
	for _, there := range lists {
		parsed, err := pki.ParseCRL(there.Data)
		if err != nil || parsed.CheckSignatureFrom(p.ca) != nil {
			continue
		}
		next, err := pki.ParseCRL(data)
		if err != nil {
			return err
		}
		if err := pki.Supersedes(parsed, next); err != nil {
			return err
		}
	}
	if p.list.ID == "" {
		_, err := api.ImportCRL(ctx, awsapi.CRLSpec{
			Name: r.env.AWSName(), AnchorARN: p.AnchorARN, Data: data, Enabled: true, Tags: r.env.OurTags(),
		})
		return err
	}
	if _, err := api.UpdateCRL(ctx, p.list.ID, data); err != nil {
		return err
	}
	if !p.list.Enabled {
		return api.EnableCRL(ctx, p.list.ID)
	}
	return nil
}

// refusalWait is how long AWS is given to begin refusing; about a second has
// been seen.
const refusalWait = 30 * time.Second

// proveRevoked tries the revoked certificates whose keys are here.
func (r *Runner) proveRevoked(ctx context.Context, p RevocationPlan) ([]Evidence, error) {
	var all []Evidence
	for _, c := range p.Certificates {
		if c.dir == "" {
			all = append(all, Evidence{Label: "revoked", Value: c.SerialHex, Note: "in the list; its key is not here, so it was not tried"})
			continue
		}
		if r.env.triedBy(c) == "" {
			all = append(all, Evidence{Label: "revoked", Value: c.SerialHex, Note: "in the list; what signs with it comes by another trust anchor, so it was not tried here"})
			continue
		}
		if !c.NotAfter.After(r.env.World.Now()) {
			all = append(all, Evidence{Label: "revoked", Value: c.SerialHex, Note: "in the list; its life was over already"})
			continue
		}
		if err := r.refused(ctx, c); err != nil {
			return all, err
		}
		all = append(all, Evidence{Label: "refused", Value: c.SerialHex, Note: "AWS gives it no session any more"})
	}
	return all, nil
}

// triedBy names the set-up that a certificate is tried as: this one or another one that
// has the pair and signs for the same trust anchor, which has the list. Empty if there
// is none.
func (e *Env) triedBy(c KnownCertificate) string {
	if slices.Contains(c.holders, e.Setup) {
		return e.Setup
	}
	for _, name := range c.holders {
		if s, err := e.World.Home.ReadSession(e.World.Home.Setup(name)); err == nil && s.TrustAnchorARN == e.anchorARN() {
			return name
		}
	}
	return ""
}

// refused asks for a session until AWS refuses it as revoked.
func (r *Runner) refused(ctx context.Context, c KnownCertificate) error {
	e := r.env
	s, err := e.World.Home.ReadSession(e.World.Home.Setup(e.triedBy(c)))
	if err != nil {
		return err
	}
	certs, err := e.readCertificates(filepath.Join(c.dir, "certificate.pem"))
	if err != nil {
		return err
	}
	if len(certs) > 1 { // it came with what stands above it, which is another CA now
		s.Chain = rawOf(certs[1:])
	}
	s.Certificate, s.Key = certs[0].Raw, "pairs/"+filepath.Base(c.dir)+"/key.pem"
	id, err := s.Identity(e.World.Home.Setup(c.Setup).Dir, nil)
	if err != nil {
		return err
	}
	deadline := e.World.Now().Add(refusalWait)
	for {
		_, err := e.Site.Client.CreateSession(ctx, target(s), id)
		refused, ok := errors.AsType[*signer.Refused](err)
		switch {
		case ok:
			if found := refusals.Matches(refused.Message); len(found) > 0 && found[0].Refusal.ID == refusals.Revoked {
				return nil
			}
			return fmt.Errorf("try the revoked certificate: AWS refuses it for another reason: %w", err)
		case err != nil:
			return fmt.Errorf("try the revoked certificate: %w", err)
		case !e.World.Now().Before(deadline):
			return &StillInError{Serial: c.SerialHex}
		}
		if err := e.World.Wait(ctx, 2*time.Second); err != nil {
			return err
		}
	}
}

// StillInError says that AWS lets a revoked certificate in.
type StillInError struct{ Serial string }

func (e *StillInError) Error() string {
	return "try the revoked certificate " + e.Serial + ": AWS still gives it a session"
}

// Hint names the switch that always works.
func (e *StillInError) Hint() string {
	return "anywhere cert revoke --close=trust-anchor disables the trust anchor"
}

// cuts deny everything to sessions of the certificates' source identities that
// were issued before now. Later sessions, of a certificate issued anew, are let
// through.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
func (e *Env) cuts(certs []KnownCertificate, now time.Time) []Change {
	var all []Change
	role, ours := e.Has("role.create")
	for _, c := range certs {
		if !ours || c.CommonName == "" {
			continue
		}
		doc := policy.Document{Version: policy.Version, Statements: []policy.Statement{{
			Sid: "AnywhereCut", Effect: policy.Deny, Actions: []string{"*"}, Resources: []string{"*"},
			Conditions: []policy.Condition{
				{Operator: "StringEquals", Key: "aws:SourceIdentity", Values: []string{"CN=" + c.CommonName}},
				{Operator: "DateLessThan", Key: "aws:TokenIssueTime", Values: []string{now.Format(time.RFC3339)}},
			},
		}}}
		spec := permitSpec{Role: role.Name, Policy: e.AWSName() + "-cut-" + c.SerialHex[:8], Document: doc.JSON()}
		all = append(all, Change{
			ID: "permissions.cut", Step: StepPermissions, Verb: Modify, Noun: "role permissions", Name: "deny to live sessions of CN=" + c.CommonName,
			Detail: "of role " + role.Name, Diff: spec.Document, Spec: encodeSpec(spec), Commands: permitCommands(e, spec),
		})
	}
	return all
}

// Ledger is the memory of the set-up's CA: what it issued for other machines and
// what it has revoked.
func (r *Runner) Ledger() (ledger.Ledger, error) { return r.env.ledger() }
