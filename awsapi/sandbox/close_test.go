package sandbox

import (
	"net"
	"strings"
	"testing"
)

// A client that had dialled once more than it needed, as Go's does when an answer
// frees a connection meanwhile, kept the sandbox from closing for five seconds, and
// then all that was done counted for nothing: context deadline exceeded.
func TestAConnectionThatAsksNothingDoesNotKeepASandboxFromClosing(t *testing.T) {
	cfg, _ := kept(t)
	r, err := Ensure(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := r.Close(); err != nil {
		t.Errorf("got %v, want it closed", err)
	}
}
