package pki

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/scrypt"
)

// The cost of guessing a passphrase. OWASP counts N=2^14, r=8, p=5 as strong as
// N=2^17, r=8, p=1; openssl reads the first and refuses the second, because it
// allows scrypt no more than 32 MiB, and this program takes 16.
//
// Source: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
const (
	scryptN = 1 << 14
	scryptR = 8
	scryptP = 5
)

var (
	oidPBES2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}     // RFC 8018 appendix A.4
	oidScrypt    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}  // RFC 7914 section 7
	oidAES256CBC = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42} // RFC 8018 appendix B.2.5
)

type encryptedKey struct { // EncryptedPrivateKeyInfo, RFC 5958 section 3
	Algorithm pbes2
	Data      []byte
}

type pbes2 struct {
	ID     asn1.ObjectIdentifier
	Params pbes2Params
}

type pbes2Params struct { // RFC 8018 appendix A.4
	KDF    scryptAlgorithm
	Cipher pkix.AlgorithmIdentifier
}

type scryptAlgorithm struct {
	ID     asn1.ObjectIdentifier
	Params scryptParams
}

type scryptParams struct { // RFC 7914 section 7.1
	Salt    []byte
	N, R, P int
	KeyLen  int
}

// EncodeKeyLocked renders a private key as PEM "ENCRYPTED PRIVATE KEY": PKCS #8
// under PBES2 with scrypt and AES-256-CBC (RFC 8018, RFC 7914). openssl 1.1 and
// later reads it. It takes a fifth of a second, which is the point.
//
// The passphrase is used as the bytes it is; an empty one is refused.
func EncodeKeyLocked(key crypto.Signer, passphrase []byte, random io.Reader) ([]byte, error) {
	der, err := pkcs8(key)
	if err == nil && len(passphrase) == 0 {
		err = errors.New("passphrase is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("lock private key: %w", err)
	}
	locked, err := lock(der, passphrase, random)
	if err != nil {
		return nil, fmt.Errorf("lock private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: locked}), nil
}

func lock(der, passphrase []byte, random io.Reader) ([]byte, error) {
	var drawn [16 + aes.BlockSize]byte
	if _, err := io.ReadFull(random, drawn[:]); err != nil {
		return nil, err
	}
	salt, iv := drawn[:16], drawn[16:]
	secret, err := scrypt.Key(passphrase, salt, scryptN, scryptR, scryptP, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	data := padded(der, aes.BlockSize)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)

	ivDER, err := asn1.Marshal(iv)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encryptedKey{
		Algorithm: pbes2{oidPBES2, pbes2Params{
			KDF:    scryptAlgorithm{oidScrypt, scryptParams{salt, scryptN, scryptR, scryptP, len(secret)}},
			Cipher: pkix.AlgorithmIdentifier{Algorithm: oidAES256CBC, Parameters: asn1.RawValue{FullBytes: ivDER}},
		}},
		Data: data,
	})
}

// padded copies data and fills it up to whole blocks, each added octet saying how
// many there are (RFC 8018 section 6.1.1, step 4).
func padded(data []byte, block int) []byte {
	n := block - len(data)%block
	out := make([]byte, len(data), len(data)+n)
	copy(out, data)
	for range n {
		out = append(out, byte(n))
	}
	return out
}
