package sandbox

import (
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What stands for the hash of a body that comes in chunks.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
const (
	streamOpen    = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	streamSigned  = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	streamTrailed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
)

// leastChunk is what every chunk but the last must hold, in bytes.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
const leastChunk = 8 << 10

func inChunks(r *http.Request) bool {
	return slices.Contains([]string{streamOpen, streamSigned, streamTrailed}, r.Header.Get("X-Amz-Content-Sha256"))
}

// chunks is a body that is being taken out of its chunks.
type chunks struct {
	rest     []byte
	key      []byte // to check signatures with; nil where chunks carry none
	scope    string // date and scope, two lines of each string to sign
	previous string // signature: each chunk signs the one before it
	data     []byte
	trailer  map[string]string // by name in lower case
}

// unchunk makes the body what it holds and lays its trailers among the headers.
// The signature of the headers is good already; it is what the first chunk
// builds on.
func (c *call) unchunk(auth authorization, secret string, at time.Time) *refusal {
	h := c.request.Header
	in := &chunks{rest: c.body, previous: auth.signature, trailer: map[string]string{}}
	kind := h.Get("X-Amz-Content-Sha256")
	if kind != streamOpen {
		in.key, in.scope = auth.key(secret), at.Format(sigV4Time)+"\n"+auth.scope()
	}
	if no := in.readAll(c); no != nil {
		return no
	}
	if no := in.readTrailer(c, kind != streamSigned); no != nil {
		return no
	}
	length, err := strconv.Atoi(h.Get("X-Amz-Decoded-Content-Length"))
	switch {
	case err != nil:
		return refuse(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	case length != len(in.data):
		return incompleteBody()
	}
	c.body = in.data
	for name, value := range in.trailer {
		h.Set(name, value)
	}
	dropChunked(h)
	return nil
}

func incompleteBody() *refusal {
	return refuse(http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
}

// readAll reads size;chunk-signature=hex CRLF data CRLF until a chunk is empty.
func (in *chunks) readAll(c *call) *refusal {
	for short := false; ; {
		head, ok := in.line()
		text, extension, _ := strings.Cut(head, ";")
		size, err := strconv.ParseUint(text, 16, 31)
		if !ok || err != nil || int(size) > len(in.rest) {
			return incompleteBody()
		}
		data := in.rest[:size]
		if in.key != nil {
			claimed := strings.TrimPrefix(extension, "chunk-signature=")
			if !in.signs("AWS4-HMAC-SHA256-PAYLOAD", claimed, hashHex(nil), hashHex(data)) {
				return c.complain(wrongSignature)
			}
		}
		switch {
		case size == 0:
			return nil
		case short:
			return refuse(http.StatusForbidden, "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than %d bytes", leastChunk)
		}
		short = size < leastChunk
		in.data, in.rest = append(in.data, data...), in.rest[size:]
		if in.rest, ok = bytes.CutPrefix(in.rest, []byte("\r\n")); !ok {
			return incompleteBody()
		}
	}
}

// line takes the next line off the rest.
func (in *chunks) line() (string, bool) {
	line, rest, ok := bytes.Cut(in.rest, []byte("\r\n"))
	if ok {
		in.rest = rest
	}
	return string(line), ok
}

// signs compares a signature and keeps it for the next.
func (in *chunks) signs(algorithm, claimed string, more ...string) bool {
	text := strings.Join(append([]string{algorithm, in.scope, in.previous}, more...), "\n")
	want := hex.EncodeToString(mac(in.key, text))
	in.previous = want
	return hmac.Equal([]byte(want), []byte(claimed))
}

// readTrailer reads name:value lines after the last chunk. There must be those
// that X-Amz-Trailer announces, which are sums, and their signature where the
// chunks are signed.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
func (in *chunks) readTrailer(c *call, may bool) *refusal {
	bad := refuse(http.StatusBadRequest, "MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.")
	for line := range strings.SplitSeq(string(in.rest), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !may {
			return bad
		}
		in.trailer[strings.ToLower(name)] = strings.TrimSpace(value)
	}
	signature := in.trailer["x-amz-trailer-signature"]
	delete(in.trailer, "x-amz-trailer-signature")
	var signed strings.Builder
	names := slices.Sorted(maps.Keys(in.trailer))
	for _, name := range names {
		if !isSum(name) {
			return bad
		}
		signed.WriteString(name + ":" + in.trailer[name] + "\n")
	}
	if !slices.Equal(names, announced(c.request.Header)) {
		return bad
	}
	if in.key != nil && may && !in.signs("AWS4-HMAC-SHA256-TRAILER", signature, hashHex([]byte(signed.String()))) {
		return c.complain(wrongSignature)
	}
	return nil
}

// announced are the names in X-Amz-Trailer, sorted.
func announced(h http.Header) []string {
	var out []string
	for name := range strings.SplitSeq(strings.ToLower(h.Get("X-Amz-Trailer")), ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// dropChunked takes aws-chunked off the encodings: the object is kept without.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
func dropChunked(h http.Header) {
	var left []string
	for name := range strings.SplitSeq(h.Get("Content-Encoding"), ",") {
		if name = strings.TrimSpace(name); name != "" && name != "aws-chunked" {
			left = append(left, name)
		}
	}
	h.Del("Content-Encoding")
	if len(left) > 0 {
		h.Set("Content-Encoding", strings.Join(left, ","))
	}
}
