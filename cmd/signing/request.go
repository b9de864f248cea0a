package signing

import (
	"crypto/x509"
	"path/filepath"
	"strconv"
	"time"

	"anywhere/signer/cache"
	"anywhere/signer/home"
	"anywhere/signer/keystore"
	"anywhere/signer/session"
)

// request is one session to ask for. Its identity is read only when AWS is asked:
// a session from the cache opens no key and parses no certificate.
type request struct {
	target   session.Target
	identity func() (session.Identity, error)
	key      cache.Key
	home     home.Home // its Root is empty if there is none
	setup    *home.Setup
	session  home.Session // of setup
	locked   *bool        // set by identity: the key has a password or lies in hardware
	hardware bool         // the key is not in a file, by its reference
}

// request gathers what the flags, or the set-up that they name, say.
func (o options) request(w World) (request, error) {
	root, err := o.home, error(nil)
	if root == "" {
		root, err = home.Root(w.Getenv)
	}
	if o.setup == "" {
		return o.requestOfFlags(w, root)
	}
	if o.certificate+o.privateKey+o.intermediates+o.anchorARN+o.profileARN+o.roleARN != "" {
		return request{}, &usageError{"--setup: its certificate, key and ARNs come from the set-up", "leave out the other flags, or --setup"}
	}
	if err != nil {
		return request{}, err
	}
	if err := home.ValidName(o.setup); err != nil {
		return request{}, &usageError{err.Error(), ""}
	}
	h := home.Home{Root: root, Disk: w.disk()}
	s := h.Setup(o.setup)
	file, err := h.ReadSession(s)
	if err != nil {
		return request{}, err
	}
	r := request{target: file.Target(), home: h, setup: &s, session: file, locked: new(bool), hardware: keystore.Device(file.Key) != ""}
	o.apply(&r.target)
	if r.target.Endpoint, err = o.endpointFor(w, r.target, file.Mode == home.ModeAWS); err != nil {
		return request{}, err
	}
	r.key = o.cacheKey(s.Name, r.target, append([][]byte{file.Certificate, []byte(file.Key)}, file.Chain...)...)
	r.identity = r.inTime(w, file.Key, func() (session.Identity, error) {
		id, err := file.IdentityIn(s.Dir, o.store(w, file.Key, r.locked))
		*r.locked = *r.locked || keystore.InHardware(id.Key)
		return id, err
	})
	return r, nil
}

// requestOfFlags is the request as AWS's helper takes it.
func (o options) requestOfFlags(w World, root string) (request, error) {
	if o.certificate == "" {
		return request{}, &usageError{"neither --setup nor --certificate is given", "anywhere status lists the set-ups"}
	}
	target, err := session.Target{
		TrustAnchorARN: o.anchorARN,
		ProfileARN:     o.profileARN,
		RoleARN:        o.roleARN,
		Region:         o.region,
		Duration:       3600 * time.Second, // as AWS's helper always sends it
	}.Check()
	if err != nil {
		return request{}, &usageError{err.Error(), hint(err)}
	}
	o.apply(&target)
	if target.Endpoint, err = o.endpointFor(w, target, false); err != nil {
		return request{}, err
	}
	r := request{target: target, locked: new(bool), hardware: keystore.Device(o.keyRef()) != "" || o.inToken()}
	certificate, err := o.certificateData()
	if err != nil {
		return request{}, err
	}
	var more []byte
	if o.intermediates != "" {
		if more, err = keystore.ReadFile(o.intermediates); err != nil {
			return request{}, err
		}
	}
	if root != "" {
		r.home = home.Home{Root: root, Disk: w.disk()}
	}
	ref, err := filepath.Abs(o.keyRef())
	if err != nil {
		ref = o.keyRef()
	}
	r.key = o.cacheKey(cache.FlagsLabel, target, certificate, []byte(ref), more)
	named := o.keyRef()
	if keystore.Device(named) == "" && o.inToken() {
		named = o.certificate
	}
	r.identity = r.inTime(w, named, func() (session.Identity, error) { return o.identity(w, certificate, more, r.locked) })
	return r, nil
}

// inTime bounds the opening and the signing of a key in hardware, which ref names.
func (r request) inTime(w World, ref string, open func() (session.Identity, error)) func() (session.Identity, error) {
	return func() (id session.Identity, err error) {
		if r.hardware {
			id, err = bounded(w.patience, "open", ref, open)
		} else {
			id, err = open()
		}
		id.Key = w.patience.slow(id.Key, ref)
		return id, err
	}
}

// cacheKey names what is asked for and by whom.
func (o options) cacheKey(label string, t session.Target, who ...[]byte) cache.Key {
	parts := [][]byte{}
	for _, text := range []string{
		t.TrustAnchorARN, t.ProfileARN, t.RoleARN, t.SessionName, t.Duration.String(), t.Region, t.Endpoint,
		strconv.FormatBool(o.chainAsGiven), strconv.FormatBool(o.cache),
	} {
		parts = append(parts, []byte(text))
	}
	return cache.KeyOf(label, append(parts, who...)...)
}

// apply lets flags override what a set-up says.
func (o options) apply(t *session.Target) {
	if o.region != "" {
		t.Region = o.region
	}
	if o.sessionName != "" {
		t.SessionName = o.sessionName
	}
	if o.duration != 0 {
		t.Duration = time.Duration(o.duration) * time.Second
	}
}

// chain puts the intermediates in the order that AWS wants, unless they are
// wanted as given.
func (o options) chain(leaf *x509.Certificate, more []*x509.Certificate) []*x509.Certificate {
	if o.chainAsGiven {
		return more
	}
	return session.OrderChain(leaf, more)
}
