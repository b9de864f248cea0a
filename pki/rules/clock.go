package rules

import (
	"crypto/x509"
	"fmt"
	"time"
)

// At lists the rules that need a clock, bound to now.
func At(now time.Time) []Rule {
	valid := func(cert *x509.Certificate) (bool, string) { return validAt(cert, now) }
	return []Rule{
		{"RA115", Leaf, "certificate is valid now", rfc5280 + "#section-6.1.3", Must, valid},
		{"RA155", CA, "CA certificate is valid now", rfc5280 + "#section-6.1.3", Must, valid},
	}
}

// BreachesAt is [Breaches] with the rules of [At] as well.
func BreachesAt(subject Subject, cert *x509.Certificate, now time.Time) []Breach {
	return append(Breaches(subject, cert), breaches(At(now), subject, cert)...)
}

// validAt includes both ends (RFC 5280 section 4.1.2.5) and compares whole
// seconds, since that is what a certificate holds.
func validAt(cert *x509.Certificate, now time.Time) (bool, string) {
	now = now.UTC().Truncate(time.Second)
	switch {
	case now.Before(cert.NotBefore):
		return false, fmt.Sprintf("it begins at %s, in %s", stamp(cert.NotBefore), span(cert.NotBefore.Sub(now)))
	case now.After(cert.NotAfter):
		return false, fmt.Sprintf("it ended at %s, %s ago", stamp(cert.NotAfter), span(now.Sub(cert.NotAfter)))
	}
	return true, "it ends at " + stamp(cert.NotAfter)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// span is how people say how long: days from two days on, as they stand.
func span(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d days", int(d/(24*time.Hour)))
	}
	return d.String()
}
