// Package hardware holds what keys in PKCS #11 tokens and in TPMs have in common:
// what can be wrong with them, and the memory that keeps a wrong PIN from being
// tried twice.
package hardware

import (
	"anywhere/pki/decode"
)

// Reason sorts what is wrong, for programs.
type Reason string

// The reasons. A PIN is also the password of a key in a TPM.
const (
	BadReference Reason = "reference"   // the URI, handle or key file cannot be understood
	NoModule     Reason = "module"      // the PKCS #11 module is not there, or is none
	NoDevice     Reason = "device"      // no TPM
	NotAllowed   Reason = "permission"  // the system lets this user not at it
	NoToken      Reason = "token"       // no token matches
	NoKey        Reason = "key"         // the token or TPM has no such key
	Ambiguous    Reason = "ambiguous"   // more than one matches
	PINNeeded    Reason = "pin needed"  // and nobody can be asked
	PINWrong     Reason = "pin wrong"   // it was tried once
	LastTry      Reason = "last try"    // one more wrong PIN would lock it: nothing was tried
	PINLocked    Reason = "pin locked"  // too many wrong PINs
	Elsewhere    Reason = "another TPM" // the key belongs to another TPM
	Unsuitable   Reason = "unsuitable"  // the key cannot sign for Roles Anywhere
	Failed       Reason = "failed"      // the device says no in words of its own
)

// Error is a key in hardware that cannot be used. It never holds a PIN.
type Error struct {
	Verb   string // "open" or "sign with"; empty is "open"
	Ref    string // the reference, without a PIN
	Says   string // what is wrong
	Fix    string // a command or sentence; may be empty
	Reason Reason
	Err    error // of the module, device or file; may be nil
}

func (e *Error) Error() string {
	verb := e.Verb
	if verb == "" {
		verb = "open"
	}
	text := verb + " key " + e.Ref + ": " + e.Says
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Hint says what to do.
func (e *Error) Hint() string { return e.Fix }

// Unwrap lets a PIN that is missing or wrong be known as the passphrase that it
// is: [decode.ErrPassphraseNeeded], [decode.ErrWrongPassphrase].
func (e *Error) Unwrap() []error {
	var all []error
	if e.Err != nil {
		all = append(all, e.Err)
	}
	switch e.Reason {
	case PINNeeded:
		all = append(all, decode.ErrPassphraseNeeded)
	case PINWrong:
		all = append(all, decode.ErrWrongPassphrase)
	}
	return all
}
