//go:build pkcs11 && (linux || darwin)

package library

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"anywhere/signer/keystore/pkcs11"
)

// The structures are those of pkcs11t.h where CK_ULONG is 64 bits, as on every
// Unix that Go runs on with 64 bits.

type info struct { // CK_INFO
	cryptokiVersion    [2]byte
	manufacturer       [32]byte
	flags              uint
	libraryDescription [32]byte
	libraryVersion     [2]byte
}

type slotInfo struct { // CK_SLOT_INFO
	description        [64]byte
	manufacturer       [32]byte
	flags              uint
	hardware, firmware [2]byte
}

type tokenInfo struct { // CK_TOKEN_INFO
	label, manufacturer [32]byte
	model, serial       [16]byte
	flags               uint
	counts              [10]uint // sessions, PIN lengths, memory
	hardware, firmware  [2]byte
	time                [16]byte
}

type attribute struct { // CK_ATTRIBUTE
	kind   uint
	value  unsafe.Pointer
	length uint
}

type mechanism struct { // CK_MECHANISM
	kind      uint
	parameter unsafe.Pointer
	length    uint
}

// text takes the padding off.
func text(padded []byte) string { return strings.TrimRight(string(padded), " \x00") }

// Library is C_GetInfo.
func (l *Library) Library() (pkcs11.Library, error) {
	var i info
	err := call(l.functions.getInfo, uintptr(unsafe.Pointer(&i)))
	version := fmt.Sprintf("%d.%d", i.libraryVersion[0], i.libraryVersion[1])
	return pkcs11.Library{Manufacturer: text(i.manufacturer[:]), Description: text(i.libraryDescription[:]), Version: version}, err
}

// Slots is C_GetSlotList with a look at each. One whose token goes away meanwhile
// is left out.
func (l *Library) Slots() ([]pkcs11.Slot, error) {
	const present = 1
	var count uint
	if err := call(l.functions.getSlotList, present, 0, uintptr(unsafe.Pointer(&count))); err != nil {
		return nil, err
	}
	if count == 0 {
		return nil, nil
	}
	count += 8 // tokens may be plugged in between the two calls
	ids := make([]uint, count)
	if err := call(l.functions.getSlotList, present, uintptr(unsafe.Pointer(&ids[0])), uintptr(unsafe.Pointer(&count))); err != nil {
		return nil, err
	}
	var all []pkcs11.Slot
	for _, id := range ids[:min(count, uint(len(ids)))] {
		var s slotInfo
		var t tokenInfo
		if call(l.functions.getSlotInfo, uintptr(id), uintptr(unsafe.Pointer(&s))) != nil ||
			call(l.functions.getTokenInfo, uintptr(id), uintptr(unsafe.Pointer(&t))) != nil {
			continue
		}
		all = append(all, pkcs11.Slot{
			ID: id, Description: text(s.description[:]), SlotManufacturer: text(s.manufacturer[:]),
			Token: text(t.label[:]), Manufacturer: text(t.manufacturer[:]), Model: text(t.model[:]), Serial: text(t.serial[:]),
			Flags: pkcs11.Flags(t.flags),
		})
	}
	return all, nil
}

// OpenSession is C_OpenSession, to read.
func (l *Library) OpenSession(slot uint) (session uint, err error) {
	const serial = 4 // CKF_SERIAL_SESSION, which must be set
	err = call(l.functions.openSession, uintptr(slot), serial, 0, 0, uintptr(unsafe.Pointer(&session)))
	return session, err
}

// CloseSession is C_CloseSession.
func (l *Library) CloseSession(session uint) error {
	return call(l.functions.closeSession, uintptr(session))
}

// Login is C_Login.
func (l *Library) Login(session uint, user pkcs11.User, pin []byte) error {
	if len(pin) == 0 {
		return call(l.functions.login, uintptr(session), uintptr(user), 0, 0)
	}
	return call(l.functions.login, uintptr(session), uintptr(user), uintptr(unsafe.Pointer(&pin[0])), uintptr(len(pin)))
}

// maxObjects bounds what is listed of a token.
const maxObjects = 1000

// Find is C_FindObjectsInit, C_FindObjects and C_FindObjectsFinal.
func (l *Library) Find(session uint, wanted []pkcs11.Attribute) (objects []uint, err error) {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	list := make([]attribute, len(wanted))
	for i, a := range wanted {
		list[i].kind = uint(a.Kind)
		switch {
		case a.Number != nil:
			pinner.Pin(a.Number)
			list[i].value, list[i].length = unsafe.Pointer(a.Number), uint(unsafe.Sizeof(*a.Number))
		case len(a.Bytes) > 0:
			pinner.Pin(&a.Bytes[0])
			list[i].value, list[i].length = unsafe.Pointer(&a.Bytes[0]), uint(len(a.Bytes))
		}
	}
	if err := call(l.functions.findObjectsInit, uintptr(session), uintptr(unsafe.Pointer(&list[0])), uintptr(len(list))); err != nil {
		return nil, err
	}
	defer func() {
		if final := call(l.functions.findObjectsFinal, uintptr(session)); err == nil {
			err = final
		}
	}()
	batch := make([]uint, 64)
	for len(objects) < maxObjects {
		var count uint
		if err := call(l.functions.findObjects, uintptr(session), uintptr(unsafe.Pointer(&batch[0])), uintptr(len(batch)), uintptr(unsafe.Pointer(&count))); err != nil {
			return nil, err
		}
		if count == 0 {
			break
		}
		objects = append(objects, batch[:min(count, uint(len(batch)))]...)
	}
	return objects, nil
}

// maxAttribute bounds one attribute, in bytes.
const maxAttribute = 1 << 20

// Read is C_GetAttributeValue, once for the length and once for the value.
func (l *Library) Read(session, object uint, kind pkcs11.AttributeKind) ([]byte, error) {
	a := attribute{kind: uint(kind)}
	if err := call(l.functions.getAttributeValue, uintptr(session), uintptr(object), uintptr(unsafe.Pointer(&a)), 1); err != nil {
		return nil, err
	}
	if a.length == 0 || a.length > maxAttribute { // all ones is CK_UNAVAILABLE_INFORMATION
		return nil, nil
	}
	value := make([]byte, a.length)
	var pinner runtime.Pinner
	defer pinner.Unpin()
	pinner.Pin(&value[0])
	a.value = unsafe.Pointer(&value[0])
	if err := call(l.functions.getAttributeValue, uintptr(session), uintptr(object), uintptr(unsafe.Pointer(&a)), 1); err != nil {
		return nil, err
	}
	return value[:min(a.length, uint(len(value)))], nil
}

// SignInit is C_SignInit; neither mechanism has a parameter.
func (l *Library) SignInit(session, key uint, kind pkcs11.Mechanism) error {
	m := mechanism{kind: uint(kind)}
	return call(l.functions.signInit, uintptr(session), uintptr(unsafe.Pointer(&m)), uintptr(key))
}

// maxSignature is more than RSA of 16,384 bits needs, in bytes.
const maxSignature = 4096

// Sign is C_Sign.
func (l *Library) Sign(session uint, data []byte) ([]byte, error) {
	signature, length := make([]byte, maxSignature), uint(maxSignature)
	err := call(l.functions.sign, uintptr(session), uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)),
		uintptr(unsafe.Pointer(&signature[0])), uintptr(unsafe.Pointer(&length)))
	if err != nil {
		return nil, err
	}
	return signature[:min(length, maxSignature)], nil
}
