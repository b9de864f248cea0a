package acme

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// says is a server that answers with one document.
type says struct{ kind, body string }

func (s says) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {s.kind}}, Body: io.NopCloser(strings.NewReader(s.body))}, nil
}

const refusedHTTP = `{"status":"pending","identifier":{"value":"box.example.com"},"challenges":[{"type":"tls-alpn-01"},
	{"type":"http-01","status":"pending","error":{"type":"urn:ietf:params:acme:error:connection","detail":"connection refused"}}]}`

// A server that cannot reach us tries for minutes; all that came at the end was
// "context deadline exceeded".
func TestWhyAChallengeIsTriedAgainIsSaid(t *testing.T) {
	large := refusedHTTP + strings.Repeat(" ", maxAuthorization)
	for name, tt := range map[string]struct {
		document says
		want     string // nothing: nothing was said
	}{
		"an authorization with an error":    {says{"application/json", refusedHTTP}, "could not verify box.example.com by http-01: connection refused"},
		"with a parameter in the type":      {says{"application/json; charset=utf-8", refusedHTTP}, "connection refused"},
		"an authorization without one":      {says{"application/json", `{"status":"pending","challenges":[{"type":"http-01"}]}`}, ""},
		"something else":                    {says{"application/json", `[1, 2]`}, ""},
		"no JSON":                           {says{"text/html", refusedHTTP}, ""},
		"more than an authorization can be": {says{"application/json", large}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var heard []string
			w := &watcher{next: tt.document, say: func(text string) { heard = append(heard, text) }}
			for range 2 {
				answer, err := w.RoundTrip(&http.Request{})
				if err != nil {
					t.Fatal(err)
				}
				if passed, err := io.ReadAll(answer.Body); err != nil || !bytes.Equal(passed, []byte(tt.document.body)) {
					t.Errorf("%d of %d bytes were passed on: %v", len(passed), len(tt.document.body), err)
				}
			}
			err := w.explain(context.DeadlineExceeded)
			if tt.want == "" {
				if len(heard) > 0 || err != context.DeadlineExceeded {
					t.Errorf("heard %q, got %v", heard, err)
				}
				return
			}
			if !slices.Equal(heard, []string{"the server tries http-01 again: connection refused"}) {
				t.Errorf("heard %q", heard)
			}
			if !strings.Contains(err.Error(), tt.want) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := (&watcher{}).explain(nil); err != nil {
		t.Errorf("success became %v", err)
	}
}
