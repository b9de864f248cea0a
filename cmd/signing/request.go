package signing

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"path/filepath"
	"time"

	"anywhere/signer/home"
	"anywhere/signer/kept"
	"anywhere/signer/keystore"
	"anywhere/signer/pointer"
	"anywhere/signer/session"
)

// request is one session to ask for. Its identity is read only when AWS is asked:
// a session from the cache opens no key and parses no certificate.
type request struct {
	target   session.Target
	identity func() (session.Identity, error)
	key      kept.Key
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
	r.key = kept.KeyOfSetup(pointer.Session(file), r.target, o.asking(), withoutSecret(file.Key))
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
	certificate, err := o.certificateData(w)
	if err != nil {
		return request{}, err
	}
	var more []byte
	if o.intermediates != "" {
		if more, err = w.patience.file(o.intermediates); err != nil {
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
	r.key = kept.KeyFor(kept.FlagsLabel, target, o.asking(),
		[]byte(digest(certificate)), []byte(digest([]byte(ref))), []byte(digest(more)), []byte(o.module))
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

// asking is what of the flags goes into the key of a kept session.
func (o options) asking() kept.Asking {
	return kept.Asking{ChainAsGiven: o.chainAsGiven, EvenLocked: o.cache}
}

// withoutSecret is a key's reference for an entry that is kept: that of a token may
// hold its PIN.
func withoutSecret(ref string) string {
	if keystore.Device(ref) == "" {
		return ref
	}
	return digest([]byte(ref))
}

// digest stands for what may hold a secret: the file of a certificate may hold its
// key too.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
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
