package signer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"anywhere/signer/session"
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

// CreateSession trades one signature for temporary credentials. It is
// [session.Client.CreateSession].
func (c Client) CreateSession(ctx context.Context, t Target, id Identity) (Credentials, error) {
	return session.Client{
		Wire: httpWire{c.web()}, Now: c.Now, UserAgent: c.UserAgent, AllowHTTP: c.AllowHTTP,
		Deadline: c.Deadline, Sleep: c.Sleep, Jitter: c.Jitter,
	}.CreateSession(ctx, t, id)
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

// httpWire is a [session.Wire] of net/http.
type httpWire struct{ web *http.Client }

func (w httpWire) Do(ctx context.Context, r *session.Request) (*session.Answer, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "") // net/http would send its own
	for _, field := range r.Header {
		req.Header.Set(field[0], field[1])
	}
	resp, err := w.web.Do(req)
	if e, ok := errors.AsType[*url.Error](err); ok {
		return nil, e.Err // without the URL, which holds the ARNs
	} else if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer := &session.Answer{Status: resp.StatusCode}
	for name, values := range resp.Header {
		answer.Header = append(answer.Header, [2]string{strings.ToLower(name), values[0]})
	}
	answer.Body, err = io.ReadAll(io.LimitReader(resp.Body, session.MaxAnswer+1))
	return answer, err
}
