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

// AppendCanonical appends a request as both sides must see it to agree on a signature.
// path and query are as sent; names lists the signed headers in lower case and
// sorted, values what they hold.
//
// Source: AWS Signature Version 4, "Create a canonical request",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func AppendCanonical(out []byte, method, path, query string, names, values []string, body []byte) ([]byte, error) {
	if path == "" {
		path = "/"
	}
	out = append(append(out, method...), '\n')
	out = appendEscaped(out, path, "/") // once more: every service but S3 wants it so
	out = append(out, '\n')
	out, err := appendQuery(out, query)
	if err != nil {
		return nil, err
	}
	out = append(out, '\n')
	for i, name := range names {
		out = append(append(out, name...), ':')
		out = append(append(out, values[i]...), '\n')
	}
	out = append(out, '\n')
	out = appendJoined(out, names, ';')
	out = append(out, '\n')
	sum := sha256.Sum256(body)
	return hex.AppendEncode(out, sum[:]), nil
}

// StringToSign is what the private key signs. date is X-Amz-Date, scope is
// <yyyymmdd>/<region>/rolesanywhere/aws4_request.
func StringToSign(algorithm, date, scope string, canonicalRequest []byte) string {
	return string(appendStringToSign(nil, algorithm, date, scope, canonicalRequest))
}

func appendStringToSign(out []byte, algorithm, date, scope string, canonicalRequest []byte) []byte {
	sum := sha256.Sum256(canonicalRequest)
	for _, line := range [...]string{algorithm, date, scope} {
		out = append(append(out, line...), '\n')
	}
	return hex.AppendEncode(out, sum[:])
}

// Scope is the credential scope of a date and a Region.
func Scope(date, region string) string {
	return date[:len("20060102")] + "/" + region + "/" + Service + "/aws4_request"
}

// appendQuery escapes and sorts the parameters. A plus sign on the wire is a
// blank, as AWS's helper reads it.
func appendQuery(out []byte, raw string) ([]byte, error) {
	var room [4][2]string // CreateSession has three
	pairs := room[:0]
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		var err, bad error
		name, err = escapedAnew(name)
		value, bad = escapedAnew(value)
		if err != nil || bad != nil || strings.Contains(part, ";") {
			return nil, ErrQuery
		}
		pairs = append(pairs, [2]string{name, value})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	for i, pair := range pairs {
		if i > 0 {
			out = append(out, '&')
		}
		out = append(append(out, pair[0]...), '=')
		out = append(out, pair[1]...)
	}
	return out, nil
}

// escapedAnew escapes a part of a query in the one way that is canonical. Our own
// requests are written in it, so the usual case copies nothing.
func escapedAnew(part string) (string, error) {
	if isEscaped(part) {
		return part, nil
	}
	plain, err := url.QueryUnescape(part)
	return escape(plain), err
}

// isEscaped says that part is as escape would write it.
func isEscaped(part string) bool {
	for i := 0; i < len(part); i++ {
		c := part[i]
		if c != '%' {
			if !unreserved(c) {
				return false
			}
			continue
		}
		if i+2 >= len(part) {
			return false
		}
		high, low := strings.IndexByte(digits, part[i+1]), strings.IndexByte(digits, part[i+2])
		if high < 0 || low < 0 || unreserved(byte(high<<4|low)) {
			return false
		}
		i += 2
	}
	return true
}

func appendJoined(out []byte, texts []string, between byte) []byte {
	for i, text := range texts {
		if i > 0 {
			out = append(out, between)
		}
		out = append(out, text...)
	}
	return out
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

const digits = "0123456789ABCDEF"

func escape(s string) string {
	return string(appendEscaped(make([]byte, 0, len(s)+len(s)/2), s, ""))
}

// appendEscaped appends s with all but RFC 3986's unreserved characters, and those
// in keep, as %XX in upper case.
func appendEscaped(out []byte, s, keep string) []byte {
	for i := range len(s) {
		c := s[i]
		if unreserved(c) || strings.IndexByte(keep, c) >= 0 {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	return out
}

// unreserved is RFC 3986, section 2.3.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}
