package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"time"
)

// onAnchor makes a fault of what is done to the trust anchor.
func onAnchor(gone bool, do func(*patient, *anchor) error) func(*patient) error {
	return func(p *patient) error {
		a, err := p.theAnchor()
		if err != nil {
			return err
		}
		if err := p.before("anchor", a.ID, a, gone); err != nil {
			return err
		}
		a.UpdatedAt = p.now
		return do(p, a)
	}
}

func anchorFaults() []FaultKind {
	return []FaultKind{
		{Name: "anchor-disabled", Says: "the trust anchor is disabled", Codes: []string{"RA201"},
			harm: onAnchor(false, func(_ *patient, a *anchor) error { a.Enabled = false; return nil })},
		{Name: "anchor-deleted", Says: "the trust anchor is deleted", Codes: []string{"RA201"},
			harm: onAnchor(true, func(p *patient, a *anchor) error { p.account.Anchors = without(p.account.Anchors, a); return nil })},
		{Name: "anchor-other-ca", Says: "the trust anchor holds another CA of the same name", Codes: []string{"RA202"},
			harm: onAnchor(false, func(p *patient, a *anchor) error { return p.replaceCA(a, p.now.AddDate(5, 0, 0)) })},
		{Name: "anchor-expired-ca", Says: "the trust anchor holds a CA whose time is over", Codes: []string{"RA202", "RA155"},
			harm: onAnchor(false, func(p *patient, a *anchor) error { return p.replaceCA(a, p.now.Add(-time.Hour)) })},
	}
}

// replaceCA puts a new CA into the anchor, with the subject of the old one.
func (p *patient) replaceCA(a *anchor, until time.Time) error {
	subject := pkix.Name{CommonName: "another CA"}
	if old := p.bundle(a); len(old) > 0 {
		subject = old[0].Subject
	}
	cert, _, err := p.strangerCA(subject, until)
	if err != nil {
		return err
	}
	a.Source.SourceData.X509CertificateData = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	return nil
}

// strangerCA makes a CA that nobody keeps the key of.
func (p *patient) strangerCA(subject pkix.Name, until time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), p.cfg.Random)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(p.Sandbox.random(15)), Subject: subject, NotBefore: until.AddDate(-1, 0, 0), NotAfter: until,
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if until.AddDate(-1, 0, 0).After(p.now) {
		template.NotBefore = p.now.Add(-time.Hour)
	}
	der, err := x509.CreateCertificate(p.cfg.Random, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return cert, key, err
}

// onProfile makes a fault of what is done to the Roles Anywhere profile.
func onProfile(gone bool, do func(*patient, *profile)) func(*patient) error {
	return func(p *patient) error {
		v, err := p.theProfile()
		if err != nil {
			return err
		}
		if err := p.before("profile", v.ID, v, gone); err != nil {
			return err
		}
		v.UpdatedAt = p.now
		do(p, v)
		return nil
	}
}

// denyAll is a session policy that takes everything away.
const denyAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`

func profileFaults() []FaultKind {
	return []FaultKind{
		{Name: "profile-disabled", Says: "the Roles Anywhere profile is disabled", Codes: []string{"RA203"},
			harm: onProfile(false, func(_ *patient, v *profile) { v.Enabled = false })},
		{Name: "profile-deleted", Says: "the Roles Anywhere profile is deleted", Codes: []string{"RA203"},
			harm: onProfile(true, func(p *patient, v *profile) { p.account.Profiles = without(p.account.Profiles, v) })},
		{Name: "profile-empty", Says: "the Roles Anywhere profile lists no role", Codes: []string{"RA204"},
			harm: onProfile(false, func(_ *patient, v *profile) { v.RoleARNs = nil })},
		{Name: "role-not-in-profile", Says: "the Roles Anywhere profile lists another role", Codes: []string{"RA204"},
			harm: onProfile(false, func(p *patient, v *profile) { v.RoleARNs = []string{p.arn("iam", "", "role/another")} })},
		{Name: "mapping-removed", Says: "the Roles Anywhere profile makes no session tags of the certificate", Codes: []string{"RA210"},
			harm: onProfile(false, func(_ *patient, v *profile) { v.Mappings = nil })},
		{Name: "duration-too-long", Says: "the Roles Anywhere profile allows 12 hours, the role one; shows when more than one is asked for", Codes: []string{"RA205"}, Spares: sparesDuration,
			harm: onProfile(false, func(_ *patient, v *profile) { v.Seconds = 43200 })},
		{Name: "session-policy-denies", Says: "the session policy of the Roles Anywhere profile takes every permission away", Codes: []string{"RA212"},
			harm: onProfile(false, func(_ *patient, v *profile) { v.SessionPolicy = denyAll })},
		{Name: "session-policy-too-large", Says: "the session policy of the Roles Anywhere profile is longer than STS takes", Codes: []string{"RA208"},
			harm: onProfile(false, func(_ *patient, v *profile) { v.SessionPolicy = longPolicy() })},
	}
}

// longPolicy has more than the 2048 characters that STS takes.
func longPolicy() string {
	actions := `"s3:ListAllMyBuckets"`
	for range 120 {
		actions += `,"s3:ListAllMyBuckets"`
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[` + actions + `],"Resource":"*"}]}`
}

func listFaults() []FaultKind {
	return []FaultKind{
		{Name: "crl-revokes", Says: "an enabled CRL holds the certificate that was last used", Codes: []string{"RA206"}, harm: revokeLast},
		{Name: "crl-stale", Says: "an enabled CRL should have been replaced a week ago; AWS is not known to mind", Codes: []string{"RA211"},
			harm: func(p *patient) error { return p.forceList(nil, p.now.AddDate(0, 0, -7)) }},
	}
}

// revokeLast revokes the certificate of the set-up's CA that was seen last.
func revokeLast(p *patient) error {
	a, err := p.theAnchor()
	if err != nil {
		return err
	}
	issuers := p.bundle(a)
	var last *credential
	for _, s := range p.account.Subjects {
		for i, o := range s.Credentials {
			ours := slices.ContainsFunc(issuers, func(ca *x509.Certificate) bool { return ca.Subject.String() == o.Issuer })
			if ours && (last == nil || !o.SeenAt.Before(last.SeenAt)) {
				last = &s.Credentials[i]
			}
		}
	}
	if last == nil {
		return errNothing
	}
	serial, ok := new(big.Int).SetString(last.SerialNumber, 10)
	if !ok {
		return errNothing
	}
	return p.forceList([]x509.RevocationListEntry{{SerialNumber: serial, RevocationTime: p.now.Add(-time.Minute)}}, p.now.AddDate(0, 0, 7))
}

// forceList gives the anchor an enabled CRL in the name of its CA. The sandbox
// has not that CA's key, so the list is signed by another and marked as made up.
func (p *patient) forceList(revoked []x509.RevocationListEntry, next time.Time) error {
	a, err := p.theAnchor()
	if err != nil {
		return err
	}
	issuers := p.bundle(a)
	if len(issuers) == 0 {
		return errNothing
	}
	ca, key, err := p.strangerCA(issuers[0].Subject, p.now.AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	ca.RawSubject, ca.SubjectKeyId = issuers[0].RawSubject, issuers[0].SubjectKeyId
	der, err := x509.CreateRevocationList(p.cfg.Random, &x509.RevocationList{Number: big.NewInt(p.now.Unix()),
		ThisUpdate: next.AddDate(0, 0, -14), NextUpdate: next, RevokedCertificateEntries: revoked}, ca, key)
	if err != nil {
		return err
	}
	p.region = regionOf(a.ARN)
	l := &crl{thing: p.newThing("crl", "made-up-by-the-sandbox", true, nil), AnchorARN: a.ARN, Data: der, MadeUp: true}
	if err := p.before("crl", l.ID, nil, false); err != nil {
		return err
	}
	p.account.CRLs = append(p.account.CRLs, l)
	return nil
}
