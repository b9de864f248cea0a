package pkcs12

import (
	"encoding/asn1"
	"fmt"

	"anywhere/pki/decode"
)

// maxRounds is what a file may ask for, as in anywhere/pki/decode; the library has
// no bound.
const maxRounds = 10_000_000

// maxDepth is more than twice as deep as these files nest what is not encrypted.
const maxDepth = 24

// affordable refuses a file that would keep this machine busy for hours. Wherever
// rounds are counted, in the integrity check (RFC 7292 section 4) as in PBES1 and
// PBKDF2 (RFC 8018 appendix A), an OCTET STRING, the salt, stands before an
// INTEGER, the rounds; nothing else in the format does.
func affordable(der []byte, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested more than %d deep", maxDepth)
	}
	salted := false
	for len(der) > 0 {
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(der, &element)
		if err != nil {
			return nil // not DER: ciphertext, or the library's to refuse
		}
		universal := element.Class == asn1.ClassUniversal
		if salted && universal && element.Tag == asn1.TagInteger && moreThan(element.Bytes, maxRounds) {
			return &decode.UnsupportedError{
				What: fmt.Sprintf("PKCS #12 with more than %d rounds", maxRounds),
				Fix:  "convert it where it was made: openssl pkcs12 -in FILE -nodes -out FILE.pem",
			}
		}
		salted = universal && element.Tag == asn1.TagOctetString
		if element.IsCompound || salted {
			if err := affordable(element.Bytes, depth+1); err != nil {
				return err
			}
		}
		der = rest
	}
	return nil
}

// moreThan compares a big-endian number with a bound.
func moreThan(octets []byte, bound int) bool {
	n := 0
	for _, b := range octets {
		n = n<<8 | int(b)
		if n > bound {
			return true
		}
	}
	return false
}
