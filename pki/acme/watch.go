package acme

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync"
)

// watcher reads along what the server says of challenges that have not worked so
// far: it tries them again for minutes, and whoever waits wants to know why.
type watcher struct {
	next http.RoundTripper
	say  func(string) // nil: nobody listens

	mu   sync.Mutex
	last trouble
}

// trouble is why a challenge has not worked.
type trouble struct{ name, challenge, detail string }

// maxAuthorization is the size from which a document is not read along, in bytes.
const maxAuthorization = 64 << 10

// RoundTrip passes everything on as it is.
func (w *watcher) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.next.RoundTrip(r)
	if err != nil {
		return answer, err
	}
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind != "application/json" {
		return answer, nil
	}
	read, err := io.ReadAll(io.LimitReader(answer.Body, maxAuthorization+1))
	answer.Body = &rest{io.MultiReader(bytes.NewReader(read), answer.Body), answer.Body}
	if err == nil && len(read) <= maxAuthorization {
		w.read(read)
	}
	return answer, nil
}

// rest is a body of which some has been read.
type rest struct {
	io.Reader
	io.Closer
}

// read looks for challenges with an error (RFC 8555 section 8.2).
func (w *watcher) read(document []byte) {
	var authorization struct {
		Identifier struct{ Value string }
		Challenges []struct {
			Type  string
			Error *struct{ Detail string }
		}
	}
	if json.Unmarshal(document, &authorization) != nil {
		return
	}
	for _, c := range authorization.Challenges {
		if c.Error == nil || c.Error.Detail == "" {
			continue
		}
		now := trouble{authorization.Identifier.Value, c.Type, c.Error.Detail}
		w.mu.Lock()
		news := now != w.last
		w.last = now
		w.mu.Unlock()
		if news && w.say != nil {
			w.say(fmt.Sprintf("the server tries %s again: %s", now.challenge, now.detail))
		}
	}
}

// explain adds to an error what the server said of its last try.
func (w *watcher) explain(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil || w.last == (trouble{}) {
		return err
	}
	return &ChallengeError{Name: w.last.name, Challenge: w.last.challenge, Says: w.last.detail, Err: err}
}

// ChallengeError says that the server could not make sure that a name is this
// machine's.
type ChallengeError struct {
	Name, Challenge string // which name, by what
	Says            string // the server's own words
	Err             error
}

func (e *ChallengeError) Error() string {
	return fmt.Sprintf("order certificate: the ACME server could not verify %s by %s: %s", e.Name, e.Challenge, e.Says)
}
func (e *ChallengeError) Unwrap() error { return e.Err }

// Hint names where the server looks.
func (e *ChallengeError) Hint() string {
	return "the server asks port 80 of that name for http-01 and port 443 for tls-alpn-01; what arrives there must reach acme.http-address or acme.tls-address"
}

// CloseIdleConnections is called by [http.Client.CloseIdleConnections].
func (w *watcher) CloseIdleConnections() {
	if idle, ok := w.next.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
}
