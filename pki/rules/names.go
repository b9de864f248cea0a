package rules

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hasSubject looks at the bytes: an empty subject is an empty SEQUENCE.
func hasSubject(cert *x509.Certificate) (bool, string) {
	if len(cert.Subject.Names) == 0 {
		return false, "the subject is empty"
	}
	return true, "the subject is " + cert.Subject.String()
}

// hasCommonName is a should: without one, the source identity is ID= and the
// serial, which changes with every renewal.
func hasCommonName(cert *x509.Certificate) (bool, string) {
	if cert.Subject.CommonName == "" {
		return false, "the subject has no common name"
	}
	return true, "the common name is " + strconv.Quote(cert.Subject.CommonName)
}

// shortCommonName is a should: from 62 characters on, the source identity loses
// its prefix CN=.
func shortCommonName(cert *x509.Certificate) (bool, string) {
	n := utf8.RuneCountInString(cert.Subject.CommonName)
	return n <= 61, "the common name has " + strconv.Itoa(n) + " characters"
}

// taggable looks at every value that the default mappings turn into a session
// tag. Roles Anywhere drops one that does not fit, and says so only if the role
// then cannot be assumed.
func taggable(cert *x509.Certificate) (bool, string) {
	for _, name := range cert.Subject.Names {
		if value := fmt.Sprint(name.Value); !fitsTag(value) {
			return false, fmt.Sprintf("%s %q does not fit", attribute(name), value)
		}
	}
	if len(cert.DNSNames) > 0 && !fitsTag(cert.DNSNames[0]) {
		return false, fmt.Sprintf("DNS name %q does not fit", cert.DNSNames[0])
	}
	if len(cert.URIs) > 0 && !fitsTag(cert.URIs[0].String()) {
		return false, fmt.Sprintf("URI %q does not fit", cert.URIs[0].String())
	}
	return true, "every name fits"
}

// fitsTag is the pattern of a session tag's value: [\p{L}\p{Z}\p{N}_.:/=+\-@]* of
// at most 256 characters.
func fitsTag(value string) bool {
	return utf8.ValidString(value) && utf8.RuneCountInString(value) <= 256 &&
		strings.IndexFunc(value, func(r rune) bool {
			return !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r)
		}) < 0
}

// attribute names a part of a subject as openssl does: "CN" and so on.
func attribute(name pkix.AttributeTypeAndValue) string {
	text := pkix.RDNSequence{{pkix.AttributeTypeAndValue{Type: name.Type, Value: ""}}}.String()
	return strings.TrimSuffix(text, "=")
}
