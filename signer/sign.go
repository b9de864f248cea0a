package signer

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The headers that SigV4-X509 adds.
const (
	headerDate  = "X-Amz-Date"
	headerCert  = "X-Amz-X509"
	headerChain = "X-Amz-X509-Chain"
)

// Sign sets X-Amz-Date, X-Amz-X509, X-Amz-X509-Chain (if id has a chain) and
// Authorization on req. The signature covers the method, the path and query as
// sent, the body, the host and every header that req has now except those that
// stations on the way may change. It carries now, to the second, in UTC.
//
// A key that is not the certificate's is a *[pki.MismatchError]; a kind of key
// that Roles Anywhere cannot use is an [ErrAlgorithm].
func Sign(req *http.Request, body []byte, id Identity, region string, now time.Time) error {
	if err := id.check(); err != nil {
		return err
	}
	algorithm, err := algorithmOf(id.Certificate.PublicKey)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	date := now.UTC().Format(dateFormat)
	req.Header.Set(headerDate, date)
	req.Header.Set(headerCert, base64.StdEncoding.EncodeToString(id.Certificate.Raw))
	req.Header.Del(headerChain)
	if len(id.Chain) > 0 {
		req.Header.Set(headerChain, encodeChain(id.Chain))
	}
	signed := headersToSign(req.Header)
	canonical, err := CanonicalRequest(req, body, signed)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	scope := scopeOf(date, region)
	digest := sha256.Sum256([]byte(StringToSign(algorithm, date, scope, canonical)))
	// A key's own signer may need randomness at any moment, so none is passed
	// in: a repeated one would give an EC key away.
	signature, err := id.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	req.Header.Set("Authorization", algorithm+
		" Credential="+id.Certificate.SerialNumber.String()+"/"+scope+
		", SignedHeaders="+strings.Join(signed, ";")+
		", Signature="+hex.EncodeToString(signature))
	return nil
}

func encodeChain(chain []*x509.Certificate) string {
	parts := make([]string, len(chain))
	for i, cert := range chain {
		parts[i] = base64.StdEncoding.EncodeToString(cert.Raw)
	}
	return strings.Join(parts, ",")
}

// headersToSign names the headers of h that a signature should cover, in lower
// case and sorted.
func headersToSign(h http.Header) []string {
	names := make([]string, 1, len(h)+1)
	names[0] = "host"
	for name := range h {
		if name = strings.ToLower(name); !changesOnTheWay(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// changesOnTheWay is true for headers that the transport or a proxy may write.
func changesOnTheWay(name string) bool {
	switch name {
	case "authorization", "user-agent", "x-amzn-trace-id", // as AWS's helper leaves them out
		"host", // comes from the URL
		"accept-encoding", "connection", "content-length", "expect", "transfer-encoding", "via", "x-forwarded-for":
		return true
	}
	return false
}
