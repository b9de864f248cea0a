// Package http1 is as much of HTTP/1.1 as one request needs: a fresh connection,
// straight or through the proxy of the environment, written and read by the
// caller's own goroutine.
//
// net/http does this better for every program that lives longer. One that makes a
// single request at every call of the AWS CLI spends more on net/http's start,
// pools and goroutines than on the request. There is nothing here for a body that
// is not in memory, for redirects, cookies, compression or a second request.
//
// Source: RFC 9112.
package http1

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"time"

	"anywhere/signer/session"
)

// Wire is a [session.Opener]. Config and Getenv are required.
type Wire struct {
	Config *tls.Config
	Getenv func(string) string // where the proxies are named
}

// Do sends r and reads the whole answer.
func (w Wire) Do(ctx context.Context, r *session.Request) (*session.Answer, error) {
	c, err := w.open(ctx, r.URL)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Do(ctx, r)
}

// Open connects to the server of u, and sends it nothing but what TLS says.
func (w Wire) Open(ctx context.Context, u *url.URL) (session.Connection, error) {
	c, err := w.open(ctx, u)
	if err != nil {
		return nil, err // no *connection that is nil
	}
	return c, nil
}

// connection is one to the server of url, or to its proxy.
type connection struct {
	plain   net.Conn
	conn    net.Conn // plain with TLS on it, if need be
	proxy   *url.URL // nil if there is none
	release func() bool
}

func (w Wire) open(ctx context.Context, u *url.URL) (c *connection, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer func() { err = ended(ctx, err) }()
	c = &connection{}
	if c.proxy, err = proxyFor(u, w.Getenv); err != nil {
		return nil, err
	}
	if c.plain, err = dial(ctx, firstHop(c.proxy, u)); err != nil {
		return nil, err
	}
	c.release = context.AfterFunc(ctx, func() { c.plain.SetDeadline(time.Unix(1, 0)) })
	if c.conn, err = w.layers(ctx, c.plain, u, c.proxy); err != nil {
		_ = c.Close() // it never was one
		return nil, err
	}
	return c, nil
}

// ended says that ctx is over: the deadline of the connection is the context's.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// Do sends r, which goes where the connection leads, and reads the whole answer.
func (c *connection) Do(ctx context.Context, r *session.Request) (*session.Answer, error) {
	target, more := r.URL.RequestURI(), ""
	if c.proxy != nil && r.URL.Scheme == "http" && !isSOCKS(c.proxy) {
		target, more = r.URL.String(), authorization(c.proxy)
	}
	if _, err := c.conn.Write(render(r, target, more)); err != nil {
		return nil, ended(ctx, err)
	}
	answer, err := read(bufio.NewReader(c.conn))
	return answer, ended(ctx, err)
}

// Close ends the connection.
func (c *connection) Close() error {
	c.release()
	return c.plain.Close()
}

// firstHop is whom to call: the proxy if there is one.
func firstHop(proxy, server *url.URL) *url.URL {
	if proxy != nil {
		return proxy
	}
	return server
}

// layers puts on a connection what lies between it and the server: TLS with the
// proxy, a tunnel through it, TLS with the server.
func (w Wire) layers(ctx context.Context, conn net.Conn, u, proxy *url.URL) (_ net.Conn, err error) {
	if proxy != nil && proxy.Scheme == "https" {
		if conn, err = w.secure(ctx, conn, proxy); err != nil {
			return nil, err
		}
	}
	if proxy != nil && isSOCKS(proxy) {
		if err := socks(conn, address(u), proxy.User); err != nil {
			return nil, err
		}
	} else if proxy != nil && u.Scheme == "https" {
		if err := tunnel(conn, address(u), authorization(proxy)); err != nil {
			return nil, err
		}
	}
	if u.Scheme == "https" {
		return w.secure(ctx, conn, u)
	}
	return conn, nil
}

func (w Wire) secure(ctx context.Context, conn net.Conn, u *url.URL) (net.Conn, error) {
	config := w.Config.Clone()
	config.ServerName = u.Hostname()
	secure := tls.Client(conn, config)
	return secure, secure.HandshakeContext(ctx)
}

func dial(ctx context.Context, u *url.URL) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: -1} // one request, with a deadline
	return dialer.DialContext(ctx, "tcp", address(u))
}

func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		} else if isSOCKS(u) {
			port = "1080"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// tunnel asks a proxy for a connection to the server (RFC 9110, section 9.3.6).
func tunnel(conn net.Conn, to, authorization string) error {
	_, err := conn.Write([]byte("CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n" + authorization + "\r\n"))
	if err != nil {
		return err
	}
	// The server speaks only when spoken to, so that nothing of it is lost with
	// the buffer.
	head, err := readHead(bufio.NewReader(conn))
	if err != nil {
		return err
	}
	if head.Status != 200 {
		return errors.New("the proxy answered CONNECT with HTTP " + strconv.Itoa(head.Status))
	}
	return nil
}

// render writes the request as bytes. No header of ours holds a line end: they
// are numbers, base64 and our own words.
func render(r *session.Request, target, more string) []byte {
	out := make([]byte, 0, 4096)
	out = append(out, r.Method+" "+target+" HTTP/1.1\r\nHost: "+r.URL.Host+"\r\n"+more...)
	for _, field := range r.Header {
		out = append(out, field[0]...)
		out = append(out, ": "...)
		out = append(out, field[1]...)
		out = append(out, "\r\n"...)
	}
	out = append(out, "Connection: close\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(len(r.Body)), 10)
	out = append(out, "\r\n\r\n"...)
	return append(out, r.Body...)
}
