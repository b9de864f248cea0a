package doctor_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/doctor"
	"anywhere/pki"
	"anywhere/signer"
)

// causes gathers evidence of a subject and returns what the doctor names.
func causes(t *testing.T, src doctor.Sources, subject doctor.Subject, options doctor.Options) []doctor.Code {
	t.Helper()
	return doctor.Diagnose(doctor.Gather(t.Context(), src, subject, options)).Causes
}

// files writes a key and its certificate, and names them as AWS's helper would
// find them.
func files(t *testing.T) (subject doctor.Subject, write func(name string, data []byte) string) {
	t.Helper()
	dir, key, caKey := t.TempDir(), ok(pki.NewKey(pki.P256, rand.Reader)), ok(pki.NewKey(pki.P256, rand.Reader))
	write = func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := ok(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "lab CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0)}, caKey, rand.Reader))
	leaf := ok(pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: "box"}, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().AddDate(0, 0, 30)}, key.Public(), ca, caKey, rand.Reader))
	const account = "arn:aws:rolesanywhere:eu-west-1:111122223333:"
	return doctor.Subject{
		Kind: doctor.KindAWSProfile, Name: "lab", Client: doctor.ClientHelper,
		CertificateFile: write("leaf.pem", pki.EncodeCertificates(leaf)), KeyRef: write("key.pem", ok(pki.EncodeKey(key))),
		Target: signer.Target{TrustAnchorARN: account + "trust-anchor/1", ProfileARN: account + "profile/2", RoleARN: "arn:aws:iam::111122223333:role/r"},
	}, write
}

func TestFilesAreToldApart(t *testing.T) {
	locked := ok(pki.EncodeKeyLocked(ok(pki.NewKey(pki.P256, rand.Reader)), []byte("right"), rand.Reader))
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edDER := ok(x509.MarshalPKCS8PrivateKey(ed))
	for name, tt := range map[string]struct {
		change func(s *doctor.Subject, write func(string, []byte) string)
		want   []doctor.Code
	}{
		"whole files":  {func(*doctor.Subject, func(string, []byte) string) {}, nil},
		"no key":       {func(s *doctor.Subject, _ func(string, []byte) string) { s.KeyRef = "/nowhere/key.pem" }, []doctor.Code{"RA101"}},
		"a locked key": {func(s *doctor.Subject, w func(string, []byte) string) { s.KeyRef = w("k", locked) }, []doctor.Code{"RA105"}},
		"an Ed25519 key": {func(s *doctor.Subject, w func(string, []byte) string) {
			s.KeyRef = w("k", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: edDER}))
		}, []doctor.Code{"RA106"}},
		"a text for a key": {func(s *doctor.Subject, w func(string, []byte) string) { s.KeyRef = w("k", []byte("hello")) }, []doctor.Code{"RA106"}},
		"another key": {func(s *doctor.Subject, w func(string, []byte) string) {
			s.KeyRef = w("k", ok(pki.EncodeKey(ok(pki.NewKey(pki.P256, rand.Reader)))))
		}, []doctor.Code{"RA104"}},
		"no certificate":         {func(s *doctor.Subject, _ func(string, []byte) string) { s.CertificateFile = "/nowhere/leaf.pem" }, []doctor.Code{"RA109"}},
		"a text for certificate": {func(s *doctor.Subject, w func(string, []byte) string) { s.CertificateFile = w("c", []byte("hello")) }, []doctor.Code{"RA109"}},
		"a token":                {func(s *doctor.Subject, _ func(string, []byte) string) { s.KeyRef = "pkcs11:token=x?pin-value=1234" }, nil},
		"a wrong passphrase": {func(s *doctor.Subject, w func(string, []byte) string) {
			s.KeyRef, s.Passphrase = w("k", locked), func() ([]byte, error) { return []byte("wrong"), nil }
		}, []doctor.Code{"RA105"}},
	} {
		t.Run(name, func(t *testing.T) {
			subject, write := files(t)
			tt.change(&subject, write)
			if got := causes(t, doctor.Sources{Now: time.Now}, subject, doctor.Options{Offline: true}); !slices.Equal(got, tt.want) && len(got)+len(tt.want) > 0 {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// What stands on the way to AWS is told apart. Only who says naught is not waited for:
// all had 300 ms, in which a busy machine does not always answer itself.
func TestTheWayToAWSIsToldApart(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html>log in</html>"))
	})
	portal, intercepted := httptest.NewServer(page), httptest.NewUnstartedServer(page)
	intercepted.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshake is to fail
	intercepted.StartTLS()
	over := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	t.Cleanup(func() { close(over); portal.Close(); intercepted.Close(); silent.Close() })
	for name, tt := range map[string]struct {
		endpoint string
		patience time.Duration
		want     doctor.Code
	}{
		"a captive portal":            {portal.URL, time.Minute, "RA408"},
		"a proxy's certificate":       {intercepted.URL, time.Minute, "RA407"},
		"a firewall that says naught": {silent.URL, 100 * time.Millisecond, "RA402"},
		"a closed port":               {"http://127.0.0.1:1", time.Minute, "RA402"},
	} {
		t.Run(name, func(t *testing.T) {
			subject, _ := files(t)
			subject.Target.Endpoint = tt.endpoint
			src := doctor.Sources{
				Now: time.Now, HTTP: &http.Client{},
				Client: signer.Client{Now: time.Now, Sleep: func(context.Context, time.Duration) error { return errors.New("once is enough") }},
				AWS:    func(context.Context) (awsapi.Reader, error) { return nil, awsapi.ErrNoCredentials },
			}
			if got := causes(t, src, subject, doctor.Options{Patience: tt.patience}); !slices.Equal(got, []doctor.Code{tt.want}) {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

// A profile that assumes a role with another one's credentials was once called one
// that starts no signer.
func TestASourceProfileIsFollowedToItsLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	text := "[profile base]\ncredential_process = /opt/anywhere-signer credential-process --setup lab\n[profile middle]\nsource_profile = base\nrole_arn = x\n" +
		"[profile app]\nsource_profile = middle\nrole_arn = y\n[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a\n[profile lost]\nsource_profile = nobody\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct{ line, says string }{
		"base": {"[profile base]", ""}, "app": {"[profile base]", ""}, "a": {"", "source_profile goes round in a circle: a, b, a"},
		"lost": {"", "source_profile names nobody, and there is no such section"},
	} {
		got := doctor.ReadAWSProfile(file, "", name)
		if got.SourceSays != want.says || (got.Helper.Flags["setup"] == "lab") != (want.line != "") {
			t.Errorf("%s: got %q, flags %v; want %q, a line: %v", name, got.SourceSays, got.Helper.Flags, want.says, want.line != "")
		}
	}
}

// Each part of the evidence is told of when it is whole: this machine's at once, the
// session's while the control plane has not answered yet.
func TestThePartsOfTheEvidenceAreToldAsTheyEnd(t *testing.T) {
	subject, _ := files(t)
	answered, answer := context.WithCancel(t.Context())
	var told []doctor.Progress
	src := doctor.Sources{Now: time.Now, Client: signer.Client{Now: time.Now, HTTP: refusing()}, HTTP: refusing(),
		AWS: func(ctx context.Context) (awsapi.Reader, error) {
			<-answered.Done()
			return nil, errors.New("no")
		}}
	doctor.Gather(t.Context(), src, subject, doctor.Options{Watch: func(p doctor.Progress) {
		told = append(told, p)
		if p.Has(doctor.GroupSession) && !p.Has(doctor.GroupRole) {
			answer()
		}
	}})
	if len(told) != 4 || !told[0].Has(doctor.GroupKey) || told[0].Has(doctor.GroupSession) || told[0].Has(doctor.GroupRole) || !told[3].Has(doctor.GroupRole) {
		t.Fatalf("got %d parts: %+v", len(told), told)
	}
	if f, _ := told[0].Report.Finding("RA104"); f.Verdict != doctor.Pass {
		t.Errorf("of the key at first: got %s, want that it is the certificate's", f.Verdict)
	}
}

// refusing is a client that reaches nobody.
func refusing() *http.Client {
	return &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("nobody is there") })}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
