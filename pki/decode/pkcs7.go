package decode

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/smallstep/pkcs7"
)

// isPKCS7 reports whether a SEQUENCE begins with the name of signed data (RFC
// 2315 section 14).
func isPKCS7(element asn1.RawValue) bool {
	if !element.IsCompound || element.Tag != asn1.TagSequence {
		return false
	}
	var oid asn1.ObjectIdentifier
	_, err := asn1.Unmarshal(element.Bytes, &oid)
	return err == nil && oid.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2})
}

// certificatesInPKCS7 reads the certificates of a message; its signatures, if
// any, prove nothing here and are not looked at.
func certificatesInPKCS7(der []byte) ([]*x509.Certificate, error) {
	if !shallow(der, 24) {
		return nil, errors.New("read PKCS #7: it is not well-formed DER")
	}
	message, err := pkcs7.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("read PKCS #7: %w", err)
	}
	return message.Certificates, nil
}

// shallow reports whether elements are well framed and nested no deeper than
// levels, which is twice as deep as certificates go. The library copies each
// element once for every level above it, so depth times length is its work.
func shallow(der []byte, levels int) bool {
	for len(der) > 0 {
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(der, &element)
		if err != nil {
			return false
		}
		if element.IsCompound && (levels == 0 || !shallow(element.Bytes, levels-1)) {
			return false
		}
		der = rest
	}
	return true
}
