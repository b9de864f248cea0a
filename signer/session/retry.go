package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"
)

// UnreachableError says that no whole answer came from an endpoint.
type UnreachableError struct {
	Host string // with port, if one was given
	Err  error
}

func (e *UnreachableError) Error() string { return fmt.Sprintf("reach %s: %v", e.Host, e.Err) }
func (e *UnreachableError) Unwrap() error { return e.Err }

// Hint says where to look.
func (e *UnreachableError) Hint() string {
	return "check the Region, the proxy settings (HTTPS_PROXY, NO_PROXY) and AWS_CA_BUNDLE"
}

// reason says in one way that time was up.
func reason(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("no answer in time")
	}
	return err
}

// worthRetrying is true for what may pass by itself.
func worthRetrying(err error) bool {
	if e, ok := errors.AsType[*Refused](err); ok {
		return e.Status == 429 || e.Status >= 500
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	e, ok := errors.AsType[*UnreachableError](err)
	return ok && !errors.Is(e, context.Canceled)
}

// wait sleeps after the given attempt, counted from 1: up to half a second, then
// up to a second, and at least half of that.
func (c Client) wait(ctx context.Context, attempt int) error {
	jitter := 0.5
	if c.Jitter != nil {
		jitter = c.Jitter()
	}
	longest := time.Duration(attempt) * 500 * time.Millisecond
	pause := longest/2 + time.Duration(jitter*float64(longest/2))
	if c.Left != nil && c.Left() <= pause {
		return context.DeadlineExceeded
	}
	if c.Sleep != nil {
		return c.Sleep(ctx, pause)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
