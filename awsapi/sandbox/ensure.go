package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// FirstPort is the port that a new sandbox tries first.
const FirstPort = 9912

// patience is how long Ensure waits for another process that is just starting
// or stopping.
const patience = 5 * time.Second

// Running is a sandbox that answers at URL: this process's or another's.
type Running struct {
	URL   string // http://127.0.0.1:9912
	Admin Keys   // of the first account
	// Sandbox is nil if another process serves.
	Sandbox *Sandbox

	dir    string // of the state
	server *http.Server
	silent *newcomers
	served chan error
}

// Ensure makes sure that the sandbox in cfg.Dir is being served. It uses the one
// that is already running there, which it knows by the state's ID, and otherwise
// opens it and serves until Close. Without cfg.Addr it serves on 127.0.0.1 and
// the port of last time or, at first, on 9912 or the next free one.
func Ensure(ctx context.Context, cfg Config) (*Running, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if r := running(ctx, cfg.Dir); r != nil {
			return r, nil
		}
		s, err := Open(cfg)
		if err == nil {
			return s.start(cfg.Addr)
		}
		if !errors.Is(err, ErrBusy) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Serves reports whether this process serves the sandbox.
func (r *Running) Serves() bool { return r.Sandbox != nil }

// Wait blocks until the server stops or ctx is done, then closes. It returns at
// once for a sandbox that another process serves.
func (r *Running) Wait(ctx context.Context) error {
	if !r.Serves() {
		return nil
	}
	select {
	case <-ctx.Done():
		return r.Close()
	case err := <-r.served:
		return errors.Join(err, r.Sandbox.Close())
	}
}

// Close stops serving, if this process does. Answers under way are finished; who
// has asked nothing yet is not waited for.
func (r *Running) Close() error {
	if !r.Serves() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r.silent.dismiss()
	return errors.Join(r.server.Shutdown(ctx), r.Sandbox.Close())
}

// start listens, writes the port down and serves.
func (s *Sandbox) start(addr string) (*Running, error) {
	l, err := s.listen(addr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve sandbox: %w", err), s.Close())
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := s.cfg.Disk.Write(s.portPath(), fmt.Appendln(nil, port), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("serve sandbox: %w", err), l.Close(), s.Close())
	}
	r := &Running{URL: "http://" + l.Addr().String(), Admin: s.Admin(), Sandbox: s, silent: &newcomers{}, served: make(chan error, 1)}
	r.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ConnState: r.silent.track}
	go func() { r.served <- r.server.Serve(l) }()
	return r, nil
}

// listen opens addr or, if it is empty, the kept port or the next free one.
func (s *Sandbox) listen(addr string) (net.Listener, error) {
	if addr != "" {
		// Another name than this literal one would make S3 clients use virtual
		// hosts, and another address would not be found by the kept port.
		if host, _, err := net.SplitHostPort(addr); err != nil || host != "127.0.0.1" {
			return nil, fmt.Errorf("listen on %s: not 127.0.0.1 and a port", addr)
		}
		return net.Listen("tcp", addr)
	}
	first := keptPort(s.cfg.Dir)
	var err error
	for port := first; port < first+100; port++ {
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return l, nil
		}
	}
	return nil, err
}

func keptPort(dir string) int {
	data, err := os.ReadFile(filepath.Join(dir, "port"))
	if port, bad := strconv.Atoi(strings.TrimSpace(string(data))); err == nil && bad == nil && port > 0 && port < 65436 {
		return port
	}
	return FirstPort
}

// running finds the sandbox of dir that answers at its port; nil if none does.
func running(ctx context.Context, dir string) *Running {
	st, err := readState(dir)
	if err != nil {
		return nil // Open says what is wrong with it
	}
	if _, err := os.Stat(filepath.Join(dir, "port")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	url := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(keptPort(dir)))
	if who, err := ask(ctx, url); err != nil || who.StateID != st.ID {
		return nil
	}
	return &Running{URL: url, Admin: st.Admin, dir: dir}
}

// readState reads the state of a sandbox that another process serves.
func readState(dir string) (*state, error) {
	data, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	return decodeState(data)
}

// ask finds out which sandbox, if any, answers at url. No proxy comes between.
func ask(ctx context.Context, url string) (who announcement, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+statusPath, nil)
	if err != nil {
		return who, err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return who, err
	}
	defer resp.Body.Close()
	return who, json.NewDecoder(io.LimitReader(resp.Body, 1<<10)).Decode(&who)
}
