// Package pkcs11 finds certificates and keys in PKCS #11 tokens and signs with
// them.
//
// It loads no library: a [Module] does, which only a build with -tags pkcs11 has.
// The names are those of the standard: PKCS #11 Cryptographic Token Interface Base
// Specification 2.40, OASIS,
// https://docs.oasis-open.org/pkcs11/pkcs11-base/v2.40/os/pkcs11-base-v2.40-os.html
package pkcs11

import "fmt"

// Module is a loaded library that has been initialised. Its errors are a [Code]
// where the library said no. Methods may be called from several goroutines, but
// not for one session at once.
type Module interface {
	// Library is what the library says of itself.
	Library() (Library, error)
	// Slots are those with an initialised token in them.
	Slots() ([]Slot, error)
	// Reset ends all sessions and has the library look for tokens anew.
	Reset() error
	// OpenSession opens one to read.
	OpenSession(slot uint) (session uint, err error)
	CloseSession(session uint) error
	// Login logs in to the session's token; without a PIN the token asks for it at
	// its own keypad.
	Login(session uint, user User, pin []byte) error
	// Find returns the objects that have all these attributes.
	Find(session uint, attributes []Attribute) ([]uint, error)
	// Read returns one attribute of an object.
	Read(session, object uint, kind AttributeKind) ([]byte, error)
	// SignInit and Sign make one signature.
	SignInit(session, key uint, mechanism Mechanism) error
	Sign(session uint, data []byte) ([]byte, error)
}

// Library is what a library says of itself (CK_INFO).
type Library struct{ Manufacturer, Description, Version string }

// Slot is a reader and the token in it (CK_SLOT_INFO, CK_TOKEN_INFO).
type Slot struct {
	ID                                 uint
	Description, SlotManufacturer      string
	Token, Manufacturer, Model, Serial string
	Flags                              Flags
}

// Flags are those of a token.
type Flags uint

// The flags that matter here.
const (
	LoginRequired  Flags = 0x4     // CKF_LOGIN_REQUIRED
	KeypadOfItsOwn Flags = 0x100   // CKF_PROTECTED_AUTHENTICATION_PATH
	Initialised    Flags = 0x400   // CKF_TOKEN_INITIALIZED
	PINFinalTry    Flags = 0x20000 // CKF_USER_PIN_FINAL_TRY
	PINIsLocked    Flags = 0x40000 // CKF_USER_PIN_LOCKED
	PINToBeChanged Flags = 0x80000 // CKF_USER_PIN_TO_BE_CHANGED
)

// User is who logs in.
type User uint

// The users that matter here.
const (
	NormalUser      User = 1 // CKU_USER
	ContextSpecific User = 2 // CKU_CONTEXT_SPECIFIC: once for each signature
)

// Mechanism is a way to sign.
type Mechanism uint

// The two mechanisms that sign what is hashed already, which nearly every token has.
const (
	MechanismRSA   Mechanism = 0x1    // CKM_RSA_PKCS
	MechanismECDSA Mechanism = 0x1041 // CKM_ECDSA
)

// AttributeKind names an attribute of an object.
type AttributeKind uint

// The attributes that matter here.
const (
	AttrClass              AttributeKind = 0x0   // CKA_CLASS, a number
	AttrLabel              AttributeKind = 0x3   // CKA_LABEL
	AttrValue              AttributeKind = 0x11  // CKA_VALUE: of a certificate, DER
	AttrKeyType            AttributeKind = 0x100 // CKA_KEY_TYPE, a number
	AttrID                 AttributeKind = 0x102 // CKA_ID
	AttrModulus            AttributeKind = 0x120 // CKA_MODULUS
	AttrPublicExponent     AttributeKind = 0x122 // CKA_PUBLIC_EXPONENT
	AttrECParams           AttributeKind = 0x180 // CKA_EC_PARAMS: DER of the curve
	AttrECPoint            AttributeKind = 0x181 // CKA_EC_POINT: DER of an OCTET STRING
	AttrAlwaysAuthenticate AttributeKind = 0x202 // CKA_ALWAYS_AUTHENTICATE, one byte
)

// Attribute is one with its value. Numbers are in Number, all else in Bytes.
type Attribute struct {
	Kind   AttributeKind
	Bytes  []byte
	Number *uint
}

// Class is the class of an object.
type Class uint

// The classes that matter here.
const (
	ClassCertificate Class = 1 // CKO_CERTIFICATE
	ClassPublicKey   Class = 2 // CKO_PUBLIC_KEY
	ClassPrivateKey  Class = 3 // CKO_PRIVATE_KEY
)

// Code is what a library answers when it says no (CK_RV).
type Code uint

// The codes that are told apart.
const (
	CodeGeneralError         Code = 0x5
	CodeFunctionFailed       Code = 0x6
	CodeDeviceError          Code = 0x30
	CodeDeviceRemoved        Code = 0x32
	CodeKeyHandleInvalid     Code = 0x60
	CodeKeyNotPermitted      Code = 0x68
	CodeMechanismInvalid     Code = 0x70
	CodeObjectHandleInvalid  Code = 0x82
	CodePINIncorrect         Code = 0xA0
	CodePINInvalid           Code = 0xA1
	CodePINLength            Code = 0xA2
	CodePINExpired           Code = 0xA3
	CodePINLocked            Code = 0xA4
	CodeSessionClosed        Code = 0xB0
	CodeSessionHandleInvalid Code = 0xB3
	CodeTokenNotPresent      Code = 0xE0
	CodeTokenNotRecognised   Code = 0xE1
	CodeAlreadyLoggedIn      Code = 0x100
	CodeNotLoggedIn          Code = 0x101
	CodeNotInitialised       Code = 0x190
	CodeAlreadyInitialised   Code = 0x191
)

// Error gives the name of the standard.
func (c Code) Error() string {
	switch c {
	case CodeGeneralError:
		return "CKR_GENERAL_ERROR"
	case CodeFunctionFailed:
		return "CKR_FUNCTION_FAILED"
	case CodeDeviceError:
		return "CKR_DEVICE_ERROR"
	case CodeDeviceRemoved:
		return "CKR_DEVICE_REMOVED"
	case CodeKeyHandleInvalid:
		return "CKR_KEY_HANDLE_INVALID"
	case CodeKeyNotPermitted:
		return "CKR_KEY_FUNCTION_NOT_PERMITTED"
	case CodeMechanismInvalid:
		return "CKR_MECHANISM_INVALID"
	case CodePINIncorrect:
		return "CKR_PIN_INCORRECT"
	case CodePINInvalid:
		return "CKR_PIN_INVALID"
	case CodePINLength:
		return "CKR_PIN_LEN_RANGE"
	case CodePINExpired:
		return "CKR_PIN_EXPIRED"
	case CodePINLocked:
		return "CKR_PIN_LOCKED"
	case CodeSessionHandleInvalid:
		return "CKR_SESSION_HANDLE_INVALID"
	case CodeTokenNotPresent:
		return "CKR_TOKEN_NOT_PRESENT"
	case CodeTokenNotRecognised:
		return "CKR_TOKEN_NOT_RECOGNIZED"
	case CodeNotLoggedIn:
		return "CKR_USER_NOT_LOGGED_IN"
	}
	return fmt.Sprintf("PKCS #11 error 0x%X", uint(c))
}
