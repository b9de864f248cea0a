package session

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
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
	id        Identity
	algorithm string
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
	return Signer{id, algorithm}, nil
}

// Certificate is the value of X-Amz-X509, Chain of X-Amz-X509-Chain; there is no
// such header if that is empty.
func (s Signer) Certificate() string { return base64.StdEncoding.EncodeToString(s.id.Certificate.Raw) }
func (s Signer) Chain() string       { return encodeChain(s.id.Chain) }

// Authorization signs a canonical request. date is X-Amz-Date, names are the
// signed headers.
func (s Signer) Authorization(canonical, date, region string, names []string) (string, error) {
	scope := Scope(date, region)
	digest := sha256.Sum256([]byte(StringToSign(s.algorithm, date, scope, canonical)))
	// A key's own signer may need randomness at any moment, so none is passed
	// in: a repeated one would give an EC key away.
	signature, err := s.id.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return s.algorithm +
		" Credential=" + s.id.Certificate.SerialNumber.String() + "/" + scope +
		", SignedHeaders=" + strings.Join(names, ";") +
		", Signature=" + hex.EncodeToString(signature), nil
}

// sign adds to r the headers of a signature that covers all of it but the names
// of the user agent and the connection, which stations on the way may change.
func (s Signer) sign(r *Request, region string, now time.Time) error {
	date := now.UTC().Format(DateFormat)
	signed := [][2]string{
		{"content-type", "application/json"},
		{"host", r.URL.Host},
		{"x-amz-date", date},
		{"x-amz-x509", s.Certificate()},
	}
	if chain := s.Chain(); chain != "" {
		signed = append(signed, [2]string{"x-amz-x509-chain", chain})
	}
	names, values := make([]string, len(signed)), make([]string, len(signed))
	for i, field := range signed {
		names[i], values[i] = field[0], field[1]
		if field[0] != "host" { // the wire writes it
			r.Header = append(r.Header, field)
		}
	}
	canonical, err := Canonical(r.Method, r.URL.EscapedPath(), r.URL.RawQuery, names, values, r.Body)
	if err != nil {
		return err
	}
	authorization, err := s.Authorization(canonical, date, region, names)
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
