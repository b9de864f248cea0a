package tpm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"math/big"
)

// Algorithms (TPM_ALG_ID) and curves (TPM_ECC_CURVE) of Part 2.
const (
	algRSA    = 0x0001
	algSHA1   = 0x0004
	algSHA256 = 0x000B
	algSHA384 = 0x000C
	algSHA512 = 0x000D
	algNull   = 0x0010
	algRSASSA = 0x0014
	algECDSA  = 0x0018
	algECDAA  = 0x001A
	algECC    = 0x0023

	curveP256 = 3
	curveP384 = 4
	curveP521 = 5
)

// Attributes of an object (TPMA_OBJECT, Part 2, section 8.3).
const (
	attrNoDA       = 1 << 10 // wrong passwords do not count
	attrRestricted = 1 << 16 // signs only what the TPM has hashed
	attrSign       = 1 << 18
)

// public is the public area of a key (TPMT_PUBLIC, Part 2, section 12.2.4).
type public struct {
	key        crypto.PublicKey
	attributes uint32
	scheme     uint16 // algNull if the caller chooses
	hash       uint16 // of the scheme
}

// parsePublic reads a TPMT_PUBLIC.
func parsePublic(data []byte) (public, error) {
	r := reader{data: data}
	kind := r.u16()
	r.u16() // the hash of the key's name
	p := public{attributes: r.u32()}
	r.sized() // the policy
	if r.u16() != algNull {
		r.take(4) // symmetric key size and mode, of keys that wrap others
	}
	p.scheme = r.u16()
	if p.scheme != algNull {
		p.hash = r.u16()
	}
	if p.scheme == algECDAA {
		r.u16() // its count
	}
	var err error
	switch kind {
	case algRSA:
		r.u16() // size in bits
		exponent := int(r.u32())
		if exponent == 0 {
			exponent = 65537 // section 12.2.3.5
		}
		p.key, err = rsaKey(r.sized(), exponent)
	case algECC:
		curve := r.u16()
		if r.u16() != algNull {
			r.u16() // the hash of the key derivation
		}
		p.key, err = ecKey(curve, r.sized(), r.sized())
	default:
		err = fmt.Errorf("a key of type 0x%04X, which is neither RSA nor EC", kind)
	}
	if r.short {
		err = errors.New("the public area is cut short")
	}
	return p, err
}

// nameOf is what the TPM calls a key in what it has proved: a hash of its public
// area, by the digest that stands in it (Part 1, section 16).
func nameOf(data []byte) ([]byte, error) {
	r := reader{data: data}
	r.u16() // RSA or EC
	algorithm := r.u16()
	var sum hash.Hash
	switch algorithm {
	case algSHA1:
		sum = sha1.New()
	case algSHA256:
		sum = sha256.New()
	case algSHA384:
		sum = sha512.New384()
	case algSHA512:
		sum = sha512.New()
	default:
		return nil, fmt.Errorf("its name is a digest 0x%04X, which is not known here", algorithm)
	}
	sum.Write(data)
	return sum.Sum(binary.BigEndian.AppendUint16(nil, algorithm)), nil
}

func rsaKey(modulus []byte, exponent int) (crypto.PublicKey, error) {
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: exponent}
	if bits := key.N.BitLen(); bits < 1024 || bits > 16384 || exponent < 3 {
		return nil, fmt.Errorf("an RSA key of %d bits with exponent %d", bits, exponent)
	}
	return key, nil
}

func ecKey(id uint16, x, y []byte) (crypto.PublicKey, error) {
	curve := curveOf(id)
	if curve == nil {
		return nil, fmt.Errorf("an EC key on curve 0x%04X, which is neither P-256, P-384 nor P-521", id)
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(x) > size || len(y) > size {
		return nil, errors.New("an EC key with a point that is too long")
	}
	point := make([]byte, 1+2*size)
	point[0] = 4 // uncompressed
	copy(point[1+size-len(x):], x)
	copy(point[1+2*size-len(y):], y)
	return ecdsa.ParseUncompressedPublicKey(curve, point)
}

func curveOf(id uint16) elliptic.Curve {
	switch id {
	case curveP256:
		return elliptic.P256()
	case curveP384:
		return elliptic.P384()
	case curveP521:
		return elliptic.P521()
	}
	return nil
}

// suits says why a key cannot sign for Roles Anywhere; nil if it can.
func (p public) suits() error {
	switch {
	case p.attributes&attrSign == 0:
		return errors.New("the key is not made to sign")
	case p.attributes&attrRestricted != 0:
		return errors.New("the key is restricted: it signs only what the TPM itself has made")
	case p.scheme != algNull && p.scheme != algRSASSA && p.scheme != algECDSA:
		return fmt.Errorf("the key is made for signature scheme 0x%04X, which is neither RSASSA nor ECDSA", p.scheme)
	}
	return nil
}
