package decode

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"hash"

	"golang.org/x/crypto/scrypt"
)

// What a file may ask of this machine. More would be an attack, not caution:
// OWASP advises 600 000 rounds of PBKDF2 and 128 MiB for scrypt.
const (
	maxRounds       = 10_000_000 // of PBKDF2 or PBES1
	maxScryptMemory = 256 << 20  // octets: 128 N r
	maxScryptWork   = 2 << 30    // octets mixed: 128 N r p, some ten seconds
)

type pbes2Params struct { // RFC 8018 appendix A.4
	KDF    pkix.AlgorithmIdentifier
	Cipher pkix.AlgorithmIdentifier
}

func pbes2(der []byte) (scheme, error) {
	var params pbes2Params
	if _, err := asn1.Unmarshal(der, &params); err != nil {
		return scheme{}, errDamaged
	}
	cipher, err := cipherOf(params.Cipher.Algorithm)
	if err != nil {
		return scheme{}, err
	}
	var iv []byte
	if _, err := asn1.Unmarshal(params.Cipher.Parameters.FullBytes, &iv); err != nil {
		return scheme{}, errDamaged
	}
	derive, err := kdfOf(params.KDF, cipher.length)
	if err != nil {
		return scheme{}, err
	}
	return scheme{
		derive: func(passphrase []byte) ([]byte, []byte, error) {
			key, err := derive(passphrase)
			return key, iv, err
		},
		block: cipher.block,
	}, nil
}

// kdfOf reads how the passphrase becomes a key of so many octets.
func kdfOf(kdf pkix.AlgorithmIdentifier, length int) (func([]byte) ([]byte, error), error) {
	switch name := kdf.Algorithm.String(); name {
	case "1.2.840.113549.1.5.12": // RFC 8018 appendix A.2
		return pbkdf2Of(kdf.Parameters.FullBytes, length)
	case "1.3.6.1.4.1.11591.4.11": // RFC 7914 section 7
		return scryptOf(kdf.Parameters.FullBytes, length)
	default:
		return nil, unsupported(fixScheme, "the key derivation %s", name)
	}
}

func pbkdf2Of(der []byte, length int) (func([]byte) ([]byte, error), error) {
	var params struct { // RFC 8018 appendix A.2
		Salt   []byte
		Rounds int
		Length int                      `asn1:"optional"`
		PRF    pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &params); err != nil || params.Rounds < 1 {
		return nil, errDamaged
	}
	if params.Rounds > maxRounds {
		return nil, unsupported(fixScheme, "PBKDF2 with %d rounds", params.Rounds)
	}
	digest, err := prfOf(params.PRF.Algorithm)
	if err != nil {
		return nil, err
	}
	return func(passphrase []byte) ([]byte, error) {
		return pbkdf2.Key(digest, string(passphrase), params.Salt, params.Rounds, length)
	}, nil
}

// prfOf knows the HMACs of RFC 8018 appendix B.1; none named means SHA-1.
func prfOf(oid asn1.ObjectIdentifier) (func() hash.Hash, error) {
	switch name := oid.String(); name {
	case "", "1.2.840.113549.2.7":
		return sha1.New, nil
	case "1.2.840.113549.2.8":
		return sha256.New224, nil
	case "1.2.840.113549.2.9":
		return sha256.New, nil
	case "1.2.840.113549.2.10":
		return sha512.New384, nil
	case "1.2.840.113549.2.11":
		return sha512.New, nil
	default:
		return nil, unsupported(fixScheme, "PBKDF2 with the function %s", name)
	}
}

func scryptOf(der []byte, length int) (func([]byte) ([]byte, error), error) {
	var params struct { // RFC 7914 section 7.1
		Salt    []byte
		N, R, P int
		Length  int `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &params); err != nil {
		return nil, errDamaged
	}
	n, r, p := int64(params.N), int64(params.R), int64(params.P)
	if n < 2 || r < 1 || p < 1 || n&(n-1) != 0 {
		return nil, errDamaged
	}
	// Each factor is bounded first, so that no product overflows.
	if n > maxScryptMemory || r > maxScryptMemory || n*r > maxScryptMemory/128 || p > maxScryptWork || n*r*p > maxScryptWork/128 {
		return nil, unsupported(fixScheme, "scrypt with N=%d, r=%d, p=%d", n, r, p)
	}
	return func(passphrase []byte) ([]byte, error) {
		return scrypt.Key(passphrase, params.Salt, params.N, params.R, params.P, length)
	}, nil
}
