package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"anywhere/pki/atomicfile"
	"anywhere/signer/home"
	"anywhere/signer/session"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// lab is a cache with a clock that stands still until it is moved.
func lab(t *testing.T) (c Cache, now *time.Time) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "home")
	at := noon
	return Cache{Root: root, Dir: filepath.Join(root, "cache"), Disk: &atomicfile.Disk{}, Now: func() time.Time { return at }}, &at
}

// keys are a session that lives an hour from at.
func keys(id string, at time.Time) session.Credentials {
	end := at.Add(time.Hour)
	return session.Credentials{AccessKeyID: id, SecretAccessKey: "hush", SessionToken: "token", Expiration: end,
		ExpirationText: end.Format(time.RFC3339), AssumedRoleARN: "arn:aws:sts::000000000000:assumed-role/lab/01"}
}

// aws answers with one session after another, or with err.
type aws struct {
	c     Cache
	err   error
	asked int
	hurry bool
}

func (a *aws) fetch(_ context.Context, quick bool) (session.Credentials, bool, error) {
	a.asked++
	a.hurry = quick
	return keys("ASIA"+strings.Repeat("I", a.asked), a.c.Now()), true, a.err
}

var (
	silent  = &session.UnreachableError{Host: "aws", Err: errors.New("no answer in time")}
	broken  = &session.Refused{Status: 503}
	refused = &session.Refused{Status: 403, Type: "AccessDeniedException", Message: "no"}
)

func TestASessionGrowsOldByTheClock(t *testing.T) {
	tests := map[string]struct {
		after time.Duration
		err   error
		want  string // ASIAI is the first session; empty for an error
		asked int
		hurry bool
		stale bool
	}{
		"at once":                            {0, nil, "ASIAI", 1, false, false},
		"just before it wants refreshing":    {40*time.Minute - time.Second, nil, "ASIAI", 1, false, false},
		"from then on":                       {40 * time.Minute, nil, "ASIAII", 2, true, false},
		"then, and AWS is silent":            {40 * time.Minute, silent, "ASIAI", 2, true, true},
		"then, and AWS is broken":            {40 * time.Minute, broken, "ASIAI", 2, true, true},
		"then, and AWS says no":              {40 * time.Minute, refused, "", 2, true, false},
		"then, and something is wrong here":  {40 * time.Minute, errors.New("no key"), "", 2, true, false},
		"when it has expired":                {time.Hour, nil, "ASIAII", 2, false, false},
		"when it has expired, AWS is silent": {time.Hour, silent, "", 2, false, false},
		"and the clock was set back":         {-time.Hour, nil, "ASIAII", 2, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, now := lab(t)
			a := &aws{c: c}
			k := KeyOf("lab", []byte("x"))
			if _, _, err := c.Get(t.Context(), k, 0, a.fetch); err != nil {
				t.Fatal(err)
			}
			*now, a.err = noon.Add(tt.after), tt.err
			got, stale, err := c.Get(t.Context(), k, 0, a.fetch)
			if got.AccessKeyID != tt.want || (err == nil) != (tt.want != "") || a.asked != tt.asked || a.hurry != tt.hurry || (stale != nil) != tt.stale {
				t.Errorf("got %q, stale %v, %v, asked %d, in a hurry %v; want %+v", got.AccessKeyID, stale, err, a.asked, a.hurry, tt)
			}
			_, kept := c.Load(k)
			if gone := errors.Is(err, refused); kept == gone {
				t.Errorf("kept afterwards: %v after %v", kept, err)
			}
		})
	}
}

// A session that ended during the quick attempt was given out all the same.
func TestASessionThatEndsWhileAWSIsAskedIsNotGivenOut(t *testing.T) {
	c, now := lab(t)
	a, k := &aws{c: c}, KeyOf("lab")
	if _, _, err := c.Get(t.Context(), k, 0, a.fetch); err != nil {
		t.Fatal(err)
	}
	*now = noon.Add(time.Hour - time.Second)
	got, stale, err := c.Get(t.Context(), k, 0, func(ctx context.Context, quick bool) (session.Credentials, bool, error) {
		if quick {
			*now = now.Add(2 * time.Second)
			return session.Credentials{}, false, silent
		}
		return a.fetch(ctx, quick)
	})
	if got.AccessKeyID != "ASIAII" || stale != nil || err != nil {
		t.Errorf("got %q, stale %v, %v; want a new session", got.AccessKeyID, stale, err)
	}
}

func TestAfterAnOutageAMinutePassesBeforeTheNextAttempt(t *testing.T) {
	c, now := lab(t)
	a := &aws{c: c}
	k := KeyOf("lab")
	for _, step := range []struct {
		at    time.Duration
		err   error
		asked int
	}{{0, nil, 1}, {45 * time.Minute, silent, 2}, {45*time.Minute + 59*time.Second, silent, 2}, {46 * time.Minute, nil, 3}, {46 * time.Minute, nil, 3}} {
		*now, a.err = noon.Add(step.at), step.err
		if _, _, err := c.Get(t.Context(), k, 0, a.fetch); err != nil || a.asked != step.asked {
			t.Errorf("after %v: asked %d times, %v; want %d", step.at, a.asked, err, step.asked)
		}
	}
}

// Who came to the lock just when it was let go asked once more after a refusal that
// was of this moment: one time in fifty here, where all begin at once.
func TestFiftyAskAtOnceAndAWSIsAskedOnce(t *testing.T) {
	for name, answer := range map[string]error{"a session": nil, "a refusal": refused} {
		t.Run(name, func(t *testing.T) {
			c, _ := lab(t)
			var asked, looked atomic.Int32
			started := make(chan struct{})
			c.Now = func() time.Time { // each looks once before he waits, and then when there is an answer
				if looked.Add(1) == 50 {
					close(started)
				}
				return noon
			}
			fetch := func(context.Context, bool) (session.Credentials, bool, error) {
				asked.Add(1)
				<-started // everybody is here
				return keys("ASIA", noon), true, answer
			}
			var wg sync.WaitGroup
			var good, no atomic.Int32
			for range 50 {
				wg.Go(func() {
					got, _, err := c.Get(t.Context(), KeyOf("lab"), time.Minute, fetch)
					if got.AccessKeyID == "ASIA" && err == nil {
						good.Add(1)
					}
					if e, ok := errors.AsType[*session.Refused](err); ok && *e == *refused {
						no.Add(1)
					}
				})
			}
			wg.Wait()
			if asked.Load() != 1 || good.Load()+no.Load() != 50 || (answer == nil) != (good.Load() == 50) {
				t.Errorf("asked %d times, %d sessions, %d refusals; want one question and one answer for all", asked.Load(), good.Load(), no.Load())
			}
		})
	}
}

func TestTheWaitHasAnEnd(t *testing.T) {
	c, _ := lab(t)
	k := KeyOf("lab")
	lock, _, err := c.lead(t.Context(), k, 0)
	if err != nil || lock == nil {
		t.Fatal(lock, err)
	}
	a := &aws{c: c}
	got, _, err := c.Get(t.Context(), k, 20*time.Millisecond, a.fetch)
	if err != nil || got.AccessKeyID != "ASIAI" || a.hurry {
		t.Errorf("got %v, %v, in a hurry %v; want a session of its own", got, err, a.hurry)
	}
	if err := lock.Unlock(); err != nil {
		t.Error(err)
	}
}

func TestWhoHasAnOldSessionDoesNotWaitForTheLock(t *testing.T) {
	c, now := lab(t)
	a := &aws{c: c}
	k := KeyOf("lab")
	c.Get(t.Context(), k, 0, a.fetch)
	*now = noon.Add(50 * time.Minute)
	lock, _, err := c.lead(t.Context(), k, 0)
	if err != nil || lock == nil {
		t.Fatal(lock, err)
	}
	defer lock.Unlock()
	got, stale, err := c.Get(t.Context(), k, time.Hour, a.fetch)
	if err != nil || stale != nil || got.AccessKeyID != "ASIAI" || a.asked != 1 {
		t.Errorf("got %v, %v, %v, asked %d; want the old one at once", got, stale, err, a.asked)
	}
}

func TestFilesThatOthersCouldTouchAreNotBelieved(t *testing.T) {
	tests := map[string]func(c Cache, path string) error{
		"others may read":     func(_ Cache, path string) error { return os.Chmod(path, 0o644) },
		"the group may write": func(_ Cache, path string) error { return os.Chmod(path, 0o660) },
		"a link": func(_ Cache, path string) error {
			return errors.Join(os.Rename(path, path+".x"), os.Symlink(path+".x", path))
		},
		"a directory for all": func(c Cache, _ string) error { return os.Chmod(c.Dir, 0o777) },
		"half a file":         func(_ Cache, path string) error { return os.Truncate(path, 40) },
		"another version":     func(_ Cache, path string) error { return os.WriteFile(path, []byte(`{"schemaVersion":1}`), 0o600) },
		"to another question": func(c Cache, path string) error {
			c.Keep(KeyOf("other"), keys("ASIAX", noon))
			return os.Rename(c.file(KeyOf("other"), ".json"), path)
		},
		"nothing in it": func(_ Cache, path string) error { return os.Truncate(path, 0) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := lab(t)
			a := &aws{c: c}
			k := KeyOf("lab")
			c.Get(t.Context(), k, 0, a.fetch)
			if _, ok := c.Load(k); !ok {
				t.Fatal("nothing was kept")
			}
			if err := spoil(c, c.file(k, ".json")); err != nil {
				t.Fatal(err)
			}
			if e, ok := c.Load(k); ok {
				t.Errorf("got %v", e.Credentials)
			}
			if got, _, err := c.Get(t.Context(), k, 0, a.fetch); err != nil || got.AccessKeyID != "ASIAII" {
				t.Errorf("got %v, %v; want a new session", got, err)
			}
			// A link stayed where it was, and nothing was kept any more.
			if e, ok := c.Load(k); ok != (name != "a directory for all") || ok && e.Credentials.AccessKeyID != "ASIAII" {
				t.Errorf("afterwards: kept %v, %v; want the new session, unless the directory is everybody's", ok, e.Credentials)
			}
		})
	}
}

func TestWhereNothingCanBeWrittenThereIsNoCacheAndNoError(t *testing.T) {
	c, _ := lab(t)
	c.Disk.Before = func(atomicfile.Change) error { return errors.New("read-only file system") }
	a := &aws{c: c}
	for n := 1; n <= 2; n++ {
		if _, _, err := c.Get(t.Context(), KeyOf("lab"), 0, a.fetch); err != nil || a.asked != n {
			t.Errorf("asked %d times, %v; want %d and no error", a.asked, err, n)
		}
	}
}

func TestWhatMayNotBeKeptIsNot(t *testing.T) {
	c, _ := lab(t)
	k := KeyOf("lab")
	c.Get(t.Context(), k, 0, func(context.Context, bool) (session.Credentials, bool, error) { return keys("ASIA", noon), false, nil })
	if e, ok := c.Load(k); ok {
		t.Errorf("kept %v", e.Credentials)
	}
}

func FuzzTheRefusalThatIsShared(f *testing.F) {
	f.Add(encodeRefusal(refused, noon))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, at, ok := decodeRefusal(data); ok && (r == nil || at.IsZero()) {
			t.Errorf("got half a refusal: %v at %v", r, at)
		}
	})
}

// What package home calls the sessions of a set-up is what lies here.
func TestASetupsSessionsAreForgottenWithIt(t *testing.T) {
	c, _ := lab(t)
	h := home.Home{Root: c.Root, Disk: c.Disk}
	if h.Cache() != c.Dir {
		t.Fatalf("got %s, want %s", h.Cache(), c.Dir)
	}
	a := &aws{c: c}
	mine, other := KeyOf("lab"), KeyOf("lab-2")
	c.Get(t.Context(), mine, 0, a.fetch)
	c.Get(t.Context(), other, 0, a.fetch)
	if err := h.ForgetSessions("lab"); err != nil {
		t.Fatal(err)
	}
	_, gone := c.Load(mine)
	_, there := c.Load(other)
	entries, _ := os.ReadDir(c.Dir)
	if gone || !there || len(entries) != 2 {
		t.Errorf("mine is there %v, the other %v, %d files; want only the other's two", gone, there, len(entries))
	}
}

// BenchmarkHit is what a run costs that finds its session, but for the start.
func BenchmarkHit(b *testing.B) {
	root := b.TempDir()
	c := Cache{Root: root, Dir: filepath.Join(root, "cache"), Disk: &atomicfile.Disk{}, Now: func() time.Time { return noon }}
	k := KeyOf("lab")
	a := &aws{c: c}
	for b.Loop() {
		if _, _, err := c.Get(b.Context(), k, 0, a.fetch); err != nil || a.asked > 1 {
			b.Fatal(err, a.asked)
		}
	}
}
