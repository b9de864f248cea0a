package sandbox

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"anywhere/signer"
)

// lab is a world with a trust anchor, a role and a Roles Anywhere profile that
// fit together.
type lab struct {
	*world
	ca                    authority
	anchor, role, profile string
}

func newLab(t *testing.T, change ...func(*Config)) *lab {
	t.Helper()
	l := &lab{world: newWorld(t, change...), ca: newAuthority(t, "lab CA")}
	l.anchor = l.newAnchor(l.ca)
	l.role = l.newRole("lab", trustsRolesAnywhere)
	l.profile = l.newProfile(map[string]any{})
	return l
}

func (l *lab) newProfile(more map[string]any) string {
	l.Helper()
	spec := map[string]any{"name": "lab", "roleArns": []string{l.role}, "enabled": true}
	for name, value := range more {
		spec[name] = value
	}
	return l.ra("POST", "/profiles", spec).want(l, 201).text("profile.profileArn")
}

// issue makes a certificate as the trust model page asks, with changes, by the
// standard library alone.
func (a authority) issue(t testing.TB, key crypto.Signer, change ...func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x1000), Subject: pkix.Name{CommonName: "host-01"}, NotBefore: noon.Add(-time.Minute), NotAfter: noon.AddDate(0, 3, 0),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	for _, c := range change {
		c(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func ecKey(t testing.TB, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// host is somebody with a certificate of the lab's CA.
func (l *lab) host(change ...func(*x509.Certificate)) signer.Identity {
	l.Helper()
	key := ecKey(l, elliptic.P256())
	return signer.Identity{Certificate: l.ca.issue(l, key, change...), Key: key}
}

// asked is a CreateSession request before it is signed.
type asked struct {
	anchor, profile, role string
	more                  map[string]any // durationSeconds, roleSessionName
	inBody                bool           // the ARNs too
	at                    time.Time      // the signer's clock; zero is the lab's
	after                 func(*http.Request)
}

func (l *lab) session(who signer.Identity, change ...func(*asked)) reply {
	l.Helper()
	a := asked{anchor: l.anchor, profile: l.profile, role: l.role, at: l.now, more: map[string]any{}}
	for _, c := range change {
		c(&a)
	}
	body := map[string]any{}
	for name, value := range a.more {
		body[name] = value
	}
	query := url.Values{}
	for name, value := range map[string]string{"trustAnchorArn": a.anchor, "profileArn": a.profile, "roleArn": a.role} {
		if a.inBody {
			body[name] = value
		} else {
			query.Set(name, value)
		}
	}
	data, _ := json.Marshal(body)
	req, err := http.NewRequestWithContext(l.Context(), http.MethodPost, l.url+"/sessions?"+query.Encode(), bytes.NewReader(data))
	if err != nil {
		l.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if err := signer.Sign(req, data, who, "us-east-1", a.at); err != nil {
		l.Fatal(err)
	}
	if a.after != nil {
		a.after(req)
	}
	return l.do(req)
}

func (r reply) keys() keys {
	return keys{r.text("credentialSet.0.credentials.accessKeyId"), r.text("credentialSet.0.credentials.secretAccessKey"), r.text("credentialSet.0.credentials.sessionToken")}
}

func TestACertificateBecomesASession(t *testing.T) {
	l := newLab(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey, "P-256": ecKey(t, elliptic.P256()), "P-384": ecKey(t, elliptic.P384())} {
		for where, inBody := range map[string]bool{"in the query": false, "in the body": true} {
			t.Run(name+", parameters "+where, func(t *testing.T) {
				who := signer.Identity{Certificate: l.ca.issue(t, key), Key: key}
				got := l.session(who, func(a *asked) { a.inBody = inBody }).want(t, 201)
				// The shape is that of the user guide's page on CreateSession.
				for path, want := range map[string]any{
					"credentialSet.0.assumedRoleUser.arn":    "arn:aws:sts::000000000000:assumed-role/lab/1000",
					"credentialSet.0.credentials.expiration": "2026-11-22T13:00:00Z",
					"credentialSet.0.roleArn":                l.role,
					"credentialSet.0.sourceIdentity":         "CN=host-01",
				} {
					if got.field(path) != want {
						t.Errorf("got %s %v, want %v", path, got.field(path), want)
					}
				}
				if k := got.keys(); !strings.HasPrefix(k.id, "ASIASANDBOX") || len(k.id) != 20 || !strings.HasPrefix(k.secret, "SANDBOX") || len(k.secret) != 40 {
					t.Errorf("got keys %+v, want marked ones of AWS's lengths", k)
				}
				who2 := l.as(got.keys()).query("sts", "GetCallerIdentity").want(t, 200)
				if arn := who2.between("Arn"); arn != "arn:aws:sts::000000000000:assumed-role/lab/1000" {
					t.Errorf("got caller %s", arn)
				}
			})
		}
	}
}

// The sentences are published refusals of AWS, the unconfirmed ones aside.
func TestCreateSessionRefuses(t *testing.T) {
	l := newLab(t)
	other := newAuthority(t, "other CA")
	stranger := ecKey(t, elliptic.P256())
	another := l.host().Certificate // of the same serial, for another key
	swap := func(r *http.Request) { r.Header.Set("X-Amz-X509", base64.StdEncoding.EncodeToString(another.Raw)) }
	cannot := "Unable to assume role for " + l.role + "."
	disabled := l.ra("POST", "/trustanchors", map[string]any{"name": "off", "source": bundle(l.ca.pem())}).want(t, 201).text("trustAnchor.trustAnchorArn")
	off := l.newProfile(map[string]any{"enabled": false})
	empty := l.newProfile(map[string]any{"roleArns": []string{}})
	tests := map[string]struct {
		who  signer.Identity
		ask  func(*asked)
		want string
	}{
		"an anchor that is not there":   {l.host(), func(a *asked) { a.anchor = l.anchor[:len(l.anchor)-1] + "x" }, "Specified Trust Anchor wasn't found."},
		"an anchor that is disabled":    {l.host(), func(a *asked) { a.anchor = disabled }, "Trust anchor is disabled"},
		"a certificate of another CA":   {signer.Identity{Certificate: other.issue(t, stranger), Key: stranger}, nil, "Untrusted signing certificate"},
		"a certificate that is over":    {l.host(func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Second) }), nil, "Untrusted signing certificate"},
		"a certificate that is not yet": {l.host(func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Second) }), nil, "Untrusted signing certificate"},
		"no digitalSignature":           {l.host(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }), nil, "Untrusted certificate. Insufficient certificate"},
		"no key usage":                  {l.host(func(c *x509.Certificate) { c.KeyUsage = 0 }), nil, "Untrusted certificate. Insufficient certificate"},
		"a certificate that is a CA":    {l.host(func(c *x509.Certificate) { c.IsCA = true }), nil, "Untrusted certificate. Insufficient certificate"},
		"the key of somebody else":      {l.host(), func(a *asked) { a.after = swap }, "Invalid signature"},
		"a clock that is late":          {l.host(), func(a *asked) { a.at = noon.Add(-5*time.Minute - time.Second) }, "Invalid signature"},
		"a clock that is early":         {l.host(), func(a *asked) { a.at = noon.Add(5*time.Minute + time.Second) }, "Invalid signature"},
		"a role changed after signing": {l.host(), func(a *asked) {
			a.after = func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "lab", "bal", 1) }
		}, "Invalid signature"},
		"a profile that is not there":      {l.host(), func(a *asked) { a.profile = l.profile[:len(l.profile)-1] + "x" }, "Invalid or empty profile provided."},
		"a profile without roles":          {l.host(), func(a *asked) { a.profile = empty }, "Invalid or empty profile provided."},
		"a profile that is disabled":       {l.host(), func(a *asked) { a.profile = off }, "Profile is disabled"},
		"a role that is not listed":        {l.host(), func(a *asked) { a.role = l.role + "x" }, "Requested Role isn't one of those listed in the Profile."},
		"a name that is not accepted":      {l.host(), func(a *asked) { a.more["roleSessionName"] = "me" }, "Not authorized to set roleSessionName"},
		"a subject that is empty":          {l.host(func(c *x509.Certificate) { c.Subject = pkix.Name{}; c.DNSNames = []string{"host"} }), nil, cannot},
		"an anchor before a bad signature": {l.host(), func(a *asked) { a.anchor, a.after = disabled, swap }, "Trust anchor is disabled"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ask := tt.ask
			if ask == nil {
				ask = func(*asked) {}
			}
			got := l.session(tt.who, ask)
			got.refused(t, 403, "AccessDeniedException", tt.want)
			if len(got.header.Get("X-Amzn-Requestid")) != 36 {
				t.Error("it has no request ID")
			}
		})
	}
}

func TestSessionParametersAreChecked(t *testing.T) {
	l := newLab(t)
	l.session(l.host(), func(a *asked) { a.more["durationSeconds"] = 60 }).refused(t, 400, "ValidationException",
		"1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900")
	l.session(l.host(), func(a *asked) { a.role = "lab" }).want(t, 400)
}

// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
func TestTheShorterDurationCounts(t *testing.T) {
	l := newLab(t)
	l.iam("UpdateRole", "RoleName", "lab", "MaxSessionDuration", "7200").want(t, 200)
	long := l.newProfile(map[string]any{"durationSeconds": 7200})
	tooLong := l.newProfile(map[string]any{"durationSeconds": 7201})
	tests := map[string]struct {
		profile string
		asks    int
		want    string
	}{
		"the profile's, if none is asked for": {long, 0, "2026-11-22T14:00:00Z"},
		"the asked one, if shorter":           {long, 900, "2026-11-22T12:15:00Z"},
		"the profile's, if shorter":           {l.profile, 7200, "2026-11-22T13:00:00Z"},
		"a short one under a long profile":    {tooLong, 900, "2026-11-22T12:15:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := l.session(l.host(), func(a *asked) {
				a.profile = tt.profile
				if tt.asks > 0 {
					a.more["durationSeconds"] = tt.asks
				}
			}).want(t, 201)
			if end := got.text("credentialSet.0.credentials.expiration"); end != tt.want {
				t.Errorf("got %s, want %s", end, tt.want)
			}
		})
	}
	l.session(l.host(), func(a *asked) { a.profile = tooLong }).refused(t, 403, "AccessDeniedException",
		"Unable to assume role for "+l.role+". The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
}

func TestTheSessionMayBeNamedIfTheProfileAcceptsIt(t *testing.T) {
	l := newLab(t)
	accepts := l.newProfile(map[string]any{"acceptRoleSessionName": true})
	named := func(name string) reply {
		return l.session(l.host(), func(a *asked) {
			a.profile = accepts
			if name != "" {
				a.more["roleSessionName"] = name
			}
		})
	}
	if got := named("me").want(t, 201).text("credentialSet.0.assumedRoleUser.arn"); !strings.HasSuffix(got, "/lab/me") {
		t.Errorf("got %s, want the name", got)
	}
	if got := named("").want(t, 201).text("credentialSet.0.assumedRoleUser.arn"); !strings.HasSuffix(got, "/lab/1000") {
		t.Errorf("got %s, want the serial", got)
	}
	named("a b").want(t, 400)
}

func TestChainsAreFollowed(t *testing.T) {
	l := newLab(t)
	middleKey, leafKey := ecKey(t, elliptic.P256()).(*ecdsa.PrivateKey), ecKey(t, elliptic.P256())
	middle := authority{l.ca.issue(t, middleKey, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.KeyUsage = "middle", true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	}), middleKey}
	leaf := middle.issue(t, leafKey, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0x2000) })
	with := func(chain ...*x509.Certificate) reply {
		return l.session(signer.Identity{Certificate: leaf, Chain: chain, Key: leafKey})
	}
	with().refused(t, 403, "AccessDeniedException", "Untrusted signing certificate")
	with(middle.cert).want(t, 201)
	with(l.ca.cert, middle.cert).want(t, 201) // the root among them, in any order, as AWS's own sample sends it
	revoked := l.ra("POST", "/crls", map[string]any{"name": "crl", "crlData": l.ca.revoke(t, 0x1000), "trustAnchorArn": l.anchor, "enabled": true}).want(t, 201)
	with(middle.cert).refused(t, 403, "AccessDeniedException", "Certificate revoked") // the intermediate is
	l.ra("POST", "/crl/"+revoked.text("crl.crlId")+"/disable", nil).want(t, 200)
	with(middle.cert).want(t, 201)
}

func TestAnEnabledListRevokes(t *testing.T) {
	l := newLab(t)
	who := l.host()
	crl := "/crl/" + l.ra("POST", "/crls", map[string]any{"name": "crl", "crlData": l.ca.revoke(t, 0x1000), "trustAnchorArn": l.anchor}).want(t, 201).text("crl.crlId")
	before := l.session(who).want(t, 201)
	l.ra("POST", crl+"/enable", nil).want(t, 200)
	l.session(who).refused(t, 403, "AccessDeniedException", "Certificate revoked")
	l.session(l.host(func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0x1001) })).want(t, 201)
	l.as(before.keys()).query("sts", "GetCallerIdentity").want(t, 200) // sessions already issued live on
	l.ra("PATCH", crl, map[string]any{"crlData": l.ca.revoke(t, 7)}).want(t, 200)
	l.session(who).want(t, 201)
}

// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
// gives 291 and 17767 and the limits of 61 and 62 characters.
func TestTheSourceIdentityIsMadeOfTheSubject(t *testing.T) {
	long := strings.Repeat("x", 61)
	tests := map[string]struct {
		subject pkix.Name
		serial  int64
		want    string
	}{
		"a name of 61 characters":       {pkix.Name{CommonName: long}, 17767, "CN=" + long},
		"a name of 62 characters":       {pkix.Name{CommonName: long + "x"}, 17767, long + "x"},
		"a name of 64 characters":       {pkix.Name{CommonName: long + "xxx"}, 17767, long + "xxx"},
		"no name, an odd serial":        {pkix.Name{Organization: []string{"Lab"}}, 291, "ID=0123"},
		"no name, an even serial":       {pkix.Name{Organization: []string{"Lab"}}, 17767, "ID=4567"},
		"characters that STS refuses":   {pkix.Name{CommonName: "Host (EMP12345)"}, 17767, "CN=Host EMP12345"},
		"a name with a blank and signs": {pkix.Name{CommonName: "a b/c:d@e.f=g+h-i_j"}, 17767, "CN=a b/c:d@e.f=g+h-i_j"},
	}
	l := newLab(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := l.session(l.host(func(c *x509.Certificate) { c.Subject, c.SerialNumber = tt.subject, big.NewInt(tt.serial) })).want(t, 201)
			if id := got.text("credentialSet.0.sourceIdentity"); id != tt.want {
				t.Errorf("got %s, want %s", id, tt.want)
			}
		})
	}
}

// trusts is the trust policy of a role that also asks for a condition.
func trusts(condition string, actions ...string) string {
	if actions == nil {
		actions = []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}
	}
	list, _ := json.Marshal(actions)
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":` + string(list) + `,"Condition":` + condition + `}]}`
}

// The examples are those of the user guide's pages "Trust model" and "Mapping
// certificate attributes".
func TestTheTrustPolicyDecides(t *testing.T) {
	l := newLab(t)
	who := l.host(func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "host-01", OrganizationalUnit: nil, ExtraNames: []pkix.AttributeTypeAndValue{
			{Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: "Security"}, {Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: "Engineering"},
			{Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: "Research"}, {Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "host-01"}}}
		c.DNSNames = []string{"one.example", "two.example"}
		c.URIs = []*url.URL{{Scheme: "spiffe", Host: "lab", Path: "/host"}}
	})
	equals := func(key, value string) string { return `{"StringEquals":{"` + key + `":"` + value + `"}}` }
	tests := map[string]struct {
		trust string
		want  bool
	}{
		"the common name":               {trusts(equals("aws:PrincipalTag/x509Subject/CN", "host-01")), true},
		"another common name":           {trusts(equals("aws:PrincipalTag/x509Subject/CN", "host-02")), false},
		"repeated units with slashes":   {trusts(equals("aws:PrincipalTag/x509Subject/OU", "Security/Engineering/Research")), true},
		"the issuer":                    {trusts(equals("aws:PrincipalTag/x509Issuer/CN", "lab CA")), true},
		"the first DNS name":            {trusts(equals("aws:PrincipalTag/x509SAN/DNS", "one.example")), true},
		"the second DNS name":           {trusts(equals("aws:PrincipalTag/x509SAN/DNS", "two.example")), false},
		"the URI":                       {trusts(equals("aws:PrincipalTag/x509SAN/URI", "spiffe://lab/host")), true},
		"the tag in the request":        {trusts(equals("aws:RequestTag/x509Subject/CN", "host-01")), true},
		"the source identity":           {trusts(equals("sts:SourceIdentity", "CN=host-01")), true},
		"the session name":              {trusts(equals("sts:RoleSessionName", "1000")), true},
		"the account":                   {trusts(equals("aws:SourceAccount", "000000000000")), true},
		"another account":               {trusts(equals("aws:SourceAccount", "111122223333")), false},
		"this anchor":                   {trusts(`{"ArnEquals":{"aws:SourceArn":"` + l.anchor + `"}}`), true},
		"another anchor":                {trusts(`{"ArnEquals":{"aws:SourceArn":"` + l.anchor + `x"}}`), false},
		"no sts:TagSession":             {trusts(`{}`, "sts:AssumeRole", "sts:SetSourceIdentity"), false},
		"no sts:SetSourceIdentity":      {trusts(`{}`, "sts:AssumeRole", "sts:TagSession"), false},
		"no sts:AssumeRole":             {trusts(`{}`, "sts:TagSession", "sts:SetSourceIdentity"), false},
		"another service":               {strings.Replace(trusts(`{}`), "rolesanywhere.", "ec2.", 1), false},
		"absent, by a negated operator": {trusts(`{"StringNotEquals":{"aws:PrincipalTag/x509Subject/O":"x"}}`), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l.iam("UpdateAssumeRolePolicy", "RoleName", "lab", "PolicyDocument", tt.trust).want(t, 200)
			got := l.session(who)
			if tt.want {
				got.want(t, 201)
				return
			}
			got.refused(t, 403, "AccessDeniedException", "Unable to assume role for "+l.role+".")
		})
	}
}

// Published refusals of AWS: issues 77 and 188 of the signing helper.
func TestValuesThatAreNoTagAreNamed(t *testing.T) {
	l := newLab(t)
	l.iam("UpdateAssumeRolePolicy", "RoleName", "lab", "PolicyDocument", trusts(`{"StringEquals":{"aws:PrincipalTag/x509Subject/CN":"nobody"}}`)).want(t, 200)
	l.session(l.host(func(c *x509.Certificate) { c.Subject.CommonName = "Host (EMP12345)" })).refused(t, 403, "AccessDeniedException",
		"Unable to assume role for "+l.role+". Some attributes failed to be mapped into session tags. Issuer: [  ]; Subject: [ CN ]; SAN: [  ]")
	l.session(l.host(func(c *x509.Certificate) { c.DNSNames = []string{"a.example", "*.example"} })).refused(t, 403, "AccessDeniedException",
		"Unable to assume role for "+l.role+". Some attributes failed to be mapped into session tags. Issuer: [  ]; Subject: [  ]; SAN: [ DNS/2 ]")
}

func TestWhatIsNotMappedIsNoTag(t *testing.T) {
	l := newLab(t)
	l.iam("UpdateAssumeRolePolicy", "RoleName", "lab", "PolicyDocument", trusts(`{"StringEquals":{"aws:PrincipalTag/x509SAN/URI":"spiffe://lab/host"}}`)).want(t, 200)
	who := l.host(func(c *x509.Certificate) { c.URIs = []*url.URL{{Scheme: "spiffe", Host: "lab", Path: "/host"}} })
	mappings := "/profiles/" + id(l.profile) + "/mappings"
	l.session(who).want(t, 201)
	l.ra("PUT", mappings, map[string]any{"certificateField": "x509SAN", "mappingRules": []map[string]string{{"specifier": "DNS"}}}).want(t, 200)
	l.session(who).want(t, 403)
	l.ra("PUT", mappings, map[string]any{"certificateField": "x509SAN", "mappingRules": []map[string]string{{"specifier": "URI"}}}).want(t, 200)
	l.session(who).want(t, 201)
}

func TestDirectoryNamesBecomeTags(t *testing.T) {
	l := newLab(t)
	name, err := asn1.Marshal(pkix.Name{CommonName: "inner", Organization: []string{"Lab"}}.ToRDNSequence())
	if err != nil {
		t.Fatal(err)
	}
	san, err := asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name}})
	if err != nil {
		t.Fatal(err)
	}
	l.iam("UpdateAssumeRolePolicy", "RoleName", "lab", "PolicyDocument", trusts(`{"StringEquals":{"aws:PrincipalTag/x509SAN/Name/CN":"inner","aws:PrincipalTag/x509SAN/Name/O":"Lab"}}`)).want(t, 200)
	l.session(l.host(func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: san}}
	})).want(t, 201)
	l.session(l.host()).want(t, 403)
}

func TestSubjectsRememberWhoCame(t *testing.T) {
	l := newLab(t)
	l.session(l.host()).want(t, 201)
	l.session(l.host(), func(a *asked) { a.role = l.role + "x" }).want(t, 403)
	l.session(l.host(func(c *x509.Certificate) { c.Subject.CommonName = "host-02" })).want(t, 201)
	got := l.ra("GET", "/subjects", nil).want(t, 200)
	if got.text("subjects.0.x509Subject") != "CN=host-01" || got.text("subjects.1.x509Subject") != "CN=host-02" || got.field("subjects.2") != nil {
		t.Errorf("got %s, want the two hosts once each", got.body)
	}
	first := l.ra("GET", "/subject/"+got.text("subjects.0.subjectId"), nil).want(t, 200)
	if first.text("subject.credentials.0.serialNumber") != "4096" || first.field("subject.credentials.0.failed") != true {
		t.Errorf("got %s, want the serial in decimal and the last attempt failed", first.body)
	}
}

func TestMLDSAIsNotHere(t *testing.T) {
	l := newLab(t)
	got := l.session(l.host(), func(a *asked) {
		a.after = func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "AWS4-X509-ECDSA-SHA256", "AWS4-X509-MLDSA", 1))
		}
	})
	got.refused(t, 501, "NotImplemented", "the sandbox has no CreateSession with ML-DSA")
}
