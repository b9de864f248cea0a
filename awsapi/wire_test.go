package awsapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// asker is one request as AWS would see it.
type asker struct {
	method, path, target, body, agent string
}

// fakeAWS answers requests in turn with what it is given and keeps what it was
// asked.
type fakeAWS struct {
	mu      sync.Mutex
	asked   []asker
	answers []answer
}

type answer struct {
	status int
	header map[string]string
	body   string
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	path := req.URL.Path
	if req.URL.RawQuery != "" {
		path += "?" + req.URL.RawQuery
	}
	f.asked = append(f.asked, asker{req.Method, path, req.Header.Get("X-Amz-Target"), string(body), req.Header.Get("User-Agent")})
	if len(f.answers) == 0 {
		http.Error(w, "no answer is left", http.StatusTeapot)
		return
	}
	a := f.answers[0]
	if len(f.answers) > 1 {
		f.answers = f.answers[1:]
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	io.WriteString(w, a.body)
}

// ok is an answer of 200 in the protocol that the body shows.
func ok(bodies ...string) []answer {
	var list []answer
	for _, body := range bodies {
		list = append(list, answer{status: 200, body: body})
	}
	return list
}

// iamXML wraps the inside of a result as IAM does.
func iamXML(op, inside string) string {
	return "<" + op + "Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><" + op + "Result>" + inside +
		"</" + op + "Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></" + op + "Response>"
}

func testOptions(endpoint string) Options {
	return Options{
		Isolated: true, Region: "eu-central-1", Endpoint: endpoint,
		Credentials: &Keys{AccessKeyID: "AKIDTEST", SecretAccessKey: "secret"},
		UserAgent:   "anywhere/1.2.3", Attempts: 3, MaxBackoff: time.Millisecond,
	}
}

// against returns a client of a fake AWS that gives the answers.
func against(t *testing.T, answers []answer) (*Client, *fakeAWS) {
	t.Helper()
	fake := &fakeAWS{answers: answers}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	client, err := Connect(t.Context(), testOptions(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	return client, fake
}

// String is the request on paper: the version of a query-protocol API beside its
// path, and one parameter a line.
func (a asker) String() string {
	text := a.method + " " + a.path
	if a.target != "" {
		text += " " + a.target
	}
	for _, line := range strings.Split(a.body, "&") {
		if version, found := strings.CutPrefix(line, "Version="); found {
			text += " " + version
		}
	}
	for _, line := range strings.Split(a.body, "&") {
		if line != "" && !strings.HasPrefix(line, "Version=") {
			text += "\n" + line
		}
	}
	return text
}
