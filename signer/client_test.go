package signer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/signer/session"
)

const success = `{"credentialSet":[{"assumedRoleUser":{"arn":"arn:aws:sts::000000000000:assumed-role/lab/01ab","assumedRoleId":"AROALAB:01ab"},
"credentials":{"accessKeyId":"ASIALAB","secretAccessKey":"secret<&>","sessionToken":"token/+=","expiration":"2026-11-22T13:00:00Z"},
"packedPolicySize":41,"roleArn":"` + roleARN + `","sourceIdentity":"CN=lab"}],"subjectArn":"arn:aws:rolesanywhere:us-east-1:000000000000:subject/1"}`

// aws answers the attempts, one after another, with the given handlers; the last
// one stays. It returns its address and the number of attempts it saw.
func aws(t *testing.T, answers ...http.HandlerFunc) (endpoint string, attempts *atomic.Int32) {
	t.Helper()
	attempts = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(attempts.Add(1))
		answers[min(n, len(answers))-1](w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, attempts
}

func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func hangsUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// patient is a client that waits in no time and writes down how long.
func patient(waits *[]time.Duration) Client {
	return Client{
		Now: clock,
		Sleep: func(ctx context.Context, d time.Duration) error {
			*waits = append(*waits, d)
			return ctx.Err()
		},
	}
}

func target(endpoint string) Target {
	return Target{TrustAnchorARN: anchorARN, ProfileARN: profileARN, RoleARN: roleARN, Endpoint: endpoint, Duration: 15 * time.Minute}
}

func TestASessionIsGotWithOneSignedRequest(t *testing.T) {
	id := lab(t, pki.P256)
	endpoint, attempts := aws(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := Verify(r, body); err != nil {
			t.Error(err)
		}
		q := r.URL.Query()
		if r.URL.Path != "/prefix/sessions" || q.Get("trustAnchorArn") != anchorARN || q.Get("profileArn") != profileARN || q.Get("roleArn") != roleARN {
			t.Errorf("got %s, want the three ARNs at /prefix/sessions", r.URL)
		}
		if string(body) != `{"durationSeconds":900,"roleSessionName":"na\"me"}` {
			t.Errorf("got body %s", body)
		}
		says(201, success)(w, r)
	})
	tt := target(endpoint + "/prefix/")
	tt.SessionName = `na"me`
	got, err := Client{Now: clock}.CreateSession(t.Context(), tt, id)
	if err != nil {
		t.Fatal(err)
	}
	want := Credentials{
		AccessKeyID: "ASIALAB", SecretAccessKey: "secret<&>", SessionToken: "token/+=",
		Expiration: noon.Add(time.Hour), ExpirationText: "2026-11-22T13:00:00Z",
		AssumedRoleARN: "arn:aws:sts::000000000000:assumed-role/lab/01ab", AssumedRoleID: "AROALAB:01ab",
		SourceIdentity: "CN=lab", SubjectARN: "arn:aws:rolesanywhere:us-east-1:000000000000:subject/1",
		RoleARN: roleARN, PackedPolicySize: 41,
	}
	if got != want {
		t.Errorf("got %#v, want %#v", got, want)
	}
	if n := attempts.Load(); n != 1 {
		t.Errorf("got %d attempts, want 1", n)
	}
}

func TestTheProcessAnswerIsExact(t *testing.T) {
	c := Credentials{AccessKeyID: "ASIA", SecretAccessKey: `s/+"`, SessionToken: "t", ExpirationText: "2026-11-22T13:00:00Z"}
	want := `{"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"s/+\"","SessionToken":"t","Expiration":"2026-11-22T13:00:00Z"}`
	if got := string(c.ProcessJSON()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPrintedCredentialsShowNoSecret(t *testing.T) {
	c := Credentials{AccessKeyID: "ASIALAB", SecretAccessKey: "hush", SessionToken: "hush"}
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c)} {
		if strings.Contains(text, "hush") || !strings.Contains(text, "ASIALAB") {
			t.Errorf("got %s", text)
		}
	}
}

func TestOnlyWhatMayPassIsTriedAgain(t *testing.T) {
	id := lab(t, pki.P256)
	ok := says(201, success)
	tests := map[string]struct {
		answers  []http.HandlerFunc
		attempts int
		good     bool
	}{
		"throttled, then well":        {[]http.HandlerFunc{says(429, "{}"), ok}, 2, true},
		"broken twice, then well":     {[]http.HandlerFunc{says(500, ""), says(503, ""), ok}, 3, true},
		"hung up on, then well":       {[]http.HandlerFunc{hangsUp, ok}, 2, true},
		"broken for good":             {[]http.HandlerFunc{says(503, "")}, 3, false},
		"hung up on for good":         {[]http.HandlerFunc{hangsUp}, 3, false},
		"refused":                     {[]http.HandlerFunc{says(403, "{}"), ok}, 1, false},
		"called invalid":              {[]http.HandlerFunc{says(400, "{}"), ok}, 1, false},
		"sent elsewhere":              {[]http.HandlerFunc{says(302, "", "Location", "/other"), ok}, 1, false},
		"answered with a page":        {[]http.HandlerFunc{says(200, "<html>"), ok}, 1, false},
		"answered with too much":      {[]http.HandlerFunc{says(200, strings.Repeat(" ", session.MaxAnswer+1)), ok}, 1, false},
		"given no credentials":        {[]http.HandlerFunc{says(201, `{"credentialSet":[]}`), ok}, 1, false},
		"given null for credentials":  {[]http.HandlerFunc{says(201, `{"credentialSet":[{"credentials":null}]}`), ok}, 1, false},
		"given null for a session":    {[]http.HandlerFunc{says(201, `{"credentialSet":[null]}`), ok}, 1, false},
		"given null":                  {[]http.HandlerFunc{says(201, `null`), ok}, 1, false},
		"given another role":          {[]http.HandlerFunc{says(201, strings.Replace(success, roleARN, roleARN+"2", 1)), ok}, 1, false},
		"given another role's user":   {[]http.HandlerFunc{says(201, strings.Replace(success, "assumed-role/lab/", "assumed-role/lab2/", 1)), ok}, 1, false},
		"given another account":       {[]http.HandlerFunc{says(201, strings.Replace(success, "sts::000000000000", "sts::000000000001", 1)), ok}, 1, false},
		"given no time of expiry":     {[]http.HandlerFunc{says(201, strings.Replace(success, "2026-11-22T13", "soon", 1)), ok}, 1, false},
		"given no role at all, then?": {[]http.HandlerFunc{says(201, `{"credentialSet":[{"credentials":{"accessKeyId":"A","secretAccessKey":"B","sessionToken":"C","expiration":"2026-11-22T13:00:00Z"}}]}`)}, 1, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			endpoint, attempts := aws(t, tt.answers...)
			var waits []time.Duration
			_, err := patient(&waits).CreateSession(t.Context(), target(endpoint), id)
			if n := int(attempts.Load()); (err == nil) != tt.good || n != tt.attempts || len(waits) != tt.attempts-1 {
				t.Errorf("got %d attempts, %d waits, %v; want %d attempts, good %v", n, len(waits), err, tt.attempts, tt.good)
			}
			if err != nil && (strings.Contains(err.Error(), "secret<") || strings.Contains(err.Error(), "token/")) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestEachAttemptIsSignedAnew(t *testing.T) {
	var dates []string
	note := func(w http.ResponseWriter, r *http.Request) {
		dates = append(dates, r.Header.Get(headerDate))
		says(503, "")(w, r)
	}
	endpoint, _ := aws(t, note)
	var waits []time.Duration
	client, now := patient(&waits), noon
	client.Now = func() time.Time { now = now.Add(time.Second); return now }
	client.Jitter = func() float64 { return 0 }
	client.CreateSession(t.Context(), target(endpoint), lab(t, pki.P256))
	// Each question moves this clock on, and once the test went by how many there are.
	if len(dates) != 3 || dates[0] >= dates[1] || dates[1] >= dates[2] {
		t.Errorf("got dates %v, want three, each later than the one before", dates)
	}
	if want := []time.Duration{250 * time.Millisecond, 500 * time.Millisecond}; !slices.Equal(waits, want) {
		t.Errorf("got waits %v, want %v", waits, want)
	}
}

func TestASilentServerIsLeftAtTheDeadline(t *testing.T) {
	free := make(chan struct{})
	endpoint, _ := aws(t, func(http.ResponseWriter, *http.Request) { <-free })
	t.Cleanup(func() { close(free) })
	_, err := Client{Now: clock, Deadline: 30 * time.Millisecond}.CreateSession(t.Context(), target(endpoint), lab(t, pki.P256))
	if _, ok := errors.AsType[*UnreachableError](err); !ok || !strings.HasSuffix(err.Error(), "no answer in time") {
		t.Errorf("got %v, want an *UnreachableError: no answer in time", err)
	}
}

func TestARefusalKeepsAWSsWords(t *testing.T) {
	tests := map[string]struct {
		answer http.HandlerFunc
		want   Refused
	}{
		"type in the header": {
			says(403, `{"message":"Untrusted signing certificate"}`, "X-Amzn-Errortype", "AccessDeniedException:http://internal.amazon.com/", "X-Amzn-Requestid", "abc"),
			Refused{Status: 403, Type: "AccessDeniedException", Message: "Untrusted signing certificate", RequestID: "abc"},
		},
		"type in the body":        {says(400, `{"__type":"com.amazon#ValidationException","Message":"no"}`), Refused{Status: 400, Type: "ValidationException", Message: "no", RequestID: ""}},
		"code in the body":        {says(400, `{"code":"ValidationException","message":"no"}`), Refused{Status: 400, Type: "ValidationException", Message: "no", RequestID: ""}},
		"the page of a proxy":     {says(407, "<html>"), Refused{Status: 407, Type: "", Message: "", RequestID: ""}},
		"a message without end":   {says(403, `{"message":"`+strings.Repeat("x", 2000)+`"}`), Refused{Status: 403, Type: "", Message: strings.Repeat("x", 1000), RequestID: ""}},
		"a message of other type": {says(403, `{"message":7}`), Refused{Status: 403, Type: "", Message: "", RequestID: ""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			endpoint, _ := aws(t, tt.answer)
			_, err := Client{Now: clock}.CreateSession(t.Context(), target(endpoint), lab(t, pki.P256))
			got, ok := errors.AsType[*Refused](err)
			if ok {
				got.Date = "" // the server's own
			}
			if !ok || *got != tt.want {
				t.Errorf("got %v, want %+v", err, tt.want)
			}
		})
	}
}

func TestARefusalSaysWhatItMeans(t *testing.T) {
	known := &Refused{Status: 403, Type: "AccessDeniedException", Message: "Invalid signature", RequestID: "abc"}
	if got, want := known.Error(), "create session: HTTP 403 AccessDeniedException: Invalid signature (request abc)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	tests := map[string]struct {
		refused Refused
		want    string
	}{
		"a known sentence":   {*known, "anywhere explain RA401"},
		"an unknown one":     {Refused{Status: 403, Type: "AccessDeniedException", Message: "never heard"}, "anywhere doctor"},
		"no form of AWS's":   {Refused{Status: 407}, "proxy"},
		"the bare role's no": {Refused{Status: 403, Type: "AccessDeniedException", Message: "Unable to assume role for x"}, "anywhere explain RA302"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.refused.Hint(); !strings.Contains(got, tt.want) || strings.Contains(got, "\n") {
				t.Errorf("got %q, want one line with %q", got, tt.want)
			}
		})
	}
}
