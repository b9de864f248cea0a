package tpm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// The names and numbers are those of the TPM 2.0 Library specification, revision
// 1.59: Part 2 (Structures) and Part 3 (Commands),
// https://trustedcomputinggroup.org/resource/tpm-library-specification/
const (
	tagNoSessions = 0x8001
	tagSessions   = 0x8002
	tagHashCheck  = 0x8024

	commandCreatePrimary    = 0x131
	commandLoad             = 0x157
	commandSign             = 0x15D
	commandFlushContext     = 0x165
	commandReadPublic       = 0x173
	commandStartAuthSession = 0x176
	commandGetCapability    = 0x17A

	handleNull     = 0x40000007 // TPM_RH_NULL
	handlePassword = 0x40000009 // TPM_RS_PW: the session is a password
)

// maxAnswer is the largest answer of a TPM, in bytes (Part 2, TPM2_MAX_RESPONSE_SIZE
// of the PC Client profile).
const maxAnswer = 4096

// command is one, as it goes over the wire (Part 1, section 18).
type command struct {
	code       uint32
	handles    []uint32
	auths      [][]byte // TPMS_AUTH_COMMAND, one for each handle that needs one, from the first on
	parameters []byte
}

func (c command) encode() []byte {
	body := []byte{}
	for _, handle := range c.handles {
		body = binary.BigEndian.AppendUint32(body, handle)
	}
	tag := uint16(tagNoSessions)
	if len(c.auths) > 0 {
		tag = tagSessions
		area := bytes.Join(c.auths, nil)
		body = binary.BigEndian.AppendUint32(body, uint32(len(area)))
		body = append(body, area...)
	}
	body = append(body, c.parameters...)
	all := binary.BigEndian.AppendUint16(nil, tag)
	all = binary.BigEndian.AppendUint32(all, uint32(10+len(body)))
	all = binary.BigEndian.AppendUint32(all, c.code)
	return append(all, body...)
}

// noPassword authorizes what has an empty password (Part 1, section 19.4).
func noPassword() []byte {
	return append(binary.BigEndian.AppendUint32(nil, handlePassword), 0, 0, 0, 0, 0) // no nonce, no attributes, no password
}

// sized appends data with its length before it in two bytes, as all TPM2B are.
func sized(to, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16(to, uint16(len(data))), data...)
}

// run sends c and returns the handle, if the answer has one, and the parameters.
// The error is a [Code] if the TPM says no. One that is busy has not begun, and is
// asked again (Part 2, section 6.6.3); the kernel's driver does so by itself.
func run(device io.ReadWriter, c command, gives bool) (handle uint32, parameters []byte, err error) {
	for tries := 1; ; tries++ {
		handle, parameters, err = once(device, c, gives)
		if code, _ := errors.AsType[Code](err); !code.busy() || tries == maxTries {
			return handle, parameters, err
		}
		if tries > 1 {
			time.Sleep(busyPause)
		}
	}
}

// A TPM that tests itself after it was turned on is done in less than this.
const (
	maxTries  = 100
	busyPause = 20 * time.Millisecond
)

func once(device io.ReadWriter, c command, gives bool) (handle uint32, parameters []byte, err error) {
	if _, err := device.Write(c.encode()); err != nil {
		return 0, nil, fmt.Errorf("write to the TPM: %w", err)
	}
	answer, err := receive(device)
	if err != nil {
		return 0, nil, fmt.Errorf("read from the TPM: %w", err)
	}
	r := reader{data: answer}
	tag, _, code := r.u16(), r.u32(), r.u32()
	if code != 0 {
		return 0, nil, Code(code)
	}
	if gives {
		handle = r.u32()
	}
	if tag == tagSessions {
		r.data = r.take(int(r.u32()))
	}
	if r.short {
		return 0, nil, errShort
	}
	return handle, r.data, nil
}

var errShort = errors.New("the TPM's answer is cut short")

// receive reads one answer. A device gives it in one piece, and drops what was not
// taken; a socket may cut it.
func receive(from io.Reader) ([]byte, error) {
	buffer := make([]byte, maxAnswer)
	have := 0
	for {
		n, err := from.Read(buffer[have:])
		have += n
		if have >= 6 {
			size := int(binary.BigEndian.Uint32(buffer[2:6]))
			if size < 10 || size > maxAnswer {
				return nil, fmt.Errorf("an answer of %d bytes", size)
			}
			if have >= size {
				return buffer[:size], nil
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

// reader takes numbers and byte strings off the front. After one that is not there
// short is set, and everything is zero.
type reader struct {
	data  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.short, r.data = true, nil
		return nil
	}
	front := r.data[:n]
	r.data = r.data[n:]
	return front
}

func (r *reader) u16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) sized() []byte { return r.take(int(r.u16())) }
