package tpm

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// primary is a storage key on P-256, made anew from the seed of a hierarchy.
type primary struct {
	handle uint32
	public []byte // TPMT_PUBLIC
}

// session proves to the TPM that a password is known, without sending it: an HMAC
// session, salted so that who only listens cannot try passwords either. Who alters
// what goes over the wires could give a storage key of his own, and then try them.
//
// Source: Part 1, sections 19.6 (sessions), 11.4.10 (KDFa and KDFe) and annex C.6.
type session struct {
	handle uint32
	key    []byte
	nonce  []byte // the TPM's
	random io.Reader
}

// startSession makes one whose salt only the TPM that has the storage key can read.
func startSession(device io.ReadWriter, with primary, random io.Reader) (*session, error) {
	salt, secret, err := newSalt(with.public, random)
	if err != nil {
		return nil, err
	}
	nonce, err := draw(random)
	if err != nil {
		return nil, err
	}
	parameters := sized(sized(nil, nonce), secret)
	parameters = append(parameters, 0) // TPM_SE_HMAC
	parameters = binary.BigEndian.AppendUint16(parameters, algNull)
	parameters = binary.BigEndian.AppendUint16(parameters, algSHA256)
	handle, answer, err := run(device, command{code: commandStartAuthSession, handles: []uint32{with.handle, handleNull}, parameters: parameters}, true)
	if err != nil {
		return nil, err
	}
	r := reader{data: answer}
	theirs := r.sized()
	if r.short || len(theirs) < 16 { // section 19.6.3
		return nil, errShort
	}
	return &session{handle, deriveHMAC(salt, "ATH", theirs, nonce), theirs, random}, nil
}

// authorize is the authorization of one command on the key of that name, after
// which the TPM forgets the session. Its answer is not verified here: a signature is
// verified with the public key.
func (s *session) authorize(c command, name, password []byte) ([]byte, error) {
	nonce, err := draw(s.random)
	if err != nil {
		return nil, err
	}
	const attributes = 0 // not continueSession
	parameters := sha256.New()
	parameters.Write(binary.BigEndian.AppendUint32(nil, c.code))
	parameters.Write(name)
	parameters.Write(c.parameters)
	// The TPM takes no zeros at the end of a password (section 19.6.5).
	proof := hmac.New(sha256.New, append(bytes.Clone(s.key), bytes.TrimRight(password, "\x00")...))
	proof.Write(parameters.Sum(nil))
	proof.Write(nonce)
	proof.Write(s.nonce)
	proof.Write([]byte{attributes})
	area := binary.BigEndian.AppendUint32(nil, s.handle)
	area = append(sized(area, nonce), attributes)
	return sized(area, proof.Sum(nil)), nil
}

// newSalt draws a salt, and wraps it for the storage key (annex C.6.1).
func newSalt(public []byte, random io.Reader) (salt, wrapped []byte, err error) {
	parsed, err := parsePublic(public)
	if err != nil {
		return nil, nil, fmt.Errorf("read the storage key: %w", err)
	}
	theirs, ok := parsed.key.(*ecdsa.PublicKey)
	if !ok {
		return nil, nil, errors.New("the storage key is not on P-256")
	}
	storage, err := theirs.ECDH()
	if err != nil {
		return nil, nil, err
	}
	number, err := draw(random)
	if err != nil {
		return nil, nil, err
	}
	once, err := ecdh.P256().NewPrivateKey(number) // one number in 2^32 is not below the curve's order
	if err != nil {
		return nil, nil, err
	}
	shared, err := once.ECDH(storage)
	if err != nil {
		return nil, nil, err
	}
	ours, at := once.PublicKey().Bytes(), storage.Bytes() // 4, x, y
	sum := sha256.New()
	sum.Write([]byte{0, 0, 0, 1})
	sum.Write(shared)
	sum.Write([]byte("SECRET\x00"))
	sum.Write(ours[1:33])
	sum.Write(at[1:33])
	return sum.Sum(nil), sized(sized(nil, ours[1:33]), ours[33:]), nil
}

// deriveHMAC is KDFa with SHA-256, for 256 bits.
func deriveHMAC(key []byte, label string, first, second []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte{0, 0, 0, 1})
	mac.Write(append([]byte(label), 0))
	mac.Write(first)
	mac.Write(second)
	mac.Write([]byte{0, 0, 1, 0})
	return mac.Sum(nil)
}

func draw(random io.Reader) ([]byte, error) {
	if random == nil {
		return nil, errors.New("draw a random number: there is no source of them")
	}
	data := make([]byte, 32)
	if _, err := io.ReadFull(random, data); err != nil {
		return nil, fmt.Errorf("draw a random number: %w", err)
	}
	return data, nil
}
