package signing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"anywhere/signer/sharedconfig"
)

// credentials puts a credentials file beside the bench and names it.
func (b *bench) credentials(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	b.env["AWS_SHARED_CREDENTIALS_FILE"] = path
	return path
}

const written = "aws_access_key_id = ASIALAB\naws_secret_access_key = hush-secret\naws_session_token = hush-token\n"

func TestUpdateChangesItsThreeKeysAndNothingElse(t *testing.T) {
	tests := map[string]struct{ flags, before, after string }{
		"an empty file":      {"", "", "[default]\n" + written},
		"another section":    {" --profile work", "[default]\nregion = x # mine\n", "[default]\nregion = x # mine\n\n[work]\n" + written},
		"its own old keys":   {"", "[default]\naws_access_key_id=ASIAOLD\nregion = x\naws_secret_access_key = old\naws_session_token = old\n", "[default]\naws_access_key_id=ASIALAB\nregion = x\naws_secret_access_key = hush-secret\naws_session_token = hush-token\n"},
		"a key like its own": {"", "[default]\naws_access_key_id_backup = KEEP\n", "[default]\naws_access_key_id_backup = KEEP\n" + written},
		"a last line of another key, without its end": {"", "[default]\nregion = x", "[default]\nregion = x\n" + strings.TrimSuffix(written, "\n")},
		"CRLF":                 {"", "[default]\r\nregion = x\r\n", "[default]\r\nregion = x\r\n" + strings.ReplaceAll(written, "\n", "\r\n")},
		"static keys, if told": {" --overwrite-static-keys", "[default]\naws_access_key_id = AKIAOLD\n", "[default]\n" + written},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			path := b.credentials(t, tt.before)
			if code := b.run(t, "update --once --setup lab"+tt.flags); code != 0 || b.out.Len() != 0 || b.errs.Len() != 0 {
				t.Fatalf("got exit %d, stdout %q, stderr %q", code, b.out.String(), b.errs.String())
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != tt.after {
				t.Errorf("got  %q\nwant %q", got, tt.after)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("got %v, %v; want the mode it had, 0640", info.Mode(), err)
			}
		})
	}
}

func TestUpdateDoesNotDestroyLongLivedKeys(t *testing.T) {
	b := newBench(t)
	text := "[default]\naws_access_key_id = AKIAOLD\naws_secret_access_key = hush-old\n"
	path := b.credentials(t, text)
	code := b.run(t, "update --setup lab") // without --once, it ends all the same
	got, _ := os.ReadFile(path)
	if code != 1 || string(got) != text || !strings.Contains(b.errs.String(), "long-lived") || !strings.Contains(b.errs.String(), "hint: name another") || strings.Contains(b.errs.String(), "hush") {
		t.Errorf("got exit %d, stderr %q, file %q", code, b.errs.String(), got)
	}
}

func TestUpdateMakesAMissingFileThatIsOnlyOurs(t *testing.T) {
	b := newBench(t)
	b.env["HOME"] = t.TempDir()
	if code := b.run(t, "update --once --setup lab"); code != 0 {
		t.Fatalf("got exit %d, stderr %q", code, b.errs.String())
	}
	file, err := os.Stat(filepath.Join(b.env["HOME"], ".aws", "credentials"))
	dir, bad := os.Stat(filepath.Join(b.env["HOME"], ".aws"))
	if err != nil || bad != nil || file.Mode().Perm() != 0o600 || dir.Mode().Perm() != 0o700 {
		t.Errorf("got %v %v, %v %v; want modes 0600 and 0700", file, err, dir, bad)
	}
}

// As with AWS's helper, update failed where there was no HOME, although the file to
// write was named: a service of the system has none, and a container none to write.
func TestUpdateNeedsNoHomeWhereTheFileIsNamed(t *testing.T) {
	for name, home := range map[string]string{"none": "", "one that cannot be made": filepath.Join(os.DevNull, "home")} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			line := strings.Replace(b.flags(), "credential-process", "update --once", 1)
			file := filepath.Join(t.TempDir(), "aws", "credentials")
			b.env["ANYWHERE_HOME"], b.env["HOME"], b.env["AWS_SHARED_CREDENTIALS_FILE"] = "", home, file
			code := b.run(t, line)
			if got, err := os.ReadFile(file); code != 0 || !strings.HasPrefix(string(got), "[default]\naws_access_key_id = ASIA") {
				t.Errorf("got exit %d, %q, file %q, %v", code, b.errs.String(), got, err)
			}
		})
	}
}

// A day of refreshing with two outages: the clock moves when somebody sleeps.
func TestUpdateGoesOnThroughOutages(t *testing.T) {
	b := newBench(t)
	path := b.credentials(t, "")
	good := b.answer
	var asked int
	b.answer = func(w http.ResponseWriter, r *http.Request) {
		asked++
		if asked >= 2 && asked <= 5 {
			w.WriteHeader(403)
			return
		}
		good(w, r)
	}
	over := errors.New("a day is over")
	var slept time.Duration
	b.sleep = func(_ context.Context, d time.Duration) error {
		slept += d
		b.now = b.now.Add(d)
		if slept > 2*time.Hour {
			return over
		}
		return nil
	}
	b.expires = time.Hour
	code := b.run(t, "update --setup lab --no-cache")
	got, _ := os.ReadFile(path)
	if code != 0 || string(got) != "[default]\n"+written {
		t.Errorf("got exit %d, file %q", code, got)
	}
	if asked < 7 || asked > 9 {
		t.Errorf("got %d questions in two hours, want one every 40 minutes and four for nothing", asked)
	}
	if said := b.errs.String(); strings.Contains(said, "hush") || strings.Count(said, "anywhere: wrote [default]") < 3 || strings.Count(said, "HTTP 403") != 4 {
		t.Errorf("got stderr %q", said)
	}
}

func TestTwentyUpdatesAtOnceAllArrive(t *testing.T) {
	b := newBench(t)
	path := b.credentials(t, "[mine]\nregion = x\n")
	stop, reader := make(chan struct{}), make(chan error, 1)
	go func() {
		most := 1
		for {
			select {
			case <-stop:
				reader <- nil
				return
			default:
			}
			data, err := os.ReadFile(path)
			n := len(sharedconfig.Parse(data).Sections())
			if err != nil || n < most {
				reader <- fmt.Errorf("%d sections after %d, %w", n, most, err)
				return
			}
			most = n
		}
	}()
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			w := b.world()
			w.Stderr, w.Stdout = new(strings.Builder), new(strings.Builder)
			if code := Run(t.Context(), strings.Fields(fmt.Sprintf("update --once --setup lab --profile p%d", n)), w); code != 0 {
				t.Errorf("p%d: got exit %d: %s", n, code, w.Stderr)
			}
		})
	}
	wg.Wait()
	close(stop)
	if err := <-reader; err != nil {
		t.Errorf("a reader saw less: %v", err)
	}
	data, _ := os.ReadFile(path)
	if got := sharedconfig.Parse(data).Sections(); len(got) != 21 || len(b.seen) != 1 {
		t.Errorf("got %d sections after %d questions to AWS, want 21 after 1: %v", len(got), len(b.seen), got)
	}
}
