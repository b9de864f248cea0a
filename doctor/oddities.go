package doctor

import (
	"encoding/asn1"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// oddity says in plain words what is wrong with a piece of a certificate that a
// strict reader refused; empty where the reader's own words must do.
func oddity(label string, p pieces) string {
	switch label {
	case "version":
		return "it is not version 1, 2 or 3"
	case "serial":
		return oddNumber(p.serial)
	case "signature algorithm":
		if string(p.algorithm) != string(p.outer) {
			return "another one stands beside the signature: " + algorithmOf(p.algorithm) + " and " + algorithmOf(p.outer)
		}
	case "issuer":
		return oddName(p.issuer)
	case "subject":
		return oddName(p.subject)
	case "validity":
		return oddTimes(p.validity)
	case "key":
		return oddKey(p.key)
	}
	for _, one := range p.extensions {
		if label == "extension "+extensionName(one) {
			return oddExtension(one)
		}
	}
	return ""
}

// oddNumber knows the two ways in which serials go wrong.
func oddNumber(element []byte) string {
	in := cryptobyte.String(element)
	var n cryptobyte.String
	switch {
	case !in.ReadASN1(&n, der.INTEGER) || len(n) == 0:
		return "it is no number"
	case len(n) > 1 && (n[0] == 0 && n[1] < 0x80 || n[0] == 0xff && n[1] >= 0x80):
		return "it has more leading octets than DER allows"
	case n[0] >= 0x80:
		return "it is negative: its first bit is set and no zero octet stands before it"
	}
	return ""
}

// oddName finds the first string that its type cannot hold.
//
// Source: X.680 section 41, RFC 5280 section 4.1.2.4.
func oddName(element []byte) string {
	in := cryptobyte.String(element)
	var name, set, attribute, value cryptobyte.String
	if !in.ReadASN1(&name, der.SEQUENCE) {
		return "it is no name"
	}
	for !name.Empty() && name.ReadASN1(&set, der.SET) {
		for !set.Empty() && set.ReadASN1(&attribute, der.SEQUENCE) {
			var id asn1.ObjectIdentifier
			var tag der.Tag
			if attribute.ReadASN1ObjectIdentifier(&id) && attribute.ReadAnyASN1(&value, &tag) {
				if why := oddString(tag, value); why != "" {
					return typeName(id) + " is " + why
				}
			}
		}
	}
	return ""
}

func oddString(tag der.Tag, value []byte) string {
	const printable = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?*&"
	notASCII := func(r rune) bool { return r >= 0x80 }
	switch tag {
	case der.PrintableString:
		if at := strings.IndexFunc(string(value), func(r rune) bool { return !strings.ContainsRune(printable, r) }); at >= 0 {
			return fmt.Sprintf("a PrintableString, which has no %q", string(value[at:at+1]))
		}
	case der.UTF8String:
		if !utf8.Valid(value) {
			return "a UTF8String that is no UTF-8, perhaps Latin-1"
		}
	case der.IA5String:
		if strings.ContainsFunc(string(value), notASCII) {
			return "an IA5String with more than ASCII"
		}
	case der.Tag(18):
		if strings.Trim(string(value), "0123456789 ") != "" {
			return "a NumericString with more than digits"
		}
	case der.Tag(30):
		return "a BMPString with an odd number of octets, or with surrogates"
	case der.Tag(28):
		return "a UniversalString, which few readers know"
	case der.Tag(26):
		return "a VisibleString, which few readers know"
	case der.T61String:
		return ""
	default:
		return fmt.Sprintf("no string: its tag is %#x", uint8(tag))
	}
	return ""
}

// oddTimes finds a time in another form than RFC 5280 section 4.1.2.5 wants.
func oddTimes(element []byte) string {
	in := cryptobyte.String(element)
	var both, value cryptobyte.String
	if !in.ReadASN1(&both, der.SEQUENCE) {
		return "it is no pair of times"
	}
	for _, which := range []string{"beginning", "end"} {
		var tag der.Tag
		if !both.ReadAnyASN1(&value, &tag) {
			return "the " + which + " is missing"
		}
		digits := strings.TrimSuffix(string(value), "Z")
		whole := len(digits) == 12 && tag == der.UTCTime || len(digits) == 14 && tag == der.GeneralizedTime
		if !whole || digits == string(value) || strings.Trim(digits, "0123456789") != "" {
			return fmt.Sprintf("the %s is %q: fractions, other zones than Z and missing seconds are not allowed", which, string(value))
		}
	}
	return ""
}

// oddKey names the algorithms and curves that Roles Anywhere knows nothing of.
func oddKey(element []byte) string {
	in := cryptobyte.String(element)
	var key, algorithm cryptobyte.String
	var id asn1.ObjectIdentifier
	if !in.ReadASN1(&key, der.SEQUENCE) || !key.ReadASN1(&algorithm, der.SEQUENCE) || !algorithm.ReadASN1ObjectIdentifier(&id) {
		return "it cannot be taken apart"
	}
	switch id.String() {
	case "1.2.840.113549.1.1.1":
		if !algorithm.PeekASN1Tag(der.NULL) {
			return "an RSA key whose algorithm lacks its NULL (RFC 3279 section 2.3.1)"
		}
		return "an RSA key whose modulus or exponent is no positive number"
	case "1.2.840.10045.2.1":
		var curve asn1.ObjectIdentifier
		if !algorithm.PeekASN1Tag(der.OBJECT_IDENTIFIER) || !algorithm.ReadASN1ObjectIdentifier(&curve) {
			return "an EC key with explicit parameters instead of a curve's name"
		}
		names := map[string]string{
			"1.3.132.0.10": "secp256k1", "1.2.840.10045.3.1.1": "P-192", "1.2.156.10197.1.301": "SM2",
			"1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1", "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
		}
		known := []string{"1.2.840.10045.3.1.7", "1.3.132.0.33", "1.3.132.0.34", "1.3.132.0.35"}
		for _, oid := range known {
			if curve.String() == oid {
				return "an EC key whose point is not on its curve"
			}
		}
		if name := names[curve.String()]; name != "" {
			return "an EC key on " + name + "; use P-256, P-384 or P-521"
		}
		return "an EC key on curve " + curve.String() + "; use P-256, P-384 or P-521"
	}
	return "a key of algorithm " + id.String()
}

// oddExtension looks at what the frame of an extension can have wrong.
func oddExtension(element []byte) string {
	in := cryptobyte.String(element)
	var one, value cryptobyte.String
	var id asn1.ObjectIdentifier
	if !in.ReadASN1(&one, der.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&id) {
		return ""
	}
	critical := false
	if one.PeekASN1Tag(der.BOOLEAN) && one.ReadASN1(&value, der.BOOLEAN) {
		if len(value) != 1 || value[0] != 0 && value[0] != 0xff {
			return "its critical flag is written in BER: true is the octet FF in DER"
		}
		critical = value[0] == 0xff
	}
	switch name := extensionName(element); name {
	case "subject key identifier", "authority key identifier", "authority information access":
		if critical {
			return "it is marked critical, which RFC 5280 forbids"
		}
	case "subject alternative name":
		if one.ReadASN1(&value, der.OCTET_STRING) {
			return oddNames(value)
		}
	}
	return ""
}

// oddNames finds the first alternative name that is none (RFC 5280 section 4.2.1.6).
func oddNames(in cryptobyte.String) string {
	var list, value cryptobyte.String
	if !in.ReadASN1(&list, der.SEQUENCE) {
		return "it is no list of names"
	}
	for !list.Empty() {
		var tag der.Tag
		if !list.ReadAnyASN1(&value, &tag) {
			break
		}
		text := string(value)
		switch tag &^ 0xa0 {
		case 1, 2, 6:
			if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 }) {
				return fmt.Sprintf("the name %q is empty or has more than ASCII", text)
			}
			if tag&^0xa0 == 6 && strings.ContainsAny(text, " <>\"{}|\\^`") {
				return fmt.Sprintf("the URI %q has a blank or another illegal character", text)
			}
		case 7:
			if len(value) != 4 && len(value) != 16 {
				return fmt.Sprintf("an IP address has %d octets, not 4 or 16", len(value))
			}
		}
	}
	return ""
}

// algorithmOf is the OID of an AlgorithmIdentifier with its header.
func algorithmOf(element []byte) string {
	in := cryptobyte.String(element)
	var inner cryptobyte.String
	if !in.ReadASN1(&inner, der.SEQUENCE) {
		return "none"
	}
	return algorithm(inner)
}

// oddFrame finds what is wrong with the encoding as a whole.
func oddFrame(data []byte) string {
	in := cryptobyte.String(data)
	var certificate cryptobyte.String
	switch {
	case len(data) > 1 && data[1] == 0x80:
		return "its length is indefinite (BER); DER is wanted"
	case !in.ReadASN1(&certificate, der.SEQUENCE):
		return "it is cut off, or no certificate at all"
	case len(in) > 0:
		return fmt.Sprintf("%d octets stand behind it, perhaps a line end", len(in))
	}
	p, ok := cut(data)
	if !ok {
		return ""
	}
	seen := map[string]bool{}
	for _, one := range p.extensions {
		name := extensionName(one)
		if seen[name] {
			return "the extension " + name + " stands in it twice"
		}
		seen[name] = true
	}
	return ""
}
