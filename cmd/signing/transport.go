package signing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"strings"
	"time"

	"anywhere/pki/decode"
	"anywhere/signer/exchange"
	"anywhere/signer/http1"
	"anywhere/signer/session"
)

// endpointFor is where the request goes, by flag, set-up and environment.
func (o options) endpointFor(w World, t session.Target, inAWS bool) (string, error) {
	url, err := exchange.EndpointFor(o.endpoint, t, inAWS, w.Getenv)
	if err != nil {
		return "", &usageError{err.Error(), hint(err)}
	}
	return url, nil
}

// wire carries requests: the proxies of the environment, AWS_CA_BUNDLE in the
// place of the system's roots, TLS 1.2 or newer. The bundle is read only if the endpoint is
// one that needs it.
func (o options) wire(w World, endpoint string) (session.Wire, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.noVerify}
	if bundle := w.Getenv("AWS_CA_BUNDLE"); bundle != "" && !strings.HasPrefix(endpoint, "http:") {
		data, err := w.patience.file(bundle)
		if err != nil {
			return nil, fmt.Errorf("use AWS_CA_BUNDLE: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("use AWS_CA_BUNDLE: %s: %w", bundle, decode.ErrNotACertificate)
		}
	}
	var wire session.Wire = http1.Wire{Config: config, Getenv: w.Getenv}
	if o.debug {
		wire = debugWire{wire, w.Stderr, w.Now}
	}
	return wire, nil
}

// debugWire tells of each request what holds no secret: neither body nor
// signature.
type debugWire struct {
	next session.Wire
	to   io.Writer
	now  func() time.Time
}

func (d debugWire) Do(ctx context.Context, r *session.Request) (*session.Answer, error) {
	start := d.now()
	for _, field := range r.Header {
		if field[0] == "x-amz-date" {
			fmt.Fprintf(d.to, "debug: %s %s, signed at %s\n", r.Method, r.URL, field[1])
		}
	}
	answer, err := d.next.Do(ctx, r)
	took := d.now().Sub(start).Round(time.Millisecond)
	if err != nil {
		fmt.Fprintf(d.to, "debug: no answer after %v: %q\n", took, err.Error())
		return nil, err
	}
	fmt.Fprintf(d.to, "debug: HTTP %d after %v, request %q, server's date %q\n", answer.Status, took,
		answer.Get("x-amzn-requestid"), answer.Get("date"))
	return answer, nil
}

// jitter turns random bytes into numbers from 0 up to 1.
func jitter(random io.Reader) func() float64 {
	return func() float64 {
		var b [2]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return 0.5
		}
		return float64(uint16(b[0])<<8|uint16(b[1])) / (1 << 16)
	}
}
