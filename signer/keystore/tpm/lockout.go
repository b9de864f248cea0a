package tpm

import (
	"encoding/binary"
	"io"
)

// nearLockout says whether one more wrong password would make the TPM refuse all
// passwords for a while: not only this key's, but also those of the disk's.
//
// Source: Part 1, section 19.8; the properties are those of Part 2, section 6.13.
func nearLockout(device io.ReadWriter) (bool, error) {
	const (
		properties = 6 // TPM_CAP_TPM_PROPERTIES
		counter    = 0x20E
		maximum    = 0x20F
	)
	ask := command{code: commandGetCapability}
	for _, n := range []uint32{properties, counter, 2} {
		ask.parameters = binary.BigEndian.AppendUint32(ask.parameters, n)
	}
	_, answer, err := run(device, ask, false)
	if err != nil {
		return false, err
	}
	r := reader{data: answer}
	r.take(1) // whether there are more
	r.u32()   // that these are properties
	values := map[uint32]uint32{}
	for n := min(r.u32(), 2); n > 0; n-- {
		property := r.u32()
		values[property] = r.u32()
	}
	if r.short {
		return false, errShort
	}
	most, known := values[maximum]
	return known && values[counter]+1 >= most, nil
}
