package http1

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Incoming is a request without its body; bodies are read and thrown away.
type Incoming struct {
	Method string
	Path   string // as sent, without the query
	Host   string // as sent
	Header [][2]string
}

// Get is the first header of a name in lower case; empty if there is none.
func (r Incoming) Get(name string) string {
	for _, field := range r.Header {
		if field[0] == name {
			return field[1]
		}
	}
	return ""
}

// Outgoing is what is answered.
type Outgoing struct {
	Status int
	Header [][2]string
	Body   []byte
}

// Server answers requests from memory. Handler and Now are required.
type Server struct {
	Handler func(Incoming) Outgoing
	Now     func() time.Time
	// Timeout is for a request to arrive, an answer to leave, and for a connection
	// between two requests; zero means 10 s.
	Timeout time.Duration
	// Connections is how many may be open at once; zero means 512. Others wait.
	Connections int
	// Accepted, if not nil, sees each connection first; an error closes it.
	Accepted func(net.Conn) error
}

const (
	maxBody     = 4 << 10 // bytes of a request's body, which nobody reads
	maxRequests = 1000    // of one connection
)

// Serve answers until ctx ends; then it takes no new connection, and returns when
// the answers under way are sent.
func (s Server) Serve(ctx context.Context, listener net.Listener) error {
	if s.Timeout == 0 {
		s.Timeout = 10 * time.Second
	}
	if s.Connections == 0 {
		s.Connections = 512
	}
	room := make(chan struct{}, s.Connections)
	open := &connections{all: map[net.Conn]bool{}}
	defer context.AfterFunc(ctx, func() { listener.Close(); open.closeIdle() })()
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		room <- struct{}{}
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
				<-room
				continue
			}
			return err
		}
		open.set(conn, true)
		wg.Go(func() {
			defer func() { <-room }()
			defer open.forget(conn)
			if s.Accepted == nil || s.Accepted(conn) == nil {
				s.converse(ctx, conn, open)
			}
		})
	}
}

// converse answers one request after another.
func (s Server) converse(ctx context.Context, conn net.Conn, open *connections) {
	from := bufio.NewReader(conn)
	for n := 1; n <= maxRequests; n++ {
		conn.SetDeadline(s.Now().Add(s.Timeout))
		if _, err := from.Peek(1); err != nil {
			return
		}
		open.set(conn, false)
		request, last, status := readRequest(from)
		var answer Outgoing
		if status != 0 {
			answer, last = Outgoing{Status: status}, true
		} else {
			answer = s.Handler(request)
		}
		last = last || ctx.Err() != nil || n == maxRequests
		conn.SetDeadline(s.Now().Add(s.Timeout))
		if _, err := conn.Write(renderAnswer(answer, last)); err != nil || last {
			return
		}
		open.set(conn, true)
		if ctx.Err() != nil {
			return
		}
	}
}

// readRequest reads a request. status is what to answer if it is not one that
// this server takes; last says that the connection ends with it.
func readRequest(from *bufio.Reader) (r Incoming, last bool, status int) {
	line, err := readLine(from)
	parts := strings.Split(line, " ")
	if err != nil || len(parts) != 3 || parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0" || !strings.HasPrefix(parts[1], "/") {
		return r, true, 400
	}
	r.Method, last = parts[0], parts[2] == "HTTP/1.0"
	r.Path, _, _ = strings.Cut(parts[1], "?")
	hosts := 0
	for range maxLines {
		if line, err = readLine(from); err != nil {
			return r, true, 400
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			return r, true, 400
		}
		name, value = strings.ToLower(name), strings.Trim(value, " \t")
		if name == "host" {
			r.Host = value
			hosts++
		}
		if name == "connection" && strings.EqualFold(value, "close") {
			last = true
		}
		r.Header = append(r.Header, [2]string{name, value})
	}
	switch length := r.Get("content-length"); {
	case line != "" || r.Get("transfer-encoding") != "":
		return r, true, 400
	case hosts != 1 && (hosts > 1 || parts[2] == "HTTP/1.1"): // RFC 9112, section 3.2
		return r, true, 400
	case length != "":
		n, err := strconv.ParseUint(length, 10, 31)
		if err != nil || n > maxBody {
			return r, true, 413
		}
		if _, err := from.Discard(int(n)); err != nil {
			return r, true, 400
		}
	}
	return r, last, 0
}

func renderAnswer(a Outgoing, last bool) []byte {
	out := []byte("HTTP/1.1 " + strconv.Itoa(a.Status) + " " + words(a.Status) + "\r\n")
	for _, field := range a.Header {
		out = append(out, field[0]+": "+field[1]+"\r\n"...)
	}
	if last {
		out = append(out, "Connection: close\r\n"...)
	}
	out = append(out, "Content-Length: "+strconv.Itoa(len(a.Body))+"\r\n\r\n"...)
	return append(out, a.Body...)
}

// words is the reason of a status that this program answers with.
func words(status int) string {
	switch status {
	case 200:
		return "OK"
	case 400:
		return "Bad Request"
	case 401:
		return "Unauthorized"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 413:
		return "Content Too Large"
	case 503:
		return "Service Unavailable"
	}
	return "Status"
}

// connections are those that are open, and whether they wait for a request.
type connections struct {
	mu   sync.Mutex
	all  map[net.Conn]bool
	over bool
}

func (c *connections) set(conn net.Conn, idle bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[conn] = idle
	if idle && c.over {
		conn.Close()
	}
}

func (c *connections) forget(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn.Close()
	delete(c.all, conn)
}

func (c *connections) closeIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	for conn, idle := range c.all {
		if idle {
			conn.Close()
		}
	}
}
