package decode

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/sha1"
	"crypto/x509/pkix"
	"encoding/asn1"
	"hash"
	"unicode/utf16"
	"unicode/utf8"
)

type pbes1Params struct { // RFC 8018 appendix A.3, RFC 7292 appendix C
	Salt   []byte
	Rounds int
}

// pbes1 reads the schemes of old Windows, Java and OpenSSL files.
func pbes1(algorithm pkix.AlgorithmIdentifier) (scheme, error) {
	name := algorithm.Algorithm.String()
	switch name {
	case "1.2.840.113549.1.5.3", "1.2.840.113549.1.5.10",
		"1.2.840.113549.1.12.1.3", "1.2.840.113549.1.12.1.4":
	case "1.2.840.113549.1.5.4", "1.2.840.113549.1.5.6", "1.2.840.113549.1.5.11",
		"1.2.840.113549.1.12.1.5", "1.2.840.113549.1.12.1.6":
		return scheme{}, unsupported(fixScheme, "a key encrypted with RC2")
	case "1.2.840.113549.1.12.1.1", "1.2.840.113549.1.12.1.2":
		return scheme{}, unsupported(fixScheme, "a key encrypted with RC4")
	default:
		return scheme{}, unsupported(fixScheme, "the encryption scheme %s", name)
	}
	var params pbes1Params
	if _, err := asn1.Unmarshal(algorithm.Parameters.FullBytes, &params); err != nil || params.Rounds < 1 {
		return scheme{}, errDamaged
	}
	if params.Rounds > maxRounds {
		return scheme{}, unsupported(fixScheme, "PBES1 with %d rounds", params.Rounds)
	}
	switch name {
	case "1.2.840.113549.1.5.3": // pbeWithMD5AndDES-CBC
		return scheme{params.pbkdf1(md5.New), des.NewCipher}, nil
	case "1.2.840.113549.1.5.10": // pbeWithSHA1AndDES-CBC
		return scheme{params.pbkdf1(sha1.New), des.NewCipher}, nil
	case "1.2.840.113549.1.12.1.3": // pbeWithSHAAnd3-KeyTripleDES-CBC
		return scheme{params.pkcs12(24), des.NewTripleDESCipher}, nil
	default: // pbeWithSHAAnd2-KeyTripleDES-CBC
		return scheme{params.pkcs12(16), twoKeyTripleDES}, nil
	}
}

// twoKeyTripleDES uses the first key again as the third.
func twoKeyTripleDES(key []byte) (cipher.Block, error) {
	return des.NewTripleDESCipher(append(key[:16:16], key[:8]...))
}

// pbkdf1 hashes again and again; 8 octets are the key, 8 the initial vector (RFC
// 8018 sections 5.1 and 6.1.1).
func (p pbes1Params) pbkdf1(digest func() hash.Hash) func([]byte) ([]byte, []byte, error) {
	return func(passphrase []byte) ([]byte, []byte, error) {
		sum := append(append([]byte{}, passphrase...), p.Salt...)
		for range p.Rounds {
			h := digest()
			h.Write(sum)
			sum = h.Sum(sum[:0])
		}
		return sum[:8], sum[8:16], nil
	}
}

// pkcs12 derives key and initial vector as RFC 7292 appendix B.2 does.
func (p pbes1Params) pkcs12(length int) func([]byte) ([]byte, []byte, error) {
	return func(passphrase []byte) ([]byte, []byte, error) {
		if !utf8.Valid(passphrase) {
			return nil, nil, ErrWrongPassphrase // only text has a BMPString
		}
		text := bmpString(string(passphrase))
		return p.pkcs12Bytes(1, text, length), p.pkcs12Bytes(2, text, 8), nil
	}
}

// bmpString is UTF-16, big-endian, with two zero octets at the end (RFC 7292
// appendix B.1).
func bmpString(s string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		out = append(out, byte(unit>>8), byte(unit))
	}
	return append(out, 0, 0)
}

// pkcs12Bytes is the function of RFC 7292 appendix B.2 with SHA-1; id is 1 for a
// key and 2 for an initial vector.
func (p pbes1Params) pkcs12Bytes(id byte, passphrase []byte, length int) []byte {
	const block = 64 // v, the block size of SHA-1 in octets
	var d [block]byte
	for i := range d {
		d[i] = id
	}
	input := append(repeated(p.Salt, block), repeated(passphrase, block)...)
	var out []byte
	for {
		sum := sha1.Sum(append(d[:], input...))
		for range p.Rounds - 1 {
			sum = sha1.Sum(sum[:])
		}
		out = append(out, sum[:]...)
		if len(out) >= length {
			return out[:length]
		}
		addEach(input, repeated(sum[:], block)[:block])
	}
}

// repeated fills whole blocks with copies of data.
func repeated(data []byte, block int) []byte {
	if len(data) == 0 {
		return nil
	}
	n := (len(data) + block - 1) / block * block
	out := make([]byte, n)
	for i := range out {
		out[i] = data[i%len(data)]
	}
	return out
}

// addEach adds b and one to each block of input, as big-endian numbers without
// the overflow.
func addEach(input, b []byte) {
	for start := 0; start < len(input); start += len(b) {
		carry := 1
		for i := len(b) - 1; i >= 0; i-- {
			sum := int(input[start+i]) + int(b[i]) + carry
			input[start+i], carry = byte(sum), sum>>8
		}
	}
}
