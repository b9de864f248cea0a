package steps

import (
	"crypto/x509"
	"errors"
	"fmt"
)

// What a certificate says that is there already, another set-up's or the user's own,
// is an answer to the questions about a new one.

// makesKey says that the certificate is made for this set-up, with a key drawn here.
func makesKey(e *Env) bool { return issues(e) && !ownPair(e) }

// knownField is a default taken from the certificate that is there.
func knownField(pick func(*x509.Certificate) string) func(*Env) (string, bool) {
	return func(e *Env) (string, bool) {
		if shares(e) || !ownPair(e) {
			return lentField(pick)(e)
		}
		certs, err := e.ownLeaf()
		if err != nil {
			return "", true
		}
		return pick(certs[0]), true
	}
}

// sameAsKnown is the rule for what a certificate says already.
func sameAsKnown(pick func(*x509.Certificate) string, valid func(*Env, string) error) func(*Env, string) error {
	return func(e *Env, value string) error {
		have, _ := knownField(pick)(e)
		switch {
		case makesKey(e):
			return valid(e, value)
		case value != have && shares(e):
			return fmt.Errorf("must be %q, which the certificate of set-up %s says", have, e.Get("leaf.setup"))
		case value != have && have == "":
			return errors.New("the certificate that you have does not say it, so the role cannot be tied to it")
		case value != have:
			return fmt.Errorf("must be %q, which the certificate that you have says", have)
		}
		return valid(e, value)
	}
}

// restrictsUnknown asks for a field where the role is tied to it and no certificate
// says it.
func restrictsUnknown(by string, pick func(*x509.Certificate) string) func(*Env) bool {
	return func(e *Env) bool {
		if e.Get("role.restrict") != by {
			return false
		}
		have, _ := knownField(pick)(e)
		return have == ""
	}
}
