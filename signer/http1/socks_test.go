package http1

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// socksProxy is one that plays a script, as RFC 1928 has it: what it must hear and
// what it then says, in hexadecimal, in turn. Then it connects with the server.
func socksProxy(t *testing.T, server string, script ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for i, line := range script {
			data, err := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
			if err != nil {
				t.Error(err)
			}
			if i%2 == 1 {
				conn.Write(data)
				continue
			}
			got := make([]byte, len(data))
			if _, err := io.ReadFull(conn, got); err != nil || string(got) != string(data) {
				t.Errorf("heard %x, %v, want %x", got, err, data)
				return
			}
		}
		if server == "" {
			return
		}
		behind, err := net.Dial("tcp", server)
		if err != nil {
			t.Error(err)
			return
		}
		defer behind.Close()
		go io.Copy(behind, conn)
		io.Copy(conn, behind)
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().String()
}

// AWS's helper takes such proxies, as all that uses net/http, and here they were
// refused. net/http is asked through the same scripts.
func TestASOCKSProxyCarriesTheConnection(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hi "+r.RequestURI) }))
	plain := httptest.NewServer(secure.Config.Handler)
	t.Cleanup(func() { secure.Close(); plain.Close() })
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	const (
		nobody = "05 01 00"
		either = "05 02 00 02"
		named  = "05 01 00 03 0b 6578616d706c652e636f6d 01bb" // example.com, 443
	)
	for name, tt := range map[string]struct {
		proxy, to string
		server    string
		script    []string
		want      string // empty for an error
		says      string
	}{
		"a name, and an IPv4 in the answer": {"socks5://", "https://example.com/x", "secure", []string{nobody, "05 00", named, "05 00 00 01 7f000001 0400"}, "OK hi /x", ""},
		"an IPv6 in the answer":             {"socks5h://", "https://example.com/x", "secure", []string{nobody, "05 00", named, "05 00 00 04 00000000000000000000000000000001 0400"}, "OK hi /x", ""},
		"a name in the answer":              {"socks5://", "https://example.com/x", "secure", []string{nobody, "05 00", named, "05 00 00 03 02 6162 0400"}, "OK hi /x", ""},
		"plain http":                        {"socks5://", "http://aws.example/y", "plain", []string{nobody, "05 00", "05 01 00 03 0b 6177732e6578616d706c65 0050", "05 00 00 01 00000000 0000"}, "OK hi /y", ""},
		"a user who is not asked for":       {"socks5://me:pass@", "https://example.com/x", "secure", []string{either, "05 00", named, "05 00 00 01 7f000001 0400"}, "OK hi /x", ""},
		"a user with a password":            {"socks5://me:pass@", "https://example.com/x", "secure", []string{either, "05 02", "01 02 6d65 04 70617373", "01 00", named, "05 00 00 01 7f000001 0400"}, "OK hi /x", ""},
		"a user with a wrong one":           {"socks5://me:pass@", "https://example.com/x", "", []string{either, "05 02", "01 02 6d65 04 70617373", "01 01"}, "", "refuses the user name or password"},
		"a user who is wanted":              {"socks5://", "https://example.com/x", "", []string{nobody, "05 ff"}, "", "wants to know its user"},
		"what may not be":                   {"socks5://", "https://example.com/x", "", []string{nobody, "05 00", named, "05 02 00 01 00000000 0000"}, "", "its rules forbid it"},
		"an answer that is none":            {"socks5://", "https://example.com/x", "", []string{nobody, "48 54"}, "", "does not speak SOCKS5"},
		"an answer cut short":               {"socks5://", "https://example.com/x", "", []string{nobody, "05 00", named, "05 00 00"}, "", "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			server := map[string]string{"secure": secure.Listener.Addr().String(), "plain": plain.Listener.Addr().String()}[tt.server]
			proxy := tt.proxy + socksProxy(t, server, tt.script...)
			w := Wire{&tls.Config{RootCAs: roots}, func(name string) string {
				return map[string]string{"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}[name]
			}}
			got, err := send(t, w, t.Context(), tt.to)
			if got != tt.want || tt.want == "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("got %q, %v; want %q, %q", got, err, tt.want, tt.says)
			}
			if tt.want == "" {
				return
			}
			again, err := url.Parse(tt.proxy + socksProxy(t, server, tt.script...))
			if err != nil {
				t.Fatal(err)
			}
			client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(again), TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}}
			answer, err := client.Get(tt.to)
			if err != nil {
				t.Fatalf("net/http: %v", err)
			}
			answer.Body.Close()
		})
	}
}
