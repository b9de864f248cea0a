package acme

import (
	"crypto/x509"
	"errors"
	"strings"

	"github.com/mholt/acmez/v3/acme"
)

// advice is what usually helps against a problem, by the end of its type.
//
// Source: RFC 8555 section 6.7
var advice = []struct{ problem, fix string }{
	{"externalAccountRequired", "the server binds accounts to its own: ask its owner for both, then --set acme.key-id=ID --set acme.mac-key-file=FILE"},
	{"rejectedIdentifier", "the server issues nothing to that name: choose another, --set leaf.cn=NAME"},
	{"unsupportedIdentifier", "the server takes DNS names only: --set leaf.cn=NAME.EXAMPLE.COM"},
	{"malformed", "the server takes DNS names only: --set leaf.cn=NAME.EXAMPLE.COM"},
	{"invalidContact", "--set acme.contact=ADDRESS, or leave it empty"},
	{"unsupportedContact", "--set acme.contact=ADDRESS, or leave it empty"},
	{"rateLimited", "wait as long as it says, then run the same command again; it goes on from here"},
	{"caa", "a CAA record of the domain forbids this CA; whoever has the domain can change that"},
	{"dns", "the server cannot look the name up: it must be in the DNS that the server asks"},
	{"userActionRequired", "the server's terms have changed: its owner says where to agree"},
	{"accountDoesNotExist", "the account is gone from the server: tear the set-up down and make it again"},
}

// advised is an error with what usually helps.
type advised struct {
	error
	fix string
}

// Error ends with the words: servers end their pages with line breaks.
func (e *advised) Error() string { return strings.TrimSpace(e.error.Error()) }
func (e *advised) Unwrap() error { return e.error }
func (e *advised) Hint() string  { return e.fix }

// advise adds to an error what usually helps against it. opening says that the
// account was being opened.
func (c CA) advise(err error, opening bool) error {
	if err == nil {
		return nil
	}
	problem, said := errors.AsType[acme.Problem](err)
	if said && opening && strings.HasSuffix(problem.Type, ":unauthorized") || strings.Contains(err.Error(), "base64-decoding MAC key") {
		return &advised{err, "the key ID or the MAC key is not the server's: --set acme.key-id=ID --set acme.mac-key-file=FILE"}
	}
	for _, a := range advice {
		if said && strings.HasSuffix(problem.Type, ":"+a.problem) {
			return &advised{err, a.fix}
		}
	}
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		return &advised{err, "the server's own certificate is of a CA that this machine does not know: --set acme.tls-ca=FILE"}
	}
	if opening && !said {
		// acmez says so where the directory cannot be read.
		if strings.Contains(err.Error(), "provisioning client") {
			return &advised{err, "look whether acme.directory is the server's: curl it, and JSON with newAccount and newOrder is to come"}
		}
	}
	return err
}
