package signing

import (
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Time went by while serve was asking, which ended its two seconds for a question before
// AWS had heard of it: it goes by only while serve sleeps.
//
// pass lets it, and returns once serve is about to act on it.
func (b *bench) pass(d time.Duration) { b.wake <- d }

// container starts serve and returns a GET at its container endpoint.
func (b *bench) container(t *testing.T, flags string) (ask func() (int, string), said *lines) {
	t.Helper()
	said, stop := b.serving(t, flags)
	uri, file := said.await(t, `FULL_URI="(.*?)"`), said.await(t, `TOKEN_FILE="(.*?)"`)
	token := string(must(os.ReadFile(file)))
	t.Cleanup(func() { stop() })
	return func() (int, string) {
		req := must(http.NewRequest("GET", uri, nil))
		req.Header.Set("Authorization", token)
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			return 0, err.Error()
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return 0, err.Error()
		}
		return resp.StatusCode, string(body)
	}, said
}

// Most of them are answered while AWS has not yet said anything, so that each
// could have asked for itself.
func TestAThousandGETsAcrossARefreshMakeOneCreateSession(t *testing.T) {
	b := newBench(t)
	b.expires = time.Hour
	most, good := make(chan struct{}), b.answer
	b.answer = func(w http.ResponseWriter, r *http.Request) {
		if len(b.seen) > 1 {
			b.mu.Unlock()
			<-most
			b.mu.Lock()
		}
		good(w, r)
	}
	ask, said := b.container(t, "--setup lab")
	if status, body := ask(); status != 200 || !strings.Contains(body, "T13:00:00Z") {
		t.Fatal(status, body)
	}
	var wg sync.WaitGroup
	var answered, old atomic.Int32
	for n := range 1000 {
		wg.Go(func() {
			if n == 100 {
				b.pass(41 * time.Minute)
			}
			status, body := ask()
			if status != 200 || !strings.Contains(body, "hush-token") {
				t.Errorf("got %d %q", status, body)
			}
			if strings.Contains(body, "T13:00:00Z") {
				old.Add(1)
			}
			if answered.Add(1) == 900 {
				close(most)
			}
		})
	}
	wg.Wait()
	said.await(t, `renewed" expires="(2026-11-22T13:41:00Z)`)
	if status, body := ask(); status != 200 || !strings.Contains(body, "T13:41:00Z") {
		t.Errorf("got %d %s, want the new session", status, body)
	}
	if len(b.seen) != 2 || old.Load() < 900 {
		t.Errorf("AWS was asked %d times, %d had the old session; want 2, 900 at least", len(b.seen), old.Load())
	}
}

// Sessions of a quarter of an hour are replaced ten minutes after they began. AWS
// is away for just that minute.
func TestAMinuteOf503LeavesServeWithCredentials(t *testing.T) {
	for name, flags := range map[string]string{"with the cache": "--setup lab", "without": "--setup lab --no-cache"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.expires = 15 * time.Minute
			good, refused := b.answer, 0
			b.answer = func(w http.ResponseWriter, r *http.Request) {
				if since := b.now.Sub(noon); since >= 10*time.Minute && since < 11*time.Minute {
					refused++
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				good(w, r)
			}
			ask, _ := b.container(t, flags)
			last := ""
			for range 14*12 + 6 { // ends before the first session does
				status, body := ask()
				if status != 200 || !strings.Contains(body, "hush-token") {
					t.Fatalf("%v after the start: got %d %q", b.world().Now().Sub(noon), status, body)
				}
				last = body
				b.pass(5 * time.Second)
			}
			if refused == 0 || strings.Contains(last, "T12:15:00Z") {
				t.Errorf("refused %d times, at last got %s; want refusals and a new session", refused, last)
			}
		})
	}
}

func TestAMinuteOf503LeavesCredentialProcessWithCredentials(t *testing.T) {
	b := newBench(t)
	b.expires = 15 * time.Minute
	good, refused := b.answer, 0
	b.answer = func(w http.ResponseWriter, r *http.Request) {
		if since := b.now.Sub(noon); since >= 10*time.Minute && since < 11*time.Minute {
			refused++
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		good(w, r)
	}
	var first, last string
	for range 14*12 + 6 {
		if code := b.run(t, "credential-process --setup lab"); code != 0 {
			t.Fatalf("%v after the start: got exit %d, %s", b.now.Sub(noon), code, b.errs.String())
		}
		if first == "" {
			first = b.out.String()
		}
		last = b.out.String()
		b.now = b.now.Add(5 * time.Second)
	}
	if refused != 1 || last == first || len(b.seen) != 3 {
		t.Errorf("refused %d times of %d, the last session is the first: %v; want one question in that minute, and a new session after it", refused, len(b.seen), last == first)
	}
}
