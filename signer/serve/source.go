// Package serve hands out temporary credentials on this machine, in the two ways
// that the AWS SDKs can be told to ask: as the metadata service of an EC2 instance
// (IMDSv2, as AWS's helper does) and as the credentials endpoint of a container,
// which wants a token that only a file holds.
//
// A [Source] keeps one session and renews it ahead of time; a [Door] answers
// requests from it. The package opens no file, knows no certificate and logs no
// secret.
package serve

import (
	"context"
	"sync"
	"time"

	"anywhere/signer/session"
)

// Source keeps one session. All fields but Log are required.
type Source struct {
	// Fetch asks for a session and says when the next one is wanted.
	Fetch func(context.Context) (session.Credentials, time.Time, error)
	// Wait sleeps until a time, or ends with ctx.
	Wait func(context.Context, time.Time) error
	// BackOff is how long to wait after so many failures, counted from 0.
	BackOff func(failures int) time.Duration
	Now     func() time.Time
	Log     func(event string, pairs ...string)

	mu      sync.Mutex
	current session.Credentials
	updated time.Time
	err     error // of the last attempt
	tried   chan struct{}
	once    sync.Once
}

// Run fetches one session after another until ctx ends: one at a time, ahead of
// the old one's end. A failure leaves the old one in place.
func (s *Source) Run(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		next, err := s.renew(ctx)
		if err == nil {
			failures = 0
		} else {
			next = s.Now().Add(s.BackOff(failures))
			failures++
		}
		if s.Wait(ctx, next) != nil {
			return
		}
	}
}

// renew makes one attempt.
func (s *Source) renew(ctx context.Context) (next time.Time, err error) {
	got, next, err := s.Fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.err = err; {
	case err == nil && (got.SessionToken != s.current.SessionToken || got.ExpirationText != s.current.ExpirationText):
		s.current, s.updated = got, s.Now()
		s.log("renewed", "expires", got.ExpirationText)
	case err == nil: // it was kept on the disk, and AWS could not be asked for another
	default:
		s.log("not renewed", "error", err.Error(), "kept until", s.current.ExpirationText)
	}
	s.once.Do(func() { close(s.first()) })
	return next, err
}

func (s *Source) log(event string, pairs ...string) {
	if s.Log != nil {
		s.Log(event, pairs...)
	}
}

// first is closed after the first attempt. The lock must be held.
func (s *Source) first() chan struct{} {
	if s.tried == nil {
		s.tried = make(chan struct{})
	}
	return s.tried
}

// Get returns the session and when it was got. It waits for the first attempt and
// for nothing else; an error says that there is no session that AWS would take.
func (s *Source) Get(ctx context.Context) (session.Credentials, time.Time, error) {
	s.mu.Lock()
	first := s.first()
	s.mu.Unlock()
	select {
	case <-first:
	case <-ctx.Done():
		return session.Credentials{}, time.Time{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.Now().Before(s.current.Expiration):
		return s.current, s.updated, nil
	case s.err != nil:
		return session.Credentials{}, time.Time{}, s.err
	}
	return session.Credentials{}, time.Time{}, errExpired
}
