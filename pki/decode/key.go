package decode

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Key reads the first private key in data; certificates and parameters around it
// are passed over.
//
// passphrase is called at most once, and only for an encrypted key; nil means that
// nobody can be asked. Errors: [ErrPassphraseNeeded], [ErrWrongPassphrase],
// [*UnsupportedError] for what is recognised and cannot be used, [ErrNotAKey] when
// there is none, and whatever passphrase returned.
func Key(data []byte, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	key, err := findKey(data, passphrase)
	if err != nil {
		return nil, fmt.Errorf("read private key: %w", err)
	}
	return key, nil
}

// Keys reads every private key in data, for whom certificates beside them tell which
// one is meant: those that can be read, and the error of the first that cannot.
// passphrase is called at most once for all of them. Errors are those of [Key].
func Keys(data []byte, passphrase func() ([]byte, error)) ([]crypto.Signer, error) {
	if passphrase != nil {
		passphrase = sync.OnceValues(passphrase)
	}
	var blocks []*pem.Block
	if len(data) <= MaxSize {
		if blocks = keyBlocks(data); len(blocks) == 0 && !isDER(data) {
			blocks = keyBlocks(normal(data))
		}
	}
	if len(blocks) < 2 {
		key, err := Key(data, passphrase)
		if err != nil {
			return nil, err
		}
		return []crypto.Signer{key}, nil
	}
	if len(blocks) > maxKeys {
		return nil, fmt.Errorf("read private key: more than %d of them", maxKeys)
	}
	var keys []crypto.Signer
	var first error
	for _, block := range blocks {
		key, err := keyInBlock(block, passphrase)
		if err == nil {
			keys = append(keys, key)
		} else if first == nil {
			first = fmt.Errorf("read private key: %w", err)
		}
	}
	return keys, first
}

// maxKeys bounds how often a passphrase is turned into a key, which is slow on
// purpose.
const maxKeys = 20

func findKey(data []byte, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	if len(data) > MaxSize {
		return nil, ErrTooLong
	}
	if block := keyBlock(data); block != nil {
		return keyInBlock(block, passphrase)
	}
	if isDER(data) {
		return keyInDER(data, passphrase)
	}
	text := normal(data)
	if block := keyBlock(text); block != nil {
		return keyInBlock(block, passphrase)
	}
	if der := bareBase64(text); der != nil {
		return keyInDER(der, passphrase)
	}
	if bytes.Contains(text, []byte("PRIVATE KEY-----")) {
		return nil, errDamagedKey
	}
	if err := otherThanText(data); err != nil {
		return nil, err
	}
	return nil, ErrNotAKey
}

// errDamagedKey says what encoding/pem passes over in silence.
var errDamagedKey = errors.New("the key is damaged between its BEGIN and END lines")

// keyBlock finds the first PEM block that is or claims to be a private key.
func keyBlock(data []byte) *pem.Block {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return block
		}
	}
	return nil
}

func keyBlocks(data []byte) []*pem.Block {
	var blocks []*pem.Block
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			blocks = append(blocks, block)
		}
	}
	return blocks
}

func keyInBlock(block *pem.Block, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	if strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		return keyInLegacyPEM(block, passphrase)
	}
	switch block.Type {
	case "ENCRYPTED PRIVATE KEY":
		return keyInEncryptedPKCS8(block.Bytes, passphrase)
	case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
		return plainKey(block.Bytes)
	case "OPENSSH PRIVATE KEY":
		return nil, unsupported("convert a copy: ssh-keygen -p -m PKCS8 -f COPY", "an OpenSSH private key")
	case "TSS2 PRIVATE KEY":
		return nil, unsupported("it belongs to a TPM and cannot be read as a file", "a TPM's private key here")
	}
	return nil, unsupported(fixMake, "a block named %.40q", block.Type)
}

// keyInDER tells an encrypted PKCS #8 from a plain key by its first element: a
// SEQUENCE instead of a version number.
func keyInDER(der []byte, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	var outer, first asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, ErrNotAKey
	}
	if _, err := asn1.Unmarshal(outer.Bytes, &first); err != nil {
		return nil, ErrNotAKey
	}
	if isPKCS12(outer) {
		return nil, errPKCS12
	}
	if first.Tag == asn1.TagSequence {
		if !looksEncrypted(outer.FullBytes) {
			return nil, ErrNotAKey // a certificate, most likely
		}
		return keyInEncryptedPKCS8(outer.FullBytes, passphrase)
	}
	return plainKey(outer.FullBytes)
}
