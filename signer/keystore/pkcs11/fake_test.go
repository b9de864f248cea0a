package pkcs11

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/binary"
	"slices"
	"testing"
)

// fake is a module with tokens that behave as the standard wants, and as badly as
// a test wants.
type fake struct {
	t        *testing.T
	tokens   []*fakeToken
	sessions map[uint]*fakeSession
	last     uint
	library  Library
	logins   []string     // every login that was tried: user and PIN
	later    []*fakeToken // seen only after the next reset
	resets   int
}

type fakeToken struct {
	slot    Slot
	pin     string
	signs   string // the PIN for signatures; empty is the same
	objects []fakeObject
	out     bool // taken out
	hashes  bool // signs only what it hashes itself
}

type fakeObject struct {
	private    bool // shown only after login
	attributes map[AttributeKind][]byte
	key        crypto.Signer
}

type fakeSession struct {
	token    *fakeToken
	loggedIn bool
	signing  *fakeObject
	whole    Mechanism // that hashes, or 0
	cleared  bool      // the login for one signature was made
}

func newFake(t *testing.T, tokens ...*fakeToken) *fake {
	return &fake{t: t, tokens: tokens, sessions: map[uint]*fakeSession{}, library: Library{"Snake Oil, Inc.", "Soft Token Library", "1.23"}}
}

func newToken(id uint, label, pin string, objects ...fakeObject) *fakeToken {
	return &fakeToken{slot: Slot{ID: id, Token: label, Serial: label + "-serial", Flags: Initialised | LoginRequired}, pin: pin, objects: objects}
}

func number(n uint) []byte { return binary.NativeEndian.AppendUint64(nil, uint64(n)) }

// ecPair is a private and a public key object of one id.
func ecPair(t *testing.T, label, id string) (private, public fakeObject, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := asn1.Marshal(point)
	if err != nil {
		t.Fatal(err)
	}
	params, err := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})
	if err != nil {
		t.Fatal(err)
	}
	private = fakeObject{true, map[AttributeKind][]byte{AttrClass: number(uint(ClassPrivateKey)), AttrLabel: []byte(label), AttrID: []byte(id), AttrECParams: params}, key}
	public = fakeObject{false, map[AttributeKind][]byte{AttrClass: number(uint(ClassPublicKey)), AttrLabel: []byte(label), AttrID: []byte(id), AttrECParams: params, AttrECPoint: wrapped}, nil}
	return private, public, key
}

func rsaObject(t *testing.T, label, id string) fakeObject {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return fakeObject{true, map[AttributeKind][]byte{AttrClass: number(uint(ClassPrivateKey)), AttrLabel: []byte(label), AttrID: []byte(id),
		AttrModulus: key.N.Bytes(), AttrPublicExponent: {1, 0, 1}}, key}
}

func (f *fake) Library() (Library, error) { return f.library, nil }

func (f *fake) Slots() (all []Slot, err error) {
	for _, token := range f.tokens {
		if !token.out {
			all = append(all, token.slot)
		}
	}
	return all, nil
}

func (f *fake) Reset() error {
	f.resets++
	f.tokens, f.later = append(f.tokens, f.later...), nil
	clear(f.sessions)
	return nil
}

func (f *fake) OpenSession(slot uint) (uint, error) {
	for _, token := range f.tokens {
		if token.slot.ID == slot && !token.out {
			f.last++
			f.sessions[f.last] = &fakeSession{token: token}
			return f.last, nil
		}
	}
	return 0, CodeTokenNotPresent
}

func (f *fake) CloseSession(session uint) error {
	if f.sessions[session] == nil {
		return CodeSessionHandleInvalid
	}
	delete(f.sessions, session)
	return nil
}

// at is the session, unless its token was taken out meanwhile.
func (f *fake) at(session uint) (*fakeSession, error) {
	s := f.sessions[session]
	if s == nil || s.token.out {
		return nil, CodeSessionHandleInvalid
	}
	return s, nil
}

func (f *fake) Login(session uint, user User, pin []byte) error {
	s, err := f.at(session)
	if err != nil {
		return err
	}
	f.logins = append(f.logins, map[User]string{NormalUser: "user ", ContextSpecific: "signature "}[user]+string(pin))
	flags, right := &s.token.slot.Flags, s.token.pin
	if user == ContextSpecific && s.token.signs != "" {
		right = s.token.signs
	}
	switch {
	case *flags&PINIsLocked != 0:
		return CodePINLocked
	case string(pin) != right && *flags&KeypadOfItsOwn == 0:
		return CodePINIncorrect
	case user == ContextSpecific:
		s.cleared = true
	default:
		s.loggedIn = true
	}
	return nil
}

func (f *fake) Find(session uint, wanted []Attribute) (found []uint, err error) {
	s, err := f.at(session)
	if err != nil {
		return nil, err
	}
	for i, object := range s.token.objects {
		shown := !object.private || s.loggedIn || s.token.slot.Flags&LoginRequired == 0
		differs := slices.ContainsFunc(wanted, func(a Attribute) bool {
			want := a.Bytes
			if a.Number != nil {
				want = number(*a.Number)
			}
			return !bytes.Equal(object.attributes[a.Kind], want)
		})
		if shown && !differs {
			found = append(found, uint(i+1))
		}
	}
	return found, nil
}

func (f *fake) Read(session, object uint, kind AttributeKind) ([]byte, error) {
	s, err := f.at(session)
	if err != nil {
		return nil, err
	}
	value, ok := s.token.objects[object-1].attributes[kind]
	if !ok {
		return nil, Code(0x12) // CKR_ATTRIBUTE_TYPE_INVALID
	}
	return value, nil
}

func (f *fake) SignInit(session, key uint, mechanism Mechanism) error {
	s, err := f.at(session)
	if err != nil {
		return err
	}
	s.signing, s.cleared = &s.token.objects[key-1], false
	_, isRSA := s.signing.key.(*rsa.PrivateKey)
	allowed := map[bool][]Mechanism{true: {MechanismRSA}, false: {MechanismECDSA}}
	if s.token.hashes { // pkcs11t.h: CKM_SHA256_RSA_PKCS, CKM_SHA512_RSA_PKCS; CKM_ECDSA_SHA256
		allowed = map[bool][]Mechanism{true: {0x40, 0x42}, false: {0x1044}}
		s.whole = mechanism
	}
	if !slices.Contains(allowed[isRSA], mechanism) {
		return CodeMechanismInvalid
	}
	return nil
}

func (f *fake) Sign(session uint, data []byte) ([]byte, error) {
	s, err := f.at(session)
	if err != nil {
		return nil, err
	}
	if always := s.signing.attributes[AttrAlwaysAuthenticate]; len(always) == 1 && always[0] == 1 && !s.cleared {
		return nil, CodeNotLoggedIn
	}
	if hash := map[Mechanism]crypto.Hash{0x40: crypto.SHA256, 0x42: crypto.SHA512, 0x1044: crypto.SHA256}[s.whole]; hash != 0 {
		sum := hash.New()
		sum.Write(data)
		return s.signing.signed(hash, sum.Sum(nil))
	}
	return s.signing.signed(0, data)
}

// signed makes a signature as tokens do.
func (o *fakeObject) signed(hash crypto.Hash, data []byte) ([]byte, error) {
	switch key := o.key.(type) {
	case *rsa.PrivateKey:
		return rsa.SignPKCS1v15(nil, key, hash, data)
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, data)
		if err != nil {
			return nil, err
		}
		size := (key.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...), nil
	}
	return nil, CodeFunctionFailed
}
