package http1

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"anywhere/signer/session"
)

func send(t *testing.T, w Wire, ctx context.Context, to string) (string, error) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.Do(ctx, &session.Request{Method: "POST", URL: u, Header: [][2]string{{"content-type", "text/plain"}}, Body: []byte("body")})
	if err != nil {
		return "", err
	}
	return http.StatusText(answer.Status) + " " + string(answer.Body), nil
}

func straight() Wire { return Wire{&tls.Config{}, func(string) string { return "" }} }

// speak accepts one connection, reads one request and says the given bytes.
func speak(t *testing.T, answer string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.Read(make([]byte, 4096))
		io.WriteString(conn, answer)
	}()
	return "http://" + listener.Addr().String() + "/x"
}

func TestARequestIsWhatNetHTTPReads(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		io.WriteString(w, strings.Join([]string{r.Method, r.URL.String(), r.Host, r.Header.Get("Content-Type"), string(body)}, " "))
	}))
	t.Cleanup(server.Close)
	got, err := send(t, straight(), t.Context(), server.URL+"/a%2Fb?c=d%3A")
	if want := "OK POST /a%2Fb?c=d%3A " + server.Listener.Addr().String() + " text/plain body"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestAnswersAreReadAsHTTPSays(t *testing.T) {
	tests := map[string]struct{ wire, want string }{
		"with a length":              {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiXX", "OK hi"},
		"in chunks":                  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", "OK hi!"},
		"to the end":                 {"HTTP/1.0 200 OK\r\n\r\nhi", "OK hi"},
		"with bare line ends":        {"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "OK hi"},
		"after an informational one": {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nhi", "Created hi"},
		"that has no body":           {"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n", "No Content "},
		"cut short":                  {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", ""},
		"cut short in chunks":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi", ""},
		"cut short in headers":       {"HTTP/1.1 200 OK\r\nContent-Le", ""},
		"a chunk of no size":         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhi", ""},
		"a chunk without its end":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiho\r\n", ""},
		"an unknown coding":          {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi", ""},
		"a length that is none":      {"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi", ""},
		"informational without end":  {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 9), ""},
		"no HTTP":                    {"hello\r\n\r\n", ""},
		"HTTP/2":                     {"HTTP/2 200\r\n\r\n", ""},
		"a header without a colon":   {"HTTP/1.1 200 OK\r\nhello\r\n\r\nhi", ""},
		"nothing":                    {"", ""},
		"a header without end":       {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxLine), ""},
		"headers without end":        {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", maxLines+1), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := send(t, straight(), t.Context(), speak(t, tt.wire))
			if tt.want == "" && err == nil || tt.want != "" && got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestNoMoreIsReadThanAClientTakes(t *testing.T) {
	for name, head := range map[string]string{
		"a length": "Content-Length: 99999999\r\n\r\n", "no length": "\r\n", "chunks": "Transfer-Encoding: chunked\r\n\r\n5f5e0ff\r\n",
	} {
		got, err := send(t, straight(), t.Context(), speak(t, "HTTP/1.1 200 OK\r\n"+head+strings.Repeat("x", session.MaxAnswer+10)))
		if want := len("OK ") + session.MaxAnswer + 1; err != nil || len(got) != want {
			t.Errorf("%s: got %d bytes, %v; want %d", name, len(got), err, want)
		}
	}
}

func TestAConnectionEndsWithItsContext(t *testing.T) {
	free := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-free }))
	t.Cleanup(func() { close(free); server.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := send(t, straight(), ctx, server.URL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := send(t, straight(), gone, server.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v of a cancelled context, want that", err)
	}
}

// The time to connect to this machine had no end: one that has too many waiting
// answers nothing.
func TestADialEndsWithItsContextOnThisMachineToo(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if conn, err := dial(gone, u); err == nil {
		conn.Close()
		t.Error("got a connection, want the context's end")
	}
}

// What was opened ahead carries the request later, and says nothing of it before.
func TestAConnectionIsOpenedBeforeThereIsARequest(t *testing.T) {
	server, proxy, _ := proxied(t)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	far := strings.Replace(server.URL, "127.0.0.1", "example.com", 1) // this machine is asked by no proxy
	for name, env := range map[string]map[string]string{
		"straight": {}, "through a proxy": {"HTTPS_PROXY": strings.Replace(proxy, "http://", "http://ops1:hush@", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			to := server.URL
			if len(env) > 0 {
				to = far
			}
			u, err := url.Parse(to)
			if err != nil {
				t.Fatal(err)
			}
			var wire session.Opener = Wire{&tls.Config{RootCAs: pool}, func(name string) string { return env[name] }}
			conn, err := wire.Open(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			answer, err := conn.Do(t.Context(), &session.Request{Method: "POST", URL: u})
			if err != nil || string(answer.Body) != "hi" {
				t.Errorf("got %v, %v", answer, err)
			}
		})
	}
}

func TestAConnectionThatIsNotUsedSaysNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	said := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			said <- err.Error()
			return
		}
		defer conn.Close()
		all, err := io.ReadAll(conn) // until the other side closes
		said <- string(all) + strings.TrimSuffix(fmt.Sprint(err), "<nil>")
	}()
	conn, err := straight().Open(t.Context(), &url.URL{Scheme: "http", Host: listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if got := <-said; got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

// proxied is a server with TLS and the address of a proxy before it, which notes
// what it was asked and by whom.
func proxied(t *testing.T) (server *httptest.Server, proxy string, asked *[]string) {
	t.Helper()
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hi") }))
	t.Cleanup(server.Close)
	asked = new([]string)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Method+" "+r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
		if r.Method != http.MethodConnect {
			io.WriteString(w, "by proxy")
			return
		}
		if r.Header.Get("Proxy-Authorization") == "" {
			w.WriteHeader(407)
			return
		}
		behind, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { io.Copy(behind, conn); behind.Close() }()
		go func() { io.Copy(conn, behind); conn.Close() }()
	}))
	t.Cleanup(front.Close)
	return server, front.URL, asked
}

func TestAProxyIsAskedInTheServersPlace(t *testing.T) {
	server, proxy, asked := proxied(t)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	with := strings.Replace(proxy, "http://", "http://me:pass@", 1)
	basic := "Basic bWU6cGFzcw=="
	tests := map[string]struct {
		proxy, to   string
		want, asked string // want is empty for an error
	}{
		"plain http":                 {with, "http://aws.example/sessions", "OK by proxy", "POST http://aws.example/sessions " + basic},
		"https, through a tunnel":    {with, "https://example.com/x", "OK hi", "CONNECT example.com:443 " + basic},
		"https, without a name":      {proxy, "https://example.com/x", "", "CONNECT example.com:443 "},
		"a proxy of a kind unknown":  {"socks4://127.0.0.1:1", "https://example.com/x", "", ""},
		"a proxy without its scheme": {strings.TrimPrefix(proxy, "http://"), "http://aws.example/", "OK by proxy", "POST http://aws.example/ "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			*asked = nil
			w := Wire{&tls.Config{RootCAs: roots}, func(name string) string {
				return map[string]string{"https_proxy": tt.proxy, "HTTP_PROXY": tt.proxy}[name]
			}}
			got, err := send(t, w, t.Context(), tt.to)
			if got != tt.want || (err == nil) != (tt.want != "") || strings.Join(*asked, ",") != tt.asked {
				t.Errorf("got %q, %v, asked %v; want %q, %q", got, err, *asked, tt.want, tt.asked)
			}
		})
	}
}

func TestWhatNoProxyKeepsOffTheProxy(t *testing.T) {
	tests := map[string]struct {
		to, list string
		direct   bool
	}{
		"nothing listed":                {"https://a.example", "", false},
		"everything":                    {"https://a.example", "*", true},
		"the host":                      {"https://a.example", "x, A.example", true},
		"its domain":                    {"https://a.example", "example", true},
		"its domain, with a dot":        {"https://a.example", ".example", true},
		"a name like its domain":        {"https://a.notexample", "example", false},
		"below the host, not itself":    {"https://a.example", ".a.example", false},
		"another port":                  {"https://a.example", "a.example:8443", false},
		"the port":                      {"https://a.example", "a.example:443", true},
		"an address":                    {"https://10.1.2.3", "10.1.2.3", true},
		"a range":                       {"https://10.1.2.3", "10.0.0.0/8", true},
		"another range":                 {"https://10.1.2.3", "11.0.0.0/8", false},
		"an address like a domain":      {"https://10.1.2.3", "2.3", false},
		"an address of IPv6":            {"https://[2001:db8::1]", "[2001:db8::1]", true},
		"this machine":                  {"http://127.0.0.1:9912", "", true},
		"this machine by name":          {"http://localhost:9912", "", true},
		"an empty entry in the list":    {"https://a.example", ",,", false},
		"a range does not match a name": {"https://a.example", "0.0.0.0/0", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(tt.to)
			if err != nil {
				t.Fatal(err)
			}
			env := map[string]string{"NO_PROXY": tt.list, "HTTPS_PROXY": "proxy:1", "HTTP_PROXY": "proxy:1"}
			proxy, err := proxyFor(u, func(name string) string { return env[name] })
			if err != nil || (proxy == nil) != tt.direct {
				t.Errorf("got proxy %v, %v; want none: %v", proxy, err, tt.direct)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		answer, err := read(newReader(wire))
		if err == nil && (answer.Status < 200 || answer.Status > 999 || len(answer.Body) > session.MaxAnswer+1) {
			t.Errorf("got status %d and %d bytes", answer.Status, len(answer.Body))
		}
	})
}

func newReader(data []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(data)) }
