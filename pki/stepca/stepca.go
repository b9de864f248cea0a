// Package stepca gets certificates from a step-ca: the first by a one-time token
// of a JWK provisioner, every later one by the certificate that is there, over
// mutual TLS, without any secret of the CA.
//
// The CA is known by the fingerprint of its root and by nothing else; the system's
// roots are not asked. Only https is spoken. Every answer is bounded and checked
// before it is used ([pki.ReadIssued]).
//
// Source: https://smallstep.com/docs/step-ca/ and the API of step-ca 0.30.
package stepca

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"anywhere/pki"
)

// CA is one step-ca. URL, Fingerprint and Now are required.
type CA struct {
	URL         string // https://host[:port]
	Fingerprint string // SHA-256 of the root certificate, hex
	Now         func() time.Time
	Random      io.Reader // for tokens; nil only where none is made
}

const (
	callDeadline = 15 * time.Second
	maxAnswer    = 1 << 20 // bytes
)

// base is the checked URL without a slash at its end.
func (c CA) base() (string, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return "", fmt.Errorf("use step-ca %q: want https://host:port", c.URL)
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

// fingerprint is the wanted hash, in lower case and without colons.
func (c CA) fingerprint() (string, error) {
	text := strings.ToLower(strings.ReplaceAll(c.Fingerprint, ":", ""))
	if raw, err := hex.DecodeString(text); err != nil || len(raw) != sha256.Size {
		return "", errors.New("use step-ca: its fingerprint is not a SHA-256 of 64 hex digits (step certificate fingerprint root_ca.crt)")
	}
	return text, nil
}

// ErrFingerprint is an answer with another root than the one that is wanted.
var ErrFingerprint = errors.New("it has another fingerprint; somebody else answers there")

// Root fetches the root certificate and compares it with the fingerprint: the
// connection itself proves nothing yet. The error is [ErrFingerprint] if it is
// another.
func (c CA) Root(ctx context.Context) (*x509.Certificate, error) {
	want, err := c.fingerprint()
	if err != nil {
		return nil, err
	}
	// Whoever answers can only hand over the certificate of that fingerprint.
	web := client(&tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true})
	defer web.CloseIdleConnections()
	var answer struct {
		CA string `json:"ca"`
	}
	if err := c.call(ctx, web, http.MethodGet, "/root/"+want, nil, nil, &answer); err != nil {
		return nil, err
	}
	cert, err := onePEM(answer.CA)
	if err != nil {
		return nil, fmt.Errorf("read root of step-ca: %w", err)
	}
	if sum := sha256.Sum256(cert.Raw); hex.EncodeToString(sum[:]) != want {
		return nil, fmt.Errorf("read root of step-ca: %w", ErrFingerprint)
	}
	return cert, nil
}

// trusted is a client that believes the CA's root alone and shows the given
// certificates.
func (c CA) trusted(ctx context.Context, with ...tls.Certificate) (*http.Client, error) {
	root, err := c.Root(ctx)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(root)
	return client(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, Certificates: with, Time: c.Now}), nil
}

// client follows no redirect: an answer comes from the CA or not at all.
func client(config *tls.Config) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: config, Proxy: http.ProxyFromEnvironment,
			DialContext: (&net.Dialer{Timeout: callDeadline}).DialContext, ResponseHeaderTimeout: callDeadline,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Refused is the CA's no.
type Refused struct {
	Status  int
	Message string // foreign text
}

func (e *Refused) Error() string {
	return fmt.Sprintf("ask step-ca: HTTP %d: %s", e.Status, e.Message)
}

// call sends one request and reads a JSON answer.
func (c CA) call(ctx context.Context, web *http.Client, method, path string, header http.Header, in, out any) error {
	base, err := c.base()
	if err != nil {
		return err
	}
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("ask step-ca: %w", err)
		}
		body = bytes.NewReader(data)
	}
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, base+path, body)
	if err != nil {
		return fmt.Errorf("ask step-ca: %w", err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := web.Do(req)
	if err != nil {
		return fmt.Errorf("ask step-ca: %w", err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(data) > maxAnswer {
		return fmt.Errorf("ask step-ca: read answer: %w", errors.Join(err, errTooLong(len(data))))
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return &Refused{Status: resp.StatusCode, Message: reason(data)}
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("ask step-ca: read answer: %w", err)
	}
	return nil
}

func errTooLong(n int) error {
	if n > maxAnswer {
		return fmt.Errorf("longer than %d bytes", maxAnswer)
	}
	return nil
}

func reason(data []byte) string {
	var said struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(data, &said) == nil && said.Message+said.Error != "" {
		return strings.TrimSpace(said.Message + " " + said.Error)
	}
	return strings.ToValidUTF8(string(data[:min(len(data), 300)]), "")
}

func onePEM(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no certificate in PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// answered is what /sign, /renew and /rekey answer.
type answered struct {
	Chain []string `json:"certChain"`
	Leaf  string   `json:"crt"`
	CA    string   `json:"ca"`
}

// order turns an answer into an order that holds everything.
func (a answered) order() (pki.Order, error) {
	chain := a.Chain
	if len(chain) == 0 {
		chain = []string{a.Leaf, a.CA}
	}
	var order pki.Order
	for i, text := range chain {
		cert, err := onePEM(text)
		if err != nil {
			return order, fmt.Errorf("read answer of step-ca: certificate %d: %w", i+1, err)
		}
		if i == 0 {
			order.ID = pki.SerialOf(cert).Hex()
		}
		order.DER = append(order.DER, cert.Raw...)
	}
	return order, nil
}

// prepare puts the common name among the DNS names of a request without others:
// step-ca compares them with those of the token, which has at least one.
func prepare(spec pki.LeafSpec) pki.LeafSpec {
	if len(spec.DNS) == 0 && len(spec.URIs) == 0 {
		spec.DNS = []string{spec.Name.CommonName}
	}
	return spec
}
