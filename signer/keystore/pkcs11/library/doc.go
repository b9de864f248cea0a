// Package library loads PKCS #11 libraries. It is empty without -tags pkcs11,
// and on Windows.
//
// The libraries are called through purego, which needs no C compiler: all systems
// are built on one machine, and the programs ask no more of the C library than
// dlopen. They are dynamic, though, which is why only a second build has them.
package library
