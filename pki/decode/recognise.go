package decode

import (
	"bytes"
	"encoding/asn1"
)

// errPKCS12 sends the reader to the other package, or to openssl.
var errPKCS12 = &UnsupportedError{
	What: "a PKCS #12 file here",
	Fix:  "take the parts out: openssl pkcs12 -in FILE -nodes -out FILE.pem",
}

// IsPKCS12 reports whether data begins as a PKCS #12 file does.
func IsPKCS12(data []byte) bool {
	var element asn1.RawValue
	_, err := asn1.Unmarshal(data, &element)
	return err == nil && isPKCS12(element)
}

// isPKCS12 reports whether a SEQUENCE begins with version 3 and another SEQUENCE
// that names a PKCS #7 content (RFC 7292 section 4).
func isPKCS12(element asn1.RawValue) bool {
	if !element.IsCompound || element.Tag != asn1.TagSequence {
		return false
	}
	var version int
	rest, err := asn1.Unmarshal(element.Bytes, &version)
	if err != nil || version != 3 {
		return false
	}
	var content struct {
		Type asn1.ObjectIdentifier
		Rest asn1.RawValue `asn1:"optional"`
	}
	_, err = asn1.Unmarshal(rest, &content)
	pkcs7 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7}
	return err == nil && len(content.Type) == len(pkcs7)+1 && content.Type[:len(pkcs7)].Equal(pkcs7)
}

// otherThanText recognises files that are kept for keys and certificates but are
// in no form that is read.
func otherThanText(data []byte) error {
	switch {
	case bytes.HasPrefix(data, []byte("\xfe\xed\xfe\xed")):
		return unsupported("convert it: keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype pkcs12", "a Java key store")
	case bytes.HasPrefix(data, []byte("PuTTY-User-Key-File")):
		return unsupported("convert it: puttygen FILE -O private-openssh -o NEW", "a PuTTY key file")
	}
	return nil
}

// isDER reports whether data begins as every format here does in DER: with a
// SEQUENCE that ends where data ends, or whose length takes more than one octet.
func isDER(data []byte) bool {
	if len(data) < 3 || data[0] != 0x30 {
		return false
	}
	if data[1] < 0x80 {
		over := len(data) - 2 - int(data[1])
		return 0 <= over && over <= 2 // a line feed, perhaps
	}
	return data[1] <= 0x83
}
