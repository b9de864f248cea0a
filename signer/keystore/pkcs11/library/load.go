//go:build pkcs11 && (linux || darwin)

package library

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"

	"anywhere/signer/keystore/pkcs11"
)

// Supported says that this build loads libraries.
const Supported = true

// Library is a [pkcs11.Module].
type Library struct {
	functions functions
}

// functions is CK_FUNCTION_LIST of PKCS #11 2.40 up to C_Sign, in the order of the
// standard's pkcs11f.h. Later versions begin with the same.
type functions struct {
	version                                                                              [2]byte
	initialize, finalize, getInfo, getFunctionList                                       uintptr
	getSlotList, getSlotInfo, getTokenInfo, getMechanismList, getMechanismInfo           uintptr
	initToken, initPIN, setPIN                                                           uintptr
	openSession, closeSession, closeAllSessions, getSessionInfo                          uintptr
	getOperationState, setOperationState, login, logout                                  uintptr
	createObject, copyObject, destroyObject, getObjectSize                               uintptr
	getAttributeValue, setAttributeValue, findObjectsInit, findObjects, findObjectsFinal uintptr
	encryptInit, encrypt, encryptUpdate, encryptFinal                                    uintptr
	decryptInit, decrypt, decryptUpdate, decryptFinal                                    uintptr
	digestInit, digest, digestUpdate, digestKey, digestFinal                             uintptr
	signInit, sign                                                                       uintptr
}

// initArgs is CK_C_INITIALIZE_ARGS: the library locks with what the system has,
// since goroutines move between threads.
type initArgs struct {
	createMutex, destroyMutex, lockMutex, unlockMutex uintptr
	flags                                             uint
	reserved                                          uintptr
}

const osLocking = 2 // CKF_OS_LOCKING_OK

// Load loads and initialises the library at path, or of that name where the system
// looks for libraries. It stays loaded for the life of the process.
func Load(path string) (*Library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	start, err := purego.Dlsym(handle, "C_GetFunctionList")
	if err != nil {
		return nil, errors.New("it is no PKCS #11 module: it has no C_GetFunctionList")
	}
	list := new(*functions)
	if err := call(start, uintptr(unsafe.Pointer(list))); err != nil {
		return nil, fmt.Errorf("list its functions: %w", err)
	}
	if *list == nil || (*list).sign == 0 {
		return nil, errors.New("it lists no functions")
	}
	l := &Library{functions: **list}
	return l, l.initialise()
}

func (l *Library) initialise() error {
	args := &initArgs{flags: osLocking}
	err := call(l.functions.initialize, uintptr(unsafe.Pointer(args)))
	if err != nil && !errors.Is(err, pkcs11.CodeAlreadyInitialised) {
		return fmt.Errorf("initialise it: %w", err)
	}
	return nil
}

// Reset is C_Finalize and C_Initialize.
func (l *Library) Reset() error {
	if err := call(l.functions.finalize, 0); err != nil {
		return err
	}
	return l.initialise()
}

// call calls a function of the library. Pointers among args are kept alive and in
// their place for the time of the call.
//
//go:uintptrescapes
func call(function uintptr, args ...uintptr) error {
	code, _, _ := purego.SyscallN(function, args...)
	if code != 0 {
		return pkcs11.Code(code)
	}
	return nil
}
