// Package rules holds what IAM Roles Anywhere asks of certificates, as data.
//
// Each [Rule] is one sentence with its source and a function that judges one
// certificate. The wizard runs them before anything is made, the sandbox refuses
// by them, the doctor explains by them; the ids are the doctor's codes.
//
// # Numbers
//
// RA103 and RA111 to RA129 are about the certificate of a machine (end entity),
// RA151 to RA169 about the certificate of a trust anchor. Where the same thing is
// asked of both, the last digit is the same from RA111/RA151 on as far as it goes.
// A number is never used again for something else. RA101, RA102, RA104 and RA121
// belong to checks that need more than one certificate: files, keys, chains.
//
// # Severity
//
// A must is refused by AWS, or by path validation as RFC 5280 defines it, which
// AWS says it follows. A should is accepted and bites later: a tag that is not
// there, a CRL that cannot be signed.
//
// # What is not here
//
// That a certificate of a public CA cannot be an anchor stands in AWS's
// documents, but no field of a certificate tells. Chains, key pairs and revocation
// need more than one certificate and are judged elsewhere.
package rules

import (
	"crypto/x509"
	"slices"
)

// Subject says whose certificate a rule is about.
type Subject string

// The subjects.
const (
	CA   Subject = "ca"   // the trust anchor's certificate
	Leaf Subject = "leaf" // the certificate of a machine, an end entity
)

// Severity says what follows from a breach.
type Severity string

// The severities.
const (
	Must   Severity = "must"   // refused
	Should Severity = "should" // accepted, but something will not work
)

// Rule is one thing that is asked of a certificate.
type Rule struct {
	ID       string // the doctor's code, RA1xx
	Subject  Subject
	Says     string // the state that is asked for, as a sentence without full stop
	Source   string // https address of the page that asks for it
	Severity Severity
	// Holds reports whether the certificate keeps the rule, and what it saw there,
	// in either case. What was seen may quote the certificate: foreign text.
	Holds func(*x509.Certificate) (ok bool, saw string)
}

// Breach is a rule that a certificate does not keep.
type Breach struct {
	Rule Rule
	Saw  string // foreign text
}

// All lists every rule that needs no clock, by number.
func All() []Rule { return slices.Concat(leafRules, caRules) }

// Breaches lists the rules for subject that cert breaks, in the order of [All].
// The clock is not asked: see [BreachesAt].
func Breaches(subject Subject, cert *x509.Certificate) []Breach {
	return breaches(rulesFor(subject), subject, cert)
}

func rulesFor(subject Subject) []Rule {
	if subject == Leaf {
		return leafRules
	}
	return caRules
}

func breaches(list []Rule, subject Subject, cert *x509.Certificate) []Breach {
	var out []Breach
	for _, rule := range list {
		if rule.Subject != subject {
			continue
		}
		if ok, saw := rule.Holds(cert); !ok {
			out = append(out, Breach{rule, saw})
		}
	}
	return out
}

// Refused reports whether a must is among the breaches.
func Refused(list []Breach) bool {
	for _, b := range list {
		if b.Rule.Severity == Must {
			return true
		}
	}
	return false
}
