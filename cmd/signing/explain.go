package signing

import (
	"errors"
	"time"

	"anywhere/pki/rules"
	"anywhere/signer/session"
)

// explainedError is a refusal of AWS with what is wrong here, which comes first:
// AWS says the same of many faults. Nothing is refused here that AWS might take,
// so the certificate is looked at only now.
type explainedError struct {
	breach rules.Breach
	cause  error
}

func (e *explainedError) Error() string {
	return "check certificate: not so: " + e.breach.Rule.Says + ": " + e.breach.Saw + " (" + e.breach.Rule.ID + ")\n" + e.cause.Error()
}

func (e *explainedError) Unwrap() error { return e.cause }
func (e *explainedError) Hint() string  { return "anywhere explain " + e.breach.Rule.ID }

// explain adds to a refusal the first rule that the certificate breaks.
func explain(err error, id session.Identity, now time.Time) error {
	if _, ok := errors.AsType[*session.Refused](err); !ok {
		return err
	}
	for _, breach := range rules.BreachesAt(rules.Leaf, id.Certificate, now) {
		if breach.Rule.Severity == rules.Must {
			return &explainedError{breach, err}
		}
	}
	return err
}
