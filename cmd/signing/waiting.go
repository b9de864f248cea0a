package signing

import (
	"context"
	"os/signal"
	"syscall"
	"time"
)

const (
	longestMargin = 20 * time.Minute // before a session expires
	shortestPause = 30 * time.Second // between two questions to AWS
	longestPause  = 2 * time.Minute  // after failures
	tick          = 30 * time.Second // between two looks at the clock
)

// refreshAt is when a session that ends at expiry, and was got now, is replaced.
func refreshAt(expiry, now time.Time) time.Time {
	at := expiry.Add(-min(longestMargin, expiry.Sub(now)/3))
	if soonest := now.Add(shortestPause); at.Before(soonest) {
		return soonest
	}
	return at
}

// backOff is how long to wait after a failure, counted from 0: from 5 s, twice as
// long each time, between half and all of that.
func backOff(failures int, jitter func() float64) time.Duration {
	longest := min(longestPause, 5*time.Second<<min(failures, 10))
	return longest/2 + time.Duration(jitter()*float64(longest/2))
}

// until waits for a time of the wall clock, or ends with ctx. It looks at the
// clock now and then: a timer stands still while a machine sleeps.
func (w World) until(ctx context.Context, when time.Time) error {
	for {
		left := when.Round(0).Sub(w.Now().Round(0))
		if left <= 0 {
			return ctx.Err()
		}
		if err := w.sleep(ctx, min(left, tick)); err != nil {
			return err
		}
	}
}

func (w World) sleep(ctx context.Context, d time.Duration) error {
	if w.Sleep != nil {
		return w.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// interrupts ends a context with Ctrl-C or a service manager's stop.
func (w World) interrupts(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
}
