package sandbox

import (
	"net"
	"net/http"
	"sync"
)

// newcomers are the connections of a server on which nothing was asked yet.
// http.Server.Shutdown gives each five seconds to begin, and Go's client, which
// dials while it waits for a connection to become free, keeps such ones.
type newcomers struct {
	mu      sync.Mutex
	conns   map[net.Conn]bool
	closing bool
}

// track is an http.Server.ConnState.
func (n *newcomers) track(conn net.Conn, state http.ConnState) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(n.conns, conn)
	case n.closing:
		_ = conn.Close() // nobody has asked anything
	case n.conns == nil:
		n.conns = map[net.Conn]bool{conn: true}
	default:
		n.conns[conn] = true
	}
}

// dismiss closes them, and those that still come.
func (n *newcomers) dismiss() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closing = true
	for conn := range n.conns {
		_ = conn.Close()
	}
}
