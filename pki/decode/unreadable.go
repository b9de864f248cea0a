package decode

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// keyInfo is PrivateKeyInfo without its attributes (RFC 5958 section 2).
type keyInfo struct {
	Version   int
	Algorithm pkix.AlgorithmIdentifier
	Key       []byte
}

// sec1Key is ECPrivateKey (RFC 5915 section 3).
type sec1Key struct {
	Version int
	Key     []byte
	Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	Public  asn1.BitString        `asn1:"optional,explicit,tag:1"`
}

// unreadable finds words for a key that crypto/x509 does not parse: one of
// another algorithm or curve is unsupported, one without the outline of a key is
// [ErrNotAKey], and anything else is damaged.
func unreadable(der []byte) error {
	var curve sec1Key
	if _, err := asn1.Unmarshal(der, &curve); err == nil && curve.Version == 1 {
		return badCurve(curve.Curve)
	}
	if isPKCS1(der) {
		return errBrokenKey
	}
	var info keyInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return fmt.Errorf("%w: the block has not the outline of one", ErrNotAKey)
	}
	switch oid := info.Algorithm.Algorithm.String(); oid {
	case "1.2.840.10045.2.1": // RFC 5480 section 2.1.1
		var curve asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &curve); err != nil {
			return unsupported(fixMake, "an EC key whose curve has no name")
		}
		return badCurve(curve)
	case "1.2.840.113549.1.1.1": // RFC 3279 section 2.3.1
		return errBrokenKey
	case "1.2.840.113549.1.1.10": // RFC 4055 section 3.1
		return unsupported(fixMake, "an RSA key bound to PSS")
	case "2.16.840.1.101.3.4.3.17": // RFC 9881 section 2, as the next two
		return unsupported(fixMake, "an ML-DSA-44 key")
	case "2.16.840.1.101.3.4.3.18":
		return unsupported(fixMake, "an ML-DSA-65 key")
	case "2.16.840.1.101.3.4.3.19":
		return unsupported(fixMake, "an ML-DSA-87 key")
	case "1.2.840.10040.4.1": // RFC 3279 section 2.3.2
		return unsupported(fixMake, "a DSA key")
	default:
		return unsupported(fixMake, "a key of algorithm %s", oid)
	}
}

var errBrokenKey = errors.New("its numbers do not make a key")

// badCurve tells a curve that is not supported from a broken key on one that is.
func badCurve(curve asn1.ObjectIdentifier) error {
	switch name := curve.String(); name {
	case "1.3.132.0.33", "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35": // P-224 to P-521: RFC 5480 section 2.1.1.1
		return errBrokenKey
	case "":
		return unsupported(fixMake, "an EC key without the name of its curve")
	case "1.3.132.0.10":
		return unsupported(fixMake, "the curve secp256k1")
	default:
		return unsupported(fixMake, "the curve %s", name)
	}
}

// isPKCS1 recognises RSAPrivateKey by its nine numbers (RFC 8017 appendix A.1.2).
func isPKCS1(der []byte) bool {
	var numbers []*big.Int
	_, err := asn1.Unmarshal(der, &numbers)
	return err == nil && len(numbers) >= 9
}
