package session

import (
	"context"
	"crypto"
	"io"
	"net/url"
	"testing"
	"time"

	"anywhere/pki"
)

// reader is a key whose first signature takes a while, since it asks a person.
type reader struct {
	crypto.Signer
	signed *int
	wait   func()
}

func (reader) InHardware() {}

func (r reader) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if *r.signed++; *r.signed == 1 {
		r.wait()
	}
	return r.Signer.Sign(random, digest, opts)
}

// last is a wire that keeps the last request and says on which way it came. As a
// connection does, it fails once time is up.
type last struct {
	date, way string
}

func (l *last) Do(ctx context.Context, r *Request) (*Answer, error) { return l.carry(ctx, r, "anew") }

func (l *last) Open(context.Context, *url.URL) (Connection, error) { return early{l}, nil }

type early struct{ *last }

func (e early) Do(ctx context.Context, r *Request) (*Answer, error) {
	return e.carry(ctx, r, "ahead")
}
func (early) Close() error { return nil }

func (l *last) carry(ctx context.Context, r *Request, way string) (*Answer, error) {
	l.way = way
	for _, field := range r.Header {
		if field[0] == "x-amz-date" {
			l.date = field[1]
		}
	}
	return &Answer{Status: 201, Body: []byte(success)}, ctx.Err()
}

// A person whom a card asked for its PIN had what was left of the attempt's ten
// seconds, and after five minutes the signature bore a date that AWS does not take.
func TestAPersonWhomACardAsksTakesNoTimeOfTheAttempt(t *testing.T) {
	for name, tt := range map[string]struct {
		took   time.Duration
		way    string
		signed int
		date   string
	}{
		"a card that asks nobody":     {time.Second, "ahead", 1, "20261122T120000Z"},
		"who knows the PIN":           {30 * time.Second, "anew", 1, "20261122T120000Z"},
		"who has to look for it":      {9 * time.Minute, "anew", 2, "20261122T120900Z"},
		"while the clock is set back": {-time.Hour, "anew", 2, "20261122T110000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			now, signed, wire := noon, 0, &last{}
			left := time.Nanosecond // the first attempt's time is over when there is a signature
			if tt.way == "ahead" {
				left = time.Hour
			}
			id := identity(t, pki.P256)
			id.Key = reader{id.Key, &signed, func() { now, left = now.Add(tt.took), time.Hour }}
			client := Client{Wire: wire, Attempts: 1, Now: func() time.Time { return now }, Left: func() time.Duration { return left }}
			if _, err := client.CreateSession(t.Context(), lab(), id); err != nil {
				t.Fatal(err)
			}
			if wire.way != tt.way || signed != tt.signed || wire.date != tt.date {
				t.Errorf("got %s, %d signatures, %s; want %s, %d, %s", wire.way, signed, wire.date, tt.way, tt.signed, tt.date)
			}
		})
	}
}

func TestNothingIsTriedAgainOnceTimeIsUp(t *testing.T) {
	wire := newLine()
	wire.status = 503
	left := 10 * time.Second
	client := wire.client()
	client.Attempts = 3
	client.Left = func() time.Duration { left -= 3 * time.Second; return max(left, 0) }
	client.Sleep = func(context.Context, time.Duration) error { wire.note("wait"); return nil }
	_, err := client.CreateSession(t.Context(), lab(), identity(t, pki.P256))
	if got, want := wire.told(), "do, wait, do"; err == nil || got != want {
		t.Errorf("got %v, %s; want an error after %s", err, got, want)
	}
}
