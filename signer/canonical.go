package signer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// service is the name in the credential scope.
const service = "rolesanywhere"

// dateFormat is X-Amz-Date: UTC, to the second.
const dateFormat = "20060102T150405Z"

// CanonicalRequest renders req as both sides must see it to agree on a
// signature. signed lists the header names, in lower case and sorted, that the
// signature covers; body is the whole body.
//
// Source: AWS Signature Version 4, "Create a canonical request",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func CanonicalRequest(req *http.Request, body []byte, signed []string) (string, error) {
	query, err := canonicalQuery(req.URL.RawQuery)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(4096) // the certificate is most of it
	b.WriteString(req.Method)
	b.WriteByte('\n')
	writeEscaped(&b, canonicalPath(req.URL), "/")
	b.WriteByte('\n')
	b.WriteString(query)
	b.WriteByte('\n')
	for _, name := range signed {
		value, err := headerValue(req, name)
		if err != nil {
			return "", err
		}
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(value)
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(signed, ";"))
	b.WriteByte('\n')
	sum := sha256.Sum256(body)
	b.WriteString(hex.EncodeToString(sum[:]))
	return b.String(), nil
}

// StringToSign is what the private key signs. date is X-Amz-Date, scope is
// <yyyymmdd>/<region>/rolesanywhere/aws4_request.
func StringToSign(algorithm, date, scope, canonicalRequest string) string {
	sum := sha256.Sum256([]byte(canonicalRequest))
	return algorithm + "\n" + date + "\n" + scope + "\n" + hex.EncodeToString(sum[:])
}

func scopeOf(date, region string) string {
	return date[:len("20060102")] + "/" + region + "/" + service + "/aws4_request"
}

// canonicalPath is the path as sent, which [CanonicalRequest] escapes once more:
// every service but S3 wants it so.
func canonicalPath(u *url.URL) string {
	if path := u.EscapedPath(); path != "" {
		return path
	}
	return "/"
}

// canonicalQuery escapes and sorts the parameters. A plus sign on the wire is a
// blank, as AWS's helper reads it.
func canonicalQuery(raw string) (string, error) {
	if raw == "" {
		return "", nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "", &MalformedError{Part: "query", Why: "is not a list of escaped parameters"}
	}
	pairs := make([][2]string, 0, len(values))
	for name, all := range values {
		for _, value := range all {
			pairs = append(pairs, [2]string{escape(name), escape(value)})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	var b strings.Builder
	for i, pair := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pair[0])
		b.WriteByte('=')
		b.WriteString(pair[1])
	}
	return b.String(), nil
}

// headerValue is the canonical value of one signed header: repeated ones joined
// by commas, trimmed, runs of blanks made one.
func headerValue(req *http.Request, name string) (string, error) {
	switch name {
	case "host":
		if req.Host != "" {
			return req.Host, nil
		}
		return req.URL.Host, nil
	case "content-length": // Go keeps it beside the headers
		if req.ContentLength >= 0 && req.Header.Get("Content-Length") == "" {
			return strconv.FormatInt(req.ContentLength, 10), nil
		}
	}
	values := req.Header.Values(name)
	if len(values) == 0 {
		return "", &MalformedError{Part: "SignedHeaders", Why: fmt.Sprintf("names %s, which the request does not have", strconv.Quote(name))}
	}
	if len(values) == 1 {
		return squeeze(values[0]), nil
	}
	squeezed := make([]string, len(values))
	for i, value := range values {
		squeezed[i] = squeeze(value)
	}
	return strings.Join(squeezed, ","), nil
}

// squeeze trims s and makes runs of blanks one. The certificate has none, so the
// usual case copies nothing.
func squeeze(s string) string {
	s = strings.Trim(s, " \t")
	if !strings.Contains(s, "  ") {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

func escape(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/2)
	writeEscaped(&b, s, "")
	return b.String()
}

// writeEscaped writes s with all but RFC 3986's unreserved characters, and those
// in keep, as %XX in upper case.
func writeEscaped(b *strings.Builder, s, keep string) {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~', strings.IndexByte(keep, c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
}
