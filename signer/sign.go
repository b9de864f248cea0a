package signer

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"anywhere/signer/session"
)

// The headers that SigV4-X509 adds.
const (
	headerDate  = session.HeaderDate
	headerCert  = session.HeaderCert
	headerChain = session.HeaderChain
)

// Sign sets X-Amz-Date, X-Amz-X509, X-Amz-X509-Chain (if id has a chain) and
// Authorization on req. The signature covers the method, the path and query as
// sent, the body, the host and every header that req has now except those that
// stations on the way may change. It carries now, to the second, in UTC.
//
// A key that is not the certificate's is a *[pki.MismatchError]; a kind of key
// that Roles Anywhere cannot use is a [session.ErrAlgorithm].
func Sign(req *http.Request, body []byte, id Identity, region string, now time.Time) error {
	s, err := session.NewSigner(id)
	if err != nil {
		return err
	}
	date := now.UTC().Format(session.DateFormat)
	req.Header.Set(headerDate, date)
	req.Header.Set(headerCert, s.Certificate())
	req.Header.Del(headerChain)
	if len(id.Chain) > 0 {
		req.Header.Set(headerChain, s.Chain())
	}
	signed := headersToSign(req.Header)
	canonical, err := canonicalRequest(req, body, signed)
	if err != nil {
		return err
	}
	authorization, err := s.Authorization(canonical, date, region, signed)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", authorization)
	return nil
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
