package signing

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/signer"
	"anywhere/signer/home"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	anchorARN  = "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/11111111-2222-3333-4444-555555555555"
	profileARN = "arn:aws:rolesanywhere:us-east-1:000000000000:profile/11111111-2222-3333-4444-666666666666"
	roleARN    = "arn:aws:iam::000000000000:role/lab"

	sessionJSON = `{"credentialSet":[{"assumedRoleUser":{"arn":"arn:aws:sts::000000000000:assumed-role/lab/01","assumedRoleId":"AROALAB:01"},` +
		`"credentials":{"accessKeyId":"ASIALAB","secretAccessKey":"hush-secret","sessionToken":"hush-token","expiration":"2026-11-22T13:00:00Z"},` +
		`"packedPolicySize":1,"roleArn":"` + roleARN + `","sourceIdentity":"CN=lab"}],"subjectArn":"s"}`
	processJSON = `{"Version":1,"AccessKeyId":"ASIALAB","SecretAccessKey":"hush-secret","SessionToken":"hush-token","Expiration":"2026-11-22T13:00:00Z"}`
)

// bench is a machine with a set-up named lab, the same key and certificate in
// files, and an AWS that notes what it is asked.
type bench struct {
	root               string // ANYWHERE_HOME
	cert, key          string // files
	env                map[string]string
	now                time.Time
	endpoint           string
	answer             http.HandlerFunc
	expires            time.Duration // of sessions, from now; zero means at 13:00
	sleep              func(context.Context, time.Duration) error
	wake               chan time.Duration // ends a long sleep of serve, in which so much time passes
	prompt             func(string) ([]byte, error)
	mu                 sync.Mutex
	seen               []*http.Request
	bodies             []string
	out, errs          bytes.Buffer
	session            home.Session
	leaf, intermediate *x509.Certificate
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{root: filepath.Join(t.TempDir(), "home"), now: noon, wake: make(chan time.Duration)}
	b.env = map[string]string{"ANYWHERE_HOME": b.root}
	b.answer = func(w http.ResponseWriter, _ *http.Request) {
		text := sessionJSON
		if b.expires != 0 {
			text = strings.Replace(text, "2026-11-22T13:00:00Z", b.now.Add(b.expires).Format(time.RFC3339), 1)
		}
		w.WriteHeader(201)
		io.WriteString(w, text)
	}
	server := httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(server.Close)
	b.endpoint = server.URL

	caKey := must(pki.NewKey(pki.P256, rand.Reader))
	spec := pki.CASpec{Name: pki.Name{CommonName: "lab CA"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(1, 0, 0), Serial: must(pki.NewSerial(rand.Reader))}
	b.intermediate = must(pki.NewCA(spec, caKey, rand.Reader))
	key := must(pki.NewKey(pki.P256, rand.Reader))
	leaf := pki.LeafSpec{Name: pki.Name{CommonName: "lab"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(0, 1, 0), Serial: must(pki.NewSerial(rand.Reader))}
	b.leaf = must(pki.IssueLeaf(leaf, key.Public(), b.intermediate, caKey, rand.Reader))

	h := home.Home{Root: b.root, Disk: &atomicfile.Disk{}}
	s := h.Setup("lab")
	pair := s.Pair("01")
	b.cert, b.key = filepath.Join(pair, "certificate.pem"), filepath.Join(pair, "key.pem")
	b.session = home.Session{Setup: "lab", Mode: home.ModeCustom, Region: "us-east-1", Endpoint: b.endpoint, TrustAnchorARN: anchorARN,
		ProfileARN: profileARN, RoleARN: roleARN, DurationSeconds: 900, Certificate: b.leaf.Raw, Key: "pairs/01/key.pem"}
	for _, err := range []error{
		h.Disk.Mkdir(pair, home.DirPerm),
		h.Disk.Write(b.key, must(pki.EncodeKey(key)), home.SecretPerm),
		h.Disk.Write(b.cert, pki.EncodeCertificates(b.leaf), home.SecretPerm),
		h.WriteSession(s, b.session),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// serve verifies and notes a request before it answers.
func (b *bench) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if _, err := signer.Verify(r, body); err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen, b.bodies = append(b.seen, r), append(b.bodies, string(body))
	b.answer(w, r)
}

// rewrite changes session.json.
func (b *bench) rewrite(t *testing.T, change func(*home.Session)) {
	t.Helper()
	change(&b.session)
	h := home.Home{Root: b.root, Disk: &atomicfile.Disk{}}
	if err := h.WriteSession(h.Setup("lab"), b.session); err != nil {
		t.Fatal(err)
	}
}

// run runs one command line, words separated by blanks.
func (b *bench) run(t *testing.T, line string) int {
	t.Helper()
	b.out.Reset()
	b.errs.Reset()
	return Run(t.Context(), strings.Fields(line), b.world())
}

func (b *bench) world() World {
	return World{
		Program: "anywhere-signer", Version: "1.2.3", Stdout: &b.out, Stderr: &b.errs,
		Getenv: func(name string) string { return b.env[name] },
		Now:    func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now },
		Random: rand.Reader,
		Prompt: b.prompt,
		Sleep: func(ctx context.Context, d time.Duration) error {
			if b.sleep == nil {
				return ctx.Err()
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.sleep(ctx, d)
		},
	}
}

// flags are those of AWS's helper for the same session.
func (b *bench) flags() string {
	return "credential-process --certificate " + b.cert + " --private-key " + b.key + " --trust-anchor-arn " + anchorARN +
		" --profile-arn=" + profileARN + " --role-arn " + roleARN + " --endpoint " + b.endpoint
}

func removeFile(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
