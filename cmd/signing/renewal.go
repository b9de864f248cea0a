package signing

import (
	"context"
	"io"
	"strconv"
	"time"

	"anywhere/signer/renewal"
)

// renewalDue says that the certificate of the set-up is to be renewed, as far as
// session.json knows, which has been read anyway. A key in hardware stays where it
// is: a renewal would put one in a file in its place.
func (r request) renewalDue(w World) bool {
	return r.setup != nil && !r.hardware && r.session.Renewal.Due(w.Now())
}

// startRenewal starts one if it is due and nobody has of late; child is nil if not.
func (r request) startRenewal(w World) (child renewal.Child, err error) {
	if !r.renewalDue(w) {
		return nil, nil
	}
	return renewal.Starter{Home: r.home, Setup: *r.setup, Getenv: w.Getenv, Now: w.Now, Start: w.Start}.Begin(r.session)
}

// leaveRenewal starts a renewal that goes on after this process. Whoever started
// this one has all that it will print: the AWS CLI and SDKs read until the end of
// the output, so that is now.
func (r request) leaveRenewal(w World) {
	if !r.renewalDue(w) {
		return
	}
	if out, ok := w.Stdout.(io.Closer); ok {
		_ = out.Close() // what it was to carry has been written
	}
	child, err := r.startRenewal(w)
	if child != nil {
		_ = child.Release()
	}
	if err != nil {
		report(context.Background(), w, err) // it is in the notes too
	}
}

// lookEvery is between two looks of a program that stays, at a file of its own.
const lookEvery = time.Minute

// keeper has the certificate renewed while a program that stays hands out
// sessions.
type keeper struct {
	w    World
	log  func(event string, pairs ...string)
	runs bool
}

// see is called after each session. The first that shows that this certificate is
// renewed by itself begins the looking, which ends with ctx.
func (k *keeper) see(ctx context.Context, r request) {
	if k.runs || r.setup == nil || r.hardware || r.session.Renewal.Program == "" {
		return
	}
	k.runs = true
	go func() {
		for {
			if k.w.until(ctx, k.look(ctx, r)) != nil {
				return
			}
		}
	}()
}

// look starts a renewal if one is due and says when the next look is. It waits for
// the renewal's end or for ctx's, after which it goes on alone.
func (k *keeper) look(ctx context.Context, r request) (next time.Time) {
	var err error
	if r.session, err = r.home.ReadSession(*r.setup); err != nil {
		return k.w.Now().Add(lookEvery) // whoever asks for sessions says so
	}
	child, err := r.startRenewal(k.w)
	if err != nil {
		k.log("certificate not renewed", "error", err.Error())
	}
	if child != nil {
		k.await(ctx, r, child)
	}
	next = k.w.Now().Add(lookEvery)
	if at := r.session.Renewal.At; at.After(k.w.Now()) && at.Before(next) {
		return at
	}
	return next
}

// await logs how a renewal ended.
func (k *keeper) await(ctx context.Context, r request, child renewal.Child) {
	k.log("certificate is due, renewing it", "set-up", r.setup.Name)
	ended := make(chan error, 1)
	code := 0
	go func() {
		var err error
		code, err = child.Wait()
		ended <- err
	}()
	select {
	case <-ctx.Done():
	case err := <-ended:
		k.say(r, code, err)
	}
}

func (k *keeper) say(r request, code int, err error) {
	now, readErr := r.home.ReadSession(*r.setup)
	switch {
	case err != nil:
		k.log("certificate not renewed", "error", err.Error())
	case code != exitDone:
		k.log("certificate not renewed", "exit", strconv.Itoa(code), "see", "anywhere status")
	case readErr == nil && string(now.Certificate) != string(r.session.Certificate):
		k.log("certificate renewed", "set-up", r.setup.Name)
	default:
		k.log("certificate not due yet", "set-up", r.setup.Name)
	}
}
