package signer

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"anywhere/signer/session"
)

// CanonicalRequest renders req as both sides must see it to agree on a
// signature. signed lists the header names, in lower case and sorted, that the
// signature covers; body is the whole body.
func CanonicalRequest(req *http.Request, body []byte, signed []string) (string, error) {
	text, err := canonicalRequest(req, body, signed)
	return string(text), err
}

func canonicalRequest(req *http.Request, body []byte, signed []string) ([]byte, error) {
	values := make([]string, len(signed))
	for i, name := range signed {
		var err error
		if values[i], err = headerValue(req, name); err != nil {
			return nil, err
		}
	}
	text, err := session.AppendCanonical(nil, req.Method, req.URL.EscapedPath(), req.URL.RawQuery, signed, values, body)
	if err != nil {
		return nil, &MalformedError{Part: "query", Why: "is not a list of escaped parameters"}
	}
	return text, nil
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
	squeezed := make([]string, len(values))
	for i, value := range values {
		squeezed[i] = session.Squeeze(value)
	}
	return strings.Join(squeezed, ","), nil
}
