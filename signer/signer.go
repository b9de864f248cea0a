// Package signer signs requests with an X.509 certificate's private key and
// trades one such signature for temporary AWS credentials.
//
// It is SigV4-X509 ([Sign], [Verify]) and the CreateSession call of IAM Roles
// Anywhere ([Client]), with the types of net/http; package session has the call
// itself, for programs that start too often to carry net/http. It reads no file and no environment variable, asks no
// question, keeps no cache and knows no AWS SDK; certificate, key and clock come
// from the caller.
//
// # The signature
//
// A canonical request in the manner of Signature Version 4 is hashed into a
// string to sign, and the certificate's private key signs that string itself:
// there is no shared secret and no chain of HMACs. The certificate travels in a
// signed header.
//
// Source: IAM Roles Anywhere User Guide, "Signing process",
// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
package signer

import (
	"crypto/x509"

	"anywhere/signer/session"
)

// The nouns are those of package session.
type (
	Identity         = session.Identity
	Target           = session.Target
	TargetError      = session.TargetError
	EndpointError    = session.EndpointError
	UnreachableError = session.UnreachableError
	Credentials      = session.Credentials
	Refused          = session.Refused
)

// The algorithm names of the Authorization header, and the bounds.
const (
	AlgorithmRSA   = session.AlgorithmRSA
	AlgorithmECDSA = session.AlgorithmECDSA
	MaxChain       = session.MaxChain
	MinDuration    = session.MinDuration
	MaxDuration    = session.MaxDuration
)

// OrderChain is [session.OrderChain].
func OrderChain(leaf *x509.Certificate, pool []*x509.Certificate) []*x509.Certificate {
	return session.OrderChain(leaf, pool)
}

// Endpoint is [session.Endpoint].
func Endpoint(region string, fips, dualStack bool) string {
	return session.Endpoint(region, fips, dualStack)
}
