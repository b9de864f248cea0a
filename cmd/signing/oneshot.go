package signing

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// oneShot is a transport for a program that makes one request and ends: a fresh
// connection, written and read by the caller's own goroutine. net/http's spends
// a third of such a program's time on goroutines and pools that one request has
// no use for; it still does what oneShot does not know, which is proxies.
type oneShot struct {
	config *tls.Config
	proxy  func(*http.Request) (*url.URL, error)
}

// maxResponse bounds what is read from a connection, headers included, in bytes.
const maxResponse = 2 << 20

// RoundTrip sends req and returns the answer, whose body must be closed.
func (o oneShot) RoundTrip(req *http.Request) (*http.Response, error) {
	proxy, err := o.proxy(req)
	if err != nil {
		return nil, err
	}
	if proxy != nil {
		pooled := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: o.config}
		return pooled.RoundTrip(req)
	}
	conn, err := o.dial(req.Context(), req.URL)
	if err != nil {
		return nil, err
	}
	resp, err := exchange(conn, req)
	if err != nil {
		conn.Close()
		if cause := req.Context().Err(); cause != nil {
			err = cause // the deadline of the connection is the context's
		}
		return nil, err
	}
	return resp, nil
}

// dial opens a connection that fails once ctx has ended.
func (o oneShot) dial(ctx context.Context, u *url.URL) (net.Conn, error) {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	connecting := ctx
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsLoopback() {
		// This machine answers or refuses at once; a context that can end would
		// cost a goroutine and, to run it, a thread.
		connecting = context.WithoutCancel(ctx)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(connecting, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return nil, err
	}
	closing := conn
	stop := context.AfterFunc(ctx, func() { closing.SetDeadline(time.Unix(1, 0)) })
	if u.Scheme == "https" {
		config := o.config.Clone()
		config.ServerName = u.Hostname()
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			stop()
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	return conn, nil
}

// exchange writes req and reads the final answer.
func exchange(conn net.Conn, req *http.Request) (*http.Response, error) {
	once := req.Clone(req.Context())
	once.Close = true
	if err := once.Write(conn); err != nil {
		return nil, err
	}
	from := bufio.NewReader(io.LimitReader(conn, maxResponse))
	for range 5 { // as many informational answers as net/http takes
		resp, err := http.ReadResponse(from, req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode >= 200 {
			resp.Body = bodyOf{resp.Body, conn}
			return resp, nil
		}
	}
	return nil, fmt.Errorf("too many informational answers")
}

// bodyOf closes the connection with the body.
type bodyOf struct {
	io.Reader
	conn io.Closer
}

func (b bodyOf) Close() error { return b.conn.Close() }
