package steps

import (
	"context"
	"crypto"
	"path"
	"time"

	"anywhere/pki"
)

// issueAgain issues a certificate to the name that the answers give this
// machine, with a new key, as a journaled change. Where the CA cuts its life short it must
// still outlive the one before, which ends at ends.
func (r *Runner) issueAgain(ctx context.Context, want Renewal, ends time.Time, show func(Event)) (*Made, error) {
	e := r.env
	if ownPair(e) { // first of all: what is in a locked file decides the rest
		if err := r.ownAgain(want, ends); err != nil {
			return nil, err
		}
	}
	spec, err := wantedLeaf(e)
	if err == nil {
		err = e.fromOwn(&spec)
	}
	if err != nil {
		return nil, err
	}
	if issuerIs(issuerCSR)(e) {
		if err := r.answered(ctx, want, ends, show); err != nil {
			return nil, err
		}
	}
	if end := e.caEnd(); makesKey(e) && !end.IsZero() && spec.NotAfter.After(end) {
		if spec.NotAfter = end; !end.After(ends) {
			return nil, &EndingCAError{Setup: e.Setup, Ends: end}
		}
	}
	if spec.Serial, err = pki.NewSerial(e.World.Random); err != nil {
		return nil, err
	}
	spec.Dir = path.Join("setups", e.Setup, "pairs", spec.Serial.Hex())
	if err := r.unlockCA(want.Passphrase); err != nil {
		return nil, err
	}
	change := Change{
		ID: "certificate.issue", Step: StepCertificate, Verb: Create, Noun: "certificate and key", Name: e.shown(e.World.Home.Abs(spec.Dir)),
		Detail: spec.detail(e), Spec: encodeSpec(spec),
	}
	if err := r.make(ctx, change, show); err != nil {
		return nil, err
	}
	made, _ := e.Has("certificate.issue")
	return &made, nil
}

// unlockCA opens the CA's key where the issuer is our own CA, asking for the
// passphrase only if the key is locked.
func (r *Runner) unlockCA(passphrase func() ([]byte, error)) error {
	e := r.env.lender()
	if r.caKey != nil || !issuerIs(issuerOwn)(e) {
		return nil
	}
	key, err := e.OpenCAKey(passphrase)
	r.caKey = key
	return err
}

// EndingCAError says that a new certificate would not live longer than the one
// there is, because the CA ends first.
type EndingCAError struct {
	Setup string
	Ends  time.Time
}

func (e *EndingCAError) Error() string {
	return "renew certificate: its CA ends on " + e.Ends.Format(time.DateOnly) + ", so a new certificate would live no longer"
}

// Hint replaces the CA.
func (e *EndingCAError) Hint() string { return "anywhere ca rotate --setup " + e.Setup }

// WaitingError says that a new pair was issued and could not be proved, because
// no answer came. It stays, and the next renewal tries it again.
type WaitingError struct {
	Serial string
	Err    error
}

func (e *WaitingError) Error() string {
	return "prove certificate " + e.Serial + ": " + e.Err.Error() + "; the old one stays in use and the new one waits"
}
func (e *WaitingError) Unwrap() error { return e.Err }

// Hint repeats the renewal.
func (e *WaitingError) Hint() string { return "run anywhere cert renew again" }

// RefusedPairError says that AWS refused the new pair, which was taken back.
type RefusedPairError struct {
	Serial string
	Err    error
}

func (e *RefusedPairError) Error() string {
	return "prove certificate " + e.Serial + ": " + e.Err.Error() + "; it was taken back and the old one stays in use"
}
func (e *RefusedPairError) Unwrap() error { return e.Err }

// OpenCAKey returns the key of the set-up's CA. The error is a [*NoCAKeyError] if
// it was not kept; decode's errors say whether a passphrase is missing or wrong.
func (e *Env) OpenCAKey(passphrase func() ([]byte, error)) (key crypto.Signer, err error) {
	file := e.caKeyFile()
	if file == "" {
		return nil, &NoCAKeyError{Setup: e.lender().Setup}
	}
	if key, err = e.openCAKeyAt(file, passphrase); err != nil {
		return nil, err
	}
	cert, err := e.caCertificate()
	if err != nil {
		return nil, err
	}
	return key, pki.MatchKey(cert, key)
}

// AwayCAKeyError says that the file of the CA's key is not there now.
type AwayCAKeyError struct{ File string }

func (e *AwayCAKeyError) Error() string { return "open CA key " + e.File + ": there is no such file" }

// Hint says what may be missing.
func (e *AwayCAKeyError) Hint() string {
	return "bring the disk or stick that holds it, or say where it lies now: --ca-key FILE, for cert renew, cert issue, cert revoke and ca crl"
}
