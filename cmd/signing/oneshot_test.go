package signing

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// secure is a bench whose AWS speaks TLS, with the server's certificate in a file.
func secure(t *testing.T) (b *bench, bundle string) {
	t.Helper()
	b = newBench(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(b.serve))
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	b.endpoint = server.URL
	bundle = filepath.Join(t.TempDir(), "bundle.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return b, bundle
}

func TestTheServerIsVerifiedByTheBundle(t *testing.T) {
	b, bundle := secure(t)
	b.env["AWS_CA_BUNDLE"] = bundle
	if code := b.run(t, b.flags()); code != 0 || b.out.String() != processJSON {
		t.Errorf("with the bundle: got exit %d, stderr %q", code, b.errs.String())
	}
	delete(b.env, "AWS_CA_BUNDLE")
	if code := b.run(t, b.flags()+" --no-verify-ssl"); code != 0 || b.out.String() != processJSON {
		t.Errorf("unverified: got exit %d, stderr %q", code, b.errs.String())
	}
	asked := len(b.seen)
	if code := b.run(t, b.flags()); code != 1 || b.out.Len() != 0 || len(b.seen) != asked || !strings.Contains(b.errs.String(), "certificate") {
		t.Errorf("an unknown server: got exit %d, stderr %q, %d requests", code, b.errs.String(), len(b.seen)-asked)
	}
}

func send(t *testing.T, o oneShot, ctx context.Context, to string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "POST", to, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := o.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.Status + " " + string(body), err
}

func direct() oneShot {
	return oneShot{&tls.Config{}, func(*http.Request) (*url.URL, error) { return nil, nil }}
}

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

func TestAnswersAreReadAsHTTPSays(t *testing.T) {
	tests := map[string]struct{ wire, want string }{
		"with a length":              {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiXX", "200 OK hi"},
		"in chunks":                  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "200 OK hi"},
		"to the end":                 {"HTTP/1.0 200 OK\r\n\r\nhi", "200 OK hi"},
		"after an informational one": {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nhi", "201 Created hi"},
		"cut short":                  {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", ""},
		"informational without end":  {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 9), ""},
		"no HTTP":                    {"hello\r\n\r\n", ""},
		"nothing":                    {"", ""},
		"headers without end":        {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxResponse), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := send(t, direct(), t.Context(), speak(t, tt.wire))
			if tt.want == "" && err == nil || tt.want != "" && got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestAConnectionEndsWithItsContext(t *testing.T) {
	free := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-free }))
	t.Cleanup(func() { close(free); server.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := send(t, direct(), ctx, server.URL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := send(t, direct(), gone, server.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v of a cancelled context, want that", err)
	}
}

func TestAProxyIsAskedInTheServersPlace(t *testing.T) {
	var asked string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		io.WriteString(w, "hi")
	}))
	t.Cleanup(proxy.Close)
	through := oneShot{&tls.Config{}, func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }}
	got, err := send(t, through, t.Context(), "http://aws.example/sessions")
	if err != nil || got != "200 OK hi" || asked != "http://aws.example/sessions" {
		t.Errorf("got %q, %v; the proxy was asked for %q", got, err, asked)
	}
	broken := errors.New("no proxy")
	bad := oneShot{&tls.Config{}, func(*http.Request) (*url.URL, error) { return nil, broken }}
	if _, err := send(t, bad, t.Context(), proxy.URL); !errors.Is(err, broken) {
		t.Errorf("got %v, want the proxy's fault", err)
	}
}
