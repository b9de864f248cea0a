package cache

import (
	"context"
	"errors"
	"time"

	"anywhere/signer/ownfile"
	"anywhere/signer/session"

	"github.com/gofrs/flock"
)

// Fetch asks AWS for a session. With quick it asks once and for two seconds,
// since there is a session to fall back on. keep says that the session may lie on
// the disk.
type Fetch func(ctx context.Context, quick bool) (got session.Credentials, keep bool, err error)

// Stale is why an old session was served: AWS could not be reached.
type Stale struct{ Cause error }

// Get returns the session of k, asking AWS through fetch if none is fresh. Of
// processes that want the same one only one asks; the others wait, as long as
// wait, and then ask themselves.
//
// stale is not nil if the session is an old one and fetch just failed.
func (c Cache) Get(ctx context.Context, k Key, wait time.Duration, fetch Fetch) (got session.Credentials, stale *Stale, err error) {
	old, ok := c.Load(k)
	if ok && old.Serves(c.Now()) {
		return old.Credentials, nil, nil
	}
	usable := ok && old.Usable(c.Now())
	if usable {
		wait = 0 // whoever holds the lock refreshes it
	}
	lock, answer, err := c.lead(ctx, k, wait)
	switch {
	case answer != nil || err != nil:
		return value(answer), nil, err
	case lock == nil && usable:
		return old.Credentials, nil, nil
	case lock == nil:
		got, _, err = fetch(ctx, false)
		return got, nil, err
	}
	defer lock.Unlock()
	return c.refresh(ctx, k, old, usable, fetch)
}

func value(c *session.Credentials) session.Credentials {
	if c == nil {
		return session.Credentials{}
	}
	return *c
}

// refresh asks AWS, with the lock held.
func (c Cache) refresh(ctx context.Context, k Key, old Entry, usable bool, fetch Fetch) (session.Credentials, *Stale, error) {
	got, keep, err := fetch(ctx, usable)
	if usable && err != nil && passes(err) && !old.Usable(c.Now()) { // it ended meanwhile: nothing is left to fall back on
		usable = false
		got, keep, err = fetch(ctx, false)
	}
	if err == nil {
		c.Disk.Remove(c.file(k, refusedEnding))
		if keep {
			c.store(k, Entry{Credentials: got, Obtained: c.Now()})
			c.sweep()
		} else {
			c.Forget(k)
		}
		return got, nil, nil
	}
	if refused, ok := errors.AsType[*session.Refused](err); ok && !passing(refused) {
		c.Forget(k)
		c.write(k, refusedEnding, encodeRefusal(refused, c.Now()))
		return session.Credentials{}, nil, err
	}
	if !usable || !passes(err) {
		return session.Credentials{}, nil, err
	}
	old.NotBefore = c.Now().Add(patience)
	c.store(k, old)
	return old.Credentials, &Stale{err}, nil
}

// passes is true for what may pass by itself: no answer, or one that says nothing
// of the certificate.
func passes(err error) bool {
	if refused, ok := errors.AsType[*session.Refused](err); ok {
		return passing(refused)
	}
	_, ok := errors.AsType[*session.UnreachableError](err)
	return ok
}

func passing(r *session.Refused) bool { return r.Status == 429 || r.Status >= 500 }

// pollEvery is how often somebody who waits looks whether he is served.
const pollEvery = 15 * time.Millisecond

// lead takes the lock of k, or returns what the process that held it got: a fresh
// session, or AWS's no. All nil means that the wait is over, or that nothing can be
// locked here.
func (c Cache) lead(ctx context.Context, k Key, wait time.Duration) (*flock.Flock, *session.Credentials, error) {
	if c.Disk.Mkdir(c.Dir, 0o700) != nil || ownfile.CheckDirs(c.Root, c.Dir) != nil {
		return nil, nil, nil
	}
	began := c.Now()
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	lock := flock.New(c.file(k, lockEnding), flock.SetPermissions(0o600))
	for {
		held, err := lock.TryLock()
		if err != nil {
			return nil, nil, nil
		}
		// Between the first look and the lock somebody may have been served.
		if now, ok := c.Load(k); ok && now.Fresh(c.Now()) {
			lock.Unlock()
			return nil, &now.Credentials, nil
		}
		if refused := c.refusal(k, began); refused != nil {
			lock.Unlock()
			return nil, nil, refused
		}
		if held {
			return lock, nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil, nil
		case <-time.After(pollEvery):
		}
	}
}

// refusal is AWS's no to the process that was waited for, if it came since began.
func (c Cache) refusal(k Key, began time.Time) error {
	data, err := ownfile.Read(c.file(k, refusedEnding), true)
	if err != nil {
		return nil
	}
	refused, at, ok := decodeRefusal(data)
	if !ok || at.Before(began) || c.Now().Sub(at) > shared {
		return nil
	}
	return refused
}
