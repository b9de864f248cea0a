package decode

import (
	"errors"
	"fmt"
)

// What can be wrong with a file that is otherwise fine.
var (
	// ErrPassphraseNeeded says that the key is encrypted and nobody can be asked.
	ErrPassphraseNeeded = errors.New("key is encrypted and no passphrase was given")
	// ErrWrongPassphrase says that the passphrase does not open the key.
	ErrWrongPassphrase = errors.New("passphrase does not open the key")
	// ErrNotAKey says that no private key was found.
	ErrNotAKey = errors.New("no private key found")
	// ErrNotACertificate says that no certificate was found.
	ErrNotACertificate = errors.New("no certificate found")
	// ErrTooLong says that the input is longer than MaxSize.
	ErrTooLong = errors.New("longer than 1 MiB, which no key or certificate file is")
)

// UnsupportedError says that something was recognised but cannot be used.
type UnsupportedError struct {
	What string // the format, scheme or algorithm, by its usual name
	Fix  string // a command or sentence; may be empty
}

func (e *UnsupportedError) Error() string { return e.What + " is not supported" }

// Hint says how to bring it into a form that is.
func (e *UnsupportedError) Hint() string { return e.Fix }

const (
	fixScheme = "re-encrypt it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW"
	fixMake   = "make an RSA or EC key: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
)

func unsupported(fix, format string, args ...any) error {
	return &UnsupportedError{fmt.Sprintf(format, args...), fix}
}
