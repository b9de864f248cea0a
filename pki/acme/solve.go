package acme

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"
)

// httpSolver answers http-01 (RFC 8555 section 8.3): one path, GET alone, for as
// long as the challenge takes.
type httpSolver struct {
	address string

	mu      sync.Mutex
	servers map[string]*http.Server // by token
	answers map[string]string       // key authorisation by path
}

// Present listens and serves the answer.
func (s *httpSolver) Present(ctx context.Context, challenge acme.Challenge) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers == nil {
		s.answers, s.servers = map[string]string{}, map[string]*http.Server{}
	}
	s.answers[challenge.HTTP01ResourcePath()] = challenge.KeyAuthorization
	if len(s.servers) > 0 {
		s.servers[challenge.Token] = nil // the one that listens answers this one too
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.address)
	if err != nil {
		return &ListenError{Challenge: "http-01", Address: s.address, Err: err}
	}
	server := &http.Server{Handler: http.HandlerFunc(s.answer), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 8 << 10}
	s.servers[challenge.Token] = server
	go func() { _ = server.Serve(listener) }() // ends with CleanUp, by ErrServerClosed
	return nil
}

func (s *httpSolver) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	answer, known := s.answers[r.URL.Path]
	s.mu.Unlock()
	if !known || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.WriteString(w, answer) // whoever asked is told or gone
}

// CleanUp stops listening when the last challenge is over.
func (s *httpSolver) CleanUp(_ context.Context, challenge acme.Challenge) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.answers, challenge.HTTP01ResourcePath())
	if len(s.answers) > 0 {
		return nil
	}
	var errs []error
	for _, server := range s.servers {
		if server != nil {
			errs = append(errs, server.Close())
		}
	}
	clear(s.servers)
	return errors.Join(errs...)
}

// tlsSolver answers tls-alpn-01 (RFC 8737): a handshake and nothing more.
type tlsSolver struct {
	address string

	mu       sync.Mutex
	certs    map[string]*tls.Certificate // by server name
	listener net.Listener
}

// Present listens and shakes hands.
func (s *tlsSolver) Present(ctx context.Context, challenge acme.Challenge) error {
	cert, err := acmez.TLSALPN01ChallengeCert(challenge)
	if err != nil {
		return fmt.Errorf("answer tls-alpn-01: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.certs == nil {
		s.certs = map[string]*tls.Certificate{}
	}
	s.certs[challenge.Identifier.Value] = cert
	if s.listener != nil {
		return nil
	}
	plain, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.address)
	if err != nil {
		return &ListenError{Challenge: "tls-alpn-01", Address: s.address, Err: err}
	}
	s.listener = tls.NewListener(plain, &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{acmez.ACMETLS1Protocol}, GetCertificate: s.certificate,
	})
	go shakeHands(s.listener)
	return nil
}

func (s *tlsSolver) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cert := s.certs[hello.ServerName]; cert != nil {
		return cert, nil
	}
	return nil, errors.New("no challenge for this name")
}

// shakeHands accepts until the listener is closed.
func shakeHands(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			defer time.AfterFunc(5*time.Second, func() { _ = conn.Close() }).Stop()
			if secure, ok := conn.(*tls.Conn); ok {
				_ = secure.Handshake() // the certificate in it is all that is wanted
			}
		}()
	}
}

// CleanUp stops listening when the last challenge is over.
func (s *tlsSolver) CleanUp(_ context.Context, challenge acme.Challenge) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.certs, challenge.Identifier.Value)
	if len(s.certs) > 0 || s.listener == nil {
		return nil
	}
	err := s.listener.Close()
	s.listener = nil
	return err
}

// ListenError says that a challenge cannot be answered here.
type ListenError struct {
	Challenge, Address string
	Err                error
}

func (e *ListenError) Error() string {
	return fmt.Sprintf("answer %s: listen on %s: %v", e.Challenge, e.Address, e.Err)
}
func (e *ListenError) Unwrap() error { return e.Err }

// Hint names the usual causes.
func (e *ListenError) Hint() string {
	return "another program may listen there, or the port needs root; the server asks port 80 for http-01 and 443 for tls-alpn-01"
}

// blocks are the certificates of a PEM text, in DER.
func blocks(text []byte) [][]byte {
	var all [][]byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			all = append(all, block.Bytes)
		}
	}
	return all
}
