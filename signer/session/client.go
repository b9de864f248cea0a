package session

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"anywhere/signer/jsontext"
)

// Client calls CreateSession. Wire and Now are required; the zero value of
// everything else is a sensible default.
type Client struct {
	Wire      Wire
	Now       func() time.Time // the clock that signatures carry
	UserAgent string           // nothing is sent if empty
	AllowHTTP bool             // permits plain http to other machines
	// Deadline is for everything together, waiting included; zero means 20 s.
	Deadline time.Duration
	// Left is what is left of the time for everything together, in place of Deadline:
	// what a person takes whom a key asks for its PIN does not count. May be nil.
	Left func() time.Duration
	// Attempts is how often at most AWS is asked; zero means three times.
	Attempts int
	// Sleep waits between attempts and ends early with ctx; nil means a timer.
	Sleep func(context.Context, time.Duration) error
	// Jitter returns a number from 0 up to 1 that spreads the waiting of many
	// machines; nil means always one half.
	Jitter func() float64
}

const (
	defaultDeadline = 20 * time.Second
	attemptDeadline = 10 * time.Second // so that a silent server leaves time for a second try
	maxAttempts     = 3

	longSignature = 5 * time.Second // from which on somebody was asked: a card takes some tenths of one
	freshEnough   = 2 * time.Minute // for the date of a signature, which AWS takes for five
)

// CreateSession trades one signature for temporary credentials.
//
// Up to three attempts are made on 429, 5xx and connection errors, each signed
// anew; none is repeated on another refusal, which is a *[Refused]. A target
// that cannot be right is a *[TargetError], before anything is sent.
//
// Source: User Guide, "CreateSession API",
// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
func (c Client) CreateSession(ctx context.Context, t Target, id Identity) (Credentials, error) {
	t, err := t.Check()
	if err != nil {
		return Credentials{}, err
	}
	if t.Endpoint == "" {
		t.Endpoint = Endpoint(t.Region, false, false)
	}
	u, err := sessionsURL(t.Endpoint, c.AllowHTTP)
	if err != nil {
		return Credentials{}, err
	}
	u.RawQuery = sessionQuery(t)
	s, err := NewSigner(id)
	if err != nil {
		return Credentials{}, err
	}
	deadline, attempts := c.Deadline, c.Attempts
	if deadline == 0 {
		deadline = defaultDeadline
	}
	if attempts == 0 {
		attempts = maxAttempts
	}
	if c.Left == nil {
		timed, cancel := context.WithTimeout(ctx, deadline)
		defer cancel()
		ctx = timed
	}
	for attempt := 1; ; attempt++ {
		credentials, err := c.attempt(ctx, u, t, s)
		if err == nil || attempt == attempts || !worthRetrying(err) || ctx.Err() != nil {
			return credentials, err
		}
		if c.wait(ctx, attempt) != nil {
			return Credentials{}, err // what went wrong says more than that time is up
		}
	}
}

// inTime is ctx for one attempt.
func (c Client) inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.Left == nil {
		return context.WithTimeout(ctx, attemptDeadline)
	}
	return context.WithTimeout(ctx, min(attemptDeadline, c.Left()))
}

// attempt signs and sends once.
func (c Client) attempt(ctx context.Context, u *url.URL, t Target, s Signer) (Credentials, error) {
	began := c.Now()
	timed, cancel := c.inTime(ctx)
	defer cancel()
	wire := c.Wire
	if opener, ok := wire.(Opener); ok && s.slow {
		ahead := open(timed, opener, u)
		defer ahead.close()
		wire = ahead
	}
	r, err := c.signed(u, t, s)
	if took := c.Now().Sub(began).Abs(); err == nil && took > longSignature {
		// The attempt begins anew: nobody keeps a connection for so long.
		timed, cancel = c.inTime(ctx)
		defer cancel()
		wire = c.Wire
		if took > freshEnough {
			r, err = c.signed(u, t, s)
		}
	}
	if err != nil {
		return Credentials{}, err
	}
	return c.send(timed, wire, r, t)
}

// signed is the request with its signature of this moment.
func (c Client) signed(u *url.URL, t Target, s Signer) (*Request, error) {
	r := &Request{Method: "POST", URL: u, Body: sessionBody(t)}
	if err := s.sign(r, t.Region, c.Now()); err != nil {
		return nil, err
	}
	if c.UserAgent != "" {
		r.Header = append(r.Header, [2]string{"user-agent", c.UserAgent})
	}
	return r, nil
}

// send sends a signed request and reads the answer.
func (c Client) send(ctx context.Context, wire Wire, r *Request, t Target) (Credentials, error) {
	answer, err := wire.Do(ctx, r)
	switch {
	case err != nil:
		return Credentials{}, &UnreachableError{Host: r.URL.Host, Err: reason(err)}
	case len(answer.Body) > MaxAnswer:
		return Credentials{}, &AnswerError{"the answer is larger than 1 MiB"}
	case answer.Status >= 300 && answer.Status < 400:
		return Credentials{}, &AnswerError{fmt.Sprintf("%s answered HTTP %d; redirects are not followed", r.URL.Host, answer.Status)}
	case answer.Status < 200 || answer.Status >= 400:
		return Credentials{}, refusal(answer)
	}
	return decodeCredentials(answer.Body, t.RoleARN)
}

// sessionQuery has the three ARNs, where AWS's helper puts them.
func sessionQuery(t Target) string {
	return "profileArn=" + escape(t.ProfileARN) + "&roleArn=" + escape(t.RoleARN) + "&trustAnchorArn=" + escape(t.TrustAnchorARN)
}

func sessionBody(t Target) []byte {
	out := make([]byte, 0, 96)
	out = append(out, '{')
	if t.Duration != 0 {
		out = append(out, `"durationSeconds":`...)
		out = strconv.AppendInt(out, int64(t.Duration/time.Second), 10)
	}
	if t.SessionName != "" {
		if t.Duration != 0 {
			out = append(out, ',')
		}
		out = append(out, `"roleSessionName":`...)
		out = jsontext.AppendString(out, t.SessionName)
	}
	return append(out, '}')
}
