// Package tpm signs with keys of a TPM 2.0: keys in files that only their TPM can
// load, and keys that lie in the TPM under a handle.
//
// It speaks the few commands that this takes itself. A library for all of TPM 2.0
// does work whenever a program starts that links it, and anywhere-signer starts at
// every call of the AWS CLI.
package tpm

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"anywhere/pki/decode"
	"anywhere/signer/keystore/hardware"
)

// Ask is what a key is asked for with.
type Ask struct {
	Ref    string // how the key is called in errors
	Device string // path; empty is the machine's own
	// Password is called when the key wants one; nil if there is none and nobody to
	// ask.
	Password func() ([]byte, error)
	// NoPassword says that the key under a handle has none. A file says so itself.
	NoPassword bool
	// Tried remembers wrong passwords; may be nil.
	Tried *hardware.Tried
}

// Key is a private key in a TPM. The device is open only while it signs.
type Key struct {
	ask    Ask
	public public
	handle uint32   // where it lies in the TPM, or 0
	file   loadable // what is loaded, if it does not

	mu    sync.Mutex
	known []byte // the password, once the TPM has taken it
}

// OpenFile reads a key that only its TPM can load from PEM. The TPM is not asked
// before the key signs.
func OpenFile(data []byte, ask Ask) (*Key, error) {
	file, err := parseKeyFile(data)
	if err != nil {
		return nil, ask.fault(hardware.BadReference, "the TPM key file cannot be used", "make another: tpm2_encodeobject, or openssl genpkey -provider tpm2", err)
	}
	if !isParent(file.parent) {
		return nil, ask.fault(hardware.BadReference, fmt.Sprintf("its parent 0x%08X is neither a persistent handle nor a hierarchy", file.parent), "", nil)
	}
	return newKey(ask, 0, file)
}

// OpenHandle asks the TPM for the key at a handle, such as "0x81000001".
func OpenHandle(text string, ask Ask) (*Key, error) {
	digits := strings.TrimPrefix(strings.ToLower(text), "0x")
	handle, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || handle>>24 != 0x81 && handle>>24 != 0x80 {
		return nil, ask.fault(hardware.BadReference, "the handle is no number from 0x81000000 to 0x81FFFFFF", "list them: tpm2_getcap handles-persistent", nil)
	}
	device, err := openDevice(ask.Ref, ask.Device)
	if err != nil {
		return nil, err
	}
	defer device.Close()
	_, answer, err := run(device, command{code: commandReadPublic, handles: []uint32{uint32(handle)}}, false)
	if code, ok := errors.AsType[Code](err); ok && (code.plain() == codeHandle || code.plain() == codeValue) {
		return nil, ask.fault(hardware.NoKey, "the TPM has no key under this handle", "list them: tpm2_getcap handles-persistent", nil)
	}
	if err != nil {
		return nil, ask.fault(hardware.Failed, "read its public half", "", err)
	}
	r := reader{data: answer}
	return newKey(ask, uint32(handle), loadable{public: r.sized()})
}

func newKey(ask Ask, handle uint32, file loadable) (*Key, error) {
	public, err := parsePublic(file.public)
	if err == nil {
		err = public.suits()
	}
	if err != nil {
		return nil, ask.fault(hardware.Unsuitable, "it cannot sign here", "make another: tpm2_create -G ecc256:ecdsa-sha256", err)
	}
	k := &Key{ask: ask, public: public, handle: handle, file: file}
	if ask.Password == nil { // what nobody can answer later is said now
		if _, err := k.password(); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func (a Ask) fault(reason hardware.Reason, says, fix string, err error) *hardware.Error {
	return &hardware.Error{Ref: a.Ref, Says: says, Fix: fix, Reason: reason, Err: err}
}

// Public is the public half.
func (k *Key) Public() crypto.PublicKey { return k.public.key }

// Sign signs a digest: PKCS #1 v1.5 for RSA, ASN.1 for ECDSA. The TPM does it, and
// draws what that needs; random is for the proof of a password, and may be nil where
// there is none.
func (k *Key) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	scheme, err := k.public.schemeFor(digest, opts)
	if err != nil {
		return nil, k.trouble(err)
	}
	password, err := k.password() // first: nobody else can use some devices while this one is open
	if err != nil {
		return nil, err
	}
	device, err := openDevice(k.ask.Ref, k.ask.Device)
	if err != nil {
		return nil, err
	}
	defer device.Close()
	if err := k.mayTry(device, password); err != nil {
		return nil, err
	}
	r := &room{device: device}
	defer r.leave()
	handle, err := k.load(r)
	if err != nil {
		return nil, err
	}
	sign := command{code: commandSign, handles: []uint32{handle}, parameters: scheme.parameters(digest)}
	auth, err := k.authorize(r, sign, password, random)
	if err != nil {
		return nil, k.trouble(err)
	}
	sign.auths = [][]byte{auth}
	_, answer, err := run(device, sign, false)
	if err != nil {
		return nil, k.refused(err, password)
	}
	k.known, r.session = password, 0
	signature, err := scheme.signature(answer, k.public.key, digest)
	if err != nil {
		return nil, k.trouble(err)
	}
	return signature, nil
}

const fixPassword = "name a file with it: --key-passphrase-file; or say that it has none: --no-tpm-key-password"

// password is what the key is used with; empty is none.
func (k *Key) password() ([]byte, error) {
	if k.known != nil || k.file.emptyAuth || k.ask.NoPassword {
		return k.known, nil
	}
	var password []byte
	err := decode.ErrPassphraseNeeded // which is also what is said where there is no terminal
	if k.ask.Password != nil {
		password, err = k.ask.Password()
	}
	switch {
	case err == nil:
	case !errors.Is(err, decode.ErrPassphraseNeeded):
		return nil, k.ask.fault(hardware.PINNeeded, "read its password", "", err)
	case k.handle == 0: // which the file says, perhaps wrongly: see refused
		return nil, k.ask.fault(hardware.PINNeeded, "the key has a password and there is nobody to ask", fixPassword, nil)
	case k.public.attributes&attrNoDA == 0:
		return nil, k.ask.fault(hardware.PINNeeded, "the key may have a password and there is nobody to ask", fixPassword, nil)
	}
	// Wrong passwords of a key outside the lockout are not counted: an empty one may
	// be tried.
	if k.ask.Tried.Refused(k.identity(), password) {
		return nil, k.ask.fault(hardware.PINWrong, "the TPM has refused this password before; it was not tried again", "", nil)
	}
	return password, nil
}

// mayTry refuses a password whose failing would lock the TPM: a service that is
// started again and again with a wrong one must not get there.
func (k *Key) mayTry(device io.ReadWriter, password []byte) error {
	if len(password) == 0 || k.known != nil || k.public.attributes&attrNoDA != 0 {
		return nil
	}
	near, err := nearLockout(device)
	if err != nil {
		return k.trouble(err)
	}
	if near {
		return k.ask.fault(hardware.LastTry, "the TPM takes no passwords for a while after the next wrong one, so none was tried",
			"correct the password; the TPM forgets wrong ones with time, or as its owner: tpm2_dictionarylockout --clear-lockout", nil)
	}
	return nil
}

// identity tells this key from others, for the memory of refused passwords.
func (k *Key) identity() string { return string(k.file.public) }

// refused explains why the TPM did not sign. Nothing is tried twice: the TPM counts.
func (k *Key) refused(err error, password []byte) error {
	code, _ := errors.AsType[Code](err)
	switch code.plain() {
	case codeAuthFail, codeBadAuth:
		k.ask.Tried.Refuse(k.identity(), password)
		k.known = nil
		if k.file.emptyAuth && len(password) == 0 {
			// https://github.com/tpm2-software/tpm2-tools/issues/3458
			return k.ask.fault(hardware.PINNeeded, "the key has a password, though its file says that it has none",
				"make the file again; tpm2_encodeobject up to 5.7 takes its -p the wrong way round", err)
		}
		if len(password) == 0 {
			return k.ask.fault(hardware.PINNeeded, "the key has a password", "name a file with it: --key-passphrase-file", err)
		}
		return k.ask.fault(hardware.PINWrong, "the password is not the key's", "it was tried once and will not be again; correct it first", err)
	case codeLockout:
		return k.ask.fault(hardware.PINLocked, "the TPM has seen too many wrong passwords and takes none for a while", "wait, or as its owner: tpm2_dictionarylockout --clear-lockout", err)
	}
	return k.trouble(err)
}

// trouble says that it was the signing that failed.
func (k *Key) trouble(err error) error {
	e := k.ask.fault(hardware.Failed, "the TPM does not sign", "", err)
	e.Verb = "sign with"
	return e
}

// InHardware marks keys that lie in hardware.
func (k *Key) InHardware() {}

// Show is a command that prints the public half.
func (k *Key) Show() string {
	if k.handle != 0 {
		return fmt.Sprintf("tpm2_readpublic -Q -c 0x%08X -f pem -o /dev/stdout", k.handle)
	}
	return "openssl pkey -provider tpm2 -provider default -in KEY -pubout"
}
