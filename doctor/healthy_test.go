package doctor_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
	"anywhere/awsapi/sandbox"
	"anywhere/doctor"
	"anywhere/pki"
	"anywhere/signer"
)

// world is one sandbox for many set-ups, one after the other.
type world struct {
	*testing.T
	api  *awsapi.Client
	url  string
	dice *mathrand.Rand
	keys map[pki.KeyKind]crypto.Signer
	dir  string
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	box, err := sandbox.Open(sandbox.Config{Dir: t.TempDir(), Now: time.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box)
	t.Cleanup(func() { server.Close(); box.Close() })
	admin := box.Admin()
	w := &world{T: t, url: server.URL, dice: mathrand.New(mathrand.NewPCG(seed, 2)), keys: map[pki.KeyKind]crypto.Signer{}, dir: t.TempDir()}
	w.api = ok(awsapi.Connect(t.Context(), awsapi.Options{Isolated: true, Region: sandbox.DefaultRegion, Endpoint: server.URL,
		Credentials: &awsapi.Keys{AccessKeyID: admin.AccessKeyID, SecretAccessKey: admin.SecretAccessKey}}))
	return w
}

func ok[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// one draws one of several.
func one[T any](w *world, of ...T) T { return of[w.dice.IntN(len(of))] }

// key makes RSA keys once: they take long.
func (w *world) key() crypto.Signer {
	kind := one(w, pki.P256, pki.P256, pki.P384, pki.RSA2048)
	if kind != pki.RSA2048 {
		return ok(pki.NewKey(kind, rand.Reader))
	}
	if w.keys[kind] == nil {
		w.keys[kind] = ok(pki.NewKey(kind, rand.Reader))
	}
	return w.keys[kind]
}

// certify makes a certificate of a template; nil parents sign themselves.
func (w *world) certify(template, parent *x509.Certificate, pub crypto.PublicKey, by crypto.Signer) *x509.Certificate {
	if parent == nil {
		parent = template
	}
	template.SerialNumber = ok(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)))
	return ok(x509.ParseCertificate(ok(x509.CreateCertificate(rand.Reader, template, parent, pub, by))))
}

func (w *world) authority(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name, Organization: one(w, nil, []string{"Müller & Söhne"}, []string{"Lab (test)"})},
		BasicConstraintsValid: true, IsCA: true, MaxPathLen: -1, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(5, 0, 0),
		KeyUsage: one(w, x509.KeyUsageCertSign, x509.KeyUsageCertSign|x509.KeyUsageCRLSign),
	}
}

// shape draws a certificate as people have them, and the conditions that fit it.
func (w *world) shape() (*x509.Certificate, []policy.Condition) {
	now := time.Now()
	cn := one(w, "box-1", "web.example.test", "svc@host", "übermensch", "a b c", "x:y/z", "build_box+7=1", fmt.Sprintf("%062d", 7))
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: cn, OrganizationalUnit: one(w, nil, []string{"ops"}, []string{"a", "b"}), Country: one(w, nil, []string{"CH"})},
		// A third of its life is left at least: those near the end warn, as they should.
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(one[time.Duration](w, 23, 167, 2160) * time.Hour),
		KeyUsage:              one(w, x509.KeyUsageDigitalSignature, x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment),
		BasicConstraintsValid: one(w, true, false),
		ExtKeyUsage:           one(w, nil, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}),
		DNSNames:              one(w, nil, []string{"box.example.test"}, []string{"a.test", "b.test"}),
		URIs:                  one(w, nil, []*url.URL{ok(url.Parse("spiffe://lab/box"))}),
	}
	fit := []policy.Condition{{Operator: "StringEquals", Key: "aws:PrincipalTag/x509Subject/CN", Values: []string{"other", cn}}}
	if template.URIs != nil {
		fit = append(fit, policy.Condition{Operator: "StringLike", Key: "aws:PrincipalTag/x509SAN/URI", Values: []string{"spiffe://lab/*"}})
	}
	if len(template.Subject.OrganizationalUnit) == 2 {
		fit = append(fit, policy.Condition{Operator: "StringEquals", Key: "aws:RequestTag/x509Subject/OU", Values: []string{"a/b"}})
	}
	if len(cn) <= 61 {
		fit = append(fit, policy.Condition{Operator: "StringEquals", Key: "sts:SourceIdentity", Values: []string{"CN=" + cn}})
	}
	return template, fit[:w.dice.IntN(len(fit)+1)]
}

// setUp makes a set-up in AWS and files for it, and takes both away again.
func (w *world) setUp() (subject doctor.Subject, undo func()) {
	ctx := w.Context()
	rootKey := w.key()
	root := w.certify(w.authority(one(w, "Lab Root", "root", "Wurzel-CA")), nil, rootKey.Public(), rootKey)
	issuer, issuerKey, chain := root, rootKey, []*x509.Certificate(nil)
	for range w.dice.IntN(3) {
		key := w.key()
		issuer = w.certify(w.authority(fmt.Sprintf("Intermediate %d", len(chain))), issuer, key.Public(), issuerKey)
		issuerKey = key
		chain = append([]*x509.Certificate{issuer}, chain...)
	}
	template, conditions := w.shape()
	key := w.key()
	leaf := w.certify(template, issuer, key.Public(), issuerKey)
	if len(chain) > 0 && w.dice.IntN(3) == 0 {
		chain = append(chain, root) // AWS tolerates it
	}
	anchor := ok(w.api.CreateAnchor(ctx, awsapi.AnchorSpec{Name: "lab", Enabled: true, Source: awsapi.AnchorSource{Bundle: string(pki.EncodeCertificates(root))}}))
	trust := policy.TrustPolicy(policy.TrustSpec{AnchorARN: anchor.ARN, Account: sandbox.Account, Restrict: policy.ByCA})
	trust.Statements[0].Conditions = append(trust.Statements[0].Conditions, conditions...)
	role := ok(w.api.CreateRole(ctx, awsapi.RoleSpec{Name: "lab", Path: one(w, "/", "/lab/"), TrustPolicy: trust.JSON(), MaxSessionDuration: one(w, 3600, 43200)}))
	profile := ok(w.api.CreateProfile(ctx, awsapi.ProfileSpec{Name: "lab", Enabled: true, RoleARNs: []string{role.ARN}, DurationSeconds: one(w, 900, 3600)}))
	write := func(name string, data []byte) string {
		path := filepath.Join(w.dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			w.Fatal(err)
		}
		return path
	}
	subject = doctor.Subject{
		Kind: doctor.KindFiles, Name: "lab", Client: doctor.ClientAnywhere, KeyRef: write("key.pem", ok(pki.EncodeKey(key))),
		CertificateFile: write("leaf.pem", pki.EncodeCertificates(append([]*x509.Certificate{leaf}, chain...)...)),
		Target: signer.Target{TrustAnchorARN: anchor.ARN, ProfileARN: profile.ARN, RoleARN: role.ARN, Region: sandbox.DefaultRegion, Endpoint: w.url,
			Duration: one(w, 0, 900*time.Second, time.Hour)},
	}
	return subject, func() {
		for _, err := range []error{w.api.DeleteProfile(ctx, profile.ARN), w.api.DeleteRole(ctx, role.Name), w.api.DeleteAnchor(ctx, anchor.ARN)} {
			if err != nil {
				w.Fatal(err)
			}
		}
	}
}

// A set-up that works gives no warning, whatever its shape.
func TestHealthySetUpsOfAnyShapeGiveNoWarning(t *testing.T) {
	var w *world
	for n := range 50 {
		if n%4 == 0 { // a fresh sandbox is a fast one
			w = newWorld(t, uint64(n))
		}
		src := doctor.Sources{
			Now: time.Now, HTTP: http.DefaultClient, Client: signer.Client{Now: time.Now},
			AWS:     func(context.Context) (awsapi.Reader, error) { return w.api, nil },
			Environ: []string{"AWS_ACCESS_KEY_ID=AKIA", "AWS_PROFILE=another", "HTTPS_PROXY="},
		}
		subject, undo := w.setUp()
		report := doctor.Diagnose(doctor.Gather(t.Context(), src, subject, doctor.Options{}))
		if report.Verdict != doctor.Healthy || report.Warnings()+report.Unknowns() > 0 {
			t.Errorf("set-up %d is %s: %s", n, report.Verdict, report.Summary)
			for _, f := range report.Findings {
				if f.Verdict != doctor.Pass && f.Verdict != doctor.Skip {
					t.Errorf("  %s %s: %s %v", f.Verdict, f.Code, f.Says, f.Evidence)
				}
			}
		}
		undo()
	}
}
