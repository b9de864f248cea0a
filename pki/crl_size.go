package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"time"
)

// NearMaxCRL is the share of [MaxCRL], in percent, from which on a list should not
// grow as it did: there is time for a rotation.
const NearMaxCRL = 80

// oidReason is reasonCode (RFC 5280 section 5.3.1).
var oidReason = asn1.ObjectIdentifier{2, 5, 29, 21}

// CRLSize says how many bytes of PEM a list with the entries will have, to some
// hundreds: it is told before the CA's key is opened.
func CRLSize(entries []Revoked, ca *x509.Certificate) (int, error) {
	der := 1024 + len(ca.RawSubject) // what is around them: names, dates, extensions, the signature
	for _, e := range entries {
		entry := pkix.RevokedCertificate{SerialNumber: e.Serial.Int(), RevocationTime: e.At.UTC().Truncate(time.Second)}
		if code, known := e.Reason.Code(); known && code != 0 {
			entry.Extensions = []pkix.Extension{{Id: oidReason, Value: []byte{asn1.TagEnum, 1, byte(code)}}}
		}
		data, err := asn1.Marshal(entry)
		if err != nil {
			return 0, fmt.Errorf("measure revocation list: %w", err)
		}
		der += len(data)
	}
	return len(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: make([]byte, der)})), nil
}

// CRLRoom says in a few words how much of what AWS takes a list of that size is, and
// whether that is near the end.
func CRLRoom(size int) (says string, near bool) {
	share := size * 100 / MaxCRL
	return fmt.Sprintf("%d of %d bytes, %d %%", size, MaxCRL, share), share >= NearMaxCRL
}
