package doctor

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/awsapi"
	"anywhere/awsapi/policy"
	"anywhere/pki"
	"anywhere/signer"
)

// noon is when the tests take place.
var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

const (
	labAccount = "111122223333"
	labAnchor  = "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111"
	labProfile = "arn:aws:rolesanywhere:eu-west-1:111122223333:profile/22222222-2222-2222-2222-222222222222"
	labRole    = "arn:aws:iam::111122223333:role/anywhere-lab-7f3a91c2"
)

// lab is a healthy patient; a test breaks one thing of it.
type lab struct {
	t         testing.TB
	ca, leaf  *x509.Certificate
	caKey     crypto.Signer
	leafKey   crypto.Signer
	e         *Evidence
	bundle    []*x509.Certificate // of the anchor
	trust     policy.Document
	refusedBy string // AWS's sentence
}

func newLab(t testing.TB) *lab {
	t.Helper()
	l := &lab{t: t, caKey: newKey(t), leafKey: newKey(t)}
	l.ca = sign(t, caTemplate(), nil, l.caKey.Public(), l.caKey)
	l.bundle = []*x509.Certificate{l.ca}
	l.issue(func(*x509.Certificate) {})
	l.trust = policy.TrustPolicy(policy.TrustSpec{Sid: "Anywhere7f3a91c2", AnchorARN: labAnchor, Account: labAccount, Restrict: policy.ByCN, Value: "build-box-7"})
	l.e = &Evidence{
		SchemaVersion: SchemaVersion, At: noon, Kind: KindSetup, Name: "lab", Mode: "aws", Client: ClientAnywhere,
		Target: signer.Target{TrustAnchorARN: labAnchor, ProfileARN: labProfile, RoleARN: labRole, Region: "eu-west-1", Duration: time.Hour},
		Key:    KeySeen{Ref: "pairs/1/key.pem", File: FileSeen{Path: "/home/u/.anywhere/setups/lab/pairs/1/key.pem", Mode: 0o600}, Kind: "p-256"},
		Ours:   &Ours{RoleID: "AROA1", Sid: "Anywhere7f3a91c2", Permits: "anywhere-lab-7f3a91c2", File: "/home/u/.aws/config", Section: "profile lab", Line: "/opt/anywhere-signer credential-process --setup lab"},
		Config: ConfigSeen{Profile: "lab", Section: "profile lab", Twice: 1, File: FileSeen{Path: "/home/u/.aws/config"}, Keys: []string{"credential_process", "region"},
			Line: "/opt/anywhere-signer credential-process --setup lab", Helper: takeApart("/opt/anywhere-signer credential-process --setup lab"),
			Program: Program{Name: "/opt/anywhere-signer", Found: "/opt/anywhere-signer", Executable: true}},
		Exchange: ExchangeSeen{Endpoint: "https://rolesanywhere.eu-west-1.amazonaws.com",
			Probe: Answer[Probe]{Asked: true, Value: Probe{Status: 404, Date: noon, Sent: noon, AWS: true}}},
	}
	a := &l.e.AWS
	a.Caller = answer(awsapi.Caller{Account: labAccount, ARN: "arn:aws:iam::111122223333:user/admin", Partition: "aws"})
	a.Anchor = answer(awsapi.Anchor{ARN: labAnchor, Name: "anywhere-lab", Enabled: true})
	a.Anchors = answer([]awsapi.Anchor{a.Anchor.Value})
	a.Profile = answer(awsapi.Profile{ARN: labProfile, Name: "anywhere-lab", Enabled: true, RoleARNs: []string{labRole}, DurationSeconds: 3600,
		AttributeMappings: []awsapi.AttributeMapping{{Field: "x509Subject", Specifiers: []string{"*"}}, {Field: "x509Issuer", Specifiers: []string{"*"}},
			{Field: "x509SAN", Specifiers: []string{"DNS", "URI", "Name/*"}}}})
	a.Profiles = answer([]awsapi.Profile{a.Profile.Value})
	a.CRLs = answer([]awsapi.CRL(nil))
	a.Roles = answer([]awsapi.Role{{ARN: "arn:aws:iam::111122223333:role/aws-service-role/rolesanywhere.amazonaws.com/" + linkedRole}})
	a.Role = answer(awsapi.Role{ARN: labRole, Name: "anywhere-lab-7f3a91c2", ID: "AROA1", MaxSessionDuration: 3600, CreatedAt: noon.Add(-240 * time.Hour)})
	a.Policies = answer(map[string]string{"inline": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`})
	return l
}

func answer[T any](v T) Answer[T] { return Answer[T]{Value: v, Asked: true} }

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func caTemplate() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(0x4c001), Subject: pkix.Name{CommonName: "lab CA"}, BasicConstraintsValid: true, IsCA: true, MaxPathLen: -1,
		NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(4, 0, 0), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

func leafTemplate() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(0x5e0001), Subject: pkix.Name{CommonName: "build-box-7"}, BasicConstraintsValid: true,
		NotBefore: noon.Add(-24 * time.Hour), NotAfter: noon.Add(89 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

// sign makes a certificate; without a parent it signs itself.
func sign(t testing.TB, template, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	t.Helper()
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// issue makes the leaf again from a changed template.
func (l *lab) issue(change func(*x509.Certificate)) {
	template := leafTemplate()
	change(template)
	l.leaf = sign(l.t, template, l.ca, l.leafKey.Public(), l.caKey)
}

// remakeCA makes the CA again from a changed template, and the leaf under it.
func (l *lab) remakeCA(change func(*x509.Certificate)) {
	template := caTemplate()
	change(template)
	l.ca = sign(l.t, template, nil, l.caKey.Public(), l.caKey)
	l.bundle = []*x509.Certificate{l.ca}
	l.issue(func(*x509.Certificate) {})
}

// refuse makes AWS say no.
func (l *lab) refuse(sentence string) { l.refusedBy = sentence }

// evidence puts everything together, with a session if nothing refuses it.
func (l *lab) evidence() *Evidence {
	e := l.e
	if len(e.Certificate.Leaf) == 0 && e.Certificate.Trouble == nil && e.Subject == nil {
		e.Certificate.Leaf = l.leaf.Raw
		e.Certificate.All = append([][]byte{l.leaf.Raw}, e.Certificate.All...)
	}
	if e.Key.Trouble == nil && e.Key.Public == nil {
		pub, err := x509.MarshalPKIXPublicKey(l.leafKey.Public())
		if err != nil {
			l.t.Fatal(err)
		}
		e.Key.Public = pub
	}
	if e.AWS.Anchor.Known() && e.AWS.Anchor.Value.Source == (awsapi.AnchorSource{}) {
		e.AWS.Anchor.Value.Source.Bundle = string(pki.EncodeCertificates(l.bundle...))
	}
	if e.AWS.Role.Known() && e.AWS.Role.Value.TrustPolicy == "" {
		e.AWS.Role.Value.TrustPolicy = l.trust.JSON()
	}
	switch {
	case e.Exchange.Session.Asked || e.Exchange.Session.Trouble != nil:
	case e.Offline || e.NoLive:
	case l.refusedBy != "":
		e.Exchange.Refused = &signer.Refused{Status: 403, Type: "AccessDeniedException", Message: l.refusedBy, RequestID: "r-1"}
		e.Exchange.Session = Answer[Session]{Asked: true, Trouble: &Trouble{Kind: Failed, Says: l.refusedBy}}
	case parsed(e.Certificate.Leaf) != nil:
		leaf := parsed(e.Certificate.Leaf)
		e.Exchange.Session = answer(Session{ARN: SessionARN(e.Target.RoleARN, pki.SerialOf(leaf).Hex()), SourceIdentity: sourceIdentity(leaf), Expiration: noon.Add(time.Hour)})
	}
	return e
}

// outcome lists the codes of a verdict.
func outcome(r Report, v Verdict) string {
	var codes []string
	for _, f := range r.Findings {
		if f.Verdict == v && f.BecauseOf == nil {
			codes = append(codes, string(f.Code))
		}
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// statement changes the one statement of the trust policy.
func (l *lab) statement(change func(*policy.Statement)) { change(&l.trust.Statements[0]) }
