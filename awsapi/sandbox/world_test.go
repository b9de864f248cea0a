package sandbox

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// noon is when the tests take place.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a sandbox behind a real server, with a clock that the test moves.
type world struct {
	*testing.T
	box *Sandbox
	url string
	now time.Time
	in  string // the account whose administrator calls; empty is the first
}

func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{T: t, now: noon}
	cfg := Config{Dir: t.TempDir(), Now: func() time.Time { return w.now }, Random: rand.Reader}
	for _, c := range change {
		c(&cfg)
	}
	box, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.box = box
	server := httptest.NewServer(box)
	t.Cleanup(func() { server.Close(); box.Close() })
	w.url = server.URL
	return w
}

// keys are what a client signs with.
type keys struct {
	id, secret, token string
}

func (w *world) admin() keys {
	a, err := w.box.AdminOf(w.in)
	if err != nil {
		w.Fatal(err)
	}
	return keys{id: a.AccessKeyID, secret: a.SecretAccessKey}
}

// reply is an answer, read.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	code    string // of a refusal, whatever the protocol
	message string
}

// field reads a path such as trustAnchor.name out of a JSON answer.
func (r reply) field(path string) any {
	var v any
	if json.Unmarshal(r.body, &v) != nil {
		return nil
	}
	for name := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			n := number(name, -1)
			if n < 0 || n >= len(at) {
				return nil
			}
			v = at[n]
		default:
			return nil
		}
	}
	return v
}

func (r reply) text(path string) string {
	s, _ := r.field(path).(string)
	return s
}

// between is the text of the first element of that name in an XML answer.
func (r reply) between(name string) string {
	_, rest, _ := strings.Cut(string(r.body), "<"+name+">")
	text, _, _ := strings.Cut(rest, "</"+name+">")
	return text
}

// ra calls the control plane of Roles Anywhere.
func (w *world) ra(method, path string, body any) reply {
	w.Helper()
	return w.as(w.admin()).ra(method, path, body)
}

// iam calls IAM; pairs are parameters and their values.
func (w *world) iam(action string, pairs ...string) reply {
	w.Helper()
	return w.as(w.admin()).query("iam", action, pairs...)
}

// client calls with some keys.
type client struct {
	*world
	keys
}

func (w *world) as(k keys) client { return client{w, k} }

func (c client) ra(method, path string, body any) reply {
	c.Helper()
	var data []byte
	if body != nil {
		data, _ = json.Marshal(body)
	}
	return c.send("rolesanywhere", method, path, "application/json", data, nil)
}

func (c client) query(service, action string, pairs ...string) reply {
	c.Helper()
	form := url.Values{"Action": {action}, "Version": {"2010-05-08"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return c.send(service, http.MethodPost, "/", formType+"; charset=utf-8", []byte(form.Encode()), nil)
}

func (c client) trail(body any) reply {
	c.Helper()
	data, _ := json.Marshal(body)
	return c.send("cloudtrail", http.MethodPost, "/", "application/x-amz-json-1.1", data, http.Header{"X-Amz-Target": {"CloudTrail_20131101.LookupEvents"}})
}

func (c client) buckets() reply {
	c.Helper()
	return c.send("s3", http.MethodGet, "/", "", nil, nil)
}

// send signs by SigV4 and sends. It shares no code with what it tests.
func (c client) send(service, method, path, kind string, body []byte, extra http.Header) reply {
	c.Helper()
	req, err := http.NewRequestWithContext(c.Context(), method, c.url+path, bytes.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	maps.Copy(req.Header, extra)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if c.id != "" {
		c.sign(req, service, body)
	}
	return c.do(req)
}

func (c client) sign(req *http.Request, service string, body []byte) {
	stamp := c.now.UTC().Format("20060102T150405Z")
	req.Header.Set("X-Amz-Date", stamp)
	if c.token != "" {
		req.Header.Set("X-Amz-Security-Token", c.token)
	}
	lines := map[string]string{"host": req.URL.Host}
	for name := range req.Header {
		lines[strings.ToLower(name)] = req.Header.Get(name)
	}
	names := slices.Sorted(maps.Keys(lines))
	var headers strings.Builder
	for _, name := range names {
		headers.WriteString(name + ":" + lines[name] + "\n")
	}
	hash := func(b []byte) string { return testHash(string(b)) }
	sign := testMAC
	query := strings.ReplaceAll(req.URL.Query().Encode(), "+", "%20")
	payload := cmp.Or(req.Header.Get("X-Amz-Content-Sha256"), hash(body))
	canonical := strings.Join([]string{req.Method, req.URL.EscapedPath(), query, headers.String(), strings.Join(names, ";"), payload}, "\n")
	scope := stamp[:8] + "/us-east-1/" + service + "/aws4_request"
	key := sign(sign(sign(sign([]byte("AWS4"+c.secret), stamp[:8]), "us-east-1"), service), "aws4_request")
	signature := hex.EncodeToString(sign(key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+hash([]byte(canonical))))
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+c.id+"/"+scope+", SignedHeaders="+strings.Join(names, ";")+", Signature="+signature)
}

func testHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func testMAC(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	io.WriteString(h, text)
	return h.Sum(nil)
}

func (w *world) do(req *http.Request) reply {
	w.Helper()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, body: body}
	if r.status >= 300 {
		r.code, r.message = refusalIn(resp.Header, body)
	}
	return r
}

func refusalIn(header http.Header, body []byte) (code, message string) {
	var asJSON struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &asJSON) == nil {
		if name := header.Get("X-Amzn-Errortype"); name != "" {
			return name, asJSON.Message
		}
		return asJSON.Type, asJSON.Message
	}
	var wrapped struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if xml.Unmarshal(body, &wrapped) == nil && wrapped.Code != "" {
		return wrapped.Code, wrapped.Message
	}
	var bare struct{ Code, Message string }
	_ = xml.Unmarshal(body, &bare)
	return bare.Code, bare.Message
}

// want fails the test unless the answer has that status.
func (r reply) want(t testing.TB, status int) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("got %d %s %s, want %d", r.status, r.code, r.body, status)
	}
	return r
}

// refused fails the test unless the answer is exactly that refusal.
func (r reply) refused(t testing.TB, status int, code, message string) {
	t.Helper()
	if r.status != status || r.code != code || r.message != message {
		t.Errorf("got %d %s: %s\nwant %d %s: %s", r.status, r.code, r.message, status, code, message)
	}
}
