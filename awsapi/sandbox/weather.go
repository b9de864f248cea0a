package sandbox

import (
	"cmp"
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// Weather is what goes wrong on purpose, for tests and for practice. Its zero
// value, and nil, are fair weather.
type Weather struct {
	// Strike is asked once for each call of a known operation, from many
	// goroutines at a time; nil lets the call pass.
	Strike func(Call) *Fault
	// Settle is how long CreateSession does not see a role after it was made or
	// its trust policy changed, as IAM takes some seconds to spread a change.
	Settle time.Duration

	calls atomic.Int64
}

// Call is what the weather can tell calls apart by.
type Call struct {
	Service   string // rolesanywhere, iam, sts, s3, cloudtrail
	Operation string // CreateRole, CreateSession, ...
	Writes    bool   // whether it changes something
	Number    int    // 1 for the first call since the sandbox was opened
}

// Fault is one thing that goes wrong. The fields that are set happen in the
// order in which they stand here.
type Fault struct {
	// Wait holds the answer back until it returns or the client is gone.
	Wait func(context.Context)
	// Drop closes the connection without an answer.
	Drop bool
	// Deny takes one IAM action, such as iam:PassRole, from the caller.
	Deny string
	// Throttle and Break answer as the service does when it is asked too much or
	// is broken.
	Throttle, Break bool
	// Code, with Status and Message, is any other refusal. Status 0 means 400.
	Code, Message string
	Status        int
	// After lets the call happen first, so that only its answer is lost.
	After bool
}

func (w *Weather) strike(c *call) *Fault {
	if w == nil {
		return nil
	}
	n := w.calls.Add(1)
	if w.Strike == nil {
		return nil
	}
	return w.Strike(Call{Service: c.service.name, Operation: c.op.name, Writes: c.op.writes, Number: int(n)})
}

// settle returns how long a change of IAM takes to spread.
func (w *Weather) settle() time.Duration {
	if w == nil {
		return 0
	}
	return w.Settle
}

func (f *Fault) before(c *call) *refusal {
	if f == nil || f.After {
		return nil
	}
	return f.hit(c)
}

func (f *Fault) after(c *call) *refusal {
	if f == nil || !f.After {
		return nil
	}
	return f.hit(c)
}

// denies tells whether the fault takes action from the caller.
func (f *Fault) denies(action string) bool { return f != nil && f.Deny == action }

func (f *Fault) hit(c *call) *refusal {
	if f.Wait != nil {
		f.Wait(c.request.Context())
	}
	switch {
	case f.Drop:
		panic(http.ErrAbortHandler) // the server closes the connection and logs nothing
	case f.Throttle:
		return c.complain(throttled)
	case f.Break:
		return c.complain(broken)
	case f.Code != "":
		return &refusal{cmp.Or(f.Status, http.StatusBadRequest), f.Code, f.Message}
	}
	return nil
}
