package pkcs11

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer/keystore/hardware"
	"anywhere/signer/keystore/pkcs11uri"
)

func uri(t *testing.T, text string) pkcs11uri.URI {
	t.Helper()
	u, err := pkcs11uri.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func pin(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

func TestKeysOfATokenSign(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	module := newFake(t, newToken(7, "web", "1234", private, public, rsaObject(t, "rsa", "\x02")))
	sum256, sum512 := sha256.Sum256([]byte("text")), sha512.Sum512([]byte("text"))
	for name, tt := range map[string]struct {
		ref    string
		digest []byte
		hash   crypto.Hash
	}{
		"EC by label":                        {"pkcs11:token=web;object=ec", sum256[:], crypto.SHA256},
		"EC by id":                           {"pkcs11:id=%01", sum256[:], crypto.SHA256},
		"EC with a digest longer than it is": {"pkcs11:slot-id=7;id=%01", sum512[:], crypto.SHA512},
		"RSA":                                {"pkcs11:serial=web-serial;object=rsa;type=private", sum256[:], crypto.SHA256},
		"EC in a slot written as AWS's helper takes it": {"pkcs11:slot-id=0x7;id=%01", sum256[:], crypto.SHA256}, // was refused: no decimal number
		"RSA with SHA-512": {"pkcs11:library-version=1.23;object=rsa", sum512[:], crypto.SHA512},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := Open(module, Ask{URI: uri(t, tt.ref), PIN: pin("1234")})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time in a new session
				signature, err := key.Sign(nil, tt.digest, tt.hash)
				right := false
				switch public := key.Public().(type) {
				case *ecdsa.PublicKey:
					right = ecdsa.VerifyASN1(public, tt.digest, signature)
				case *rsa.PublicKey:
					right = rsa.VerifyPKCS1v15(public, tt.hash, tt.digest, signature) == nil
				}
				if err != nil || !right {
					t.Errorf("got %x, %v, want a signature", signature, err)
				}
			}
			if len(module.sessions) != 0 {
				t.Errorf("%d sessions are left open", len(module.sessions))
			}
		})
	}
}

// Tokens that sign only what they hash themselves were refused: CKR_MECHANISM_INVALID.
func TestTokensThatSignOnlyWhatTheyHashAreGivenTheMessage(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	token := newToken(7, "web", "1234", private, public, rsaObject(t, "rsa", "\x02"))
	token.hashes = true
	module := newFake(t, token)
	message := []byte("text")
	sum256, sum512 := sha256.Sum256(message), sha512.Sum512(message)
	for name, tt := range map[string]struct {
		ref    string
		digest []byte
		hash   crypto.Hash
	}{
		"EC":               {"pkcs11:object=ec", sum256[:], crypto.SHA256},
		"RSA":              {"pkcs11:object=rsa", sum256[:], crypto.SHA256},
		"RSA with SHA-512": {"pkcs11:object=rsa", sum512[:], crypto.SHA512},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := Open(module, Ask{URI: uri(t, tt.ref), PIN: pin("1234")})
			if err != nil {
				t.Fatal(err)
			}
			signature, err := crypto.SignMessage(key, nil, message, tt.hash)
			right := false
			switch public := key.Public().(type) {
			case *ecdsa.PublicKey:
				right = ecdsa.VerifyASN1(public, tt.digest, signature)
			case *rsa.PublicKey:
				right = rsa.VerifyPKCS1v15(public, tt.hash, tt.digest, signature) == nil
			}
			if err != nil || !right {
				t.Errorf("got %x, %v, want a signature", signature, err)
			}
			// Of a digest alone it cannot make one.
			if _, err := key.Sign(nil, tt.digest, tt.hash); !errors.Is(err, CodeMechanismInvalid) {
				t.Errorf("got %v of a digest, want %v", err, CodeMechanismInvalid)
			}
		})
	}
}

func TestEachFaultOfATokenHasItsOwnReason(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	_, stranger, other := ecPair(t, "other", "\x09")
	twin, twinPublic, _ := ecPair(t, "ec2", "\x03")
	alone, _, _ := ecPair(t, "alone", "\x04")
	all := []fakeObject{private, public, twin, twinPublic, alone, stranger}
	for name, tt := range map[string]struct {
		ref    string
		ask    Ask
		reason hardware.Reason
		says   string
	}{
		"no such token":                        {"pkcs11:token=mail", Ask{}, hardware.NoToken, `the module sees "web", "db"`},
		"another library":                      {"pkcs11:library-manufacturer=OpenSC", Ask{}, hardware.NoToken, "Snake Oil"},
		"another version of it":                {"pkcs11:library-version=1", Ask{}, hardware.NoToken, "1.23"},
		"two tokens":                           {"pkcs11:id=%01", Ask{}, hardware.Ambiguous, "several tokens"},
		"no such key":                          {"pkcs11:token=web;object=none", Ask{PIN: pin("1234")}, hardware.NoKey, "no private key of that name"},
		"two keys":                             {"pkcs11:token=web", Ask{PIN: pin("1234")}, hardware.Ambiguous, "2 keys"},
		"a key without its public half":        {"pkcs11:token=web;object=alone", Ask{PIN: pin("1234")}, hardware.Unsuitable, "public half"},
		"no PIN":                               {"pkcs11:token=web;object=ec", Ask{}, hardware.PINNeeded, "nobody to ask"},
		"no terminal":                          {"pkcs11:token=web;object=ec", Ask{PIN: func() ([]byte, error) { return nil, decode.ErrPassphraseNeeded }}, hardware.PINNeeded, "nobody to ask"},
		"a wrong PIN":                          {"pkcs11:token=web;object=ec", Ask{PIN: pin("4711")}, hardware.PINWrong, "CKR_PIN_INCORRECT"},
		"several keys, none the certificate's": {"pkcs11:token=web;id=%01", Ask{PIN: pin("1234"), Public: other.Public()}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			module := newFake(t, newToken(1, "web", "1234", all...), newToken(2, "db", "1234", private, public))
			tt.ask.URI = uri(t, tt.ref)
			key, err := Open(module, tt.ask)
			if tt.reason == "" { // who asks compares it, and says so better
				if err != nil || !equal(key.Public(), private.key.Public()) {
					t.Errorf("got %v, want the token's key though it is not the certificate's", err)
				}
				return
			}
			e, ok := errors.AsType[*hardware.Error](err)
			if !ok || e.Reason != tt.reason || !strings.Contains(err.Error(), tt.says) || e.Hint() == "" {
				t.Errorf("got %v, want reason %s and %q, and a hint", err, tt.reason, tt.says)
			}
			if err != nil && strings.Contains(err.Error(), "4711") {
				t.Errorf("the error tells the PIN: %v", err)
			}
			if len(module.sessions) != 0 {
				t.Errorf("%d sessions are left open", len(module.sessions))
			}
		})
	}
}

// A token counts wrong PINs, and locks itself after a few.
func TestAWrongPINIsTriedOnce(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	module := newFake(t, newToken(1, "web", "1234", private, public))
	ask := Ask{URI: uri(t, "pkcs11:object=ec"), PIN: pin("4711"), Tried: &hardware.Tried{}}
	for range 3 { // as serve does, which asks for one session after another
		if _, err := Open(module, ask); !errors.Is(err, decode.ErrWrongPassphrase) {
			t.Errorf("got %v, want %v", err, decode.ErrWrongPassphrase)
		}
	}
	if want := []string{"user 4711"}; !slices.Equal(module.logins, want) {
		t.Errorf("got logins %q, want %q", module.logins, want)
	}
	ask.PIN = pin("1234")
	if _, err := Open(module, ask); err != nil {
		t.Errorf("with the right PIN: %v", err)
	}
}

// Who only pressed Enter was told that there is nobody to ask.
func TestAnEmptyPINIsNotTried(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	module := newFake(t, newToken(1, "web", "1234", private, public))
	_, err := Open(module, Ask{URI: uri(t, "pkcs11:object=ec"), PIN: pin("")})
	if e, ok := errors.AsType[*hardware.Error](err); !ok || e.Reason != hardware.PINNeeded || !strings.Contains(err.Error(), "is empty") || len(module.logins) != 0 {
		t.Errorf("got %v and logins %q, want reason %s and none", err, module.logins, hardware.PINNeeded)
	}
}

func TestATokenNearItsLockIsNotTouched(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	for name, tt := range map[string]struct {
		flag   Flags
		reason hardware.Reason
	}{"the last try": {PINFinalTry, hardware.LastTry}, "locked": {PINIsLocked, hardware.PINLocked}} {
		t.Run(name, func(t *testing.T) {
			token := newToken(1, "web", "1234", private, public)
			token.slot.Flags |= tt.flag
			module := newFake(t, token)
			_, err := Open(module, Ask{URI: uri(t, "pkcs11:object=ec"), PIN: pin("1234")})
			if e, ok := errors.AsType[*hardware.Error](err); !ok || e.Reason != tt.reason || e.Hint() == "" {
				t.Errorf("got %v, want reason %s", err, tt.reason)
			}
			if len(module.logins) != 0 {
				t.Errorf("got logins %q, want none", module.logins)
			}
		})
	}
}

func TestTokensWithoutLoginAndWithAKeypadAskForNoPIN(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	for name, tt := range map[string]struct {
		flags  Flags
		logins []string
	}{"no login": {Initialised, nil}, "a keypad of its own": {Initialised | LoginRequired | KeypadOfItsOwn, []string{"user "}}} {
		t.Run(name, func(t *testing.T) {
			token := newToken(1, "web", "1234", private, public)
			token.slot.Flags = tt.flags
			module := newFake(t, token)
			if _, err := Open(module, Ask{URI: uri(t, "pkcs11:object=ec")}); err != nil || !slices.Equal(module.logins, tt.logins) {
				t.Errorf("got %v and logins %q, want %q", err, module.logins, tt.logins)
			}
		})
	}
}

func TestAKeyThatWantsAPINForEachSignatureGetsIt(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	private.attributes[AttrAlwaysAuthenticate] = []byte{1}
	sum := sha256.Sum256(nil)
	for name, tt := range map[string]struct {
		reuse bool
		asked int
	}{"asked again": {false, 2}, "given again with --reuse-pin": {true, 1}} {
		t.Run(name, func(t *testing.T) {
			module, asked := newFake(t, newToken(1, "web", "1234", private, public)), 0
			key, err := Open(module, Ask{URI: uri(t, "pkcs11:object=ec"), ReusePIN: tt.reuse, PIN: func() ([]byte, error) { asked++; return []byte("1234"), nil }})
			if err != nil {
				t.Fatal(err)
			}
			_, err = key.Sign(nil, sum[:], crypto.SHA256)
			if want := []string{"user 1234", "signature 1234"}; err != nil || !slices.Equal(module.logins, want) || asked != tt.asked {
				t.Errorf("got %v, logins %q, %d questions; want %q, %d", err, module.logins, asked, want, tt.asked)
			}
		})
	}
}

// The one was tried in place of the other, and then counted as wrong for both.
func TestAPINForSignaturesMayBeAnother(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	private.attributes[AttrAlwaysAuthenticate] = []byte{1}
	web := newToken(1, "web", "1234", private, public)
	web.signs = "98765"
	module, tried, sign := newFake(t, web), &hardware.Tried{}, "1234"
	key, err := Open(module, Ask{URI: uri(t, "pkcs11:object=ec"), PIN: pin("1234"), Tried: tried, SignPIN: func() ([]byte, error) { return []byte(sign), nil }})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	for _, says := range []string{"not the one for a signature", "was not tried again"} {
		_, err := key.Sign(nil, sum[:], crypto.SHA256)
		if e, ok := errors.AsType[*hardware.Error](err); !ok || e.Reason != hardware.PINWrong || !strings.Contains(err.Error(), says) {
			t.Errorf("the other's PIN: got %v, want reason %s, %q", err, hardware.PINWrong, says)
		}
	}
	sign = "98765"
	_, err = key.Sign(nil, sum[:], crypto.SHA256)
	if want := []string{"user 1234", "signature 1234", "user 1234", "user 1234", "signature 98765"}; err != nil || !slices.Equal(module.logins, want) {
		t.Errorf("got %v, logins %q; want %q", err, module.logins, want)
	}
}

func TestALoginAtAKeypadIsSaid(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	private.attributes[AttrAlwaysAuthenticate] = []byte{1}
	for name, tt := range map[string]struct {
		flags Flags
		said  int
	}{"at a keypad": {KeypadOfItsOwn, 2}, "with a PIN": {0, 0}} {
		t.Run(name, func(t *testing.T) {
			web, said := newToken(1, "web", "1234", private, public), 0
			web.slot.Flags |= tt.flags
			key, err := Open(newFake(t, web), Ask{URI: uri(t, "pkcs11:object=ec"), PIN: pin("1234"), Keypad: func(login func() error) error { said++; return login() }})
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(nil)
			if _, err := key.Sign(nil, sum[:], crypto.SHA256); err != nil || said != tt.said {
				t.Errorf("got %v and %d logins said, want %d", err, said, tt.said)
			}
		})
	}
}

func TestATokenMayBeTakenOutAndPutBack(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	before := newToken(1, "web", "1234", private, public)
	module := newFake(t, before)
	key, err := Open(module, Ask{URI: uri(t, "pkcs11:token=web;object=ec"), PIN: pin("1234")})
	if err != nil {
		t.Fatal(err)
	}
	before.out = true
	sum := sha256.Sum256(nil)
	module.tokens = append(module.tokens, newToken(5, "web", "1234", private, public)) // in another slot
	if _, err := key.Sign(nil, sum[:], crypto.SHA256); err != nil {
		t.Errorf("back again: %v", err)
	}
	module.tokens[1].out = true
	_, err = key.Sign(nil, sum[:], crypto.SHA256)
	if e, ok := errors.AsType[*hardware.Error](err); !ok || e.Reason != hardware.NoToken {
		t.Errorf("taken out: got %v, want reason %s", err, hardware.NoToken)
	}
}

func TestOfSeveralKeysTheCertificatesIsTaken(t *testing.T) {
	first, firstPublic, _ := ecPair(t, "a", "\x01")
	second, secondPublic, key := ecPair(t, "b", "\x02")
	module := newFake(t, newToken(1, "web", "1234", first, firstPublic, second, secondPublic))
	got, err := Open(module, Ask{URI: uri(t, "pkcs11:token=web"), PIN: pin("1234"), Public: key.Public()})
	if err != nil || !equal(got.Public(), key.Public()) {
		t.Errorf("got %v, want the key of the certificate", err)
	}
}

// What shows no public half may be any key: that the signature verifies is what
// counts.
func TestAKeyThatIsNotTheCertificatesMakesNoSignature(t *testing.T) {
	alone, _, _ := ecPair(t, "alone", "\x04")
	_, _, other := ecPair(t, "other", "\x05")
	module := newFake(t, newToken(1, "web", "1234", alone))
	sum := sha256.Sum256(nil)
	key, err := Open(module, Ask{URI: uri(t, "pkcs11:object=alone"), PIN: pin("1234"), Public: alone.key.Public()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.Sign(nil, sum[:], crypto.SHA256); err != nil {
		t.Errorf("the right certificate: %v", err)
	}
	key, err = Open(module, Ask{URI: uri(t, "pkcs11:object=alone"), PIN: pin("1234"), Public: other.Public()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.Sign(nil, sum[:], crypto.SHA256); err == nil || !strings.Contains(err.Error(), "not the certificate's") {
		t.Errorf("another's certificate: got %v, want it refused", err)
	}
}

// SoftHSM never saw a token again that was taken out and put back while serve ran.
func TestALibraryLooksAnewForATokenThatIsNotThere(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	module := newFake(t, newToken(1, "mail", "1234"))
	module.later = []*fakeToken{newToken(2, "web", "1234", private, public)}
	ask := Ask{URI: uri(t, "pkcs11:token=web;object=ec"), PIN: pin("1234")}
	for range 2 {
		if _, err := Open(module, ask); err != nil || module.resets != 1 {
			t.Errorf("got %v after %d resets, want the key after one", err, module.resets)
		}
	}
}

// The hint compared the certificate with openssl pkey -in KEY, and there is no such file.
func TestTheHintOfAKeyThatIsNotTheCertificatesNamesTheToken(t *testing.T) {
	private, public, _ := ecPair(t, "ec", "\x01")
	_, _, other := ecPair(t, "other", "\x02")
	key, err := Open(newFake(t, newToken(1, "web", "1234", private, public)), Ask{URI: uri(t, "pkcs11:token=web;object=ec?pin-value=1234"), PIN: pin("1234")})
	if err != nil {
		t.Fatal(err)
	}
	e, ok := errors.AsType[*pki.MismatchError](pki.MatchKey(&x509.Certificate{PublicKey: other.Public()}, key))
	if want := `compare p11tool --login --export-pubkey "pkcs11:token=web;object=ec" with `; !ok || !strings.HasPrefix(e.Hint(), want) || strings.Contains(e.Hint(), "1234") {
		t.Errorf("got %v, want a hint that begins with %q and has no PIN", e, want)
	}
}
