package steps

import (
	"bytes"
	"context"
	"crypto/x509"
	"time"

	"anywhere/pki"
	"anywhere/signer"
	"anywhere/signer/home"
)

// byItself are the issuers that renew without a key or a password kept here, so
// that signing may have it done behind the user's back.
func byItself(e *Env) bool { return issuerIs(issuerStepCA, issuerACME)(e.issuing()) }

// issuing is the set-up whose issuer issues the certificate of this one.
func (e *Env) issuing() *Env {
	if other := e.owner(); other != nil {
		return other
	}
	return e
}

// firstLook is how soon an issuer that may have a word of its own is asked for it.
const firstLook = 6 * time.Hour

// renewalOf is what session.json says of renewing cert; before is what it says
// now. It is zero where nothing renews by itself.
func (e *Env) renewalOf(cert *x509.Certificate, before home.Session) home.Renewal {
	if !byItself(e) {
		return home.Renewal{}
	}
	r := home.Renewal{Issuer: e.issuing().Get("ca.issuer"), Program: e.wholeProgramPath(), At: pki.RenewAt(cert).UTC()}
	if there := before.Renewal.Program; there != "" && e.World.Machine.Exists(there) {
		r.Program = there // another copy that renews today is no reason to change it
	}
	if issuerIs(issuerACME)(e.issuing()) {
		r.At = earlier(r.At, cert.NotBefore.Add(firstLook).UTC())
	}
	if bytes.Equal(before.Certificate, cert.Raw) && !before.Renewal.At.IsZero() {
		r.At = before.Renewal.At // what a look has found out since
	}
	return r
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// pointTo replaces session.json by the one with a new pair. The sandbox may have
// moved to another port since the old one was read.
func (e *Env) pointTo(next home.Session) error {
	if now, err := e.World.Home.ReadSession(e.Place()); err == nil && next.Mode == home.ModeSandbox {
		next.Endpoint = now.Endpoint
	}
	return e.World.Home.WriteSession(e.Place(), next)
}

// turnOver takes away the sessions that are kept of the old pair of a set-up:
// nobody finds them again, since they are kept by the certificate that got them.
// Where some were kept, the one that proved the new pair takes their place, so that
// a renewal takes no session away even if AWS cannot be asked afterwards. What was
// found wrong was found of the old pair.
func (r *Runner) turnOver(setup string, proof signer.Credentials) {
	h := r.env.World.Home
	if notes, err := h.ReadNotes(h.Setup(setup)); err == nil && notes.Verdict.Verdict == "unhealthy" {
		notes.Verdict = home.Verdict{}
		_ = h.WriteNotes(h.Setup(setup), notes) // the doctor's next word takes its place
	}
	keeps := r.env.World.Home.KeepsSessions(setup)
	_ = r.env.World.Home.ForgetSessions(setup) // what stays goes with the next renewal
	if keeps && r.keep != nil {
		r.keep(setup, proof)
	}
}

// due is when the certificate in use is to be renewed and when the next look at
// it is worth a start: by the issuer's own word, if it has one.
func (e *Env) due(ctx context.Context, cert *x509.Certificate) (at, look time.Time) {
	at = pki.RenewAt(cert).UTC()
	said, known, err := e.dueByIssuer(ctx, cert)
	switch {
	case err != nil: // it is asked again before the certificate is due by its age
		return at, earlier(at, e.World.Now().Add(firstLook).UTC().Truncate(time.Second))
	case !known:
		return at, at
	}
	return said.RenewAt.UTC(), earlier(said.RenewAt, said.AskAt).UTC().Truncate(time.Second)
}

// noteLook writes into session.json when the next look is worth a start, if that
// is another time than it says. It takes the lock; if somebody else has it, the
// next look is as early as it was.
func (e *Env) noteLook(current home.Session, cert *x509.Certificate, look time.Time) error {
	if !byItself(e) {
		return nil
	}
	lock, err := e.World.Home.Lock(e.Place())
	if err != nil {
		return nil //nolint:nilerr // whoever holds it renews, or the next look comes early
	}
	defer func() { _ = lock.Release() }() // the system does it at the latest when the process ends
	now, err := e.World.Home.ReadSession(e.Place())
	if err != nil || !bytes.Equal(now.Certificate, current.Certificate) {
		return err
	}
	next := now
	next.Renewal = e.renewalOf(cert, now)
	next.Renewal.At = look
	if bytes.Equal(next.Encode(), now.Encode()) {
		return nil
	}
	return e.World.Home.WriteSession(e.Place(), next)
}
