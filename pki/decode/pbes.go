package decode

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"strings"
)

// encryptedInfo is EncryptedPrivateKeyInfo (RFC 5958 section 3).
type encryptedInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

// A scheme is how one encrypted key is opened: its key and initial vector come
// from the passphrase or from the file, its cipher is always CBC.
type scheme struct {
	derive func(passphrase []byte) (key, iv []byte, err error)
	block  func(key []byte) (cipher.Block, error)
}

// looksEncrypted tells an encrypted PKCS #8 from a certificate, which also is a
// SEQUENCE that begins with a SEQUENCE.
func looksEncrypted(der []byte) bool {
	var info encryptedInfo
	rest, err := asn1.Unmarshal(der, &info)
	return err == nil && len(rest) == 0
}

func keyInEncryptedPKCS8(der []byte, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	var info encryptedInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, errDamaged
	}
	how, err := schemeOf(info.Algorithm)
	if err != nil {
		return nil, err // before anybody is asked for a passphrase in vain
	}
	secret, err := ask(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := how.open(secret, info.Data)
	if err != nil {
		return nil, err
	}
	return opened(plain)
}

// errDamaged says that a block is no encrypted key though its label says so.
var errDamaged = errors.New("the encrypted key is damaged")

// schemeOf reads the parameters of PBES2 or PBES1 (RFC 8018 sections 6.1, 6.2).
func schemeOf(algorithm pkix.AlgorithmIdentifier) (scheme, error) {
	if algorithm.Algorithm.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}) {
		return pbes2(algorithm.Parameters.FullBytes)
	}
	return pbes1(algorithm)
}

// open decrypts data and takes the padding off; padding that is wrong means a
// wrong passphrase.
func (s scheme) open(passphrase, data []byte) ([]byte, error) {
	key, iv, err := s.derive(passphrase)
	if err != nil {
		return nil, err
	}
	block, err := s.block(key)
	if err != nil {
		return nil, err
	}
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, errDamaged
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	n := int(plain[len(plain)-1])
	if n == 0 || n > size || !bytes.Equal(plain[len(plain)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, ErrWrongPassphrase
	}
	return plain[:len(plain)-n], nil
}

// cbc names a cipher of PBES2 and the length of its key in octets.
type cbc struct {
	block  func([]byte) (cipher.Block, error)
	length int
}

// cipherOf knows the ciphers of RFC 8018 appendix B.2 that openssl writes.
func cipherOf(oid asn1.ObjectIdentifier) (cbc, error) {
	switch name := oid.String(); name {
	case "2.16.840.1.101.3.4.1.2":
		return cbc{aes.NewCipher, 16}, nil
	case "2.16.840.1.101.3.4.1.22":
		return cbc{aes.NewCipher, 24}, nil
	case "2.16.840.1.101.3.4.1.42":
		return cbc{aes.NewCipher, 32}, nil
	case "1.2.840.113549.3.7":
		return cbc{des.NewTripleDESCipher, 24}, nil
	case "1.3.14.3.2.7":
		return cbc{des.NewCipher, 8}, nil
	case "1.2.840.113549.3.2":
		return cbc{}, unsupported(fixScheme, "a key encrypted with RC2")
	default:
		kind := "the cipher " + name
		if strings.HasPrefix(name, "2.16.840.1.101.3.4.1.") {
			kind = "a mode of AES other than CBC (" + name + ")"
		}
		return cbc{}, unsupported(fixScheme, "%s", kind)
	}
}
