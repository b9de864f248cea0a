package pki

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// Serial is the serial number of a certificate. Roles Anywhere shows it as the
// session name (hex), CreateSession's Credential= carries it in decimal, and
// openssl prints it with colons; this one type has all three.
//
// The zero value is serial 0. Serials can be compared with == and used as map
// keys.
type Serial struct {
	octets string // big-endian, no leading zero octet
}

// maxSerialOctets is the longest serial a certificate may carry (RFC 5280
// section 4.1.2.2).
const maxSerialOctets = 20

// NewSerial draws a positive serial of 127 bits whose first hex digit is 4 to 7:
// 16 octets without a sign octet in DER, and always 32 hex digits, so that no
// reader can lose a leading zero. 125 of its bits are random; RFC 5280 asks for
// uniqueness, the CA/Browser Forum for 64 bits.
func NewSerial(random io.Reader) (Serial, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return Serial{}, fmt.Errorf("draw serial: %w", err)
	}
	b[0] = b[0]&0x3f | 0x40
	return Serial{string(b[:])}, nil
}

// SerialOf returns the serial of a certificate.
func SerialOf(cert *x509.Certificate) Serial { return serialFromInt(cert.SerialNumber) }

// serialFromInt drops the sign: crypto/x509 parses no negative serial.
func serialFromInt(n *big.Int) Serial {
	if n == nil {
		return Serial{}
	}
	return Serial{string(n.Bytes())}
}

// ParseSerial reads a serial in any form that people paste:
//
//	1f00ab, 1F00AB, 0x1f00ab    hex: session names, CloudTrail, step
//	1F:00:AB                    hex with colons: openssl x509 -text
//	serial=1F00AB               hex: openssl x509 -serial
//	dec:2031787                 decimal
//	85071058…                   36 or more digits and no letter: decimal
//
// Digits alone are hex, since session names are: "1000" is 4096. From 36 digits
// on they are decimal, as in a Credential= element: a random serial with that
// many hex digits and no letter among them turns up once in 20 million.
func ParseSerial(s string) (Serial, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	if digits, ok := strings.CutPrefix(text, "dec:"); ok {
		return parseDecimal(s, digits)
	}
	if len(text) >= 36 && strings.Trim(text, "0123456789") == "" {
		return parseDecimal(s, text)
	}
	text = strings.TrimPrefix(text, "serial=")
	text = strings.TrimPrefix(text, "0x")
	text = strings.ReplaceAll(text, ":", "")
	if len(text)%2 == 1 {
		text = "0" + text
	}
	octets, err := hex.DecodeString(text)
	if err != nil || len(octets) == 0 {
		return Serial{}, notASerial(s)
	}
	return checkedSerial(s, octets)
}

func parseDecimal(s, digits string) (Serial, error) {
	// 49 decimal digits hold 20 octets; longer input is not worth converting.
	if digits == "" || len(digits) > 49 || strings.Trim(digits, "0123456789") != "" {
		return Serial{}, notASerial(s)
	}
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return Serial{}, notASerial(s)
	}
	return checkedSerial(s, n.Bytes())
}

func checkedSerial(s string, octets []byte) (Serial, error) {
	trimmed := strings.TrimLeft(string(octets), "\x00")
	if len(trimmed) > maxSerialOctets {
		return Serial{}, notASerial(s)
	}
	return Serial{trimmed}, nil
}

func notASerial(s string) error {
	if len(s) > 64 {
		s = s[:64]
	}
	return fmt.Errorf("read serial %q: want up to 40 hex digits, or dec: and a decimal number", s)
}

// Hex is the serial in lower-case hex of even length, as Roles Anywhere names
// the session: "0123" for 291, "00" for 0.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html (ID= form)
func (s Serial) Hex() string {
	if s.octets == "" {
		return "00"
	}
	return hex.EncodeToString([]byte(s.octets))
}

// Decimal is the serial as the Credential element of the Authorization header
// carries it.
func (s Serial) Decimal() string { return s.Int().String() }

// Colon is the serial in upper-case hex with colons, as openssl x509 -text
// prints it.
func (s Serial) Colon() string {
	digits := strings.ToUpper(s.Hex())
	var b strings.Builder
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(digits[i : i+2])
	}
	return b.String()
}

// Int is the serial as a new big integer.
func (s Serial) Int() *big.Int { return new(big.Int).SetBytes([]byte(s.octets)) }

// IsZero reports whether the serial is 0, which no certificate should have (RFC
// 5280 section 4.1.2.2).
func (s Serial) IsZero() bool { return s.octets == "" }

// String is [Serial.Hex].
func (s Serial) String() string { return s.Hex() }

// MarshalText writes the hex form, so that JSON carries it as a string.
func (s Serial) MarshalText() ([]byte, error) { return []byte(s.Hex()), nil }

// UnmarshalText reads what MarshalText wrote: hex, whatever its length.
func (s *Serial) UnmarshalText(text []byte) error {
	parsed, err := ParseSerial("0x" + string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
