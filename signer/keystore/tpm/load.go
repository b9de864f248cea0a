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

// load brings the key into the TPM, unless it lies there, and returns a function
// that takes away what was brought.
func (k *Key) load(device io.ReadWriter) (handle uint32, unload func(), err error) {
	if k.handle != 0 {
		return k.handle, func() {}, nil
	}
	parent := k.file.parent
	var loaded []uint32
	unload = func() {
		for _, handle := range loaded {
			// A resource manager takes away what is left when the device is closed.
			_, _, _ = run(device, command{code: commandFlushContext, parameters: binary.BigEndian.AppendUint32(nil, handle)}, false)
		}
	}
	if parent>>24 != 0x81 {
		if parent, _, err = run(device, createPrimary(k.file.parent), true); err != nil {
			return 0, unload, k.notLoaded(err, "the key's parent cannot be made")
		}
		loaded = append(loaded, parent)
	}
	parameters := sized(sized(nil, k.file.private), k.file.public)
	handle, _, err = run(device, command{commandLoad, []uint32{parent}, [][]byte{nil}, parameters}, true)
	if err != nil {
		return 0, unload, k.notLoaded(err, "the key cannot be loaded")
	}
	loaded = append(loaded, handle)
	return handle, unload, nil
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
	return command{commandCreatePrimary, []uint32{hierarchy}, [][]byte{nil}, parameters}
}
