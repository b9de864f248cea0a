package session

import (
	"context"
	"crypto"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
)

// card is a key in hardware. It signs once the wire is asked for a connection, or
// with err.
type card struct {
	crypto.Signer
	wire *line
	err  error
}

func (card) InHardware() {}

func (c card) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	<-c.wire.called
	c.wire.note("sign")
	if c.err != nil {
		return nil, c.err
	}
	return c.Signer.Sign(random, digest, opts)
}

// line is a wire that notes, in order, what it is asked. A connection is there once
// it is let through.
type line struct {
	called  chan struct{} // gets a value with each call of Open
	through chan struct{} // nil is at once
	refuses error         // what Open returns
	answer  string
	status  int
	notes   chan string
}

func newLine() *line {
	return &line{called: make(chan struct{}, 9), notes: make(chan string, 99), answer: success, status: 201}
}

func (l *line) note(what string) { l.notes <- what }

func (l *line) Do(context.Context, *Request) (*Answer, error) {
	l.note("do")
	return &Answer{Status: l.status, Body: []byte(l.answer)}, nil
}

func (l *line) Open(ctx context.Context, u *url.URL) (Connection, error) {
	l.called <- struct{}{}
	if l.through != nil {
		select {
		case <-l.through:
		case <-ctx.Done():
			l.note("given up")
			return nil, ctx.Err()
		}
	}
	if l.refuses != nil {
		return nil, l.refuses
	}
	return call{l, u}, nil
}

type call struct {
	*line
	to *url.URL
}

func (c call) Do(ctx context.Context, r *Request) (*Answer, error) {
	if r.URL.Host != c.to.Host {
		return nil, errors.New("another server")
	}
	return c.line.Do(ctx, r)
}

func (c call) Close() error { c.note("close"); return nil }

// told is all that was noted.
func (l *line) told() string {
	close(l.notes)
	var all []string
	for what := range l.notes {
		all = append(all, what)
	}
	return strings.Join(all, ", ")
}

func (l *line) client() Client {
	return Client{Wire: l, Now: func() time.Time { return noon }, Attempts: 2, Sleep: func(context.Context, time.Duration) error { return nil }}
}

func lab() Target {
	return Target{TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN}
}

// The card would never sign if nobody called.
func TestAServerIsCalledWhileAKeyInHardwareSigns(t *testing.T) {
	wire := newLine()
	id := identity(t, pki.P256)
	id.Key = card{Signer: id.Key, wire: wire}
	if _, err := wire.client().CreateSession(t.Context(), lab(), id); err != nil {
		t.Fatal(err)
	}
	if got, want := wire.told(), "sign, do, close"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAKeyInAFileSignsFirst(t *testing.T) {
	wire := newLine()
	if _, err := wire.client().CreateSession(t.Context(), lab(), identity(t, pki.P256)); err != nil {
		t.Fatal(err)
	}
	if got, want := wire.told(), "do"; got != want || len(wire.called) != 0 {
		t.Errorf("got %s, and %d calls ahead; want %s and none", got, len(wire.called), want)
	}
}

func TestNobodyIsCalledForWhatIsRefusedHere(t *testing.T) {
	wire := newLine()
	id, other := identity(t, pki.P256), identity(t, pki.P256)
	id.Key = card{Signer: other.Key, wire: wire}
	_, mixed := wire.client().CreateSession(t.Context(), lab(), id)
	target := lab()
	target.RoleARN = "x"
	_, bad := wire.client().CreateSession(t.Context(), target, id)
	if mixed == nil || bad == nil || len(wire.called) != 0 || wire.told() != "" {
		t.Errorf("got %v, %v and %d calls; want two errors and none", mixed, bad, len(wire.called))
	}
}

func TestAConnectionIsGivenUpWithTheSignature(t *testing.T) {
	removed := errors.New("card was removed")
	for name, tt := range map[string]struct {
		through chan struct{}
		want    []string // in any order
	}{
		"one that is there":      {nil, []string{"close", "sign"}},
		"one that is being made": {make(chan struct{}), []string{"given up", "sign"}},
	} {
		t.Run(name, func(t *testing.T) {
			wire := newLine()
			wire.through = tt.through
			id := identity(t, pki.P256)
			id.Key = card{Signer: id.Key, wire: wire, err: removed}
			_, err := wire.client().CreateSession(t.Context(), lab(), id)
			got := strings.Split(wire.told(), ", ")
			slices.Sort(got)
			if !errors.Is(err, removed) || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v; want the card's error and %v", err, got, tt.want)
			}
		})
	}
}

func TestAServerThatCannotBeCalledIsCalledOnceMore(t *testing.T) {
	wire := newLine()
	wire.refuses = errors.New("connection refused")
	id := identity(t, pki.P256)
	id.Key = card{Signer: id.Key, wire: wire}
	_, err := wire.client().CreateSession(t.Context(), lab(), id)
	unreachable, ok := errors.AsType[*UnreachableError](err)
	if got, want := wire.told(), "sign, sign"; !ok || !errors.Is(unreachable, wire.refuses) || got != want {
		t.Errorf("got %v, %s; want an *UnreachableError after %s", err, got, want)
	}
}

func TestACallEndsWithTheDeadline(t *testing.T) {
	wire := newLine()
	wire.through = make(chan struct{}) // never
	id := identity(t, pki.P256)
	id.Key = card{Signer: id.Key, wire: wire}
	client := wire.client()
	client.Deadline = time.Nanosecond
	_, err := client.CreateSession(t.Context(), lab(), id)
	if got, want := wire.told(), "given up"; !strings.Contains(err.Error(), "no answer in time") || !strings.Contains(got, want) || strings.Contains(got, "do") {
		t.Errorf("got %v, %s; want no answer in time, %s", err, got, want)
	}
}
