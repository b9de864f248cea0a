package sandbox

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"anywhere/signer"
)

// sessionLimit is a member of CreateSession: values that just hold and values
// that just do not, with the rule that AWS's request validation names.
type sessionLimit struct {
	inside  []any
	outside map[any]string
}

// sessionLimits are typed from the user guide's page on CreateSession and from
// STS's AssumeRole, not read from the table under test.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func sessionLimits() map[string]sessionLimit {
	const pattern = `Member must satisfy regular expression pattern: `
	least, most := "Member must have %s greater than or equal to %d", "Member must have %s less than or equal to %d"
	legal := pattern + `[\w+=,.@-]*`
	return map[string]sessionLimit{
		"durationSeconds": {[]any{900, 43200}, map[any]string{899: fmt.Sprintf(least, "value", 900), 43201: fmt.Sprintf(most, "value", 43200), 0: fmt.Sprintf(least, "value", 900), -900: fmt.Sprintf(least, "value", 900)}},
		"roleSessionName": {[]any{"ab", times(64, "n"), "aZ_9+=,.@-"}, map[any]string{"a": fmt.Sprintf(least, "length", 2), times(65, "n"): fmt.Sprintf(most, "length", 64), "a b": legal, "a/b": legal, "a:b": legal, "ää": legal}},
		"profileArn":      {nil, map[any]string{"lab": pattern, "arn:aws:iam::000000000000:role/lab": pattern, "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/x": pattern}},
		"roleArn":         {nil, map[any]string{"lab": pattern, "arn:aws:iam::000000000000:user/lab": pattern, "arn:aws:rolesanywhere:us-east-1:000000000000:profile/x": pattern}},
		"trustAnchorArn":  {nil, map[any]string{"lab": pattern, "arn:aws:s3:::lab": pattern, "arn:aws:rolesanywhere:us-east-1:000000000000:profile/x": pattern}},
	}
}

// askFor sends a CreateSession request that is in order but for one member; nil
// leaves it out.
func (l *lab) askFor(who signer.Identity, inQuery bool, name string, value any) reply {
	l.Helper()
	members := map[string]any{"profileArn": l.profile, "roleArn": l.role, "trustAnchorArn": l.anchor, name: value}
	if value == nil {
		delete(members, name)
	}
	body, query := []byte("{}"), url.Values{}
	if inQuery {
		for name, v := range members {
			query.Set(name, fmt.Sprint(v))
		}
	} else {
		body, _ = json.Marshal(members)
	}
	return l.do(l.signedByHand(who, query, body))
}

// signedByHand signs as the user guide's signing process says, with an EC key and
// any number of intermediates. It shares no code with what it tests.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
func (l *lab) signedByHand(who signer.Identity, query url.Values, body []byte) *http.Request {
	l.Helper()
	asked := strings.ReplaceAll(query.Encode(), "+", "%20")
	req, err := http.NewRequestWithContext(l.Context(), http.MethodPost, l.url+"/sessions?"+asked, bytes.NewReader(body))
	if err != nil {
		l.Fatal(err)
	}
	stamp := l.now.Format("20060102T150405Z")
	leaf := base64.StdEncoding.EncodeToString(who.Certificate.Raw)
	names, lines := "content-type;host;x-amz-date;x-amz-x509", "content-type:application/json\nhost:"+req.URL.Host+"\nx-amz-date:"+stamp+"\nx-amz-x509:"+leaf+"\n"
	var chain []string
	for _, cert := range who.Chain {
		chain = append(chain, base64.StdEncoding.EncodeToString(cert.Raw))
	}
	if len(chain) > 0 {
		req.Header.Set("X-Amz-X509-Chain", strings.Join(chain, ","))
		names, lines = names+";x-amz-x509-chain", lines+"x-amz-x509-chain:"+strings.Join(chain, ",")+"\n"
	}
	scope := stamp[:8] + "/us-east-1/rolesanywhere/aws4_request"
	canonical := strings.Join([]string{"POST", "/sessions", asked, lines, names, testHash(string(body))}, "\n")
	digest := sha256.Sum256([]byte("AWS4-X509-ECDSA-SHA256\n" + stamp + "\n" + scope + "\n" + testHash(canonical)))
	signature, err := who.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		l.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Amz-Date", stamp)
	req.Header.Set("X-Amz-X509", leaf)
	req.Header.Set("Authorization", "AWS4-X509-ECDSA-SHA256 Credential="+who.Certificate.SerialNumber.String()+"/"+scope+", SignedHeaders="+names+", Signature="+hex.EncodeToString(signature))
	return req
}

// generous is a lab whose role and Roles Anywhere profile allow all that
// CreateSession can be asked for.
func generous(t *testing.T) *lab {
	t.Helper()
	l := newLab(t)
	l.iam("UpdateRole", "RoleName", "lab", "MaxSessionDuration", "43200").want(t, 200)
	l.profile = l.newProfile(map[string]any{"acceptRoleSessionName": true, "durationSeconds": 43200})
	return l
}

// places are where a member may stand.
func places() map[string]bool { return map[string]bool{"in the query": true, "in the body": false} }

func TestEveryMemberOfASessionHoldsAtItsEdge(t *testing.T) {
	l := generous(t)
	who := l.host()
	for place, inQuery := range places() {
		for name, limit := range sessionLimits() {
			t.Run(name+" "+place, func(t *testing.T) {
				for _, v := range limit.inside {
					if got := l.askFor(who, inQuery, name, v); got.status != 201 {
						t.Errorf("%v: got %d %s: %s, want a session", v, got.status, got.code, got.message)
					}
				}
				for v, rule := range limit.outside {
					want := fmt.Sprintf("1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: %s", v, name, rule)
					got := l.askFor(who, inQuery, name, v)
					if got.status != 400 || got.code != "ValidationException" || !strings.HasPrefix(got.message, want) {
						t.Errorf("got %d %s: %s\nwant 400 ValidationException: %s", got.status, got.code, got.message, want)
					}
				}
			})
		}
	}
}

func TestTheDurationIsWhole(t *testing.T) {
	l := generous(t)
	who := l.host()
	for place, inQuery := range places() {
		for _, v := range []any{900.5, "soon", "900s", true, ""} {
			if got := l.askFor(who, inQuery, "durationSeconds", v); got.status != 400 || !strings.Contains(got.message, "durationSeconds") {
				t.Errorf("%v %s: got %d %s: %s, want 400 and the member's name", v, place, got.status, got.code, got.message)
			}
		}
	}
	end := l.askFor(who, false, "durationSeconds", 900).want(t, 201).text("credentialSet.0.credentials.expiration")
	if want := noon.Add(15 * time.Minute).Format(time.RFC3339); end != want {
		t.Errorf("got a session until %s, want %s", end, want)
	}
}

func TestASessionNeedsItsThreeNames(t *testing.T) {
	l := generous(t)
	who := l.host()
	for place, inQuery := range places() {
		for _, name := range []string{"profileArn", "roleArn", "trustAnchorArn"} {
			got := l.askFor(who, inQuery, name, nil)
			want := "1 validation error detected: Value null at '" + name + "' failed to satisfy constraint: Member must not be null"
			if got.status != 400 || got.code != "ValidationException" || got.message != want {
				t.Errorf("without %s %s: got %d %s: %s\nwant 400 ValidationException: %s", name, place, got.status, got.code, got.message, want)
			}
		}
	}
	got := l.do(l.signedByHand(who, nil, nil))
	if got.status != 400 || !strings.HasPrefix(got.message, "3 validation errors detected: ") {
		t.Errorf("with none: got %d %s: %s, want all three named", got.status, got.code, got.message)
	}
}

// The chain header holds five certificates at most.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
func TestAChainHoldsFiveCertificates(t *testing.T) {
	l := newLab(t)
	above, chain := l.ca, []*x509.Certificate(nil)
	for n := range 6 {
		key := ecKey(t, elliptic.P256()).(*ecdsa.PrivateKey)
		above = authority{above.issue(t, key, func(c *x509.Certificate) {
			c.Subject.CommonName, c.SerialNumber = fmt.Sprintf("middle %d", n+1), big.NewInt(int64(0x3000+n))
			c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
		}), key}
		chain = append(chain, above.cert)
		leafKey := ecKey(t, elliptic.P256())
		who := signer.Identity{Certificate: above.issue(t, leafKey), Chain: chain, Key: leafKey}
		got := l.askFor(who, true, "profileArn", l.profile)
		if want := map[bool]int{true: 201, false: 403}[n < 5]; got.status != want {
			t.Errorf("%d certificates: got %d %s: %s, want %d", n+1, got.status, got.code, got.message, want)
		}
	}
}
