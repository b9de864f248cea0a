package pkcs11

import (
	"crypto"
	"crypto/x509"

	"anywhere/signer/keystore/hardware"
	"anywhere/signer/keystore/pkcs11uri"
)

// Ask is what a key or certificate is asked for with.
type Ask struct {
	URI pkcs11uri.URI
	// PIN is called when the token wants one; nil if there is none and nobody to ask.
	PIN func() ([]byte, error)
	// SignPIN is called for each signature of a key that wants a PIN for each: a card
	// may have another one for that. Nil is PIN.
	SignPIN func() ([]byte, error)
	// ReusePIN gives the PIN of the login also for each signature, where a key wants
	// one.
	ReusePIN bool
	// Keypad is given the logins for which a person types at the token's own keypad;
	// nil just does them.
	Keypad func(login func() error) error
	// Public, if not nil, is the public half of the key that is meant.
	Public crypto.PublicKey
	// Tried remembers wrong PINs; may be nil.
	Tried *hardware.Tried
}

// token is one token with a session.
type token struct {
	module  Module
	ask     Ask
	slot    Slot
	session uint
	known   []byte // the PIN, once the token has taken it
}

func (t *token) fault(reason hardware.Reason, says, fix string, err error) *hardware.Error {
	return fault(t.ask.URI, reason, says, fix, err)
}

// open finds the one token that is meant and opens a session, without login. If
// several match, the one is meant that shows an object of that name.
func open(m Module, ask Ask, known []byte, classes ...Class) (*token, error) {
	slots, err := matching(m, ask.URI)
	if err != nil {
		return nil, err
	}
	var found []*token
	for _, slot := range slots {
		t := &token{module: m, ask: ask, slot: slot, known: known}
		if t.session, err = m.OpenSession(slot.ID); err != nil {
			if len(slots) == 1 {
				return nil, t.fault(hardware.Failed, "open a session with "+slot.name(), "", err)
			}
			continue // another token's trouble is not ours
		}
		if len(slots) > 1 && !t.shows(classes) {
			t.close()
			continue
		}
		found = append(found, t)
	}
	if len(found) == 1 {
		return found[0], nil
	}
	for _, t := range found {
		t.close()
	}
	return nil, fault(ask.URI, hardware.Ambiguous, "several tokens match; "+present(slots), "name the one with token= or serial= in the URI", nil)
}

func (t *token) close() { _ = t.module.CloseSession(t.session) }

// shows says whether an object of the name is to be seen without login.
func (t *token) shows(classes []Class) bool {
	for _, class := range classes {
		if objects, err := t.find(class, t.ask.URI); err == nil && len(objects) > 0 {
			return true
		}
	}
	return false
}

// find returns the objects of a class that have the label and id of the URI.
func (t *token) find(class Class, uri pkcs11uri.URI) ([]uint, error) {
	number := uint(class)
	wanted := []Attribute{{Kind: AttrClass, Number: &number}}
	if label, given := uri.Path("object"); given {
		wanted = append(wanted, Attribute{Kind: AttrLabel, Bytes: []byte(label)})
	}
	if id, given := uri.Path("id"); given {
		wanted = append(wanted, Attribute{Kind: AttrID, Bytes: []byte(id)})
	}
	objects, err := t.module.Find(t.session, wanted)
	if err != nil {
		return nil, t.fault(hardware.Failed, "search "+t.slot.name(), "", err)
	}
	return objects, nil
}

// read returns an attribute; nil if the object has none, or does not show it.
func (t *token) read(object uint, kind AttributeKind) []byte {
	value, err := t.module.Read(t.session, object, kind)
	if err != nil {
		return nil
	}
	return value
}

// Found is a certificate in a token.
type Found struct {
	Certificate *x509.Certificate
	URI         pkcs11uri.URI // names this one alone
}

// Certificates returns the certificates that a URI names, and all certificates of
// that token, for a chain. The token is logged in to only if it shows none of
// that name without.
func Certificates(m Module, ask Ask) (named []Found, all []*x509.Certificate, err error) {
	t, err := open(m, ask, nil, ClassCertificate)
	if err != nil {
		return nil, nil, err
	}
	defer t.close()
	objects, err := t.find(ClassCertificate, ask.URI)
	if err == nil && len(objects) == 0 {
		if err = t.login(t.session, NormalUser); err == nil {
			objects, err = t.find(ClassCertificate, ask.URI)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	for _, object := range objects {
		cert, err := x509.ParseCertificate(t.read(object, AttrValue))
		if err != nil {
			return nil, nil, t.fault(hardware.Unsuitable, "the certificate in "+t.slot.name()+" cannot be read", "", err)
		}
		named = append(named, Found{cert, t.name(object)})
	}
	if len(named) == 0 {
		return nil, nil, t.fault(hardware.NoKey, t.slot.name()+" has no certificate of that name", "look for its name: pkcs11-tool --module MODULE --list-objects --type cert", nil)
	}
	others, err := t.find(ClassCertificate, pkcs11uri.URI{})
	if err != nil {
		return nil, nil, err
	}
	for _, object := range others {
		if cert, err := x509.ParseCertificate(t.read(object, AttrValue)); err == nil { // another's certificate need not be one that Go reads
			all = append(all, cert)
		}
	}
	return named, all, nil
}

// name is the URI of one object.
func (t *token) name(object uint) pkcs11uri.URI {
	uri := pkcs11uri.URI{}.With("token", t.slot.Token).With("model", t.slot.Model).With("manufacturer", t.slot.Manufacturer).
		With("serial", t.slot.Serial).With("type", "cert")
	if id := t.read(object, AttrID); len(id) > 0 {
		uri = uri.With("id", string(id))
	}
	if label := t.read(object, AttrLabel); len(label) > 0 {
		uri = uri.With("object", string(label))
	}
	return uri
}
