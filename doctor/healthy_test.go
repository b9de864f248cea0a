package doctor_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
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
	box  *sandbox.Sandbox
	dice *mathrand.Rand
	keys map[pki.KeyKind]crypto.Signer
	// signers are the keys that signed certificates, by their public halves.
	signers map[string]crypto.Signer
	dir     string
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
	w := &world{T: t, url: server.URL, box: box, dice: mathrand.New(mathrand.NewPCG(seed, 2)), keys: map[pki.KeyKind]crypto.Signer{}, signers: map[string]crypto.Signer{}, dir: t.TempDir()}
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
	kind := one(w, pki.P256, pki.P256, pki.P256, pki.P384, pki.RSA2048)
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
	w.signers[string(ok(x509.MarshalPKIXPublicKey(by.Public())))] = by
	template.SerialNumber = ok(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)))
	return ok(x509.ParseCertificate(ok(x509.CreateCertificate(rand.Reader, template, parent, pub, by))))
}

func (w *world) authority(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name, Organization: one(w, nil, []string{"Müller & Söhne"}, []string{"Lab (test)"})},
		BasicConstraintsValid: true, IsCA: true, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(5, 0, 0),
		KeyUsage:   one(w, x509.KeyUsageCertSign, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, x509.KeyUsageCertSign|x509.KeyUsageDigitalSignature),
		MaxPathLen: one(w, -1, -1, 4),
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

// chain draws a root and what stands between it and a machine.
func (w *world) chain() (root, issuer *x509.Certificate, issuerKey crypto.Signer, chain []*x509.Certificate) {
	issuerKey = w.key()
	root = w.certify(w.authority(one(w, "Lab Root", "root", "Wurzel-CA")), nil, issuerKey.Public(), issuerKey)
	issuer = root
	for range w.dice.IntN(4) {
		key := w.key()
		issuer = w.certify(w.authority(fmt.Sprintf("Intermediate %d", len(chain))), issuer, key.Public(), issuerKey)
		issuerKey = key
		chain = append([]*x509.Certificate{issuer}, chain...)
	}
	return root, issuer, issuerKey, chain
}

// file writes a file as Kubernetes or systemd hand them over: readable by the
// group, or through a link.
func (w *world) file(name string, data []byte) string {
	path := filepath.Join(w.dir, fmt.Sprintf("%d-%s", w.dice.Uint64(), name))
	link := path + "-link"
	if err := errors.Join(os.WriteFile(path, data, 0o600), os.Chmod(path, one[os.FileMode](w, 0o600, 0o400, 0o440, 0o640)), os.Symlink(path, link)); err != nil {
		w.Fatal(err)
	}
	return one(w, path, path, link)
}

// setUp makes a set-up in AWS and files for it, and takes both away again.
func (w *world) setUp() (subject doctor.Subject, undo func()) {
	ctx := w.Context()
	root, issuer, issuerKey, chain := w.chain()
	template, conditions := w.shape()
	key := w.key()
	leaf := w.certify(template, issuer, key.Public(), issuerKey)
	if len(chain) > 0 && w.dice.IntN(3) == 0 {
		chain = append(chain, root) // AWS tolerates it
	}
	bundle := []*x509.Certificate{root}
	if next := w.key(); w.dice.IntN(4) == 0 { // a change of CAs under way
		bundle = append(bundle, w.certify(w.authority("Next Root"), nil, next.Public(), next))
	}
	anchor := ok(w.api.CreateAnchor(ctx, awsapi.AnchorSpec{Name: "lab", Enabled: true, Source: awsapi.AnchorSource{Bundle: string(pki.EncodeCertificates(bundle...))}}))
	trust := policy.TrustPolicy(policy.TrustSpec{AnchorARN: anchor.ARN, Account: sandbox.Account, Restrict: policy.ByCA})
	trust.Statements[0].Conditions = append(trust.Statements[0].Conditions, conditions...)
	role := ok(w.api.CreateRole(ctx, awsapi.RoleSpec{Name: "lab", Path: one(w, "/", "/lab/"), TrustPolicy: trust.JSON(), MaxSessionDuration: one(w, 3600, 43200),
		PermissionsBoundary: one(w, "", "", "arn:aws:iam::aws:policy/PowerUserAccess")}))
	w.permit(role.Name, leaf.Subject.CommonName)
	spec := awsapi.ProfileSpec{Name: "lab", Enabled: true, RoleARNs: []string{role.ARN}, DurationSeconds: one(w, 900, 3600), AcceptRoleSessionName: one(w, true, false),
		SessionPolicy:     one(w, "", "", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}]}`),
		ManagedPolicyARNs: one(w, nil, nil, []string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"})}
	if len(conditions) == 0 { // then no mapping is needed, and some profiles have none
		ok(w.box.Break("mapping-null"))
	}
	profile := ok(w.api.CreateProfile(ctx, spec))
	ok(w.box.Break("none"))
	w.failBefore(anchor.ARN, profile.ARN, leaf, chain, key)
	name := ""
	if spec.AcceptRoleSessionName {
		name = one(w, "", "pod-7.example@lab")
	}
	lists := w.revokeOther(anchor.ARN, root, leaf)
	subject = doctor.Subject{
		Kind: doctor.KindFiles, Name: "lab", Client: doctor.ClientAnywhere, KeyRef: w.file("key.pem", ok(pki.EncodeKey(key))),
		Target: signer.Target{TrustAnchorARN: anchor.ARN, ProfileARN: profile.ARN, RoleARN: role.ARN, Region: sandbox.DefaultRegion, Endpoint: w.url,
			Duration: one(w, 0, 900*time.Second, time.Hour), SessionName: name},
	}
	w.asClient(&subject, leaf, chain)
	return subject, func() {
		for _, id := range lists {
			if err := w.api.DeleteCRL(ctx, id); err != nil {
				w.Fatal(err)
			}
		}
		for _, err := range []error{w.api.DeleteProfile(ctx, profile.ARN), w.unpermit(role.Name), w.api.DeleteRole(ctx, role.Name), w.api.DeleteAnchor(ctx, anchor.ARN)} {
			if err != nil {
				w.Fatal(err)
			}
		}
	}
}

// failBefore lets an attempt fail long ago, as it were: a later success makes it
// nobody's business.
func (w *world) failBefore(anchor, profile string, leaf *x509.Certificate, chain []*x509.Certificate, key crypto.Signer) {
	if w.dice.IntN(3) > 0 {
		return
	}
	target := signer.Target{TrustAnchorARN: anchor, ProfileARN: profile, RoleARN: "arn:aws:iam::" + sandbox.Account + ":role/another", Region: sandbox.DefaultRegion, Endpoint: w.url}
	if _, err := (signer.Client{Now: time.Now}).CreateSession(w.Context(), target, signer.Identity{Certificate: leaf, Chain: chain, Key: key}); err == nil {
		w.Fatal("a role that is not listed gave a session")
	}
}

// permit draws what the role may do, on tags of the session in one case.
func (w *world) permit(role, cn string) {
	all := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	tagged := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/*","Condition":{"StringLike":{"aws:PrincipalTag/x509Subject/CN":%q}}},
		{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"},{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringLike":{"s3:prefix":"a/*"},"DateLessThan":{"aws:CurrentTime":"2099-01-01T00:00:00Z"}}}]}`, cn)
	if err := w.api.PutRolePolicy(w.Context(), role, "p", one(w, all, tagged)); err != nil {
		w.Fatal(err)
	}
}

func (w *world) unpermit(role string) error { return w.api.DeleteRolePolicy(w.Context(), role, "p") }

// revokeOther imports a list of the root, if that may sign one, with somebody
// else's certificate on it.
func (w *world) revokeOther(anchor string, root, leaf *x509.Certificate) (ids []string) {
	if root.KeyUsage&x509.KeyUsageCRLSign == 0 || w.dice.IntN(3) > 0 {
		return nil
	}
	key := w.signers[string(root.RawSubjectPublicKeyInfo)]
	der := ok(x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().AddDate(0, 0, 7),
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: new(big.Int).Add(leaf.SerialNumber, big.NewInt(1)), RevocationTime: time.Now()}}}, root, key))
	crl := ok(w.api.ImportCRL(w.Context(), awsapi.CRLSpec{Name: "lab", AnchorARN: anchor, Enabled: one(w, true, false),
		Data: pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})}))
	return []string{crl.ID}
}

// asClient draws who signs: ours with everything in one file, or AWS's helper from
// a line of an AWS config profile.
func (w *world) asClient(s *doctor.Subject, leaf *x509.Certificate, chain []*x509.Certificate) {
	whole := pki.EncodeCertificates(append([]*x509.Certificate{leaf}, chain...)...)
	if w.dice.IntN(2) == 0 {
		s.CertificateFile = w.file("leaf.pem", one(w, whole, append([]byte("subject=/CN=x\r\n"), bytes.ReplaceAll(whole, []byte("\n"), []byte("\r\n"))...)))
		return
	}
	line := "/usr/local/bin/aws_signing_helper credential-process --certificate " + w.file("leaf.pem", pki.EncodeCertificates(leaf)) + " --private-key " + s.KeyRef
	if len(chain) > 0 {
		line += " --intermediates " + w.file("chain.pem", pki.EncodeCertificates(chain...))
	}
	line += " --trust-anchor-arn " + s.Target.TrustAnchorARN + " --profile-arn " + s.Target.ProfileARN + " --role-arn " + s.Target.RoleARN + " --endpoint " + s.Target.Endpoint
	config := w.file("config", []byte("[profile lab]\n"+one(w, "", "region = eu-west-1\n")+"credential_process = "+line+"\n[profile other]\nregion = x\n"))
	subject, known := doctor.SubjectOfLine(doctor.ReadAWSProfile(config, filepath.Join(w.dir, "credentials"), "lab"), w.dir)
	if !known {
		w.Fatal("the line is not known")
	}
	*s = subject
}

// A set-up that works gives no warning, whatever its shape. Two hundred are drawn.
func TestHealthySetUpsOfAnyShapeGiveNoWarning(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			var w *world
			for n := range uint64(25) {
				if n%5 == 0 { // a fresh sandbox is a fast one
					w = newWorld(t, seed*25+n)
				}
				w.healthy(n)
			}
		})
	}
}

func (w *world) healthy(n uint64) {
	src := doctor.Sources{
		Now: time.Now, HTTP: http.DefaultClient, Client: signer.Client{Now: time.Now},
		AWS:     func(context.Context) (awsapi.Reader, error) { return w.api, nil },
		Environ: []string{"AWS_ACCESS_KEY_ID=AKIA", "AWS_PROFILE=another", "HTTPS_PROXY="},
	}
	subject, undo := w.setUp()
	report := doctor.Diagnose(doctor.Gather(w.Context(), src, subject, doctor.Options{Patience: time.Minute}))
	if report.Verdict != doctor.Healthy || report.Warnings()+report.Unknowns() > 0 {
		w.Errorf("set-up %d is %s: %s", n, report.Verdict, report.Summary)
		for _, f := range report.Findings {
			if f.Verdict != doctor.Pass && f.Verdict != doctor.Skip {
				w.Errorf("  %s %s: %s %v", f.Verdict, f.Code, f.Says, f.Evidence)
			}
		}
	}
	undo()
}
