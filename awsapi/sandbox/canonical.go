package sandbox

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest is SigV4's canonical request for a request as a server has
// it. The path is encoded once more, as everywhere but in S3. It is not ok if host or an x-amz- header is not signed, a signed header is
// absent, or the body is not what the payload hash says.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func canonicalRequest(r *http.Request, body []byte, a authorization) (canonical string, ok bool) {
	signed, twice := a.signed, a.service != "s3"
	if !slices.IsSorted(signed) || !slices.Contains(signed, "host") {
		return "", false
	}
	for name := range r.Header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && name != "x-amz-user-agent" && !slices.Contains(signed, name) {
			return "", false
		}
	}
	var headers strings.Builder
	for _, name := range signed {
		values, ok := headerValues(r, name)
		if !ok {
			return "", false
		}
		headers.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	payload, ok := payloadHash(r, body, a)
	if !ok {
		return "", false
	}
	if a.presigned && a.service == "s3" {
		payload = "UNSIGNED-PAYLOAD"
	}
	query, ok := canonicalQuery(r.URL.RawQuery)
	return strings.Join([]string{r.Method, canonicalPath(r.URL, twice), query, headers.String(), strings.Join(signed, ";"), payload}, "\n"), ok
}

// headerValues returns a header's values, trimmed and with inner blanks
// collapsed. The server has taken Host, Content-Length and Transfer-Encoding out
// of the headers.
func headerValues(r *http.Request, name string) ([]string, bool) {
	switch name {
	case "host":
		return []string{r.Host}, true
	case "content-length":
		return []string{strconv.FormatInt(r.ContentLength, 10)}, true
	case "transfer-encoding":
		return r.TransferEncoding, len(r.TransferEncoding) > 0
	}
	values := slices.Clone(r.Header.Values(name))
	for i, v := range values {
		values[i] = strings.Join(strings.Fields(v), " ")
	}
	return values, len(values) > 0
}

// payloadHash is the hash that was signed, provided that it is the body's. A body
// in chunks is checked later, chunk by chunk.
func payloadHash(r *http.Request, body []byte, a authorization) (string, bool) {
	if a.service == "s3" && !a.presigned && inChunks(r) {
		return r.Header.Get("X-Amz-Content-Sha256"), true
	}
	actual := hashHex(body)
	switch said := r.Header.Get("X-Amz-Content-Sha256"); said {
	case "", actual:
		return actual, true
	case "UNSIGNED-PAYLOAD":
		return said, true
	}
	return "", false
}

func canonicalPath(u *url.URL, twice bool) string {
	escaped := u.EscapedPath()
	if !twice {
		return escaped
	}
	clean := path.Clean("/" + escaped)
	if strings.HasSuffix(escaped, "/") && clean != "/" {
		clean += "/"
	}
	parts := strings.Split(clean, "/")
	for i, part := range parts {
		parts[i] = encode(part)
	}
	return strings.Join(parts, "/")
}

// canonicalQuery sorts by name, then by value, both encoded.
func canonicalQuery(raw string) (string, bool) {
	if raw == "" {
		return "", true
	}
	var pairs [][2]string
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return "", false
		}
		if n == "X-Amz-Signature" {
			continue // it cannot sign itself
		}
		pairs = append(pairs, [2]string{encode(n), encode(v)})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		return strings.Compare(a[0]+"\x00"+a[1], b[0]+"\x00"+b[1])
	})
	out := make([]string, len(pairs))
	for i, p := range pairs {
		out[i] = p[0] + "=" + p[1]
	}
	return strings.Join(out, "&"), true
}

// encode is AWS's UriEncode: RFC 3986 unreserved characters stay, everything
// else becomes %XX in upper case.
func encode(s string) string {
	const upper = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', upper[c>>4], upper[c&15]})
		}
	}
	return b.String()
}
