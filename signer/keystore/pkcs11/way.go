package pkcs11

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// way is how one digest is signed with one kind of key.
type way struct {
	mechanism Mechanism
	input     []byte // what the token gets
	// whole is the mechanism that hashes by itself what is signed, for tokens that
	// allow only that.
	whole Mechanism
	// finish turns what the token gives into the signature that others read, and
	// verifies it.
	finish func([]byte) ([]byte, error)
}

func wayOf(public crypto.PublicKey, digest []byte, opts crypto.SignerOpts) (way, error) {
	hash := opts.HashFunc()
	if hash == 0 || hash.Size() != len(digest) {
		return way{}, fmt.Errorf("%d bytes are not a digest of %v", len(digest), hash)
	}
	switch public := public.(type) {
	case *rsa.PublicKey:
		if _, pss := opts.(*rsa.PSSOptions); pss {
			return way{}, errors.New("RSA-PSS is not supported")
		}
		prefix, err := digestInfo(hash)
		return way{MechanismRSA, append(prefix, digest...), wholeOf(hash, 0x40, 0x41, 0x42), func(signature []byte) ([]byte, error) {
			return signature, proven(rsa.VerifyPKCS1v15(public, hash, digest, signature) == nil)
		}}, err
	case *ecdsa.PublicKey:
		size := (public.Curve.Params().BitSize + 7) / 8
		return way{MechanismECDSA, digest[:min(len(digest), size)], wholeOf(hash, 0x1044, 0x1045, 0x1046), func(raw []byte) ([]byte, error) {
			signature, err := joined(raw, size)
			if err != nil {
				return nil, err
			}
			return signature, proven(ecdsa.VerifyASN1(public, digest, signature))
		}}, nil
	}
	return way{}, fmt.Errorf("%T is neither RSA nor EC", public)
}

// wholeOf chooses by the digest among three mechanisms; zero is none.
//
// Source: PKCS #11 Current Mechanisms 2.40, tables 2 and 28: CKM_SHA256_RSA_PKCS,
// CKM_ECDSA_SHA256 and those after them.
func wholeOf(hash crypto.Hash, sha256, sha384, sha512 Mechanism) Mechanism {
	switch hash {
	case crypto.SHA256:
		return sha256
	case crypto.SHA384:
		return sha384
	case crypto.SHA512:
		return sha512
	}
	return 0
}

// proven refuses a signature that is none of the public key: the token's key is
// another, or the token is broken.
func proven(right bool) error {
	if right {
		return nil
	}
	return errors.New("its signature does not verify with the public key: the key is not the certificate's")
}

// digestInfo is what stands before a digest in a PKCS #1 v1.5 signature.
//
// Source: RFC 8017, section 9.2, note 1.
func digestInfo(hash crypto.Hash) ([]byte, error) {
	last, size := byte(0), byte(hash.Size())
	switch hash {
	case crypto.SHA256:
		last = 1
	case crypto.SHA384:
		last = 2
	case crypto.SHA512:
		last = 3
	default:
		return nil, fmt.Errorf("digest %v is not supported", hash)
	}
	return []byte{0x30, 17 + size, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, 0x05, 0x00, 0x04, size}, nil
}

// joined turns r and s, of size bytes each, into ASN.1. Some tokens answer with
// that already.
func joined(raw []byte, size int) ([]byte, error) {
	if len(raw) == 2*size {
		return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:size]), new(big.Int).SetBytes(raw[size:])})
	}
	var pair struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(raw, &pair); err != nil || len(rest) > 0 || len(raw) > 2*size+9 {
		return nil, fmt.Errorf("%d bytes are no ECDSA signature of this curve", len(raw))
	}
	return raw, nil
}
