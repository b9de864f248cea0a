// Package early answers a credential_process from a kept session before the rest of
// the program is initialised, and ends it. Every call of the AWS CLI starts this
// program, and nearly every one finds a session that is kept: it needs neither TLS
// nor a key, whose packages take longer to be initialised than everything that such
// a run does.
//
// This is the one place of the house where work is done before main, and the one
// func init. It relies on the order that the language promises: packages are sorted
// by import path, and again and again the first one is initialised whose imports
// all are (The Go Programming Language Specification, "Program initialization",
// https://go.dev/ref/spec#Program_initialization). "anywhere/..." sorts before
// "crypto/...", so this package is early as long as it imports nothing, not even
// indirectly, that sorts late: crypto, encoding/json, net, path/filepath. A test
// looks at that.
//
// The package decides nothing by itself. It knows the plainest of command lines; to
// any other, and at every doubt, it does nothing, and main goes the ordinary way. It
// writes nothing but the answer, and it removes, asks and reports nothing.
package early
