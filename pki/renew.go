package pki

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"time"
)

// RenewAt is when a certificate should be renewed: after two thirds of its life,
// and up to a twelfth of it later, so that machines which were made together do
// not all come at once. The delay is drawn from the certificate itself: every
// process of a machine finds the same moment without a note of it.
//
// An issuer that names a window of its own (ACME renewal information, RFC 9773)
// is asked first.
func RenewAt(cert *x509.Certificate) time.Time {
	life := cert.NotAfter.Sub(cert.NotBefore)
	from := cert.NotBefore.Add(life * 2 / 3)
	return Within(cert, from, from.Add(life/12))
}

// Within draws a moment between two from the certificate itself, to the second.
func Within(cert *x509.Certificate, from, to time.Time) time.Time {
	sum := sha256.Sum256(cert.Raw)
	share := float64(binary.BigEndian.Uint32(sum[:])) / (1 << 32)
	return from.Add(time.Duration(share * float64(to.Sub(from)))).Truncate(time.Second)
}
