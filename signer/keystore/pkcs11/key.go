package pkcs11

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"anywhere/signer/keystore/hardware"
	"anywhere/signer/keystore/pkcs11uri"
)

// Key is a private key in a token. Sign may be called from several goroutines; a
// session is held only until the first signature.
type Key struct {
	module Module
	ask    Ask
	public crypto.PublicKey

	mu     sync.Mutex
	known  []byte // the PIN that the token has taken
	token  *token // with an open session, or nil
	object uint
}

// Open finds the key that ask.URI names and logs in to its token. If it names a
// certificate, the key of the same id is meant.
func Open(m Module, ask Ask) (*Key, error) {
	k := &Key{module: m, ask: ask}
	if err := k.open(); err != nil {
		return nil, err
	}
	return k, nil
}

// Public is the public half.
func (k *Key) Public() crypto.PublicKey { return k.public }

// Sign signs a digest: PKCS #1 v1.5 for RSA, ASN.1 for ECDSA. The token does it,
// and draws what it needs. If it was taken out and put back, Sign starts again,
// once.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.signed(nil, digest, opts)
}

// SignMessage is Sign of what has not been hashed, which works also with a token
// that does not sign what is hashed already.
func (k *Key) SignMessage(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if !opts.HashFunc().Available() {
		return nil, k.trouble(fmt.Errorf("digest %v is not supported", opts.HashFunc()))
	}
	hash := opts.HashFunc().New()
	hash.Write(message)
	return k.signed(message, hash.Sum(nil), opts)
}

// signed makes a signature of digest, whose message is nil if it is not known.
func (k *Key) signed(message, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	way, err := wayOf(k.public, digest, opts)
	if err != nil {
		return nil, k.trouble(err)
	}
	for again := k.token != nil; ; again = false {
		if k.token == nil {
			if err := k.open(); err != nil {
				return nil, err
			}
		}
		signature, err := k.sign(way, message)
		k.token.close()
		k.token = nil
		if err != nil && again && gone(err) {
			continue
		}
		if err == nil {
			signature, err = way.finish(signature)
		}
		if err != nil {
			return nil, k.trouble(err)
		}
		return signature, nil
	}
}

// sign makes the signature in the open session.
func (k *Key) sign(way way, message []byte) ([]byte, error) {
	t := k.token
	err := k.module.SignInit(t.session, k.object, way.mechanism)
	if errors.Is(err, CodeMechanismInvalid) && message != nil && way.whole != 0 {
		if k.module.SignInit(t.session, k.object, way.whole) == nil { // else the first error says more
			way.input, err = message, nil
		}
	}
	if err != nil {
		return nil, err
	}
	// The login for one signature comes between the two calls (base specification,
	// section 5.6).
	if always := t.read(k.object, AttrAlwaysAuthenticate); len(always) == 1 && always[0] != 0 {
		if err := t.login(t.session, ContextSpecific); err != nil {
			return nil, err
		}
	}
	return k.module.Sign(t.session, way.input)
}

// trouble says that it was the signing that failed.
func (k *Key) trouble(err error) error {
	if known, ok := errors.AsType[*hardware.Error](err); ok {
		return known
	}
	e := fault(k.ask.URI, hardware.Failed, "the token does not sign", "", err)
	e.Verb = "sign with"
	return e
}

// gone says that a token was taken out, so that what was opened is no more.
func gone(err error) bool {
	code, ok := errors.AsType[Code](err)
	if !ok {
		return false
	}
	switch code {
	case CodeDeviceError, CodeDeviceRemoved, CodeTokenNotPresent, CodeTokenNotRecognised, CodeSessionClosed,
		CodeSessionHandleInvalid, CodeKeyHandleInvalid, CodeObjectHandleInvalid, CodeNotLoggedIn, CodeNotInitialised:
		return true
	}
	return false
}

// open finds token and key. k.mu is held, or nobody else has k yet.
func (k *Key) open() error {
	t, err := open(k.module, k.ask, k.known, ClassPrivateKey, ClassPublicKey, ClassCertificate)
	if err != nil {
		return err
	}
	if err := t.login(t.session, NormalUser); err != nil {
		t.close()
		return err
	}
	object, public, err := t.choose()
	if err != nil {
		t.close()
		return err
	}
	k.token, k.object, k.public, k.known = t, object, public, t.known
	return nil
}

// choose finds the one private key that is meant.
func (t *token) choose() (object uint, public crypto.PublicKey, err error) {
	objects, err := t.find(ClassPrivateKey, t.ask.URI)
	if err == nil && len(objects) == 0 {
		objects, err = t.beside()
	}
	if err != nil {
		return 0, nil, err
	}
	type candidate struct {
		object uint
		public crypto.PublicKey
	}
	var fit, unseen []candidate
	for _, object := range objects {
		public := t.publicOf(object)
		switch {
		case public == nil:
			unseen = append(unseen, candidate{object, t.ask.Public})
		case t.ask.Public == nil || equal(public, t.ask.Public):
			fit = append(fit, candidate{object, public})
		case len(objects) == 1: // the caller compares it with its certificate, and says so
			fit = append(fit, candidate{object, public})
		}
	}
	if len(fit) == 0 {
		fit = unseen
	}
	switch {
	case len(fit) == 1 && fit[0].public == nil:
		return 0, nil, t.fault(hardware.Unsuitable, t.slot.name()+" does not show the key's public half", "give its certificate too, or write it into the token beside the key, with the same id", nil)
	case len(fit) == 1:
		return fit[0].object, fit[0].public, nil
	case len(fit) > 1:
		return 0, nil, t.fault(hardware.Ambiguous, strconv.Itoa(len(fit))+" keys in "+t.slot.name()+" match", "name one with object= or id= in the URI", nil)
	case len(objects) > 0:
		return 0, nil, t.fault(hardware.NoKey, fmt.Sprintf("none of %d keys in %s is the certificate's", len(objects), t.slot.name()), "name the token that has it", nil)
	}
	return 0, nil, t.fault(hardware.NoKey, t.slot.name()+" has no private key of that name", "look for its name: pkcs11-tool --module MODULE --login --list-objects --type privkey", nil)
}

// beside finds the keys that have the id of the certificate or public key that the
// URI names: labels often differ.
//
// Source: D. Woodhouse, draft-woodhouse-cert-best-practice, section 8.2.
func (t *token) beside() ([]uint, error) {
	label, given := t.ask.URI.Path("object")
	if !given || label == "" {
		return nil, nil
	}
	for _, class := range []Class{ClassCertificate, ClassPublicKey} {
		objects, err := t.find(class, t.ask.URI)
		if err != nil {
			return nil, err
		}
		for _, object := range objects {
			if id := t.read(object, AttrID); len(id) > 0 {
				return t.find(ClassPrivateKey, pkcs11uri.URI{}.With("id", string(id)))
			}
		}
	}
	return nil, nil
}

func equal(a, b crypto.PublicKey) bool {
	known, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && known.Equal(b)
}

// InHardware marks keys that lie in hardware.
func (k *Key) InHardware() {}

// Show is a command that prints the public half.
func (k *Key) Show() string { return `p11tool --login --export-pubkey "` + k.ask.URI.String() + `"` }
