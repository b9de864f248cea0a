package pkcs12

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// The library refuses files without an integrity check (openssl pkcs12 -nomac)
// and files without a key (trust stores, -nokeys). Both are rebuilt here into
// what it reads, with what it wants added: a check that fits the passphrase, and a
// key that is thrown away.

type pfx struct { // PFX, RFC 7292 section 4
	Version int
	Safe    dataInfo
	MAC     asn1.RawValue `asn1:"optional"`
}

type dataInfo struct { // ContentInfo of type data, RFC 2315 sections 7 and 8
	Type asn1.ObjectIdentifier
	Data []byte `asn1:"explicit,tag:0"`
}

type checkedPFX struct {
	Version int
	Safe    dataInfo
	MAC     macData
}

type macData struct { // RFC 7292 section 4
	Digest struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	Salt []byte // both are passed over with PBMAC1
	Iter int
}

type pbmac1 struct{ KDF, MAC pkix.AlgorithmIdentifier } // RFC 9579 section 6

type kdfParams struct { // RFC 8018 appendix A.2
	Salt       []byte
	Iter, Size int
	PRF        pkix.AlgorithmIdentifier
}

type safeBag struct { // RFC 7292 section 4.2
	ID    asn1.ObjectIdentifier
	Value asn1.RawValue
}

var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidPBMAC1     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 14}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidKeyBag     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}
)

// unchecked says whether a file has no integrity check.
func unchecked(der []byte) bool {
	var file pfx
	_, err := asn1.Unmarshal(der, &file)
	return err == nil && len(file.MAC.FullBytes) == 0
}

// withCheck adds an integrity check for passphrase. It proves nothing: whether the
// passphrase fits is seen when the contents are decrypted.
func withCheck(der []byte, passphrase string) ([]byte, error) {
	var file pfx
	if _, err := asn1.Unmarshal(der, &file); err != nil {
		return nil, fmt.Errorf("read outline: %w", err)
	}
	salt := make([]byte, 8) // of no use to anybody: the check never leaves this process
	kdf, err := asn1.Marshal(kdfParams{salt, 1, sha256.Size, pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256}})
	if err != nil {
		return nil, err
	}
	params, err := asn1.Marshal(pbmac1{
		KDF: pkix.AlgorithmIdentifier{Algorithm: oidPBKDF2, Parameters: asn1.RawValue{FullBytes: kdf}},
		MAC: pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256},
	})
	if err != nil {
		return nil, err
	}
	key, err := pbkdf2.Key(sha256.New, passphrase, salt, 1, sha256.Size)
	if err != nil {
		return nil, err
	}
	sum := hmac.New(sha256.New, key)
	sum.Write(file.Safe.Data)
	out := checkedPFX{Version: file.Version, Safe: file.Safe, MAC: macData{Salt: salt, Iter: 1}}
	out.MAC.Digest.Algorithm = pkix.AlgorithmIdentifier{Algorithm: oidPBMAC1, Parameters: asn1.RawValue{FullBytes: params}}
	out.MAC.Digest.Digest = sum.Sum(nil)
	return asn1.Marshal(out)
}

// withKey adds a key, and a check for passphrase in the place of the one that
// then fits no more; the caller has seen the old one fit.
func withKey(der []byte, passphrase string) ([]byte, error) {
	var file pfx
	if _, err := asn1.Unmarshal(der, &file); err != nil {
		return nil, fmt.Errorf("read outline: %w", err)
	}
	var parts []asn1.RawValue
	if _, err := asn1.Unmarshal(file.Safe.Data, &parts); err != nil {
		return nil, fmt.Errorf("read outline: %w", err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		return nil, err
	}
	bags, err := asn1.Marshal([]safeBag{{oidKeyBag, asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: key}}})
	if err != nil {
		return nil, err
	}
	part, err := asn1.Marshal(dataInfo{oidData, bags})
	if err != nil {
		return nil, err
	}
	if file.Safe.Data, err = asn1.Marshal(append(parts, asn1.RawValue{FullBytes: part})); err != nil {
		return nil, err
	}
	outline, err := asn1.Marshal(struct {
		Version int
		Safe    dataInfo
	}{file.Version, file.Safe})
	if err != nil {
		return nil, err
	}
	return withCheck(outline, passphrase)
}
