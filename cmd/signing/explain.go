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
	over   string // the set-up whose certificate's life is over, if that is what is wrong
	cause  error
}

func (e *explainedError) Error() string {
	return "check certificate: not so: " + e.breach.Rule.Says + ": " + e.breach.Saw + " (" + e.breach.Rule.ID + ")\n" + e.cause.Error()
}

func (e *explainedError) Unwrap() error { return e.cause }

// Hint renews what is over, and explains the rest.
func (e *explainedError) Hint() string {
	if e.over != "" {
		return "anywhere cert renew --setup " + e.over
	}
	return "anywhere explain " + e.breach.Rule.ID
}

// ruleAge is the rule that a certificate breaks before and after its life.
const ruleAge = "RA115"

// explain adds to a refusal the first rule that the certificate breaks.
func (r request) explain(err error, id session.Identity, now time.Time) error {
	if _, ok := errors.AsType[*session.Refused](err); !ok {
		return err
	}
	for _, breach := range rules.BreachesAt(rules.Leaf, id.Certificate, now) {
		if breach.Rule.Severity == rules.Must {
			over := ""
			if r.setup != nil && breach.Rule.ID == ruleAge && now.After(id.Certificate.NotAfter) {
				over = r.setup.Name
			}
			return &explainedError{breach, over, err}
		}
	}
	return err
}
