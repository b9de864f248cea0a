package session

import (
	"context"
	"net/url"
)

// ahead is a connection that is being made while a key signs that takes its time: a
// smart card or a TPM needs as long for it as the way to AWS and back. Nothing of the
// request is sent before it is signed.
type ahead struct {
	cancel context.CancelFunc
	done   chan struct{} // closed once connection and err are there
	conn   Connection
	err    error
}

// open begins to connect. The caller closes what is returned.
func open(ctx context.Context, wire Opener, u *url.URL) *ahead {
	a := &ahead{done: make(chan struct{})}
	ctx, a.cancel = context.WithCancel(ctx)
	go func() {
		defer close(a.done)
		a.conn, a.err = wire.Open(ctx, u)
	}()
	return a
}

// Do sends r once the connection is there.
func (a *ahead) Do(ctx context.Context, r *Request) (*Answer, error) {
	<-a.done // at the end of ctx at the latest
	if a.err != nil {
		return nil, a.err
	}
	return a.conn.Do(ctx, r)
}

// close gives the connection up, made or not, and leaves nothing behind.
func (a *ahead) close() {
	a.cancel()
	<-a.done
	if a.err == nil {
		_ = a.conn.Close() // the answer has been read, or nobody wants it
	}
}
