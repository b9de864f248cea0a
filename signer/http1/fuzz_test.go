package http1

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
)

// tape is a connection to somebody who says all the same whatever he is told.
type tape struct {
	net.Conn
	said io.Reader
}

func (t tape) Read(p []byte) (int, error)  { return t.said.Read(p) }
func (t tape) Write(p []byte) (int, error) { return len(p), nil }

// No answer of a SOCKS proxy makes the program panic, or take what comes after it
// for its own: that is the server's.
func FuzzSOCKS(f *testing.F) {
	f.Add([]byte{5, 0, 5, 0, 0, 1, 1, 2, 3, 4, 0, 80, 'x'}, false)
	f.Add([]byte{5, 2, 1, 0, 5, 0, 0, 3, 1, 'h', 0, 80, 'x'}, true)
	f.Add([]byte{5, 0, 5, 0, 0, 4, 1}, false)
	f.Add([]byte{5, 0, 5, 9, 0, 1}, false)
	f.Add([]byte{5, 0, 5, 0, 0, 9, 0, 80}, false) // an unknown kind of address was taken for none
	f.Fuzz(func(t *testing.T, says []byte, named bool) {
		var user *url.Userinfo
		if named {
			user = url.UserPassword("me", "hush-word")
		}
		said := bytes.NewReader(says)
		err := socks(tape{said: said}, "example.com:443", user)
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("the error tells the password: %v", err)
		}
		if taken := len(says) - said.Len(); err == nil && (taken < 9 || taken > 4+4+1+255+2) {
			t.Errorf("%d octets were taken for an answer", taken)
		}
	})
}

// Whatever the variables hold, there is a proxy, none, or an error, which shows no
// password.
func FuzzProxyVariables(f *testing.F) {
	f.Add("http://me:hush-word@proxy:3128", "")
	f.Add("proxy:1", "*.example.com,10.0.0.0/8,[::1]:443,.x")
	f.Add("gopher://me:hush-word@x", ",,[,]:,*")
	f.Add("http://me:hush-word@pro xy:%zz", "example.com:443")
	f.Fuzz(func(t *testing.T, proxy, none string) {
		u := &url.URL{Scheme: "https", Host: "example.com", Path: "/"}
		got, err := proxyFor(u, func(name string) string { return map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": none}[name] })
		switch {
		case err != nil && strings.Contains(err.Error(), "hush-word") && !strings.HasPrefix(proxy, "hush-word"):
			t.Errorf("the error tells the password: %v", err)
		case got != nil && (got.Host == "" || got.Scheme == ""):
			t.Errorf("got a proxy without an address: %v", got)
		}
	})
}
