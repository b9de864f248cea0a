package signer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client calls CreateSession. Now is required; the zero value of everything else
// is a sensible default.
type Client struct {
	HTTP      *http.Client     // nil means TLS 1.2 or newer, the system's roots and the proxies of the environment; redirects are never followed
	Now       func() time.Time // the clock that signatures carry
	UserAgent string           // nothing is sent if empty
	AllowHTTP bool             // permits plain http to other machines
	// Deadline is for everything together, waiting included; zero means 20 s.
	Deadline time.Duration
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
	maxAnswer       = 1 << 20 // bytes
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
	deadline := c.Deadline
	if deadline == 0 {
		deadline = defaultDeadline
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()

	web := c.web()
	for attempt := 1; ; attempt++ {
		credentials, err := c.attempt(ctx, web, u, t, id)
		if err == nil || attempt == maxAttempts || !worthRetrying(err) || ctx.Err() != nil {
			return credentials, err
		}
		if c.wait(ctx, attempt) != nil {
			return Credentials{}, err // what went wrong says more than that time is up
		}
	}
}

// attempt signs and sends once.
func (c Client) attempt(ctx context.Context, web *http.Client, u *url.URL, t Target, id Identity) (Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptDeadline)
	defer cancel()
	body := sessionBody(t)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(body))
	if err != nil {
		return Credentials{}, fmt.Errorf("create session: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", c.UserAgent)
	if err := Sign(req, []byte(body), id, t.Region, c.Now()); err != nil {
		return Credentials{}, err
	}
	resp, err := web.Do(req)
	if err != nil {
		return Credentials{}, &UnreachableError{Host: u.Host, Err: bare(err)}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return Credentials{}, &UnreachableError{Host: u.Host, Err: err}
	case len(answer) > maxAnswer:
		return Credentials{}, errors.New("read session: the answer is larger than 1 MiB")
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return Credentials{}, fmt.Errorf("create session: %s answered HTTP %d; redirects are not followed", u.Host, resp.StatusCode)
	case resp.StatusCode < 200 || resp.StatusCode >= 400:
		return Credentials{}, refusal(resp.StatusCode, resp.Header, answer)
	}
	return decodeCredentials(answer, t.RoleARN)
}

// web is the HTTP client, never following a redirect: the new place would not be
// what was signed.
func (c Client) web() *http.Client {
	web := http.Client{Transport: &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12},
		DisableKeepAlives: true, // nobody would use the connection again
	}}
	if c.HTTP != nil {
		web = *c.HTTP
	}
	web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &web
}

// sessionQuery has the three ARNs, where AWS's helper puts them.
func sessionQuery(t Target) string {
	return "profileArn=" + escape(t.ProfileARN) + "&roleArn=" + escape(t.RoleARN) + "&trustAnchorArn=" + escape(t.TrustAnchorARN)
}

func sessionBody(t Target) string {
	var fields []string
	if t.Duration != 0 {
		fields = append(fields, `"durationSeconds":`+strconv.Itoa(int(t.Duration/time.Second)))
	}
	if t.SessionName != "" {
		fields = append(fields, `"roleSessionName":`+string(appendJSON(nil, t.SessionName)))
	}
	return "{" + strings.Join(fields, ",") + "}"
}
