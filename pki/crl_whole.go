package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
)

var (
	oidDeltaCRL = asn1.ObjectIdentifier{2, 5, 29, 27} // RFC 5280 section 5.2.4
	oidIssuing  = asn1.ObjectIdentifier{2, 5, 29, 28} // issuingDistributionPoint, section 5.2.5
)

// CheckWhole says why a list does not speak for all certificates of its issuer:
// it holds changes only, or it leaves some of them out. AWS keeps the last list
// that it was given, so such a list would let revoked certificates in again.
//
// An issuing distribution point that names no more than where the list lies, as
// step-ca writes it, is fine.
func CheckWhole(list *x509.RevocationList) error {
	for _, ext := range list.Extensions {
		switch {
		case ext.Id.Equal(oidDeltaCRL):
			return &PartialCRLError{What: "changes since another list only"}
		case ext.Id.Equal(oidIssuing):
			if what := leftOut(ext.Value); what != "" {
				return &PartialCRLError{What: what}
			}
		}
	}
	return nil
}

// leftOut reads what an issuing distribution point narrows its list to.
func leftOut(der []byte) string {
	var outer asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 || outer.Tag != asn1.TagSequence {
		return "an unreadable part of the CA's certificates"
	}
	for rest := outer.Bytes; len(rest) > 0; {
		var field asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &field); err != nil {
			return "an unreadable part of the CA's certificates"
		}
		set := len(field.Bytes) > 0 && field.Bytes[0] != 0
		switch {
		case field.Tag == 2 && set:
			return "certificates of CAs only"
		case field.Tag == 3:
			return "some reasons only"
		case field.Tag == 4 && set:
			return "entries of several CAs"
		case field.Tag == 5 && set:
			return "attribute certificates only"
		}
	}
	return ""
}

// PartialCRLError says that a list is not the whole list of a CA.
type PartialCRLError struct{ What string }

func (e *PartialCRLError) Error() string {
	return fmt.Sprintf("use revocation list: it holds %s", e.What)
}

// Hint says what is wanted.
func (e *PartialCRLError) Hint() string { return "get the full list of the CA" }
