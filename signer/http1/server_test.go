package http1

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// start serves with handler until the test ends and returns the address.
func start(t *testing.T, s Server) (address string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Now = time.Now
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, listener) }()
	stop = func() error { cancel(); return <-done }
	t.Cleanup(func() { cancel() })
	return listener.Addr().String(), stop
}

// echo answers with what it understood.
func echo(r Incoming) Outgoing {
	return Outgoing{Status: 200, Header: [][2]string{{"X-Seen", r.Get("x-sent")}}, Body: []byte(r.Method + " " + r.Path + " " + r.Host)}
}

func TestNetHTTPUnderstandsTheServer(t *testing.T) {
	address, _ := start(t, Server{Handler: echo})
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	for range 3 { // over one connection
		req, _ := http.NewRequest("PUT", "http://"+address+"/a/b?c=d", strings.NewReader("body"))
		req.Header.Set("X-Sent", "yes")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if want := "PUT /a/b " + address; err != nil || string(body) != want || resp.Header.Get("X-Seen") != "yes" || resp.StatusCode != 200 {
			t.Errorf("got %d %q %v, want %q", resp.StatusCode, body, err, want)
		}
	}
}

func TestWhatIsNoRequestIsAnsweredAndTheConnectionEnds(t *testing.T) {
	address, _ := start(t, Server{Handler: echo, Timeout: time.Minute})
	tests := map[string]struct{ wire, want string }{
		"a good one":              {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "200"},
		"an old one":              {"GET / HTTP/1.0\r\n\r\n", "200"},
		"no host":                 {"GET / HTTP/1.1\r\n\r\n", "400"},
		"two hosts":               {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"},
		"an address for a path":   {"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		"another version":         {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", "400"},
		"a line too many":         {"GET / x HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		"chunks":                  {"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
		"a long body":             {"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n", "413"},
		"a length that is none":   {"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", "413"},
		"a header without colon":  {"GET / HTTP/1.1\r\nHost: x\r\nhello\r\n\r\n", "400"},
		"a folded header":         {"GET / HTTP/1.1\r\nHost: x\r\n more: x\r\n\r\n", "400"},
		"a header without end":    {"GET / HTTP/1.1\r\nHost: " + strings.Repeat("x", 2*maxLine), "400"},
		"headers without end":     {"GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", maxLines), "400"},
		"words":                   {"hello\r\n\r\n", "400"},
		"two at once, then words": {"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nx\r\n", "200 200 400"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go io.WriteString(conn, tt.wire)
			said, _ := io.ReadAll(conn) // ends only if the server closes
			var got []string
			for _, one := range strings.Split(string(said), "HTTP/1.1 ")[1:] {
				got = append(got, one[:3])
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %v (%q), want %s", got, said, tt.want)
			}
		})
	}
}

func TestWhoSaysNothingIsLeft(t *testing.T) {
	address, _ := start(t, Server{Handler: echo, Timeout: 20 * time.Millisecond})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HT")
	said, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(said), "HTTP/1.1 400") && len(said) > 0 {
		t.Errorf("got %q, %v", said, err)
	}
}

func TestStoppingLetsAnswersFinish(t *testing.T) {
	entered, free := make(chan struct{}), make(chan struct{})
	address, stop := start(t, Server{Handler: func(r Incoming) Outgoing { close(entered); <-free; return echo(r) }})
	idle, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	got := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + address + "/slow")
		if err != nil {
			got <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		got <- string(body)
	}()
	<-entered
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	io.ReadAll(idle) // a connection that asks nothing is closed at once
	close(free)
	if text := <-got; text != "GET /slow "+address {
		t.Errorf("got %q, want the answer", text)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func FuzzReadRequest(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		r, last, status := readRequest(newReader(wire))
		if status == 0 && (!strings.HasPrefix(r.Path, "/") || strings.Contains(r.Path, "?")) || status != 0 && !last {
			t.Errorf("got %+v, last %v, status %d", r, last, status)
		}
	})
}
