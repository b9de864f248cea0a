package session

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// Service is the name in the credential scope.
const Service = "rolesanywhere"

// DateFormat is X-Amz-Date: UTC, to the second.
const DateFormat = "20060102T150405Z"

// ErrQuery says that a query is not a list of escaped parameters.
var ErrQuery = errors.New("query is not a list of escaped parameters")

// Canonical renders a request as both sides must see it to agree on a signature.
// path and query are as sent; names lists the signed headers in lower case and
// sorted, values what they hold.
//
// Source: AWS Signature Version 4, "Create a canonical request",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func Canonical(method, path, query string, names, values []string, body []byte) (string, error) {
	query, err := canonicalQuery(query)
	if err != nil {
		return "", err
	}
	if path == "" {
		path = "/"
	}
	var b strings.Builder
	b.Grow(4096) // the certificate is most of it
	b.WriteString(method)
	b.WriteByte('\n')
	writeEscaped(&b, path, "/") // once more: every service but S3 wants it so
	b.WriteByte('\n')
	b.WriteString(query)
	b.WriteByte('\n')
	for i, name := range names {
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(values[i])
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(names, ";"))
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

// Scope is the credential scope of a date and a Region.
func Scope(date, region string) string {
	return date[:len("20060102")] + "/" + region + "/" + Service + "/aws4_request"
}

// canonicalQuery escapes and sorts the parameters. A plus sign on the wire is a
// blank, as AWS's helper reads it.
func canonicalQuery(raw string) (string, error) {
	if raw == "" {
		return "", nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "", ErrQuery
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

// Squeeze trims s and makes runs of blanks one, as the values of signed headers
// want it. The certificate has none, so the usual case copies nothing.
func Squeeze(s string) string {
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
