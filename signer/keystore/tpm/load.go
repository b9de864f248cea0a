package tpm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"anywhere/signer/keystore/hardware"
)

// The hierarchies that can be a parent (TPM_RH, Part 2, section 7.4).
const (
	handleOwner       = 0x40000001
	handleEndorsement = 0x4000000B
	handlePlatform    = 0x4000000C
)

func isParent(handle uint32) bool {
	switch handle {
	case handleOwner, handleEndorsement, handlePlatform, handleNull:
		return true
	}
	return handle>>24 == 0x81
}

// room is what one signature brings into the TPM, and takes away again.
type room struct {
	device  io.ReadWriter
	brought []uint32
	parent  primary // of the key, if it was made for it
	session uint32  // or 0; the TPM forgets it by itself once the key has signed
}

func (r *room) leave() {
	if r.session != 0 {
		r.brought = append(r.brought, r.session)
	}
	for _, handle := range r.brought {
		// A resource manager takes away what is left when the device is closed.
		_, _, _ = run(r.device, command{code: commandFlushContext, parameters: binary.BigEndian.AppendUint32(nil, handle)}, false)
	}
}

// make makes the storage key of a hierarchy.
func (r *room) make(hierarchy uint32) (made primary, err error) {
	handle, answer, err := run(r.device, createPrimary(hierarchy), true)
	if err != nil {
		return primary{}, err
	}
	r.brought = append(r.brought, handle)
	out := reader{data: answer}
	return primary{handle, out.sized()}, nil
}

// load brings the key into the TPM, unless it lies there.
func (k *Key) load(r *room) (handle uint32, err error) {
	if k.handle != 0 {
		return k.handle, nil
	}
	parent := k.file.parent
	if parent>>24 != 0x81 {
		if r.parent, err = r.make(parent); err != nil {
			return 0, k.notLoaded(err, "the key's parent cannot be made")
		}
		parent = r.parent.handle
	}
	parameters := sized(sized(nil, k.file.private), k.file.public)
	handle, _, err = run(r.device, command{commandLoad, []uint32{parent}, [][]byte{noPassword()}, parameters}, true)
	if err != nil {
		return 0, k.notLoaded(err, "the key cannot be loaded")
	}
	r.brought = append(r.brought, handle)
	return handle, nil
}

// authorize is what lets c use the key. A password is not sent, but proved, which
// takes a storage key: the parent's, or one of the null hierarchy, which anybody may
// make.
func (k *Key) authorize(r *room, c command, password []byte, random io.Reader) (auth []byte, err error) {
	if len(password) == 0 {
		return noPassword(), nil
	}
	storage := r.parent
	if storage.handle == 0 {
		if storage, err = r.make(handleNull); err != nil {
			return nil, err
		}
	}
	name, err := nameOf(k.file.public)
	if err != nil {
		return nil, err
	}
	s, err := startSession(r.device, storage, random)
	if err != nil {
		return nil, err
	}
	r.session = s.handle
	return s.authorize(c, name, password)
}

// notLoaded explains why the TPM does not take the key.
func (k *Key) notLoaded(err error, says string) error {
	code, _ := errors.AsType[Code](err)
	parent := fmt.Sprintf("0x%08X", k.file.parent)
	switch code.plain() {
	case codeIntegrity:
		return k.ask.fault(hardware.Elsewhere, "the key was made by another TPM, or under another parent", "use it on its own machine, or make a new key here", err)
	case codeHandle, codeValue:
		return k.ask.fault(hardware.Elsewhere, "the TPM has nothing under the key's parent "+parent, "use the key on its own machine, or make its parent again: tpm2_evictcontrol", err)
	case codeAuthFail, codeBadAuth:
		return k.ask.fault(hardware.Unsuitable, "its parent "+parent+" has a password, which this program does not ask for", "make the key under a parent without one", err)
	case codeLockout:
		return k.refused(err, nil)
	}
	return k.ask.fault(hardware.Failed, says, "", err)
}

// createPrimary makes the parent of keys whose file names a hierarchy: an EC key
// on P-256 from the hierarchy's seed, the same each time.
//
// Source: TPM 2.0 key files (tss2.go), section 3.1.8; the template is H-2 of the
// TCG EK Credential Profile 2.5 with the attributes of a storage key.
func createPrimary(hierarchy uint32) command {
	template := binary.BigEndian.AppendUint16(nil, algECC)
	template = binary.BigEndian.AppendUint16(template, algSHA256)
	template = binary.BigEndian.AppendUint32(template, 0x00030472)                 // fixedTPM fixedParent sensitiveDataOrigin userWithAuth noDA restricted decrypt
	template = sized(template, nil)                                                // no policy
	for _, n := range []uint16{0x0006, 128, 0x0043, algNull, curveP256, algNull} { // AES-128-CFB; no scheme; no key derivation
		template = binary.BigEndian.AppendUint16(template, n)
	}
	template = sized(sized(template, nil), nil)  // x and y are the TPM's to find
	parameters := sized(nil, []byte{0, 0, 0, 0}) // no password, no data
	parameters = sized(parameters, template)
	parameters = sized(parameters, nil)         // no outside information
	parameters = append(parameters, 0, 0, 0, 0) // no PCRs
	return command{commandCreatePrimary, []uint32{hierarchy}, [][]byte{noPassword()}, parameters}
}
