package pkcs11

import (
	"errors"

	"anywhere/pki/decode"
	"anywhere/signer/keystore/hardware"
)

const fixLocked = "unlock it with the token's own tool, such as pkcs11-tool --unlock-pin"

// login logs in once. A token counts wrong PINs and locks itself: nothing here
// ever tries a second one, and not even a first where that could be the last.
func (t *token) login(session uint, user User) error {
	if user == NormalUser && t.slot.Flags&LoginRequired == 0 {
		return nil
	}
	switch {
	case t.slot.Flags&PINIsLocked != 0:
		return t.fault(hardware.PINLocked, "the PIN of "+t.slot.name()+" is locked", fixLocked, nil)
	case t.slot.Flags&PINFinalTry != 0:
		return t.fault(hardware.LastTry, t.slot.name()+" locks its PIN at the next wrong one, so it was not tried",
			"log in once with the token's own tool, such as pkcs11-tool --login, which sets the count back", nil)
	}
	pin, err := t.pin(user)
	if err != nil {
		return err
	}
	who := t.slot.identity()
	if user == ContextSpecific {
		who += "\x00signature" // its PIN may be another
	}
	if pin != nil && t.ask.Tried.Refused(who, pin) {
		return t.fault(hardware.PINWrong, t.slot.name()+" has refused this PIN before; it was not tried again", "", nil)
	}
	login := func() error { return t.module.Login(session, user, pin) }
	if pin == nil && t.ask.Keypad != nil {
		err = t.ask.Keypad(login)
	} else {
		err = login()
	}
	code, _ := errors.AsType[Code](err)
	switch {
	case err == nil || code == CodeAlreadyLoggedIn:
		if user == NormalUser {
			t.known = pin
		}
		return nil
	case code == CodePINIncorrect || code == CodePINInvalid || code == CodePINLength:
		t.ask.Tried.Refuse(who, pin)
		return t.refused(user, err)
	case code == CodePINLocked:
		return t.fault(hardware.PINLocked, "the PIN of "+t.slot.name()+" is locked", fixLocked, nil)
	case code == CodePINExpired:
		return t.fault(hardware.PINWrong, "the PIN of "+t.slot.name()+" has expired", "set a new one: pkcs11-tool --login --change-pin", err)
	}
	return t.fault(hardware.Failed, "log in to "+t.slot.name(), "", err)
}

// pin is the PIN for a login; nil without an error is the token's own keypad.
func (t *token) pin(user User) ([]byte, error) {
	if t.slot.Flags&KeypadOfItsOwn != 0 {
		return nil, nil
	}
	if t.known != nil && (user == NormalUser || t.ask.ReusePIN) {
		return t.known, nil
	}
	ask := t.ask.PIN
	if user == ContextSpecific && t.ask.SignPIN != nil {
		ask = t.ask.SignPIN
	}
	var pin []byte
	err := error(nil)
	if ask != nil {
		pin, err = ask()
	}
	if err != nil && !errors.Is(err, decode.ErrPassphraseNeeded) { // that is: there is no terminal
		return nil, t.fault(hardware.PINNeeded, "read the PIN of "+t.slot.name(), "", err)
	}
	if len(pin) == 0 && ask != nil && err == nil {
		return nil, t.fault(hardware.PINNeeded, "the PIN given for "+t.slot.name()+" is empty", "give it again; without a terminal name a file with it: --key-passphrase-file", nil)
	}
	if len(pin) == 0 {
		return nil, t.fault(hardware.PINNeeded, t.slot.name()+" wants a PIN and there is nobody to ask",
			"name a file with it: --key-passphrase-file, or pin-source= in the URI", nil)
	}
	return pin, nil
}

// refused says how many are left, as far as the token tells.
func (t *token) refused(user User, err error) error {
	says := "the PIN is not that of " + t.slot.name()
	if user == ContextSpecific {
		says = "the PIN is not the one for a signature of " + t.slot.name()
	}
	if slots, failed := t.module.Slots(); failed == nil {
		for _, slot := range slots {
			switch {
			case slot.ID != t.slot.ID:
			case slot.Flags&PINIsLocked != 0:
				return t.fault(hardware.PINLocked, says+" and has locked it", fixLocked, err)
			case slot.Flags&PINFinalTry != 0:
				says += ", which will lock it at the next wrong one"
			}
		}
	}
	return t.fault(hardware.PINWrong, says, "it was tried once and will not be again; correct it first", err)
}
