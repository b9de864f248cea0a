package steps

import (
	"errors"
	"slices"
	"time"

	"anywhere/pki/stepca"
)

// EnrolSecrets are the keys of what an issuer wants for a first certificate. Given
// to a renewal, they get the next one as if it were the first: the old one is not
// shown, so it may be over, revoked or lost.
func EnrolSecrets() []string { return []string{"stepca.password", "stepca.token", "acme.mac-key"} }

// RenewalSecrets are the keys of all that may be given to a renewal.
func RenewalSecrets() []string { return slices.Concat(EnrolSecrets(), OwnSecrets()) }

// enrol takes the secrets that are given for this renewal alone.
func (r *Runner) enrol(secrets map[string]string) error {
	for key, value := range secrets {
		q := r.env.question(key)
		if !slices.Contains(RenewalSecrets(), key) || q == nil {
			return &UnknownKeyError{key}
		}
		r.env.enrols = r.env.enrols || slices.Contains(EnrolSecrets(), key)
		r.answers.given[key] = value
		switch key {
		case "stepca.token":
			r.answers.given["stepca.by"] = byToken
		case "stepca.password":
			r.answers.given["stepca.by"] = byPassword
		}
		if err := r.check(q, value); err != nil {
			return err
		}
	}
	return nil
}

// overError says that the issuer does not renew a certificate: its life is over, or it
// was revoked.
type overError struct {
	setup string
	over  bool
	err   error
}

func (e *overError) Error() string { return e.err.Error() }
func (e *overError) Unwrap() error { return e.err }

// Hint enrols anew.
func (e *overError) Hint() string {
	if !e.over {
		return "step-ca renews none that it has revoked, and its log says why: " + Command{Args: enrolAgain(e.setup)}.Line() + " gets one as if it were the first"
	}
	return "anywhere cert renew --setup " + e.setup + " --set stepca.password-file=FILE gets one as if it were the first (or --set stepca.token-file=FILE); a provisioner with allowRenewalAfterExpiry needs neither"
}

// enrolAgain is the renewal that shows the old certificate to nobody.
func enrolAgain(setup string) []string {
	return []string{"anywhere", "cert", "renew", "--setup", setup, "--set", "stepca.password-file=FILE"}
}

// Anew is what gives a set-up another certificate after its own was revoked.
func (r *Runner) Anew(setup string) Command {
	e, err := r.env.sibling(setup)
	if err == nil && issuerIs(issuerStepCA)(e.lender()) { // which renews none that it has revoked
		return Command{Args: enrolAgain(setup)}
	}
	return Command{Args: []string{"anywhere", "cert", "renew", "--setup", setup}}
}

// afterEnd adds to a step-ca's no what helps where the old certificate is over or
// revoked.
func (e *Env) afterEnd(err error, ends time.Time) error {
	if refused, ok := errors.AsType[*stepca.Refused](err); !ok || refused.Status != 401 || e.enrols {
		return err
	}
	return &overError{e.Setup, !e.World.Now().Before(ends), err}
}
