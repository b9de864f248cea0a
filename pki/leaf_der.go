package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// What follows writes the same bytes as crypto/x509, which goes over each extension
// and each name by reflection: of a list of certificates for P-256 that was a
// thirtieth of the time.

// What every certificate of a machine says: it may sign, it is a client, it is no CA.
// No AWS page asks for clientAuth, but some reports do; it harms nobody.
//
// Source: RFC 5280 sections 4.2.1.3 (bit 0 of keyUsage), 4.2.1.12 (id-kp-clientAuth)
// and 4.2.1.9 (CA:FALSE is the default, which DER leaves out).
var (
	saysMaySign = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 15}, Critical: true, Value: []byte{0x03, 0x02, 0x07, 0x80}}
	saysClient  = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02}}
	saysNoCA    = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 0x00}}

	subjectKeyOID = asn1.ObjectIdentifier{2, 5, 29, 14}
	issuerKeyOID  = asn1.ObjectIdentifier{2, 5, 29, 35}
)

// leafExtensions are those of a machine's certificate but its alternative names.
// own identifies its key, in 20 octets; issuer is what the CA's certificate calls
// the CA's key, and empty if it does not.
//
// Source: RFC 5280 sections 4.2.1.2 (an OCTET STRING) and 4.2.1.1 (a SEQUENCE whose
// element 0 is one).
func leafExtensions(own, issuer []byte) []pkix.Extension {
	all := make([]pkix.Extension, 0, 5)
	all = append(all, saysMaySign, saysClient, saysNoCA, pkix.Extension{Id: subjectKeyOID, Value: octets(der.OCTET_STRING, own)})
	if len(issuer) > 0 {
		all = append(all, pkix.Extension{Id: issuerKeyOID, Value: octets(der.SEQUENCE, octets(der.Tag(0).ContextSpecific(), issuer))})
	}
	return all
}

// octets is data as one element.
func octets(tag der.Tag, data []byte) []byte {
	b := cryptobyte.NewBuilder(make([]byte, 0, len(data)+4))
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(data) })
	return b.BytesOrPanic() // only elements of 4 GB are too long
}

// der is a name as it stands in a certificate: each attribute alone, the common
// name last (RFC 5280 section 4.1.2.4).
func (n Name) der() []byte {
	b := cryptobyte.NewBuilder(make([]byte, 0, len(n.CommonName)+len(n.Organization)+len(n.OrganizationalUnit)+64))
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, part := range []struct {
			kind  byte // the last arc of id-at
			value string
		}{{10, n.Organization}, {11, n.OrganizationalUnit}, {3, n.CommonName}} {
			if part.value == "" {
				continue
			}
			b.AddASN1(der.SET, func(b *cryptobyte.Builder) {
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddBytes([]byte{0x06, 0x03, 0x55, 0x04, part.kind})
					b.AddASN1(stringTag(part.value), func(b *cryptobyte.Builder) { b.AddBytes([]byte(part.value)) })
				})
			})
		}
	})
	return b.BytesOrPanic() // as above
}

// stringTag is PrintableString where its few characters are enough, as encoding/asn1
// has it.
//
// Source: RFC 5280 section 4.1.2.4, X.680 section 41.4.
func stringTag(value string) der.Tag {
	printable := func(c byte) bool {
		return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || slices.Contains([]byte(" '()+,-./:=?"), c)
	}
	for i := range len(value) {
		if !printable(value[i]) {
			return der.UTF8String
		}
	}
	return der.PrintableString
}
