package doctor

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"regexp"
	"strings"
	"unicode/utf16"

	"anywhere/pki"
)

// signedBy begins what stands in place of a signature in saved evidence: the hash
// of the key that made the signature follows, or nothing.
const signedBy = "saved evidence, signed by "

// signerNamed is the key that saved evidence names in place of a signature.
func signerNamed(signature []byte) (key string, saved bool) {
	return strings.CutPrefix(string(signature), signedBy)
}

func keyName(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:16])
}

// unreadable is what becomes of a certificate in which names cannot be found: one
// that no reader can read.
func unreadable() []byte { return []byte{0x30, 0x00} }

// certificate relabels every name in a certificate and keeps its form, faults
// included. A public CA is nobody's secret.
func (l *labels) certificate(der []byte) []byte {
	if len(der) == 0 {
		return der
	}
	signer := ""
	if cert := parsed(der); cert != nil {
		serial := pki.SerialOf(cert)
		for _, form := range []string{serial.Hex(), serial.Colon(), serial.Decimal()} {
			l.know(form, form)
		}
		if _, saved := signerNamed(cert.Signature); saved {
			return der
		}
		l.keepPublic(cert)
		for _, ca := range append([]*x509.Certificate{cert}, l.signers...) {
			if signed(ca, cert) {
				signer = keyName(ca)
			}
		}
	}
	return l.signedForm(der, signer)
}

// revocations does the same to a revocation list.
func (l *labels) revocations(der []byte) []byte {
	signer := ""
	if list, err := x509.ParseRevocationList(der); err == nil {
		if _, saved := signerNamed(list.Signature); saved {
			return der
		}
		for _, ca := range l.signers {
			if list.CheckSignatureFrom(ca) == nil {
				signer = keyName(ca)
			}
		}
	}
	return l.signedForm(der, signer)
}

// keepPublic lets the names of a public CA stand for themselves.
func (l *labels) keepPublic(cert *x509.Certificate) {
	if _, public := publicCA(cert.Issuer); public {
		for _, name := range cert.Issuer.Names {
			if text, ok := name.Value.(string); ok {
				l.know(text, text)
			}
		}
	}
}

// signedForm relabels the outer form: what is signed, with what, and the signature.
func (l *labels) signedForm(der []byte, signer string) []byte {
	outer, after, ok := element(der)
	if !ok || der[0] != 0x30 {
		return unreadable()
	}
	signed, rest, ok := element(outer)
	if !ok {
		return unreadable()
	}
	whole, ok := l.elements(signed, 0)
	_, signature, algorithmRead := element(rest)
	if !ok || !algorithmRead {
		return unreadable()
	}
	out := wrapped(outer[0], whole)
	out = append(out, rest[:len(rest)-len(signature)]...)
	out = append(out, wrapped(asn1.TagBitString, append([]byte{0}, signedBy+signer...))...)
	return append(wrapped(der[0], out), make([]byte, len(after))...)
}

// element splits off the first element: what is in it, and what follows.
func element(der []byte) (content, rest []byte, ok bool) {
	var raw asn1.RawValue
	rest, err := asn1.Unmarshal(der, &raw)
	if err != nil {
		return nil, nil, false
	}
	return raw.Bytes, rest, true
}

// wrapped puts tag and length before a content (X.690 section 8.1).
func wrapped(tag byte, content []byte) []byte {
	n := len(content)
	switch {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, content...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, content...)
	case n < 0x10000:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...)
	}
	return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, content...)
}

// elements relabels a row of elements and all below them.
func (l *labels) elements(der []byte, depth int) ([]byte, bool) {
	var out []byte
	country := []byte{0x06, 0x03, 0x55, 0x04, 0x06} // id-at-countryName: says little, and policies compare it
	keep := bytes.HasPrefix(der, country)
	for len(der) > 0 {
		content, rest, ok := element(der)
		if !ok || depth > 16 || der[0]&0x1f == 0x1f {
			return nil, false
		}
		whole := der[:len(der)-len(rest)]
		switch tag := der[0]; {
		case keep && tag != asn1.TagOID:
			l.know(string(content), string(content))
		case tag&0x20 != 0:
			inner, ok := l.elements(content, depth+1)
			if !ok {
				return nil, false
			}
			whole = wrapped(tag, inner)
		case tag == asn1.TagOctetString:
			inner, ok := l.elements(content, depth+1)
			if !ok || !holdsElements(content) {
				inner = masked(content)
			}
			whole = wrapped(tag, inner)
		default:
			whole = wrapped(tag, l.primitive(tag, content))
		}
		out = append(out, whole...)
		der = rest
	}
	return out, true
}

// holdsElements tells the value of an extension from the octets of a key
// identifier.
func holdsElements(content []byte) bool {
	_, rest, ok := element(content)
	return ok && len(rest) == 0 && (content[0] == asn1.TagOctetString || content[0] == 0x30 || content[0] == asn1.TagIA5String || content[0] == asn1.TagUTF8String || content[0] == asn1.TagPrintableString)
}

// primitive relabels strings, and the names and addresses of a GeneralName (RFC
// 5280 section 4.2.1.6).
func (l *labels) primitive(tag byte, content []byte) []byte {
	switch tag {
	case asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagIA5String, asn1.TagT61String, asn1.TagNumericString, 26, 27, 28,
		0x81, 0x82, 0x86: // rfc822Name, dNSName, uniformResourceIdentifier
		return []byte(l.name(string(content)))
	case asn1.TagBMPString:
		var units []uint16
		for i := 0; i+1 < len(content); i += 2 {
			units = append(units, uint16(content[i])<<8|uint16(content[i+1]))
		}
		var out []byte
		for _, unit := range utf16.Encode([]rune(l.name(string(utf16.Decode(units))))) {
			out = append(out, byte(unit>>8), byte(unit))
		}
		return append(out, content[len(content)-len(content)%2:]...)
	case 0x87: // iPAddress; with its mask in a constraint
		out := bytes.Clone(content)
		if address := map[int]int{8: 4, 32: 16}[len(out)]; address > 0 {
			clear(out[:address])
			return out
		}
		clear(out)
		return out
	case asn1.TagInteger, asn1.TagBitString, asn1.TagOID, asn1.TagUTCTime, asn1.TagGeneralizedTime:
		return content
	}
	return masked(content)
}

// masked blots out what looks like text in octets whose form is not known. Hashes
// and key identifiers are short.
func masked(content []byte) []byte {
	if len(content) <= 32 {
		return content
	}
	return regexp.MustCompile(`[ -~]{4,}`).ReplaceAllFunc(content, func(text []byte) []byte { return bytes.Repeat([]byte("x"), len(text)) })
}
