package signing

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"anywhere/pki/atomicfile"
	"anywhere/signer/home"
	"anywhere/signer/renewal"
)

// ending is a child that ends when it is told to.
type ending struct {
	code chan int
	left bool
}

func (e *ending) Wait() (int, error) { return <-e.code, nil }
func (e *ending) Release() error     { e.left = true; return nil }

// due makes the certificate of the bench one that is renewed by itself from now
// on, and counts the starts.
func (b *bench) due(t *testing.T) (w World, child *ending, starts *[]string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "anywhere")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	b.rewrite(t, func(s *home.Session) { s.Renewal = home.Renewal{Issuer: "step-ca", Program: program, At: b.now} })
	child, starts = &ending{code: make(chan int, 1)}, &[]string{}
	w = b.world()
	w.Start = func(c renewal.Command) (renewal.Child, error) {
		*starts = append(*starts, strings.Join(c.Args, " "))
		return child, nil
	}
	return w, child, starts
}

func (b *bench) notes(t *testing.T) home.Notes {
	t.Helper()
	h := home.Home{Root: b.root, Disk: &atomicfile.Disk{}}
	return must(h.ReadNotes(h.Setup("lab")))
}

// closing is a stdout that knows when it was closed.
type closing struct {
	strings.Builder
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestCredentialProcessPrintsAndEndsItsOutputBeforeItStartsARenewal(t *testing.T) {
	b := newBench(t)
	w, child, starts := b.due(t)
	out := &closing{}
	w.Stdout = out
	start := w.Start
	w.Start = func(c renewal.Command) (renewal.Child, error) {
		if strings.TrimSpace(out.String()) != processJSON || !out.closed {
			t.Errorf("started after %q, closed %v", out.String(), out.closed)
		}
		return start(c)
	}
	if code := Run(t.Context(), []string{"credential-process", "--setup", "lab"}, w); code != 0 || !child.left {
		t.Errorf("got exit %d, child left alone %v: %s", code, child.left, &b.errs)
	}
	if len(*starts) != 1 || (*starts)[0] != "cert renew --if-needed --setup lab" {
		t.Errorf("got %q started", *starts)
	}
}

func TestASessionFromTheCacheStartsARenewalTooButNotAtEveryCall(t *testing.T) {
	b := newBench(t)
	w, _, starts := b.due(t)
	for n, step := range []struct {
		after  time.Duration
		starts int
	}{{0, 1}, {0, 1}, {30 * time.Second, 1}, {time.Minute, 2}} {
		b.now = noon.Add(step.after)
		if code := Run(t.Context(), []string{"credential-process", "--setup", "lab"}, w); code != 0 || len(*starts) != step.starts {
			t.Errorf("call %d: exit %d, %d started, want %d: %s", n, code, len(*starts), step.starts, &b.errs)
		}
	}
	if len(b.seen) != 1 {
		t.Errorf("AWS was asked %d times, want once: the rest comes from the cache", len(b.seen))
	}
}

func TestCredentialsThatFailStartARenewalToo(t *testing.T) {
	b := newBench(t)
	w, _, starts := b.due(t)
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(403)
		io.WriteString(w, `{"message":"Untrusted certificate. Certificate is expired"}`)
	}
	if code := Run(t.Context(), []string{"credential-process", "--setup", "lab"}, w); code != exitFailed || len(*starts) != 1 {
		t.Errorf("got exit %d and %d started; a machine that slept too long would never come back", code, len(*starts))
	}
}

func TestBeforeItIsDueNothingIsWrittenOrStarted(t *testing.T) {
	b := newBench(t)
	w, _, starts := b.due(t)
	b.rewrite(t, func(s *home.Session) { s.Renewal.At = noon.Add(time.Second) })
	out := &closing{}
	w.Stdout = out
	for range 2 {
		Run(t.Context(), []string{"credential-process", "--setup", "lab"}, w)
	}
	if _, err := os.Lstat(filepath.Join(b.root, "setups", "lab", "renewal.lock")); err == nil || len(*starts) != 0 || out.closed {
		t.Errorf("%d started, lock made %v, output closed %v", len(*starts), err == nil, out.closed)
	}
}

func TestAMissingProgramIsSaidAndNotedAndTheCredentialsStillCome(t *testing.T) {
	b := newBench(t)
	w, _, starts := b.due(t)
	removeFile(t, b.session.Renewal.Program)
	code := Run(t.Context(), []string{"credential-process", "--setup", "lab"}, w)
	if code != 0 || strings.TrimSpace(b.out.String()) != processJSON || len(*starts) != 0 {
		t.Errorf("got exit %d, stdout %q, %d started", code, b.out.String(), len(*starts))
	}
	if notes := b.notes(t); len(notes.Warnings) != 1 || !strings.Contains(notes.Warnings[0].Says, "no such file") || !strings.Contains(b.errs.String(), "no such file") {
		t.Errorf("got notes %+v, stderr %q", notes.Warnings, b.errs.String())
	}
}

func TestServeAndUpdateStartARenewalAndTellHowItEnded(t *testing.T) {
	for name, tt := range map[string]struct {
		line string
		code int
		renew,
		want string
	}{
		"serve, renewed":     {"serve --setup lab --port 0", 0, "yes", `event="(certificate renewed)"`},
		"serve, not renewed": {"serve --setup lab --port 0", 1, "", `event="(certificate not renewed)" exit="1" see="anywhere status"`},
		"update, renewed":    {"update --setup lab", 0, "yes", `event="(certificate renewed)"`},
		"update, not due":    {"update --setup lab", 0, "", `event="(certificate not due yet)"`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.credentials(t, "")
			w, child, starts := b.due(t)
			said := &lines{more: make(chan struct{}, 1)}
			w.Stderr = said
			w.Sleep = func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() }
			ctx, stop := context.WithCancel(t.Context())
			var run sync.WaitGroup
			run.Go(func() { Run(ctx, strings.Fields(tt.line), w) })
			said.await(t, `event="(certificate is due, renewing it)"`)
			if tt.renew != "" {
				b.rewrite(t, func(s *home.Session) { s.Certificate = b.intermediate.Raw; s.Renewal.At = noon.Add(time.Hour) })
			}
			child.code <- tt.code
			said.await(t, tt.want)
			stop()
			run.Wait()
			if len(*starts) != 1 {
				t.Errorf("%d started, want one", len(*starts))
			}
		})
	}
}
