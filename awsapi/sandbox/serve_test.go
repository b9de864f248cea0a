package sandbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// AWS's own words are in the answers of real services as the SDKs' tests, the
// troubleshooting page of SigV4 and the error references of the services quote
// them.
func TestEveryServiceRefusesInItsOwnWords(t *testing.T) {
	const mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	const invalid = "The security token included in the request is invalid."
	calls := map[string]func(client) reply{
		"rolesanywhere": func(c client) reply { return c.ra("GET", "/trustanchors", nil) },
		"iam":           func(c client) reply { return c.query("iam", "ListRoles") },
		"sts":           func(c client) reply { return c.query("sts", "GetCallerIdentity") },
		"cloudtrail":    func(c client) reply { return c.trail(map[string]any{}) },
		"s3":            func(c client) reply { return c.buckets() },
	}
	type answer struct {
		status        int
		code, message string
	}
	tests := map[string]struct {
		spoil func(*keys)
		want  map[string]answer
	}{
		"an access key that nobody has": {func(k *keys) { k.id = "AKIAIOSFODNN7EXAMPLE" }, map[string]answer{
			"rolesanywhere": {403, "UnrecognizedClientException", invalid},
			"iam":           {403, "InvalidClientTokenId", invalid},
			"sts":           {403, "InvalidClientTokenId", invalid},
			"cloudtrail":    {400, "UnrecognizedClientException", invalid},
			"s3":            {403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."},
		}},
		"a secret that is not the key's": {func(k *keys) { k.secret = "wrong" }, map[string]answer{
			"rolesanywhere": {403, "InvalidSignatureException", mismatch},
			"iam":           {403, "SignatureDoesNotMatch", mismatch},
			"sts":           {403, "SignatureDoesNotMatch", mismatch},
			"cloudtrail":    {400, "InvalidSignatureException", mismatch},
			"s3":            {403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method."},
		}},
		"a token that nobody issued": {func(k *keys) { k.token = "made-up" }, map[string]answer{
			"rolesanywhere": {403, "UnrecognizedClientException", invalid},
			"iam":           {403, "InvalidClientTokenId", invalid},
			"sts":           {403, "InvalidClientTokenId", invalid},
			"cloudtrail":    {400, "UnrecognizedClientException", invalid},
			"s3":            {403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."},
		}},
	}
	w := newWorld(t)
	for name, tt := range tests {
		for service, want := range tt.want {
			t.Run(name+", "+service, func(t *testing.T) {
				k := w.admin()
				tt.spoil(&k)
				calls[service](w.as(k)).refused(t, want.status, want.code, want.message)
			})
		}
	}
}

func TestAnUnsignedCallIsRefused(t *testing.T) {
	w := newWorld(t)
	nobody := w.as(keys{})
	nobody.ra("GET", "/profiles", nil).refused(t, 403, "MissingAuthenticationTokenException", "Missing Authentication Token")
	nobody.query("sts", "GetCallerIdentity").refused(t, 403, "MissingAuthenticationToken", "Request is missing Authentication Token")
	nobody.trail(nil).refused(t, 400, "MissingAuthenticationTokenException", "Missing Authentication Token")
}

func TestASignatureFromAnotherTimeIsRefused(t *testing.T) {
	w := newWorld(t)
	client := w.admin()
	send := func(off time.Duration) reply {
		w.now = noon.Add(off)
		req, _ := http.NewRequestWithContext(t.Context(), "GET", w.url+"/trustanchors", nil)
		w.as(client).sign(req, "rolesanywhere", nil)
		w.now = noon
		return w.do(req)
	}
	send(-5*time.Minute).want(t, 200)
	send(5*time.Minute).want(t, 200)
	send(-6*time.Minute).refused(t, 403, "InvalidSignatureException", "Signature expired: 20261122T115400Z is now earlier than 20261122T115500Z (20261122T120000Z - 5 min.)")
	send(6*time.Minute).refused(t, 403, "InvalidSignatureException", "Signature not yet current: 20261122T120600Z is still later than 20261122T120500Z (20261122T120000Z + 5 min.)")
}

// The two worked examples that AWS publishes for Signature Version 4: the IAM
// ListUsers request of the user guide and get-vanilla of the test suite.
func TestSignaturesAreThoseOfAWSsExamples(t *testing.T) {
	tests := map[string]struct {
		url, kind string
		auth      authorization
		want      string
	}{
		"ListUsers of the guide": {"https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", "application/x-www-form-urlencoded; charset=utf-8",
			authorization{date: "20150830", region: "us-east-1", service: "iam", signed: []string{"content-type", "host", "x-amz-date"}},
			"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
		"get-vanilla": {"https://example.amazonaws.com/", "",
			authorization{date: "20150830", region: "us-east-1", service: "service", signed: []string{"host", "x-amz-date"}},
			"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	}
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, _ := http.NewRequest("GET", tt.url, nil)
			r.Header.Set("X-Amz-Date", "20150830T123600Z")
			if tt.kind != "" {
				r.Header.Set("Content-Type", tt.kind)
			}
			if got := tt.auth.sign(r, nil, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", at); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestWhatIsChangedAfterSigningIsNoticed(t *testing.T) {
	w := newWorld(t)
	tests := map[string]func(*http.Request){
		"another query":                func(r *http.Request) { r.URL.RawQuery = "pageSize=1" },
		"another path":                 func(r *http.Request) { r.URL.Path = "/profiles" },
		"another signed header":        func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		"an unsigned x-amz- header":    func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "") },
		"another hash than the body's": func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", strings.Repeat("0", 64)) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			req, _ := http.NewRequestWithContext(t.Context(), "GET", w.url+"/trustanchors", nil)
			req.Header.Set("Content-Type", "application/json")
			w.as(w.admin()).sign(req, "rolesanywhere", nil)
			change(req)
			if got := w.do(req); got.code != "InvalidSignatureException" {
				t.Errorf("got %d %s, want InvalidSignatureException", got.status, got.code)
			}
		})
	}
}

func TestWhatIsNotHereAnswers501WithItsName(t *testing.T) {
	w := newWorld(t)
	admin := w.as(w.admin())
	admin.query("iam", "CreateGroup").refused(t, 501, "NotImplemented", "the sandbox has no iam CreateGroup")
	admin.query("sts", "GetSessionToken").refused(t, 501, "NotImplemented", "the sandbox has no sts GetSessionToken")
	admin.query("ec2", "DescribeInstances").refused(t, 501, "NotImplemented", "the sandbox has no ec2 DescribeInstances")
	admin.send("s3", "GET", "/bucket/key?tagging=", "", nil, nil).refused(t, 501, "NotImplemented", "the sandbox has no s3 GET /bucket/key?tagging=")
	admin.ra("GET", "/nothing", nil).refused(t, 501, "NotImplemented", "the sandbox has no rolesanywhere GET /nothing")
	admin.send("kms", "POST", "/", "application/x-amz-json-1.1", []byte("{}"), http.Header{"X-Amz-Target": {"TrentService.Encrypt"}}).
		refused(t, 501, "NotImplemented", "the sandbox has no kms Encrypt")
}

// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/ip-access.html
func TestTheDocumentedTestOfTheNetworkPathAnswers404(t *testing.T) {
	w := newWorld(t)
	req, _ := http.NewRequestWithContext(t.Context(), "GET", w.url+"/", nil)
	w.do(req).want(t, 404)
}

func TestOnlyLoopbackNamesAreAnswered(t *testing.T) {
	w := newWorld(t)
	tests := map[string]int{
		"127.0.0.1:9912": 200, "localhost": 200, "LOCALHOST:80": 200, "[::1]:9912": 200, "[::1]": 200,
		"evil.example": 403, "127.0.0.1.evil.example:9912": 403, "rolesanywhere.us-east-1.amazonaws.com": 403, "127.0.0.2": 403,
	}
	for host, want := range tests {
		t.Run(host, func(t *testing.T) {
			req, _ := http.NewRequestWithContext(t.Context(), "GET", w.url+statusPath, nil)
			req.Host = host
			if got := w.do(req).status; got != want {
				t.Errorf("got %d, want %d", got, want)
			}
		})
	}
}

func TestAnswersCarryTheSandboxsClockAndARequestID(t *testing.T) {
	w := newWorld(t)
	got := w.ra("GET", "/trustanchors", nil).want(t, 200)
	if date := got.header.Get("Date"); date != "Sun, 22 Nov 2026 12:00:00 GMT" {
		t.Errorf("got Date %q, want the sandbox's noon", date)
	}
	if id := got.header.Get("X-Amzn-Requestid"); len(id) != 36 {
		t.Errorf("got request ID %q, want a UUID", id)
	}
}

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	w := newWorld(t)
	req := httptest.NewRequest("POST", "http://127.0.0.1/trustanchors", strings.NewReader(strings.Repeat("x", maxBody+1)))
	got := httptest.NewRecorder()
	w.box.ServeHTTP(got, req)
	if got.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d, want 413", got.Code)
	}
}
