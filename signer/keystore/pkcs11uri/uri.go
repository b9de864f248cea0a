// Package pkcs11uri reads the names of keys and certificates in PKCS #11 tokens:
//
//	pkcs11:token=web;object=machine?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/pin
//
// Source: RFC 7512.
package pkcs11uri

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// URI is a parsed one. Every attribute that is given must match.
type URI struct {
	path, query map[string]string // decoded; an id may hold any bytes
}

const scheme = "pkcs11:"

// Is says whether text begins like such a URI. Schemes know no case (RFC 3986,
// section 3.1).
func Is(text string) bool {
	return len(text) >= len(scheme) && strings.EqualFold(text[:len(scheme)], scheme)
}

// pathNames are the attributes that say which token and object is meant (RFC
// 7512, section 2.3). Others are refused: one that is mistyped would match more
// than was meant.
func pathNames() []string {
	return []string{
		"token", "manufacturer", "serial", "model",
		"library-manufacturer", "library-version", "library-description",
		"object", "type", "id",
		"slot-manufacturer", "slot-description", "slot-id",
	}
}

// queryNames are those that say how to get at it (section 2.4). Others, which
// vendors may add, are passed over.
func queryNames() []string { return []string{"pin-source", "pin-value", "module-name", "module-path"} }

// Parse reads a URI. The error never repeats a value, which may be a PIN.
func Parse(text string) (URI, error) {
	if !Is(text) {
		return URI{}, errors.New("parse PKCS #11 URI: it does not begin with pkcs11:")
	}
	path, query, _ := strings.Cut(text[len(scheme):], "?")
	u := URI{}
	var err error
	if u.path, err = attributes(path, ";"); err == nil {
		u.query, err = attributes(query, "&")
	}
	if err == nil {
		err = u.check()
	}
	if err != nil {
		return URI{}, fmt.Errorf("parse PKCS #11 URI: %w", err)
	}
	return u, nil
}

// attributes splits name=value pairs. An attribute stands at most once.
func attributes(text, separator string) (map[string]string, error) {
	all := map[string]string{}
	if text == "" {
		return all, nil
	}
	for pair := range strings.SplitSeq(text, separator) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, errors.New("an attribute has no name or no value; attributes are name=value, separated by " + separator)
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("attribute %q stands there twice", name)
		}
		decoded, err := decode(value)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", name, err)
		}
		all[name] = decoded
	}
	return all, nil
}

// decode resolves %41. A plus sign stands for itself.
func decode(text string) (string, error) {
	if !strings.Contains(text, "%") {
		return text, nil
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		if i+2 >= len(text) || nibble(text[i+1]) < 0 || nibble(text[i+2]) < 0 {
			return "", errors.New("a percent sign without two hexadecimal digits; a percent sign itself is %25")
		}
		b.WriteByte(byte(nibble(text[i+1])<<4 | nibble(text[i+2])))
		i += 2
	}
	return b.String(), nil
}

func nibble(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (u URI) check() error {
	for name := range u.path {
		if slices.Contains(queryNames(), name) {
			return fmt.Errorf("attribute %q belongs behind a question mark", name)
		}
		if !slices.Contains(pathNames(), name) {
			return fmt.Errorf("attribute %q is not known", name)
		}
	}
	if kind, given := u.path["type"]; given && !slices.Contains([]string{"public", "private", "cert", "secret-key", "data"}, kind) {
		return errors.New(`attribute "type": neither private, public, cert, secret-key nor data`)
	}
	if slot, given := u.path["slot-id"]; given && !number(slot) {
		return errors.New(`attribute "slot-id": neither a decimal nor, behind 0x, a hexadecimal number`)
	}
	_, source := u.query["pin-source"]
	if _, value := u.query["pin-value"]; value && source {
		return errors.New("both pin-source and pin-value are there") // section 2.4: to be refused
	}
	return nil
}

// number is for slots, which RFC 7512 writes in decimal digits (section 2.3).
// AWS's helper takes hexadecimal ones too, as pkcs11-tool lists them.
func number(text string) bool {
	_, err := slotNumber(text)
	return err == nil
}

func slotNumber(text string) (uint64, error) {
	if digits, hex := strings.CutPrefix(strings.ToLower(text), "0x"); hex {
		return strconv.ParseUint(digits, 16, 64)
	}
	return strconv.ParseUint(text, 10, 64)
}

// Slot is the number of the slot that the URI names, and whether it names one.
func (u URI) Slot() (id uint64, given bool) {
	text, given := u.path["slot-id"]
	if !given {
		return 0, false
	}
	id, err := slotNumber(text)
	return id, err == nil // which Parse has checked
}

// Path returns an attribute that says what is meant, and whether it is given: an
// empty value matches only what is empty.
func (u URI) Path(name string) (value string, given bool) {
	value, given = u.path[name]
	return value, given
}

// Query returns an attribute that says how to get at it.
func (u URI) Query(name string) (value string, given bool) {
	value, given = u.query[name]
	return value, given
}

// With returns u with another value of a path attribute.
func (u URI) With(name, value string) URI {
	u.path = maps.Clone(u.path)
	if u.path == nil {
		u.path = map[string]string{}
	}
	u.path[name] = value
	return u
}

// Without returns u without a path attribute.
func (u URI) Without(name string) URI {
	u.path = maps.Clone(u.path)
	delete(u.path, name)
	return u
}

// String writes u without its query, so that it holds no PIN and may be shown.
// The attributes stand in the order of the RFC.
func (u URI) String() string {
	var parts []string
	for _, name := range pathNames() {
		if value, given := u.path[name]; given {
			parts = append(parts, name+"="+encode(value, name == "id"))
		}
	}
	return scheme + strings.Join(parts, ";")
}

// encode escapes all but what RFC 3986 calls unreserved. Ids are bytes and are
// escaped whole, as other programs write them.
func encode(value string, all bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(value) {
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
		if plain && !all {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// WithoutPIN is what of a URI may be shown, whether it parses or not.
func WithoutPIN(text string) string {
	if u, err := Parse(text); err == nil {
		return u.String()
	}
	path, _, _ := strings.Cut(text, "?")
	before, _, found := strings.Cut(path, "pin-value")
	if found {
		return before + "..."
	}
	return path
}
