package session

import (
	"context"
	"net/url"
	"strings"
)

// Wire carries one request to its endpoint and brings the answer, whatever its
// status. It follows no redirect and repeats nothing. An error means that no
// whole answer came.
type Wire interface {
	Do(context.Context, *Request) (*Answer, error)
}

// Opener is a [Wire] that can connect before there is anything to send.
type Opener interface {
	Wire
	// Open connects as far as a request to u goes: through a proxy and with TLS. The
	// connection ends with ctx.
	Open(ctx context.Context, u *url.URL) (Connection, error)
}

// Connection carries the one request that it was opened for. It is closed whether
// or not it carried one.
type Connection interface {
	Wire
	Close() error
}

// Request is a request of HTTP. The wire adds Host and Content-Length.
type Request struct {
	Method string
	URL    *url.URL
	Header [][2]string // names in lower case
	Body   []byte
}

// Answer is an answer of HTTP, read whole.
type Answer struct {
	Status int
	Header [][2]string // names in lower case
	Body   []byte      // at most MaxAnswer+1 bytes are kept
}

// Get is the first header of a name in lower case; empty if there is none.
func (a *Answer) Get(name string) string {
	for _, field := range a.Header {
		if field[0] == name {
			return strings.TrimSpace(field[1])
		}
	}
	return ""
}

// MaxAnswer is the size of the largest answer that is read, in bytes.
const MaxAnswer = 1 << 20
