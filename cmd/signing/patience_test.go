package signing

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/signer/home"
)

// silentTPM is a TPM at a socket that takes every command and answers none.
func silentTPM(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tpm")
	listener := must(net.Listen("unix", path))
	taken := make(chan net.Conn, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				close(taken)
				return
			}
			taken <- conn
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		for conn := range taken {
			conn.Close()
		}
	})
	return path
}

// hurrying is a world in which every wait for hardware is over at once.
func (b *bench) hurrying() World {
	w := b.world()
	w.after = func(d time.Duration) <-chan time.Time {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.now = b.now.Add(d)
		up := make(chan time.Time)
		close(up)
		return up
	}
	return w
}

// All of these waited for ever.
func TestATPMThatNeverAnswersIsWaitedForUntilTheDeadline(t *testing.T) {
	const file = "../../testdata/wire/swtpm/ec-owner.pem"
	for name, tt := range map[string]struct{ line, says string }{
		"credential-process":            {"FLAGS --private-key handle:0x81000001 --timeout 7", "open key handle:0x81000001: TPM SOCKET gave no answer within 7s"},
		"credential-process of a setup": {"credential-process --setup lab", "open key handle:0x81000002: TPM SOCKET gave no answer within 20s"},
		"serve":                         {"serve --port 0 --setup lab", "open key handle:0x81000002: TPM SOCKET gave no answer within 20s"},
		"update":                        {"update --once --setup lab --timeout 3", "open key handle:0x81000002: TPM SOCKET gave no answer within 3s"},
		"sign-string":                   {"sign-string --private-key handle:0x81000001 --timeout 4", "open key handle:0x81000001: TPM SOCKET gave no answer within 4s"},
		"a key in a file, which signs":  {"sign-string --private-key " + file, "sign with key " + file + ": TPM SOCKET gave no answer within 20s"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.env["TPM_DEVICE"] = silentTPM(t)
			b.env["HOME"] = t.TempDir()
			b.rewrite(t, func(s *home.Session) { s.Key = "handle:0x81000002" })
			line := strings.Replace(tt.line, "FLAGS", strings.Replace(b.flags(), " --private-key "+b.key, "", 1), 1)
			code := Run(t.Context(), strings.Fields(line), b.hurrying())
			want := strings.Replace(tt.says, "SOCKET", b.env["TPM_DEVICE"], 1)
			if code != exitFailed || !strings.Contains(b.errs.String(), want) || !strings.Contains(b.errs.String(), "hint: ") || len(b.seen) != 0 {
				t.Errorf("got exit %d, %s\nwant %d, %s", code, b.errs.String(), exitFailed, want)
			}
		})
	}
}

// A person who looks for the PIN is no module that hangs.
func TestTimeStandsStillWhileAPersonIsAsked(t *testing.T) {
	b := newBench(t)
	w, asked, answer := b.world(), make(chan struct{}), make(chan struct{})
	waits := 0
	w.after = func(d time.Duration) <-chan time.Time {
		up := make(chan time.Time)
		waits++
		if waits == 4 {
			close(answer)
			return up // never
		}
		go func() {
			<-asked
			b.mu.Lock()
			defer b.mu.Unlock()
			b.now = b.now.Add(d)
			close(up)
		}()
		return up
	}
	w = w.patient(options{timeout: 5})
	got, err := bounded(w.patience, "open", "handle:0x81000001", func() ([]byte, error) {
		return w.patience.ask(func() ([]byte, error) {
			close(asked)
			<-answer
			return []byte("word"), nil
		})
	})
	if err != nil || string(got) != "word" || w.patience.left() != 5*time.Second {
		t.Errorf("got %q, %v, and %v left; want the word and all the time", got, err, w.patience.left())
	}
}

// Who typed at the keypad of a reader had the time of a module that hangs. One that
// hangs there is not waited for without end.
func TestWhoTypesAtAKeypadHasAMinute(t *testing.T) {
	for name, tt := range map[string]struct{ took, during, after time.Duration }{
		"a quick one":       {10 * time.Second, 55 * time.Second, 5 * time.Second},
		"a slow one":        {59 * time.Second, 6 * time.Second, 5 * time.Second},
		"nobody any more":   {66 * time.Second, 0, 0},
		"just in that time": {64 * time.Second, time.Second, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			w := b.world().patient(options{timeout: 5})
			err := w.patience.keypad(func() error {
				b.now = b.now.Add(tt.took)
				if got := w.patience.left(); got != tt.during {
					t.Errorf("got %v left while somebody types, want %v", got, tt.during)
				}
				return nil
			})
			if got := w.patience.left(); err != nil || got != tt.after {
				t.Errorf("got %v left afterwards, %v; want %v", got, err, tt.after)
			}
		})
	}
}

// What hangs is not asked again by a service that tries all day.
func TestHardwareThatHangsIsAskedOnce(t *testing.T) {
	b := newBench(t)
	w, hang, asked := b.hurrying(), make(chan struct{}), make(chan struct{}, 100)
	defer close(hang)
	soon := w.after
	w.after = func(d time.Duration) <-chan time.Time {
		up := soon(d)
		later := make(chan time.Time)
		go func() { // once it has been asked, now or before
			asked <- <-asked
			<-up
			close(later)
		}()
		return later
	}
	w.secrets = &secrets{}
	for range 20 {
		w := w.patient(options{})
		_, err := bounded(w.patience, "open", "handle:0x81000001", func() (int, error) {
			asked <- struct{}{}
			<-hang
			return 0, nil
		})
		if err == nil || !strings.Contains(err.Error(), "gave no answer") {
			t.Errorf("got %v, want that there is no answer", err)
		}
	}
	if len(asked) != 1 {
		t.Errorf("it was asked %d times, want once", len(asked))
	}
}
