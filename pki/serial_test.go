package pki

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
)

// The pairs for 291 and 17767 stand in the User Guide, "Trust model" (ID= form);
// 4096 is what openssl prints as 10:00.
func TestSerialHasThreeForms(t *testing.T) {
	for name, tt := range map[string]struct{ decimal, hex, colon string }{
		"the guide's first":  {"291", "0123", "01:23"},
		"the guide's second": {"17767", "4567", "45:67"},
		"zero":               {"0", "00", "00"},
		"one octet":          {"171", "ab", "AB"},
		"a first bit of one": {"4096", "1000", "10:00"},
		"sixteen octets": {"85070591730234615865843651857942052865", "40000000000000000000000000000001",
			"40:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01"},
	} {
		t.Run(name, func(t *testing.T) {
			n, _ := new(big.Int).SetString(tt.decimal, 10)
			s := SerialOf(&x509.Certificate{SerialNumber: n})
			if s.Hex() != tt.hex || s.Colon() != tt.colon || s.Decimal() != tt.decimal || s.Int().Cmp(n) != 0 {
				t.Errorf("got %s %s %s, want %s %s %s", s.Hex(), s.Colon(), s.Decimal(), tt.hex, tt.colon, tt.decimal)
			}
			for _, text := range []string{tt.hex, strings.ToUpper(tt.hex), "0x" + tt.hex, tt.colon, strings.ToLower(tt.colon), "dec:" + tt.decimal, " " + tt.hex + "\n", "serial=" + strings.ToUpper(tt.hex)} {
				if got, err := ParseSerial(text); err != nil || got != s {
					t.Errorf("%q: got %v, %v", text, got, err)
				}
			}
		})
	}
}

func TestDigitsAloneAreHexUntilTheyAreTooMany(t *testing.T) {
	for text, want := range map[string]string{
		"1000":                                   "1000",
		"123":                                    "0123",
		"000a":                                   "0a",
		"00":                                     "00",
		"85070591730234615865843651857942052865": "40000000000000000000000000000001",
		"0x85070591730234615865843651857942052865":          "85070591730234615865843651857942052865",
		"1461501637330902918203684832716283019655932542975": "ffffffffffffffffffffffffffffffffffffffff", // 2^160-1
	} {
		got, err := ParseSerial(text)
		if err != nil || got.Hex() != want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
}

func TestWhatIsNoSerialIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                   "",
		"a prefix alone":            "0x",
		"a decimal prefix alone":    "dec:",
		"a decimal that is hex":     "dec:1f",
		"a negative number":         "-1",
		"a word":                    "web-1",
		"21 octets":                 "0x01" + strings.Repeat("00", 20),
		"21 octets in decimal":      "1461501637330902918203684832716283019655932542976",
		"a very long decimal":       strings.Repeat("9", 5000),
		"a blank between":           "1f 00",
		"digits of another script":  "١٢٣",
		"a decimal with a sign":     "dec:+5",
		"a decimal with underlines": "dec:1_000",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := ParseSerial(text); err == nil {
				t.Errorf("got %v, want it refused", got)
			} else if len(err.Error()) > 250 {
				t.Errorf("error repeats all %d characters", len(text))
			}
		})
	}
}

func TestNewSerialsAlwaysHave32Digits(t *testing.T) {
	for name, octet := range map[string]byte{"all zero bits": 0, "all one bits": 0xff} {
		t.Run(name, func(t *testing.T) {
			s, err := NewSerial(bytes.NewReader(bytes.Repeat([]byte{octet}, 16)))
			if err != nil {
				t.Fatal(err)
			}
			if hex := s.Hex(); len(hex) != 32 || !strings.Contains("4567", hex[:1]) || s.Int().BitLen() != 127 {
				t.Errorf("got %s of %d bits", hex, s.Int().BitLen())
			}
		})
	}
	if _, err := NewSerial(bytes.NewReader(make([]byte, 15))); err == nil {
		t.Error("15 octets of randomness were enough")
	}
	a, _ := NewSerial(rand.Reader)
	b, _ := NewSerial(rand.Reader)
	if a == b {
		t.Errorf("two serials are %s", a)
	}
}

func TestSerialSurvivesJSON(t *testing.T) {
	for _, text := range []string{"00", "0123", "40000000000000000000000000000001", "85070591730234615865843651857942052865"} {
		s, err := ParseSerial("0x" + text)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(s)
		if err != nil || string(data) != `"`+text+`"` {
			t.Errorf("got %s, %v; want %q", data, err, text)
		}
		var back Serial
		if err := json.Unmarshal(data, &back); err != nil || back != s {
			t.Errorf("got %v back, %v; want %v", back, err, s)
		}
	}
	var s Serial
	if err := json.Unmarshal([]byte(`"xyz"`), &s); err == nil {
		t.Error("xyz was taken for a serial")
	}
}

func FuzzParseSerial(f *testing.F) {
	for _, text := range []string{"0x1f", "1F:00", "dec:99", "serial=AB", "85070591730234615865843651857942052865"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSerial(text)
		if err != nil {
			return
		}
		if back, err := ParseSerial("0x" + s.Hex()); err != nil || back != s {
			t.Errorf("%q: %v read back as %v, %v", text, s, back, err)
		}
		if back, err := ParseSerial("dec:" + s.Decimal()); err != nil || back != s {
			t.Errorf("%q: %v read back in decimal as %v, %v", text, s, back, err)
		}
	})
}
