package tpm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
)

// scheme is how a digest is signed (TPMT_SIG_SCHEME).
type scheme struct {
	algorithm, hash uint16
	digest          crypto.Hash
}

func (p public) schemeFor(digest []byte, opts crypto.SignerOpts) (scheme, error) {
	s := scheme{digest: opts.HashFunc()}
	switch s.digest {
	case crypto.SHA256:
		s.hash = algSHA256
	case crypto.SHA384:
		s.hash = algSHA384
	case crypto.SHA512:
		s.hash = algSHA512
	default:
		return s, fmt.Errorf("digest %v is not supported", s.digest)
	}
	if len(digest) != s.digest.Size() {
		return s, fmt.Errorf("%d bytes are not a digest of %v", len(digest), s.digest)
	}
	if p.scheme != algNull && p.hash != s.hash {
		return s, fmt.Errorf("the key is made for another digest than %v", s.digest)
	}
	s.algorithm = algECDSA
	if _, isRSA := p.key.(*rsa.PublicKey); isRSA {
		s.algorithm = algRSASSA
		if _, pss := opts.(*rsa.PSSOptions); pss {
			return s, errors.New("RSA-PSS is not supported")
		}
	}
	return s, nil
}

// parameters are those of TPM2_Sign: digest, scheme, and a ticket that says that
// the TPM has not made the digest.
func (s scheme) parameters(digest []byte) []byte {
	all := sized(nil, digest)
	all = binary.BigEndian.AppendUint16(all, s.algorithm)
	all = binary.BigEndian.AppendUint16(all, s.hash)
	all = binary.BigEndian.AppendUint16(all, tagHashCheck)
	all = binary.BigEndian.AppendUint32(all, handleNull)
	return sized(all, nil)
}

// signature reads a TPMT_SIGNATURE and verifies what it holds.
func (s scheme) signature(answer []byte, key crypto.PublicKey, digest []byte) ([]byte, error) {
	r := reader{data: answer}
	algorithm, _ := r.u16(), r.u16()
	if algorithm != s.algorithm {
		return nil, fmt.Errorf("it made a signature of scheme 0x%04X", algorithm)
	}
	first := r.sized()
	right := false
	switch key := key.(type) {
	case *rsa.PublicKey:
		right = rsa.VerifyPKCS1v15(key, s.digest, digest, first) == nil
	case *ecdsa.PublicKey:
		pair := struct{ R, S *big.Int }{new(big.Int).SetBytes(first), new(big.Int).SetBytes(r.sized())}
		var err error
		if first, err = asn1.Marshal(pair); err != nil {
			return nil, err
		}
		right = ecdsa.VerifyASN1(key, digest, first)
	}
	if r.short {
		return nil, errShort
	}
	if !right {
		return nil, errors.New("its signature does not verify with the public key")
	}
	return first, nil
}
