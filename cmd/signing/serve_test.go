package signing

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// lines is a writer that can be waited on for a line.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	select {
	case l.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await returns what a pattern's group matched, once it did.
func (l *lines) await(t *testing.T, pattern string) string {
	t.Helper()
	for {
		if found := regexp.MustCompile(pattern).FindStringSubmatch(l.String()); found != nil {
			return found[1]
		}
		select {
		case <-l.more:
		case <-time.After(time.Minute):
			t.Fatalf("%s does not come: %s", pattern, l.String())
		}
	}
}

// serving starts serve and returns where; stop ends it with its exit code.
func (b *bench) serving(t *testing.T, flags string) (said *lines, stop func() int) {
	t.Helper()
	said = &lines{more: make(chan struct{}, 1)}
	w := b.world()
	w.Stderr = said
	b.sleep = func(ctx context.Context, d time.Duration) error {
		if d < 2*time.Second { // between two attempts, and just before a session is replaced
			b.now = b.now.Add(d)
			return nil
		}
		b.mu.Unlock()
		defer b.mu.Lock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case passes := <-b.wake:
			b.mu.Lock()
			b.now = b.now.Add(passes)
			b.mu.Unlock()
			return nil
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() { code <- Run(ctx, strings.Fields("serve --port 0 "+flags), w) }()
	return said, func() int { cancel(); return <-code }
}

func get(t *testing.T, url string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if strings.HasSuffix(url, "/token") {
		req.Method = "PUT"
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func TestServeGivesSessionsInBothWays(t *testing.T) {
	b := newBench(t)
	said, stop := b.serving(t, "--setup lab --hop-limit 2")
	base := said.await(t, `AWS_EC2_METADATA_SERVICE_ENDPOINT="(.*?)/"`)
	uri := said.await(t, `FULL_URI="(.*?)"`)
	file := said.await(t, `TOKEN_FILE="(.*?)"`)
	_, token := get(t, base+"/latest/api/token")
	status, body := get(t, base+"/latest/meta-data/iam/security-credentials/lab", "X-aws-ec2-metadata-token", token)
	if status != 200 || !strings.HasPrefix(body, `{"AccessKeyId":"ASIALAB","SecretAccessKey":"hush-secret","Token":"hush-token","Code":"Success"`) {
		t.Errorf("IMDS: got %d %s", status, body)
	}
	secret, err := os.ReadFile(file)
	info, bad := os.Stat(file)
	if err != nil || bad != nil || info.Mode().Perm() != 0o600 || len(secret) < 43 {
		t.Errorf("token file: got %d bytes, %v, %v, %v", len(secret), info.Mode(), err, bad)
	}
	status, body = get(t, uri, "Authorization", string(secret))
	if status != 200 || !strings.Contains(body, `"Expiration":"2026-11-22T13:00:00Z"`) {
		t.Errorf("container: got %d %s", status, body)
	}
	if status, _ := get(t, uri); status != 401 {
		t.Errorf("container without token: got %d, want 401", status)
	}
	if status, body := get(t, base+"/healthz"); status != 200 || strings.Contains(body, "arn:") {
		t.Errorf("health: got %d %q", status, body)
	}
	if code := stop(); code != 0 || strings.Contains(said.String(), "hush") || strings.Contains(said.String(), string(secret)) {
		t.Errorf("got exit %d, log %s", code, said)
	}
	if !strings.Contains(said.String(), "every user of this machine") || len(b.seen) != 1 {
		t.Errorf("asked AWS %d times, want once; log %s", len(b.seen), said)
	}
	again, stop := b.serving(t, "--setup lab --no-imds")
	again.await(t, `FULL_URI="(.*?)"`)
	if kept, _ := os.ReadFile(file); string(kept) != string(secret) || strings.Contains(again.String(), "METADATA") {
		t.Errorf("after a restart the token is another, or IMDS is on: %s", again)
	}
	stop()
}

func TestServeEndsIfAWSRefusesAndGoesOnIfItIsAway(t *testing.T) {
	b := newBench(t)
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(403)
		io.WriteString(w, `{"message":"no"}`)
	}
	said, stop := b.serving(t, "--setup lab")
	said.await(t, `(create session: HTTP 403: no\nhint)`)
	if code := stop(); code != exitFailed {
		t.Errorf("got exit %d, want %d", code, exitFailed)
	}

	b = newBench(t)
	b.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }
	said, stop = b.serving(t, "--setup lab --no-cache")
	base := said.await(t, `AWS_EC2_METADATA_SERVICE_ENDPOINT="(.*?)/"`)
	if status, _ := get(t, base+"/healthz"); status != 503 {
		t.Errorf("got %d, want 503", status)
	}
	if code := stop(); code != 0 {
		t.Errorf("got exit %d", code)
	}
}

func TestServeRefusesWhatWouldOpenTheMachine(t *testing.T) {
	b := newBench(t)
	for line, want := range map[string]string{
		"serve --setup lab --listen 0.0.0.0":                                      "every machine that reaches it",
		"serve --setup lab --listen here":                                         "not an address",
		"serve --setup lab --port 70000":                                          "--port 70000: must be 0 to 65535",
		"serve --setup lab --hop-limit 0":                                         "1 to 255",
		"serve --setup lab --print-unit upstart":                                  "neither systemd nor launchd",
		"serve --setup lab --print-unit systemd --endpoint http://127.0.0.1:1/$x": "cannot be written into a service file",
		"serve": "neither --setup nor --certificate",
	} {
		if code := b.run(t, line); code != 2 || !strings.Contains(b.errs.String(), want) || b.out.Len() != 0 {
			t.Errorf("%s: got exit %d, stderr %q, want %q", line, code, b.errs.String(), want)
		}
	}
}

// Each run on a port of the system's choice left a file with a token behind.
func TestATokenOfARandomPortGoesWithIt(t *testing.T) {
	b := newBench(t)
	named := filepath.Join(t.TempDir(), "token")
	for flags, stays := range map[string]bool{
		strings.TrimPrefix(b.flags(), "credential-process"):                            false,
		strings.TrimPrefix(b.flags(), "credential-process") + " --token-file " + named: true,
		"--setup lab": true,
	} {
		said, stop := b.serving(t, flags)
		path := said.await(t, `TOKEN_FILE="(.*?)"`)
		said.await(t, `(event="renewed")`)
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: got %v while it serves", flags, err)
		}
		if code := stop(); code != exitDone {
			t.Errorf("%s: got exit %d", flags, code)
		}
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) == stays {
			t.Errorf("%s: got %v afterwards, want that it stays: %v", flags, err, stays)
		}
	}
}

// A file that was named by mistake was overwritten if it was short, and taken for
// the token if it was long.
func TestServeKeepsWhatStandsInAFileOfTheUsers(t *testing.T) {
	b := newBench(t)
	for name, tt := range map[string]struct {
		text string
		mode os.FileMode
		code int
		says string
	}{
		"something short":      {"to do: nothing", 0o600, 2, "holds something else than a token"},
		"something long":       {strings.Repeat("a line of mine\n", 40), 0o600, 2, "holds something else than a token"},
		"a token for everyone": {strings.Repeat("t", 43), 0o644, 1, "lets other users read it"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "file")
			if err := errors.Join(os.WriteFile(file, []byte(tt.text), 0o600), os.Chmod(file, tt.mode)); err != nil {
				t.Fatal(err)
			}
			code := b.run(t, "serve --setup lab --port 0 --token-file "+file)
			got, err := os.ReadFile(file)
			if code != tt.code || !strings.Contains(b.errs.String(), tt.says) || !strings.Contains(b.errs.String(), "hint: ") || string(got) != tt.text || err != nil {
				t.Errorf("got exit %d, %q, file %q, %v; want %d, %q", code, b.errs.String(), got, err, tt.code, tt.says)
			}
		})
	}
}

// A unit had the paths as they were typed, which lead nowhere from where a service
// starts, and a password that stood on the command line.
func TestAUnitHasWholePathsAndNoPassword(t *testing.T) {
	b := newBench(t)
	t.Chdir(filepath.Dir(b.cert))
	line := strings.Replace(b.flags(), "credential-process", "serve --print-unit systemd", 1)
	line = strings.Replace(line, b.cert, filepath.Base(b.cert), 1)
	line = strings.Replace(line, "--private-key "+b.key, "--private-key="+filepath.Base(b.key), 1)
	code := b.run(t, line)
	for _, want := range []string{" --certificate " + b.cert + " ", " --private-key=" + b.key + " "} {
		if code != 0 || !strings.Contains(b.out.String(), want) {
			t.Errorf("got exit %d, %q, lacks %q:\n%s", code, b.errs.String(), want, b.out.String())
		}
	}
	for _, flag := range []string{"--pkcs8-password hush", "--tpm-key-password=hush", "--key-passphrase-env HUSH", "--key-passphrase-fd 7"} {
		code := b.run(t, line+" "+flag)
		if code != 2 || b.out.Len() != 0 || strings.Contains(b.errs.String(), "hush") || !strings.Contains(b.errs.String(), "hint: put the password into a file") {
			t.Errorf("%s: got exit %d, %q, %q", flag, code, b.out.String(), b.errs.String())
		}
	}
	if code := b.run(t, line+" --private-key handle:0x81000001"); code != 0 || !strings.Contains(b.out.String(), " --private-key handle:0x81000001") {
		t.Errorf("a handle: got exit %d, %q", code, b.out.String())
	}
}

func TestAUnitServesTheContainerEndpointAlone(t *testing.T) {
	b := newBench(t)
	for kind, want := range map[string][]string{
		"systemd": {"ExecStart=/", " serve --no-imds --token-file ", " --setup lab --port 9000 --home /", "Restart=on-failure", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:9000/credentials"},
		"launchd": {"<string>--no-imds</string>", "<string>lab</string>", "<key>KeepAlive</key>"},
	} {
		code := b.run(t, "serve --print-unit "+kind+" --setup lab --port 9000")
		for _, part := range want {
			if code != 0 || !strings.Contains(b.out.String(), part) || strings.Contains(b.out.String(), "print-unit") {
				t.Errorf("%s: got exit %d, stderr %q, lacks %q:\n%s", kind, code, b.errs.String(), part, b.out.String())
			}
		}
	}
	if _, err := os.Stat(filepath.Join(b.root, "setups", "lab", "serve.token")); err == nil {
		t.Error("printing a unit drew a token")
	}
}
