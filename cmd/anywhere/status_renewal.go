package main

import (
	"crypto/x509"
	"fmt"
	"time"

	"anywhere/pki"
	"anywhere/signer/home"
)

// renewalStatus is what a set-up's files say of its next certificate.
type renewalStatus struct {
	Due bool `json:"due,omitempty"` // less than a third of its life is left, or its issuer has said so
	// RenewsFrom is when signing has the certificate renewed by itself, or next asks
	// its issuer whether to; absent if nobody does.
	RenewsFrom *time.Time `json:"renewsFrom,omitempty"`
	// Attempts is how often that was started since the last time it ended well.
	Attempts int `json:"renewalAttempts,omitempty"`
}

// renewalOf reads them; the certificate is the one in use.
func renewalOf(session home.Session, cert *x509.Certificate, notes home.Notes, now time.Time) (r renewalStatus) {
	if session.Renewal.Program == "" {
		r.Due = !now.Before(pki.RenewAt(cert))
		return r
	}
	r.RenewsFrom, r.Attempts = &session.Renewal.At, notes.Renewal.Count
	// What is due by itself is nobody's business until it does not happen.
	r.Due = now.After(pki.RenewAt(cert)) && r.Attempts > 1 || now.After(cert.NotAfter)
	return r
}

// said is that for people, as the end of a sentence about the certificate.
func (r renewalStatus) said(setup string) string {
	switch {
	case r.Due && r.Attempts > 0:
		return fmt.Sprintf(", its renewal was started %s and has not ended well: anywhere cert renew --setup %s says why", times(r.Attempts), setup)
	case r.Due:
		return ", renewal is due: anywhere cert renew --setup " + setup
	case r.RenewsFrom != nil:
		return ", renewed by itself from " + r.RenewsFrom.UTC().Format("2006-01-02 15:04 UTC") + " on"
	}
	return ""
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// goodFor is the life that a certificate has left, as people say it: days, and
// less than two of them in hours or minutes.
func goodFor(left time.Duration) string {
	switch {
	case left >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(left/(24*time.Hour)))
	case left >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(left/time.Hour))
	}
	if left >= 2*time.Minute {
		return fmt.Sprintf("%d minutes", int(left/time.Minute))
	}
	return fmt.Sprintf("%d seconds", int(left/time.Second))
}
