package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/pki/decode"
	"anywhere/signer/home"
)

// program is where the program is built, once for all tests.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "anywhere-signer")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "anywhere-signer"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("%w\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := program(); dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// built is the program as it is released.
func built(t *testing.T) string {
	t.Helper()
	dir, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "anywhere-signer")
}

// pair writes a key and a certificate for it.
func pair(t *testing.T) (certificate, private string) {
	t.Helper()
	now := time.Now()
	caKey, key := must(pki.NewKey(pki.P256, rand.Reader)), must(pki.NewKey(pki.P256, rand.Reader))
	spec := pki.CASpec{Name: pki.Name{CommonName: "crowd CA"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), Serial: must(pki.NewSerial(rand.Reader))}
	ca := must(pki.NewCA(spec, caKey, rand.Reader))
	leaf := must(pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: "crowd"}, NotBefore: now, NotAfter: now.Add(time.Hour / 2), Serial: must(pki.NewSerial(rand.Reader))}, key.Public(), ca, caKey, rand.Reader))
	certificate, private = filepath.Join(t.TempDir(), "certificate.pem"), filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(certificate, pki.EncodeCertificates(leaf), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(private, must(pki.EncodeKey(key)), 0o600); err != nil {
		t.Fatal(err)
	}
	return certificate, private
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// world is a server in AWS's place, which gives every session another number, and
// what a machine needs to ask it.
type world struct {
	program, home    string
	certificate, key string
	endpoint         string
	asked            *atomic.Int32
}

func newWorld(t *testing.T) world {
	t.Helper()
	asked := new(atomic.Int32)
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"credentialSet":[{"credentials":{"accessKeyId":"ASIA%d","secretAccessKey":"hush","sessionToken":"token","expiration":%q}}]}`,
			n, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	t.Cleanup(aws.Close)
	certificate, key := pair(t)
	return world{program: built(t), home: t.TempDir(), certificate: certificate, key: key, endpoint: aws.URL, asked: asked}
}

// flags is a command line of AWS's helper. Whoever waits for another's session does
// so for half of the time-out, and then asks himself: fifty programs must have begun
// within that, on any machine.
func (w world) flags() []string {
	return []string{"credential-process", "--certificate", w.certificate, "--private-key", w.key, "--endpoint", w.endpoint, "--timeout", "120",
		"--trust-anchor-arn", "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/1",
		"--profile-arn", "arn:aws:rolesanywhere:us-east-1:000000000000:profile/2", "--role-arn", "arn:aws:iam::000000000000:role/crowd"}
}

// setup makes a set-up named crowd of the same, and returns the command line that
// the wizard writes for it.
func (w world) setup(t *testing.T) []string {
	t.Helper()
	h := home.Home{Root: filepath.Join(w.home, ".anywhere"), Disk: &atomicfile.Disk{}}
	s := h.Setup("crowd")
	if err := h.Disk.Mkdir(s.Dir, home.DirPerm); err != nil {
		t.Fatal(err)
	}
	if err := h.Disk.Write(filepath.Join(s.Dir, "key.pem"), must(os.ReadFile(w.key)), home.SecretPerm); err != nil {
		t.Fatal(err)
	}
	leaf := must(decode.Certificates(must(os.ReadFile(w.certificate))))[0]
	if err := h.WriteSession(s, home.Session{Setup: "crowd", Mode: home.ModeCustom, Region: "us-east-1", Endpoint: w.endpoint,
		TrustAnchorARN: "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/1", ProfileARN: "arn:aws:rolesanywhere:us-east-1:000000000000:profile/2",
		RoleARN: "arn:aws:iam::000000000000:role/crowd", DurationSeconds: 3600, Certificate: leaf.Raw, Key: "key.pem"}); err != nil {
		t.Fatal(err)
	}
	return []string{"credential-process", "--setup", "crowd"}
}

// command is a run of the program.
func (w world) command(args []string) *exec.Cmd {
	cmd := exec.Command(w.program, args...)
	cmd.Env = []string{"HOME=" + w.home}
	return cmd
}

// Fifty calls of the AWS CLI at once are fifty processes.
func TestFiftyProcessesMakeOneSession(t *testing.T) {
	world := newWorld(t)
	var wg sync.WaitGroup
	answers := make([]string, 50)
	for i := range answers {
		wg.Go(func() {
			cmd := exec.Command(world.program, world.flags()...)
			cmd.Env = []string{"HOME=" + world.home}
			var errs bytes.Buffer
			cmd.Stderr = &errs
			out, err := cmd.Output()
			answers[i] = string(out)
			if err != nil || errs.Len() != 0 {
				answers[i] = fmt.Sprint(err, errs.String())
			}
		})
	}
	wg.Wait()
	for _, answer := range answers {
		if answer != answers[0] || !strings.HasPrefix(answer, `{"Version":1,"AccessKeyId":"ASIA1",`) {
			t.Fatalf("got %q and %q, want the same session for all", answer, answers[0])
		}
	}
	if n := world.asked.Load(); n != 1 {
		t.Errorf("AWS was asked %d times, want once", n)
	}
}

// Twenty programs keep twenty sections of one file filled, and a reader never
// sees a section less than before.
func TestTwentyProcessesFillTwentySectionsWhileOneReads(t *testing.T) {
	world := newWorld(t)
	file := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(file, []byte("[mine]\nregion = x # stays\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	written, reader := make(chan struct{}), make(chan error, 1)
	go func() { reader <- neverLess(file, written) }()
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			cmd := exec.Command(world.program, append([]string{"update", "--once", "--profile", fmt.Sprint("p", n)}, world.flags()[1:]...)...)
			cmd.Env = []string{"HOME=" + world.home, "AWS_SHARED_CREDENTIALS_FILE=" + file}
			if out, err := cmd.CombinedOutput(); err != nil || len(out) != 0 {
				t.Errorf("p%d: %v, %s", n, err, out)
			}
		})
	}
	wg.Wait()
	close(written)
	if err := <-reader; err != nil {
		t.Error(err)
	}
	text := string(must(os.ReadFile(file)))
	for n := range 20 {
		if want := fmt.Sprintf("\n[p%d]\naws_access_key_id = ASIA1\naws_secret_access_key = hush\naws_session_token = token\n", n); !strings.Contains(text, want) {
			t.Errorf("section p%d is missing or not whole", n)
		}
	}
	if info := must(os.Stat(file)); info.Mode().Perm() != 0o640 || !strings.HasPrefix(text, "[mine]\nregion = x # stays\n") || world.asked.Load() != 1 {
		t.Errorf("got mode %v, %q first, AWS asked %d times; want 0640, [mine] as it was, once", info.Mode(), text[:10], world.asked.Load())
	}
}

// neverLess reads a file until done, each time with at least the lines of the time
// before and whole sections: one of four lines after one of two.
func neverLess(file string, done <-chan struct{}) error {
	for most := 2; ; {
		select {
		case <-done:
			return nil
		default:
		}
		data, err := os.ReadFile(file)
		lines := bytes.Count(bytes.ReplaceAll(data, []byte("\n\n"), []byte("\n")), []byte("\n"))
		if err != nil || lines < most || (lines-2)%4 != 0 {
			return fmt.Errorf("a reader saw %d lines after %d, %w", lines, most, err)
		}
		most = lines
	}
}
