package signing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"anywhere/signer/cache"
	"anywhere/signer/home"
	"anywhere/signer/kept"
	"anywhere/signer/session"
)

// asker gets sessions for one request after another, as the flags want them.
type asker struct {
	options
	w World
	// seen is given the request of each session; nil if nobody wants it.
	seen *request
}

// quick is how long AWS may take while there is a session to fall back on.
const quick = 2 * time.Second

// next reads all that the flags name and returns a session. Files that are just
// being replaced are read again until they fit, for [replacing] at most.
func (a asker) next(ctx context.Context) (got session.Credentials, err error) {
	a.w = a.w.patient(a.options)
	left, pause := min(replacing, a.deadline()/2), firstLook
	for {
		got, err = a.once(ctx)
		if !a.betweenTwo(a.w, err) || left <= 0 || a.w.sleep(ctx, min(pause, left)) != nil {
			return got, err
		}
		left -= pause
		pause = min(2*pause, longestLook)
	}
}

// once reads and asks once.
func (a asker) once(ctx context.Context) (got session.Credentials, err error) {
	r, err := a.request(a.w)
	if err != nil {
		return got, err
	}
	if a.seen != nil {
		*a.seen = r
	}
	got, err = a.session(ctx, r)
	a.w.secrets.learn(err)
	return got, err
}

// session returns a session of r, from the cache if one is kept there.
func (a asker) session(ctx context.Context, r request) (session.Credentials, error) {
	if !a.mayKeep(r) {
		got, _, err := a.fresh(ctx, r, a.w.patience.left(), 0)
		return got, err
	}
	c := cache.Cache{Root: r.home.Root, Dir: r.home.Cache(), Disk: r.home.Disk, Now: a.w.Now}
	began, all := a.w.Now(), a.w.patience.left()
	got, stale, err := c.Get(ctx, r.key, all/2, func(ctx context.Context, hurry bool) (session.Credentials, bool, error) {
		left, attempts := all-a.w.Now().Sub(began), 0
		if hurry {
			left, attempts = min(left, quick), 1
		}
		got, corrected, err := a.fresh(ctx, r, left, attempts)
		// A password shall be asked for each time, unless somebody says otherwise; and
		// a clock that is wrong cannot tell how old a session is.
		return got, err == nil && !corrected && (a.cache || !*r.locked), err
	})
	if stale != nil {
		a.warn(r, "RA402", fmt.Sprintf("AWS could not be asked for a new session (%v); the one kept is used until %s", stale.Cause, got.ExpirationText))
	}
	return got, err
}

// mayKeep says whether the session may lie on the disk. A key in hardware or
// under a password is there so that having the disk is not enough.
func (a asker) mayKeep(r request) bool {
	if a.noCache || kept.Off(a.w.Getenv) || a.noVerify || r.home.Root == "" {
		return false
	}
	return a.cache || !r.hardware && !a.passphrase.given()
}

// fresh asks AWS. corrected says that AWS's clock was used in place of this
// machine's.
func (a asker) fresh(ctx context.Context, r request, deadline time.Duration, attempts int) (got session.Credentials, corrected bool, err error) {
	wire, err := a.wire(a.w, r.target.Endpoint)
	if err != nil {
		return got, false, err
	}
	a.w.patience.within(deadline)
	id, err := r.identity()
	if err != nil {
		return got, false, err
	}
	client := a.client(a.w, wire)
	client.Left, client.Attempts = a.w.patience.left, attempts
	got, err = client.CreateSession(ctx, r.target, id)
	if offset, wrong := a.clockIsWrong(err, r, id); wrong {
		client.Now = func() time.Time { return a.w.Now().Add(offset) }
		client.Attempts = 1
		if again, refused := client.CreateSession(ctx, r.target, id); refused == nil {
			a.warn(r, "RA401", fmt.Sprintf("this machine's clock is %s; AWS's was used", offsetText(offset)))
			return again, true, nil
		}
	}
	if err != nil {
		return got, false, r.explain(err, id, a.w.Now())
	}
	return got, false, nil
}

// warn says on stderr what is wrong though there is a session, and keeps it for
// status and the doctor: the SDKs throw stderr away when a program succeeds.
func (a asker) warn(r request, code, says string) {
	report(context.Background(), a.w, errors.New("warning: "+says+" ("+code+")"))
	if r.setup == nil {
		return
	}
	notes, err := r.home.ReadNotes(*r.setup)
	if err != nil {
		notes = home.Notes{}
	}
	// What cannot be kept has been said.
	_ = r.home.WriteNotes(*r.setup, notes.Warn(home.Warning{Code: code, Says: says, At: a.w.Now()}))
}
