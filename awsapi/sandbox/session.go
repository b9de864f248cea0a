package sandbox

import (
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"time"

	"anywhere/pki/rules"
)

const createSession = "CreateSession"

// sessionMembers are the parameters of CreateSession, which may stand in the
// query string or in the body.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
func sessionMembers() []member {
	return []member{
		must("profileArn", raProfile), must("roleArn", raRoleARN), must("trustAnchorArn", raAnchor),
		may("durationSeconds", raSeconds), may("roleSessionName", sessionName),
	}
}

// sessionName is what STS takes as RoleSessionName.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
var sessionName = shape{kind: text, min: 2, max: 64}.matching(`[\w+=,.@-]*`)

type sessionInput struct {
	ProfileARN      string
	RoleARN         string
	TrustAnchorARN  string
	DurationSeconds int
	RoleSessionName string
}

// claim is a CreateSession call on its way: what is asked and what is known of
// who asks.
type claim struct {
	*call
	sessionInput
	cert    *x509.Certificate
	chain   []*x509.Certificate
	signed  error // what is wrong with the signature
	date    time.Time
	below   []*x509.Certificate // the path, without the anchor's certificate
	known   *attributes         // of the certificate, once they are known
	anchor  *anchor
	profile *profile
	role    *role
	subject *subject
}

// newSession is CreateSession. The order of its checks is put together from
// published refusals; AWS documents none.
func newSession(c *call) (any, *refusal) {
	k, no := c.newClaim()
	if no != nil {
		return nil, no
	}
	for _, check := range []func(*claim) *refusal{
		(*claim).findAnchor, (*claim).rulesHold, (*claim).chains, (*claim).notRevoked, (*claim).signedNow,
	} {
		if no := check(k); no != nil {
			return nil, no
		}
	}
	// From here on it is known who asks, so that the subject remembers it.
	for _, check := range []func(*claim) *refusal{
		(*claim).findProfile, (*claim).roleListed, (*claim).mayName, (*claim).roleThere, (*claim).trusted,
	} {
		if no := check(k); no != nil {
			k.see(k.cert, true)
			return nil, no
		}
	}
	k.subject = k.see(k.cert, false)
	return k.issue()
}

// newClaim reads the request. It does not yet judge the signature, since AWS
// looks at the trust anchor and the certificate first.
func (c *call) newClaim() (*claim, *refusal) {
	header := c.request.Header.Get("Authorization")
	switch {
	case header == "":
		return nil, c.complain(unsigned)
	case strings.HasPrefix(header, "AWS4-X509-MLDSA"):
		return nil, notHere("CreateSession with ML-DSA")
	}
	if no := c.readJSON(); no != nil {
		return nil, no
	}
	if no := c.check("ValidationException"); no != nil {
		return nil, no
	}
	if c.proof == nil || c.proof.malformed != nil {
		return nil, deniedSession(saysBadSignature)
	}
	k := &claim{call: c, sessionInput: take[sessionInput](c), cert: c.proof.Certificate, chain: c.proof.Chain, signed: c.proof.wrong, date: c.proof.Date}
	// The sandbox is the endpoint of every Region, so the anchor's ARN says which
	// one is meant, and which account: it has the events, and everything else must be
	// its own. Whether AWS minds another Region in the scope is not known.
	c.region = regionOf(k.TrustAnchorARN)
	if c.account = c.accountNamed(accountOf(k.TrustAnchorARN)); c.account == nil {
		return nil, deniedSession(saysNoAnchor)
	}
	return k, nil
}

func deniedSession(format string, args ...any) *refusal {
	return refuse(http.StatusForbidden, "AccessDeniedException", format, args...)
}

func (k *claim) findAnchor() *refusal {
	k.anchor = find(k.account.Anchors, func(a *anchor) bool { return a.ARN == k.TrustAnchorARN && k.inRegion(a.ARN) })
	switch {
	case k.anchor == nil:
		return deniedSession(saysNoAnchor)
	case !k.anchor.Enabled:
		return deniedSession(saysAnchorDisabled)
	}
	return nil
}

// rulesHold refuses a certificate that breaks what AWS asks of one. An empty
// subject gets through here, as it was seen to, and STS refuses it.
func (k *claim) rulesHold() *refusal {
	for _, b := range rules.Breaches(rules.Leaf, k.cert) {
		if b.Rule.Severity == rules.Must && b.Rule.ID != emptySubject {
			return deniedSession(saysInsufficient)
		}
	}
	if k.has("strict-eku") && !clientAuth(k.cert) {
		return deniedSession(saysInsufficient)
	}
	return nil
}

// clientAuth says whether a certificate is meant for clients. Nobody public knows
// whether AWS asks for it, so only a strict sandbox does.
func clientAuth(cert *x509.Certificate) bool {
	return slices.ContainsFunc(cert.ExtKeyUsage, func(use x509.ExtKeyUsage) bool {
		return use == x509.ExtKeyUsageClientAuth || use == x509.ExtKeyUsageAny
	})
}

// emptySubject is the rule that a certificate must have a subject.
const emptySubject = "RA117"

// chains validates the path to one of the anchor's certificates, at the
// sandbox's clock. Certificates out of date fail here.
func (k *claim) chains() *refusal {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, cert := range k.bundle(k.anchor) {
		roots.AddCert(cert)
	}
	for _, cert := range k.chain {
		between.AddCert(cert)
	}
	// AWS documents no rule about extended key usage.
	anyUse := []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	paths, err := k.cert.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: k.now, KeyUsages: anyUse})
	if err != nil || len(paths) == 0 {
		return deniedSession(saysUntrusted)
	}
	k.below = paths[0][:len(paths[0])-1]
	return nil
}

// notRevoked asks the enabled lists of the anchor about the certificate and what
// stands between it and the anchor. A list counts for what its signer issued.
func (k *claim) notRevoked() *refusal {
	for _, l := range k.listsOf(k.anchor) {
		if list, err := parseCRL(l.Data); err == nil && l.Enabled && k.revokes(l, list) {
			return deniedSession(saysRevoked)
		}
	}
	return nil
}

func (k *claim) revokes(l *crl, list *x509.RevocationList) bool {
	signs := func(ca *x509.Certificate) bool { return list.CheckSignatureFrom(ca) == nil }
	if !l.MadeUp && !slices.ContainsFunc(k.bundle(k.anchor), signs) {
		return false
	}
	return slices.ContainsFunc(list.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool {
		return slices.ContainsFunc(k.below, func(cert *x509.Certificate) bool {
			return cert.SerialNumber.Cmp(e.SerialNumber) == 0 && string(cert.RawIssuer) == string(list.RawIssuer)
		})
	})
}

// signedNow refuses a wrong signature and one from another time alike: AWS says
// no word about the clock.
func (k *claim) signedNow() *refusal {
	if k.signed != nil || k.date.Sub(k.now).Abs() > skew {
		return deniedSession(saysBadSignature)
	}
	return nil
}

func (k *claim) findProfile() *refusal {
	k.profile = find(k.account.Profiles, func(p *profile) bool { return p.ARN == k.ProfileARN && k.inRegion(p.ARN) })
	switch {
	case k.profile == nil || len(k.profile.RoleARNs) == 0:
		return deniedSession(saysNoProfile)
	case !k.profile.Enabled:
		return deniedSession(saysProfileDisabled)
	}
	return nil
}

func (k *claim) roleListed() *refusal {
	if !slices.Contains(k.profile.RoleARNs, k.RoleARN) {
		return deniedSession(saysRoleNotInList)
	}
	return nil
}

func (k *claim) mayName() *refusal {
	if k.RoleSessionName != "" && !k.profile.AcceptRoleSessionName {
		return deniedSession(saysNoSessionName)
	}
	return nil
}
