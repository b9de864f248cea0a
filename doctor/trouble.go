package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"strings"

	"anywhere/awsapi"
	"anywhere/pki/decode"
	"anywhere/signer"
	"anywhere/signer/keystore"
	"anywhere/signer/keystore/hardware"
	"anywhere/signer/ownfile"
)

// NewTrouble sorts an error, for subjects that could not be read.
func NewTrouble(err error) *Trouble { return troubleOf(err) }

// troubleOf turns an error into evidence: a kind that checks can go by, and its
// words.
func troubleOf(err error) *Trouble {
	t := &Trouble{Kind: kindOf(err), Says: err.Error()}
	if hint, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		t.Fix = hint.Hint()
	}
	if refusal, ok := errors.AsType[*awsapi.Refusal](err); ok {
		t.Missing = refusal.Missing
	}
	return t
}

// BundleError is that AWS_CA_BUNDLE names no file of certificates: no TLS without it.
type BundleError struct{ Err error }

func (e *BundleError) Error() string { return "use AWS_CA_BUNDLE: " + e.Err.Error() }
func (e *BundleError) Unwrap() error { return e.Err }

// Hint is the way on without it.
func (e *BundleError) Hint() string { return "unset AWS_CA_BUNDLE" }

func kindOf(err error) string {
	if e, ok := errors.AsType[*hardware.Error](err); ok {
		return hardwareKind(e)
	}
	for _, known := range []struct {
		kind string
		is   func(error) bool
	}{
		{BadTLS, is[*BundleError]},
		{NoCredentials, func(err error) bool {
			return errors.Is(err, awsapi.ErrNoCredentials) || errors.Is(err, awsapi.ErrNoRegion)
		}},
		{Missing, func(err error) bool { return errors.Is(err, awsapi.ErrNotFound) || errors.Is(err, fs.ErrNotExist) }},
		{Missing, is[*keystore.PipeError]}, // nobody has written what it should hold
		{Denied, func(err error) bool { return errors.Is(err, awsapi.ErrDenied) || errors.Is(err, fs.ErrPermission) }},
		{Locked, func(err error) bool { return errors.Is(err, decode.ErrPassphraseNeeded) }},
		{WrongPassphrase, func(err error) bool { return errors.Is(err, decode.ErrWrongPassphrase) }},
		{NotAKey, func(err error) bool { return errors.Is(err, decode.ErrNotAKey) }},
		{Unsupported, is[*decode.UnsupportedError]},
		{Hardware, is[*keystore.UnsupportedError]},
		{Untrusted, is[*ownfile.UntrustedError]},
		{BadTarget, is[*signer.TargetError]},
		{NameUnknown, is[*net.DNSError]},
		{BadTLS, badTLS},
		{TimedOut, timedOut},
		{Unreachable, is[*signer.UnreachableError]},
		{Unreachable, is[*net.OpError]},
	} {
		if known.is(err) {
			return known.kind
		}
	}
	return Failed
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func badTLS(err error) bool {
	return is[*tls.CertificateVerificationError](err) || is[x509.UnknownAuthorityError](err) || is[x509.HostnameError](err) ||
		is[tls.RecordHeaderError](err) || strings.Contains(err.Error(), "x509: ") || strings.Contains(err.Error(), "tls: ")
}

func timedOut(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() || strings.HasSuffix(err.Error(), "no answer in time")
}
