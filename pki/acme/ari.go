package acme

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"anywhere/pki"
)

// Advice is the server's own word on a certificate, inside bounds that are ours.
type Advice struct {
	// RenewAt is a moment of the window that the server suggests, the same at each
	// asking.
	RenewAt time.Time
	// AskAt is when the server shall be asked again: it can move the window.
	AskAt time.Time
}

// RenewAt asks the server when a certificate should be renewed (ARI). False: it
// has no opinion, or none that makes sense.
func (c CA) RenewAt(ctx context.Context, cert *x509.Certificate) (Advice, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	client, web, err := c.client()
	if err != nil {
		return Advice{}, false, err
	}
	defer web.CloseIdleConnections()
	directory, err := client.GetDirectory(ctx)
	if err != nil || directory.RenewalInfo == "" {
		return Advice{}, false, err
	}
	info, err := client.GetRenewalInfo(ctx, cert)
	if err != nil {
		return Advice{}, false, fmt.Errorf("ask when to renew: %w", err)
	}
	window := info.SuggestedWindow
	if !window.End.After(window.Start) {
		return Advice{}, false, nil
	}
	again := time.Time{}
	if info.RetryAfter != nil {
		again = *info.RetryAfter
	}
	return Advice{
		RenewAt: boundedRenewal(pki.Within(cert, window.Start, window.End), cert),
		AskAt:   boundedAsking(again, c.Now()),
	}, true, nil
}

// boundedRenewal keeps an issuer's wish inside the certificate's life: not later
// than nine tenths of it, so that time is left for a renewal that fails at first,
// and not before a tenth of it or an hour, so that a server that always says
// "now" does not have one made after the other.
func boundedRenewal(at time.Time, cert *x509.Certificate) time.Time {
	life := cert.NotAfter.Sub(cert.NotBefore)
	earliest, latest := cert.NotBefore.Add(min(life/10, time.Hour)), cert.NotBefore.Add(life*9/10)
	switch {
	case at.Before(earliest):
		return earliest
	case at.After(latest):
		return latest
	}
	return at
}

// The bounds of the interval at which the server is asked. RFC 9773 section 4.3
// names a minute and a day as limits, and six hours after an error.
const (
	soonestAsking = time.Minute
	usualAsking   = 6 * time.Hour
	latestAsking  = 24 * time.Hour
)

func boundedAsking(at, now time.Time) time.Time {
	if at.IsZero() {
		return now.Add(usualAsking)
	}
	return now.Add(min(max(at.Sub(now), soonestAsking), latestAsking))
}
