package signing

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// A run that found the new certificate beside the old key looked three times, a
// tenth of a second in all, and then ended with an error.
func TestARunWaitsASecondForTheOtherFileOfAPair(t *testing.T) {
	for name, half := range map[string]func(*bench) string{
		"the key comes later":         func(b *bench) string { return b.key },
		"the certificate comes later": func(b *bench) string { return b.cert },
	} {
		t.Run(name, func(t *testing.T) {
			b, other := newBench(t), newBench(t)
			late := half(b)
			for path, from := range map[string]string{b.cert: other.cert, b.key: other.key} {
				if path != late {
					copyFile(t, from, path)
				}
			}
			waited := time.Duration(0)
			b.sleep = func(_ context.Context, d time.Duration) error {
				if waited += d; waited >= time.Second && waited-d < time.Second {
					copyFile(t, map[string]string{b.cert: other.cert, b.key: other.key}[late], late)
				}
				return nil
			}
			if code := b.run(t, b.flags()+" --no-cache"); code != 0 || b.out.String() != processJSON {
				t.Errorf("got exit %d, %s after waiting %v; want a session", code, b.errs.String(), waited)
			}
			if waited < time.Second || waited > replacing {
				t.Errorf("waited %v, want one second to %v", waited, replacing)
			}
		})
	}
}

// A file that was just begun was no key, at once.
func TestARunWaitsForAFileThatIsBeingWritten(t *testing.T) {
	for name, tt := range map[string]struct {
		old  time.Duration
		want int
	}{"being written": {0, exitDone}, "as it was an hour ago": {time.Hour, exitFailed}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			whole := must(os.ReadFile(b.key))
			if err := errors.Join(os.WriteFile(b.key, whole[:len(whole)/2], 0o600), os.Chtimes(b.key, noon, noon.Add(-tt.old)), os.Chtimes(b.cert, noon, noon.Add(-time.Hour))); err != nil {
				t.Fatal(err)
			}
			looked := 0
			b.sleep = func(context.Context, time.Duration) error {
				looked++
				return os.WriteFile(b.key, whole, 0o600)
			}
			if code := b.run(t, b.flags()+" --no-cache"); code != tt.want || (looked > 0) != (tt.want == exitDone) {
				t.Errorf("got exit %d, %s after %d looks; want %d", code, b.errs.String(), looked, tt.want)
			}
		})
	}
}

// A pair that stays wrong is told within the time that a replacing may take, and
// within the deadline.
func TestAPairThatStaysWrongIsTold(t *testing.T) {
	for flags, most := range map[string]time.Duration{"": replacing, " --timeout 1": 500 * time.Millisecond} {
		b, other := newBench(t), newBench(t)
		copyFile(t, other.key, b.key)
		waited := time.Duration(0)
		b.sleep = func(_ context.Context, d time.Duration) error { waited += d; return nil }
		if code := b.run(t, b.flags()+flags); code != exitFailed || waited > most || !strings.Contains(b.errs.String(), "match key and certificate") {
			t.Errorf("%q: got exit %d, %s after waiting %v; want it told after %v at most", flags, code, b.errs.String(), waited, most)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, must(os.ReadFile(from)), 0o600); err != nil {
		t.Fatal(err)
	}
}
