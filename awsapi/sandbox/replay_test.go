package sandbox

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// exchange is one request of a real client and the sandbox's answer at the time.
//
// The conversations in testdata/wire/sandbox were recorded by hand between each
// client and a sandbox that began with state.json, through a handler that wrote
// both sides down and shortened User-Agent to the client's name. Terraform made,
// planned, changed and destroyed a trust anchor, a role and a profile, one call
// at a time. The ones named tls went through TLS, where the AWS CLI and boto3 send
// objects in chunks with a trailer.
type exchange struct {
	At     time.Time   `json:"at"` // the sandbox's clock
	Method string      `json:"method"`
	Host   string      `json:"host"`
	URL    string      `json:"url"`
	Header http.Header `json:"header"`
	Body   string      `json:"body"`
	Status int         `json:"status"`
	Answer string      `json:"answer"`
}

func readConversation(t *testing.T, path string) []exchange {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []exchange
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e exchange
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// replay sends a recorded request to box.
func (e exchange) replay(box *Sandbox) (status int, answer string) {
	body := e.Body
	if text, ok := strings.CutPrefix(body, "base64:"); ok {
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			panic(err)
		}
		body = string(data)
	}
	r := httptest.NewRequest(e.Method, "http://"+e.Host+e.URL, strings.NewReader(body))
	r.Header, r.RemoteAddr = e.Header.Clone(), "127.0.0.1:1"
	r.Header.Del("Content-Length") // the server keeps it as a field
	w := httptest.NewRecorder()
	box.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestRealClientsAreAnsweredAsBefore(t *testing.T) {
	const dir = "../../testdata/wire/sandbox"
	conversations, err := filepath.Glob(dir + "/*.jsonl")
	if err != nil || len(conversations) != 7 {
		t.Fatalf("got %d conversations (%v), want 7", len(conversations), err)
	}
	begin, err := os.ReadFile(dir + "/state.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range conversations {
		t.Run(filepath.Base(path), func(t *testing.T) {
			home := t.TempDir()
			if err := os.WriteFile(filepath.Join(home, "state.json"), begin, 0o600); err != nil {
				t.Fatal(err)
			}
			var now time.Time
			box, err := Open(Config{Dir: home, Now: func() time.Time { return now }, Random: rand.Reader})
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			for i, e := range readConversation(t, path) {
				now = e.At
				status, answer := e.replay(box)
				answer = box.rename(answer, e.Answer)
				if status != e.Status || blurred(answer) != blurred(e.Answer) {
					t.Fatalf("exchange %d, %s %s: got %d %s\nwant %d %s", i+1, e.Method, e.URL, status, blurred(answer), e.Status, blurred(e.Answer))
				}
			}
		})
	}
}

var uuidForm = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// rename gives what the replay made the IDs of the recording, since the client's
// next requests name those, and returns the answer with them.
func (s *Sandbox) rename(got, recorded string) string {
	have, want := uuidForm.FindAllString(got, -1), uuidForm.FindAllString(recorded, -1)
	if len(have) != len(want) {
		return got
	}
	for i := range have {
		for _, t := range s.things() {
			if t.ID == have[i] && have[i] != want[i] {
				t.ID, t.ARN = want[i], strings.Replace(t.ARN, have[i], want[i], 1)
				got = strings.ReplaceAll(got, have[i], want[i])
			}
		}
	}
	return got
}

func (s *Sandbox) things() []*thing {
	var out []*thing
	for _, v := range s.state.Anchors {
		out = append(out, &v.thing)
	}
	for _, v := range s.state.Profiles {
		out = append(out, &v.thing)
	}
	for _, v := range s.state.CRLs {
		out = append(out, &v.thing)
	}
	for _, v := range s.state.Subjects {
		out = append(out, &v.thing)
	}
	return out
}

// blurred hides what is new at every call: IDs of requests, events and tasks,
// unique IDs, keys, tokens and parts of seconds.
func blurred(answer string) string {
	for form, instead := range map[string]string{
		`(<RequestId>)[^<]*`: "$1-",
		`((?:requestID|eventID|EventId)\\?":\\?")[0-9a-f-]{36}`: "$1-",
		`(ASIASANDBOX|AROA|AIDA|ANPA)[A-Z2-7]{9,17}`:            "$1-",
		`SANDBOX[A-Za-z0-9+/=]{30,}`:                            "SANDBOX-",
		`(:\d\d)\.\d{3,6}Z`:                                     "$1Z", // the recorder read the clock a moment earlier
		`(DeletionTaskId>.*/)[0-9a-f-]{36}<`:                    "$1-<",
	} {
		answer = regexp.MustCompile(form).ReplaceAllString(answer, instead)
	}
	return answer
}
