package signing

import (
	"anywhere/signer/cache"
	"anywhere/signer/session"
)

// KeepSession puts a session of a set-up where credential-process finds it, if
// that would keep one there itself. An error is nobody's concern: the next run
// asks AWS.
func KeepSession(w World, root, setup string, got session.Credentials) {
	o := options{setup: setup, home: root}
	r, err := o.request(w)
	if err != nil || !(asker{o, w, nil}).mayKeep(r) {
		return
	}
	cache.Cache{Root: r.home.Root, Dir: r.home.Cache(), Disk: r.home.Disk, Now: w.Now}.Keep(r.key, got)
}
