package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"
)

// authority is a CA made by the standard library alone.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func (a authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

// newAuthority makes a CA as the trust model page of the user guide asks, with
// changes.
func newAuthority(t testing.TB, name string, change ...func(*x509.Certificate)) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711), Subject: pkix.Name{CommonName: name}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(1, 0, 0),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	for _, c := range change {
		c(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

func bundle(text string) map[string]any {
	return map[string]any{"sourceType": "CERTIFICATE_BUNDLE", "sourceData": map[string]any{"x509CertificateData": text}}
}

func (w *world) newAnchor(ca authority) string {
	w.Helper()
	return w.ra("POST", "/trustanchors", map[string]any{"name": "lab", "source": bundle(ca.pem()), "enabled": true}).want(w, 201).text("trustAnchor.trustAnchorArn")
}

func id(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

func TestATrustAnchorLivesItsLife(t *testing.T) {
	w := newWorld(t)
	ca := newAuthority(t, "lab CA")
	made := w.ra("POST", "/trustanchors", map[string]any{"name": "lab", "source": bundle(ca.pem()), "tags": []map[string]string{{"key": "anywhere:id", "value": "x"}}}).want(t, 201)
	if made.field("trustAnchor.enabled") != false {
		t.Error("got enabled, want disabled unless asked")
	}
	if got := made.text("trustAnchor.createdAt"); got != "2026-11-22T12:00:00.000000Z" {
		t.Errorf("got createdAt %q, want microseconds in UTC", got)
	}
	path := "/trustanchor/" + made.text("trustAnchor.trustAnchorId")
	w.ra("POST", path+"/enable", nil).want(t, 200)
	w.ra("PATCH", path, map[string]any{"name": "lab 2"}).want(t, 200)
	got := w.ra("GET", path, nil).want(t, 200)
	if got.text("trustAnchor.name") != "lab 2" || got.field("trustAnchor.enabled") != true || got.text("trustAnchor.source.sourceData.x509CertificateData") != ca.pem() {
		t.Errorf("got %s, want it renamed, enabled and with its bundle", got.body)
	}
	if got := w.ra("POST", path+"/disable", nil).want(t, 200); got.field("trustAnchor.enabled") != false {
		t.Errorf("got %s, want it disabled", got.body)
	}
	w.ra("DELETE", path, nil).want(t, 200)
	w.ra("GET", path, nil).refused(t, 404, "ResourceNotFoundException", "TrustAnchor with id "+id(path)+" does not exist.")
}

func TestTheFirstTrustAnchorMakesTheServiceLinkedRole(t *testing.T) {
	w := newWorld(t)
	w.iam("GetRole", "RoleName", "AWSServiceRoleForRolesAnywhere").want(t, 404)
	w.newAnchor(newAuthority(t, "lab CA"))
	role := w.iam("GetRole", "RoleName", "AWSServiceRoleForRolesAnywhere").want(t, 200)
	if got := role.between("Arn"); got != "arn:aws:iam::000000000000:role/aws-service-role/rolesanywhere.amazonaws.com/AWSServiceRoleForRolesAnywhere" {
		t.Errorf("got %s", got)
	}
	w.iam("DeleteRole", "RoleName", "AWSServiceRoleForRolesAnywhere").refused(t, 400, "UnmodifiableEntity",
		"Cannot perform the operation on the protected role 'AWSServiceRoleForRolesAnywhere' - this role is only modifiable by AWS")
}

// Sentences and limits: user guide "Trust model" and "Quotas", and refusals that
// were published.
func TestATrustAnchorNeedsAProperBundle(t *testing.T) {
	good := newAuthority(t, "good").pem()
	tests := map[string]struct{ bundle, want string }{
		"a certificate that is no CA": {newAuthority(t, "x", func(c *x509.Certificate) { c.IsCA = false }).pem(), "Incorrect basic constraints for CA certificate"},
		"no basic constraints":        {newAuthority(t, "x", func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = false, false }).pem(), "Incorrect basic constraints for CA certificate"},
		"line feeds spelled out":      {strings.ReplaceAll(good, "\n", `\n`), "Error creating TrustAnchor. Bad certificate data"},
		"no PEM":                      {"certificate", "Error creating TrustAnchor. Bad certificate data"},
		"a CA that may not sign":      {newAuthority(t, "x", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }).pem(), "Error creating TrustAnchor. CA certificate is not acceptable: key usage has keyCertSign"},
		"three certificates":          {good + good + good, "Error creating TrustAnchor. A trust anchor can have at most 2 certificates"},
	}
	w := newWorld(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w.ra("POST", "/trustanchors", map[string]any{"name": "lab", "source": bundle(tt.bundle)}).refused(t, 400, "ValidationException", tt.want)
		})
	}
	w.ra("POST", "/trustanchors", map[string]any{"name": "lab", "source": bundle(good + newAuthority(t, "next").pem())}).want(t, 201)
}

// The constraints are those of the service model; the sentence is AWS's general
// one, which a published refusal of CreateProfile shows.
func TestParametersOutsideTheModelAreRefused(t *testing.T) {
	const one = "1 validation error detected: "
	role := "arn:aws:iam::000000000000:role/r"
	tests := map[string]struct {
		method, path string
		body         any
		want         string
	}{
		"duration too long":    {"POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{role}, "durationSeconds": 43201}, one + "Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200"},
		"duration too short":   {"POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{role}, "durationSeconds": 899}, one + "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"},
		"a dot in a name":      {"POST", "/profiles", map[string]any{"name": "a.b", "roleArns": []string{role}}, one + "Value 'a.b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [ a-zA-Z0-9-_]*"},
		"no roles":             {"POST", "/profiles", map[string]any{"name": "p"}, one + "Value null at 'roleArns' failed to satisfy constraint: Member must not be null"},
		"two errors":           {"POST", "/profiles", map[string]any{"name": ""}, "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'roleArns' failed to satisfy constraint: Member must not be null"},
		"a role that is none":  {"POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{"role"}}, one + `Value 'role' at 'roleArns.1.member' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:aws(-[^:]+)?:iam(:.*){2}(:role.*)`},
		"a tag with a bracket": {"POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{role}, "tags": []map[string]string{{"key": "(", "value": ""}}}, one + "Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [ a-zA-Z0-9_.:/=+@-]*"},
		"an ID that is short":  {"GET", "/profile/abc", nil, "2 validation errors detected: Value 'abc' at 'profileId' failed to satisfy constraint: Member must have length greater than or equal to 36; Value 'abc' at 'profileId' failed to satisfy constraint: Member must satisfy regular expression pattern: .*[a-f0-9]{8}-([a-z0-9]{4}-){3}[a-z0-9]{12}.*"},
		"an unknown field":     {"PUT", "/profiles/00000000-0000-4000-8000-000000000000/mappings", map[string]any{"certificateField": "x509", "mappingRules": []any{}}, one + "Value 'x509' at 'certificateField' failed to satisfy constraint: Member must satisfy enum value set: [x509Subject, x509Issuer, x509SAN]"},
	}
	w := newWorld(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w.ra(tt.method, tt.path, tt.body).refused(t, 400, "ValidationException", tt.want)
		})
	}
	w.ra("POST", "/profiles", map[string]any{"name": "p", "roleArns": role}).refused(t, 400, "SerializationException", "roleArns: string cannot be converted to List")
}

func TestListsComeInPages(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.ra("POST", "/profiles", map[string]any{"name": fmt.Sprint("p", i), "roleArns": []string{}}).want(t, 201)
	}
	var names []string
	token := ""
	for pages := 1; ; pages++ {
		got := w.ra("GET", "/profiles?pageSize=2"+token, nil).want(t, 200)
		for i := range 2 {
			if n := got.text(fmt.Sprintf("profiles.%d.name", i)); n != "" {
				names = append(names, n)
			}
		}
		next := got.text("nextToken")
		if next == "" {
			if pages != 3 {
				t.Errorf("got %d pages, want 3", pages)
			}
			break
		}
		token = "&nextToken=" + url.QueryEscape(next)
	}
	if got := strings.Join(names, " "); got != "p0 p1 p2 p3 p4" {
		t.Errorf("got %s, want each profile once", got)
	}
	w.ra("GET", "/profiles?nextToken=nonsense", nil).refused(t, 400, "ValidationException", "Invalid next token")
}

func TestThingsOfOneRegionAreNotSeenInAnother(t *testing.T) {
	w := newWorld(t)
	w.newAnchor(newAuthority(t, "lab CA"))
	c := &call{Sandbox: w.box, account: &w.box.state.account, region: "eu-west-1"}
	if page, _, _ := pageOf(c, w.box.state.Anchors); len(page) != 0 {
		t.Errorf("got %d anchors in eu-west-1, want none", len(page))
	}
}

// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/customize-notification-settings.html
func TestNotificationSettingsHaveDefaults(t *testing.T) {
	w := newWorld(t)
	anchor := id(w.newAnchor(newAuthority(t, "lab CA")))
	setting := func(r reply) string {
		r.want(t, 200)
		return fmt.Sprint(r.field("trustAnchor.notificationSettings.0.event"), " ", r.field("trustAnchor.notificationSettings.0.threshold"), " ", r.field("trustAnchor.notificationSettings.0.configuredBy"))
	}
	const service = "CA_CERTIFICATE_EXPIRY 45 rolesanywhere.amazonaws.com"
	if got := setting(w.ra("GET", "/trustanchor/"+anchor, nil)); got != service {
		t.Errorf("got %s, want %s", got, service)
	}
	put := map[string]any{"trustAnchorId": anchor, "notificationSettings": []map[string]any{{"enabled": true, "event": "CA_CERTIFICATE_EXPIRY", "threshold": 20}}}
	if got, want := setting(w.ra("PATCH", "/put-notifications-settings", put)), "CA_CERTIFICATE_EXPIRY 20 000000000000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	reset := map[string]any{"trustAnchorId": anchor, "notificationSettingKeys": []map[string]any{{"event": "CA_CERTIFICATE_EXPIRY"}}}
	if got := setting(w.ra("PATCH", "/reset-notifications-settings", reset)); got != service {
		t.Errorf("got %s, want %s", got, service)
	}
}

// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
func TestMappingsAreReplacedByFieldAndRemovedByRule(t *testing.T) {
	w := newWorld(t)
	profile := "/profiles/" + w.ra("POST", "/profiles", map[string]any{"name": "p", "roleArns": []string{}}).want(t, 201).text("profile.profileId") + "/mappings"
	show := func(r reply) string {
		r.want(t, 200)
		return string(r.body)[strings.Index(string(r.body), `"attributeMappings"`):]
	}
	steps := []struct {
		says, method, path string
		body               any
		want               string
	}{
		{"put replaces the field's rules and writes Name in full", "PUT", profile, map[string]any{"certificateField": "x509SAN", "mappingRules": []map[string]string{{"specifier": "URI"}, {"specifier": "Name"}}},
			`"attributeMappings":[{"certificateField":"x509Issuer","mappingRules":[{"specifier":"*"}]},{"certificateField":"x509SAN","mappingRules":[{"specifier":"URI"},{"specifier":"Name/*"}]},{"certificateField":"x509Subject","mappingRules":[{"specifier":"*"}]}]}}`},
		{"delete with specifiers removes those", "DELETE", profile + "?certificateField=x509SAN&specifiers=Name%2F", nil,
			`"attributeMappings":[{"certificateField":"x509Issuer","mappingRules":[{"specifier":"*"}]},{"certificateField":"x509SAN","mappingRules":[{"specifier":"URI"}]},{"certificateField":"x509Subject","mappingRules":[{"specifier":"*"}]}]}}`},
		{"delete without specifiers removes all", "DELETE", profile + "?certificateField=x509Issuer", nil,
			`"attributeMappings":[{"certificateField":"x509SAN","mappingRules":[{"specifier":"URI"}]},{"certificateField":"x509Subject","mappingRules":[{"specifier":"*"}]}]}}`},
	}
	for _, s := range steps {
		if got := show(w.ra(s.method, s.path, s.body)); got != s.want {
			t.Errorf("%s: got %s\nwant %s", s.says, got, s.want)
		}
	}
}

func TestTagsComeAndGo(t *testing.T) {
	w := newWorld(t)
	arn := w.newAnchor(newAuthority(t, "lab CA"))
	list := func() string {
		return string(w.ra("GET", "/ListTagsForResource?resourceArn="+url.QueryEscape(arn), nil).want(t, 200).body)
	}
	w.ra("POST", "/TagResource", map[string]any{"resourceArn": arn, "tags": []map[string]string{{"key": "a", "value": "1"}, {"key": "b", "value": "2"}}}).want(t, 201)
	w.ra("POST", "/TagResource", map[string]any{"resourceArn": arn, "tags": []map[string]string{{"key": "a", "value": "3"}}}).want(t, 201)
	if got, want := list(), `{"tags":[{"key":"a","value":"3"},{"key":"b","value":"2"}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	w.ra("POST", "/UntagResource", map[string]any{"resourceArn": arn, "tagKeys": []string{"a"}}).want(t, 200)
	if got, want := list(), `{"tags":[{"key":"b","value":"2"}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	many := make([]map[string]string, 51)
	for i := range many {
		many[i] = map[string]string{"key": fmt.Sprint("k", i), "value": ""}
	}
	if got := w.ra("POST", "/TagResource", map[string]any{"resourceArn": arn, "tags": many}); got.code != "TooManyTagsException" {
		t.Errorf("got %s, want TooManyTagsException", got.code)
	}
	w.ra("POST", "/TagResource", map[string]any{"resourceArn": arn + "x", "tags": many[:1]}).want(t, 404)
}

func (a authority) revoke(t testing.TB, serials ...int64) []byte {
	t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: noon.Add(-time.Hour), NextUpdate: noon.AddDate(0, 0, 7)}
	for _, s := range serials {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(s), RevocationTime: noon.Add(-time.Hour)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.cert, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestRevocationListsMustBeTheAnchorsOwn(t *testing.T) {
	w := newWorld(t)
	ca := newAuthority(t, "lab CA")
	anchor := w.newAnchor(ca)
	put := func(data []byte) reply {
		return w.ra("POST", "/crls", map[string]any{"name": "crl", "crlData": data, "trustAnchorArn": anchor})
	}
	put([]byte("no list")).refused(t, 400, "ValidationException", "Bad CRL data")
	put(newAuthority(t, "other").revoke(t, 1)).refused(t, 400, "ValidationException", "The CRL is not signed by the certificate of the trust anchor")
	first := put(ca.revoke(t, 1)).want(t, 201)
	if first.field("crl.enabled") != false {
		t.Error("got enabled, want disabled unless asked")
	}
	put(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: ca.revoke(t, 2)})).want(t, 201)
	put(ca.revoke(t, 3)).refused(t, 400, "ValidationException", "The trust anchor has reached its limit of 2 CRLs")
	w.ra("DELETE", "/crl/"+first.text("crl.crlId"), nil).want(t, 200)
	w.ra("GET", "/crl/"+first.text("crl.crlId"), nil).want(t, 404)
}

// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/load-balancer-limits.html
func TestQuotasHold(t *testing.T) {
	w := newWorld(t)
	ca := newAuthority(t, "lab CA")
	c := &call{Sandbox: w.box, account: &w.box.state.account, region: "us-east-1", now: noon}
	for range 50 {
		w.box.state.Anchors = append(w.box.state.Anchors, &anchor{thing: c.newThing("trust-anchor", "lab", false, nil)})
	}
	for range 250 {
		w.box.state.Profiles = append(w.box.state.Profiles, &profile{thing: c.newThing("profile", "lab", false, nil)})
	}
	roles := make([]string, 251)
	for i := range roles {
		roles[i] = "arn:aws:iam::000000000000:role/r"
	}
	w.ra("POST", "/trustanchors", map[string]any{"name": "lab", "source": bundle(ca.pem())}).refused(t, 400, "ValidationException", "The account has reached its limit of 50 trust anchors")
	w.ra("POST", "/profiles", map[string]any{"name": "lab", "roleArns": roles[:1]}).refused(t, 400, "ValidationException", "The account has reached its limit of 250 profiles")
	w.ra("PATCH", "/profile/"+w.box.state.Profiles[0].ID, map[string]any{"roleArns": roles}).refused(t, 400, "ValidationException",
		"1 validation error detected: Value at 'roleArns' failed to satisfy constraint: Member must have length less than or equal to 250")
	w.ra("PATCH", "/profile/"+w.box.state.Profiles[0].ID, map[string]any{"roleArns": roles[:250]}).want(t, 200)
}

// The 30 operations of the service model and the one that is not in it.
func TestRolesAnywhereIsWhole(t *testing.T) {
	model := strings.Fields(`CreateProfile CreateTrustAnchor DeleteAttributeMapping DeleteCrl DeleteProfile DeleteTrustAnchor DisableCrl DisableProfile
		DisableTrustAnchor EnableCrl EnableProfile EnableTrustAnchor GetCrl GetProfile GetSubject GetTrustAnchor ImportCrl ListCrls ListProfiles
		ListSubjects ListTagsForResource ListTrustAnchors PutAttributeMapping PutNotificationSettings ResetNotificationSettings TagResource
		UntagResource UpdateCrl UpdateProfile UpdateTrustAnchor CreateSession`)
	here := map[string]operation{}
	routes := map[string]bool{}
	for _, op := range rolesAnywhere().operations {
		here[op.name] = op
		if routes[op.route] {
			t.Errorf("route %s stands twice", op.route)
		}
		routes[op.route] = true
		if reads := strings.HasPrefix(op.route, "GET "); reads == op.writes {
			t.Errorf("%s %s: got writes %v", op.name, op.route, op.writes)
		}
	}
	for _, name := range model {
		if _, ok := here[name]; !ok {
			t.Errorf("%s is not here", name)
		}
	}
	if len(here) != len(model) {
		t.Errorf("got %d operations, want %d", len(here), len(model))
	}
}
