package session

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// The headers that SigV4-X509 adds.
const (
	HeaderDate  = "X-Amz-Date"
	HeaderCert  = "X-Amz-X509"
	HeaderChain = "X-Amz-X509-Chain"
)

// Signer signs requests of one identity. NewSigner makes it.
type Signer struct {
	key         crypto.Signer
	slow        bool // the key lies in hardware
	algorithm   string
	serial      string // of the certificate, decimal
	certificate string
	chain       string
}

// NewSigner checks id.
//
// A key that is not the certificate's is a *[pki.MismatchError]; a kind of key
// that Roles Anywhere cannot use is an [ErrAlgorithm].
func NewSigner(id Identity) (Signer, error) {
	if err := id.check(); err != nil {
		return Signer{}, err
	}
	algorithm, err := AlgorithmOf(id.Certificate.PublicKey)
	if err != nil {
		return Signer{}, fmt.Errorf("sign: %w", err)
	}
	_, slow := id.Key.(interface{ InHardware() }) // as package keystore marks it
	return Signer{
		key:         id.Key,
		slow:        slow,
		algorithm:   algorithm,
		serial:      id.Certificate.SerialNumber.String(),
		certificate: base64.StdEncoding.EncodeToString(id.Certificate.Raw),
		chain:       encodeChain(id.Chain),
	}, nil
}

// Certificate is the value of X-Amz-X509, Chain of X-Amz-X509-Chain; there is no
// such header if that is empty.
func (s Signer) Certificate() string { return s.certificate }
func (s Signer) Chain() string       { return s.chain }

// Authorization signs a canonical request. date is X-Amz-Date, names are the
// signed headers.
func (s Signer) Authorization(canonical []byte, date, region string, names []string) (string, error) {
	scope := Scope(date, region)
	var room [256]byte
	// A key's own signer may need randomness at any moment, so none is passed
	// in: a repeated one would give an EC key away.
	// A token may want to hash by itself.
	signature, err := crypto.SignMessage(s.key, rand.Reader, appendStringToSign(room[:0], s.algorithm, date, scope, canonical), crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	out := make([]byte, 0, 256+2*len(signature))
	for _, part := range [...]string{s.algorithm, " Credential=", s.serial, "/", scope, ", SignedHeaders="} {
		out = append(out, part...)
	}
	out = appendJoined(out, names, ';')
	out = append(out, ", Signature="...)
	return string(hex.AppendEncode(out, signature)), nil
}

// sign adds to r the headers of a signature that covers all of it but the names
// of the user agent and the connection, which stations on the way may change.
func (s Signer) sign(r *Request, region string, now time.Time) error {
	date := now.UTC().Format(DateFormat)
	names := []string{"content-type", "host", "x-amz-date", "x-amz-x509", "x-amz-x509-chain"}
	values := []string{"application/json", r.URL.Host, date, s.certificate, s.chain}
	if s.chain == "" {
		names, values = names[:4], values[:4]
	}
	var room [2048]byte // enough for an EC certificate without a chain
	canonical, err := AppendCanonical(room[:0], r.Method, r.URL.EscapedPath(), r.URL.RawQuery, names, values, r.Body)
	if err != nil {
		return err
	}
	authorization, err := s.Authorization(canonical, date, region, names)
	r.Header = make([][2]string, 0, len(names)+1) // and a user agent
	for i, name := range names {
		if name != "host" { // the wire writes it
			r.Header = append(r.Header, [2]string{name, values[i]})
		}
	}
	r.Header = append(r.Header, [2]string{"authorization", authorization})
	return err
}

func encodeChain(chain []*x509.Certificate) string {
	parts := make([]string, len(chain))
	for i, cert := range chain {
		parts[i] = base64.StdEncoding.EncodeToString(cert.Raw)
	}
	return strings.Join(parts, ",")
}
