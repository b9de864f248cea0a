package pki

import (
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name is the subject of a certificate. Empty fields are left out.
type Name struct {
	CommonName         string `json:"commonName"`
	Organization       string `json:"organization,omitempty"`
	OrganizationalUnit string `json:"organizationalUnit,omitempty"`
}

// maxCommonName is the longest common name of a machine: Roles Anywhere makes
// the source identity "CN=" plus the name, and STS allows that 64 characters. A
// longer name loses its prefix.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
const maxCommonName = 61

// maxAttribute is X.520's upper bound for common, organisation and unit names
// (RFC 5280 appendix A.1, ub-common-name and its sisters).
const maxAttribute = 64

// NameError says why a value cannot stand in a certificate for Roles Anywhere.
type NameError struct {
	Field string // "common name", "organisation", "DNS name"...
	Value string
	Why   string
	fix   string
}

func (e *NameError) Error() string { return fmt.Sprintf("%s %q: %s", e.Field, e.Value, e.Why) }

// Hint proposes a value that would do, if there is one.
func (e *NameError) Hint() string { return e.fix }

// ValidCommonName says why cn cannot name a machine; nil if it can.
//
// A name has 1 to 61 of the characters A-Z a-z 0-9 . _ - @ + =, which are legal
// both in a session tag and in an STS source identity. A blank is legal in the
// first only, and a slash too, so neither is allowed.
//
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func ValidCommonName(cn string) error {
	why := ""
	switch {
	case cn == "":
		why = "is empty"
	case strings.IndexFunc(cn, notInCommonName) >= 0:
		why = "only letters a-z, digits and . _ - @ + = can stand in it"
	case len(cn) > maxCommonName:
		why = fmt.Sprintf("has %d characters, %d are allowed", len(cn), maxCommonName)
	default:
		return nil
	}
	return &NameError{"common name", cn, why, "try " + CleanCommonName(cn)}
}

func notInCommonName(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("._-@+=", r)
}

// CleanCommonName makes a legal common name from a host name: lower case, since
// host names ignore case and policy conditions do not, with a hyphen for each run
// of characters that cannot stand in one. A name with nothing usable becomes
// "machine".
func CleanCommonName(host string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(host) {
		switch {
		case !notInCommonName(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := b.String()
	name = strings.Trim(name[:min(len(name), maxCommonName)], "-.")
	if name == "" {
		return "machine"
	}
	return name
}

// tagValue says why a value could not become a session tag. Roles Anywhere drops
// such values in silence, and then no condition on them can hold.
//
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
func tagValue(field, value string, limit int) error {
	if n := utf8.RuneCountInString(value); n > limit {
		return &NameError{Field: field, Value: value, Why: fmt.Sprintf("has %d characters, %d are allowed", n, limit)}
	}
	if !utf8.ValidString(value) || strings.IndexFunc(value, notInTag) >= 0 {
		return &NameError{Field: field, Value: value, Why: "only letters, digits, blanks and _ . : / = + - @ can stand in it"}
	}
	return nil
}

func notInTag(r rune) bool {
	if r == ' ' || unicode.IsLetter(r) || unicode.IsNumber(r) {
		return false
	}
	return !strings.ContainsRune("_.:/=+-@", r)
}

// check judges all of a name but the common name of a machine, which has its own
// narrower rule.
func (n Name) check() error {
	if n.CommonName == "" {
		return &NameError{Field: "common name", Why: "is empty"}
	}
	return errors.Join(
		tagValue("common name", n.CommonName, maxAttribute),
		tagValue("organisation", n.Organization, maxAttribute),
		tagValue("organisational unit", n.OrganizationalUnit, maxAttribute),
	)
}

func (n Name) pkix() pkix.Name {
	name := pkix.Name{CommonName: n.CommonName}
	if n.Organization != "" {
		name.Organization = []string{n.Organization}
	}
	if n.OrganizationalUnit != "" {
		name.OrganizationalUnit = []string{n.OrganizationalUnit}
	}
	return name
}
