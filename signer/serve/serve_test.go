package serve

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"anywhere/signer/http1"
	"anywhere/signer/session"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// lab is a door to a source whose session ends at 13:00.
type lab struct {
	door  *Door
	now   time.Time
	mu    sync.Mutex
	err   error
	asked atomic.Int32
	log   strings.Builder
	wake  chan time.Time // what Run waits for, one send a turn
	rests chan struct{}  // can be received from while it waits
	over  chan struct{}
}

func newLab(t *testing.T, first error) *lab {
	t.Helper()
	l := &lab{now: noon, err: first, wake: make(chan time.Time), rests: make(chan struct{}), over: make(chan struct{})}
	source := &Source{
		Now: l.clock,
		Fetch: func(context.Context) (session.Credentials, time.Time, error) {
			l.asked.Add(1)
			l.mu.Lock()
			defer l.mu.Unlock()
			end := l.now.Add(time.Hour)
			return session.Credentials{AccessKeyID: "ASIA" + end.Format("1504"), SecretAccessKey: "hush", SessionToken: "token",
				Expiration: end, ExpirationText: end.Format(time.RFC3339)}, end.Add(-20 * time.Minute), l.err
		},
		Wait: func(ctx context.Context, _ time.Time) error {
			for {
				select {
				case l.rests <- struct{}{}:
				case <-l.wake:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		},
		BackOff: func(int) time.Duration { return time.Second },
		Log:     func(event string, pairs ...string) { l.log.WriteString(event + strings.Join(pairs, " ") + "\n") },
	}
	l.door = &Door{Source: source, Now: l.clock, Random: rand.Reader, Role: "lab", Token: "s3same", Address: "192.0.2.7", Patience: time.Minute}
	go func() { source.Run(t.Context()); close(l.over) }()
	return l
}

func (l *lab) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// turn moves the clock and lets the source make its next attempt. It returned when
// that had begun, and what the source said then was, one time in a hundred, what it
// knew before.
func (l *lab) turn(now time.Time, err error) {
	l.mu.Lock()
	l.now, l.err = now, err
	l.mu.Unlock()
	l.wake <- now
	<-l.rests // the attempt is written down
}

func (l *lab) ask(method, path string, headers ...string) http1.Outgoing {
	r := http1.Incoming{Method: method, Path: path, Host: "127.0.0.1:9911"}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "host" {
			r.Host = headers[i+1]
		}
		r.Header = append(r.Header, [2]string{headers[i], headers[i+1]})
	}
	return l.door.Answer(r)
}

func header(a http1.Outgoing, name string) string {
	for _, field := range a.Header {
		if strings.EqualFold(field[0], name) {
			return field[1]
		}
	}
	return ""
}

func TestIMDSGivesTheCredentialsForAToken(t *testing.T) {
	l := newLab(t, nil)
	token := l.ask("PUT", TokenPath, headerTTL, "60")
	if token.Status != 200 || len(token.Body) != 100 || header(token, headerTTL) != "60" {
		t.Fatalf("token: got %d %q %v", token.Status, token.Body, token.Header)
	}
	role := l.ask("GET", RolesPath+"/", headerTokenIMDS, string(token.Body))
	if role.Status != 200 || string(role.Body) != "lab" || header(role, headerTTL) != "60" {
		t.Errorf("role: got %d %q %v", role.Status, role.Body, role.Header)
	}
	got := l.ask("GET", RolesPath+"/lab", headerTokenIMDS, string(token.Body))
	want := `{"AccessKeyId":"ASIA1300","SecretAccessKey":"hush","Token":"token","Code":"Success","Type":"AWS-HMAC","Expiration":"2026-11-22T13:00:00Z","LastUpdated":"2026-11-22T12:00:00Z"}`
	if got.Status != 200 || string(got.Body) != want || header(got, "Content-Type") != "text/plain" {
		t.Errorf("got %d %s %v\nwant %s", got.Status, got.Body, got.Header, want)
	}
}

func TestTheContainerEndpointWantsItsToken(t *testing.T) {
	l := newLab(t, nil)
	want := `{"AccessKeyId":"ASIA1300","SecretAccessKey":"hush","Token":"token","Expiration":"2026-11-22T13:00:00Z"}`
	if got := l.ask("GET", ContainerPath, "authorization", "s3same"); got.Status != 200 || string(got.Body) != want || header(got, "Content-Type") != "application/json" {
		t.Errorf("got %d %s, want %s", got.Status, got.Body, want)
	}
}

func TestWhoIsTurnedAway(t *testing.T) {
	l := newLab(t, nil)
	dead := string(l.ask("PUT", TokenPath, headerTTL, "1").Body)
	l.mu.Lock()
	l.now = noon.Add(time.Second)
	l.mu.Unlock()
	alive := string(l.ask("PUT", TokenPath).Body)
	tests := map[string]struct {
		method, path string
		headers      []string
		status       int
	}{
		"no token":                           {"GET", RolesPath, nil, 401},
		"a token never given":                {"GET", RolesPath + "/lab", []string{headerTokenIMDS, "x"}, 401},
		"a token that has ended":             {"GET", RolesPath + "/lab", []string{headerTokenIMDS, dead}, 401},
		"a role that is another":             {"GET", RolesPath + "/other", []string{headerTokenIMDS, alive}, 404},
		"another path":                       {"GET", "/latest/meta-data/", []string{headerTokenIMDS, alive}, 404},
		"a token for nothing":                {"PUT", TokenPath, []string{headerTTL, "0"}, 400},
		"a token for too long":               {"PUT", TokenPath, []string{headerTTL, "21601"}, 400},
		"a token for words":                  {"PUT", TokenPath, []string{headerTTL, "long"}, 400},
		"GET for a token":                    {"GET", TokenPath, nil, 405},
		"POST for credentials":               {"POST", ContainerPath, []string{"authorization", "s3same"}, 405},
		"the container without its token":    {"GET", ContainerPath, nil, 401},
		"the container with another":         {"GET", ContainerPath, []string{"authorization", "s3sam"}, 401},
		"a page, by its origin":              {"GET", ContainerPath, []string{"authorization", "s3same", "origin", "https://evil.example"}, 403},
		"a page, by its referrer":            {"PUT", TokenPath, []string{"referer", "https://evil.example/"}, 403},
		"a page, by fetch metadata":          {"PUT", TokenPath, []string{"sec-fetch-mode", "cors"}, 403},
		"a proxy":                            {"PUT", TokenPath, []string{"x-forwarded-for", "10.0.0.1"}, 403},
		"a name that was made to lead here":  {"PUT", TokenPath, []string{"host", "evil.example:9911"}, 403},
		"no host":                            {"PUT", TokenPath, []string{"host", ""}, 403},
		"the bound address, which is served": {"PUT", TokenPath, []string{"host", "192.0.2.7:9911"}, 200},
		"localhost, which is served":         {"GET", HealthPath, []string{"host", "LOCALHOST"}, 200},
		"IPv6 loopback, which is served":     {"GET", HealthPath, []string{"host", "[::1]:9911"}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := l.ask(tt.method, tt.path, tt.headers...)
			if got.Status != tt.status || tt.status != 200 && strings.Contains(string(got.Body), "hush") {
				t.Errorf("got %d %q, want %d", got.Status, got.Body, tt.status)
			}
		})
	}
}

func TestWhatIsOffIsNotThere(t *testing.T) {
	l := newLab(t, nil)
	l.door.Role, l.door.Token = "", ""
	for _, try := range [][]string{{"PUT", TokenPath}, {"GET", RolesPath}, {"GET", RolesPath + "/"}, {"GET", ContainerPath, "authorization", ""}} {
		if got := l.ask(try[0], try[1], try[2:]...); got.Status != 404 {
			t.Errorf("%v: got %d, want 404", try, got.Status)
		}
	}
}

func TestAnOutageLeavesTheLastGoodSessionUntilItEnds(t *testing.T) {
	l := newLab(t, nil)
	read := func() int { return l.ask("GET", ContainerPath, "authorization", "s3same").Status }
	if got := read(); got != 200 {
		t.Fatalf("at first: got %d", got)
	}
	gone := errors.New("gone with hush")
	for _, step := range []struct {
		at     time.Duration
		err    error
		status int
	}{{40 * time.Minute, gone, 200}, {59 * time.Minute, gone, 200}, {61 * time.Minute, gone, 503}, {62 * time.Minute, nil, 200}} {
		l.turn(noon.Add(step.at), step.err)
		if got := read(); got != step.status {
			t.Errorf("after %v: got %d, want %d", step.at, got, step.status)
		}
		if got := l.ask("GET", HealthPath).Status; got != step.status {
			t.Errorf("after %v: health %d, want %d", step.at, got, step.status)
		}
	}
	if n := l.asked.Load(); n != 5 {
		t.Errorf("asked %d times, want 5: reading asks nobody", n)
	}
}

func TestWithoutAnySessionTheStatusSaysSo(t *testing.T) {
	l := newLab(t, errors.New("AWS says no"))
	token := string(l.ask("PUT", TokenPath).Body)
	for _, got := range []http1.Outgoing{
		l.ask("GET", RolesPath+"/lab", headerTokenIMDS, token), l.ask("GET", ContainerPath, "authorization", "s3same"), l.ask("GET", HealthPath),
	} {
		if got.Status != 503 || strings.Contains(string(got.Body), "AccessKeyId") || strings.Contains(string(got.Body), "AWS says") {
			t.Errorf("got %d %q, want 503 and nothing of why", got.Status, got.Body)
		}
	}
}

func TestAThousandAskAcrossARefreshAndAWSIsAskedOnce(t *testing.T) {
	l := newLab(t, nil)
	if got := l.ask("GET", HealthPath).Status; got != 200 {
		t.Fatal(got)
	}
	var wg sync.WaitGroup
	var bad atomic.Int32
	for n := range 1000 {
		wg.Go(func() {
			if n == 500 {
				l.turn(noon.Add(40*time.Minute), nil)
			}
			if l.ask("GET", ContainerPath, "authorization", "s3same").Status != 200 {
				bad.Add(1)
			}
		})
	}
	wg.Wait()
	if l.asked.Load() != 2 || bad.Load() != 0 {
		t.Errorf("asked %d times, %d without an answer; want 2 and none", l.asked.Load(), bad.Load())
	}
}

func TestTokensHaveABound(t *testing.T) {
	l := newLab(t, nil)
	short := string(l.ask("PUT", TokenPath, headerTTL, "10").Body)
	for range maxTokens + 5 {
		l.door.tokens.add(string(l.ask("PUT", TokenPath).Body), noon, time.Hour)
	}
	if n := len(l.door.tokens.all); n > maxTokens {
		t.Errorf("got %d tokens, want at most %d", n, maxTokens)
	}
	if l.door.tokens.left(short, noon) != 0 {
		t.Error("the one that ends first is still there")
	}
}
