package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strconv"
	"time"

	"anywhere/signer/home"
	"anywhere/steps"
)

// tarBlock is what members are filled up to; endOfArchive is two blocks of zeros.
//
// Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar Interchange Format)
const (
	tarBlock     = 512
	endOfArchive = 2 * tarBlock
)

// The fields of a header that differ between our members, as the same page has
// them: where they begin and how long they are.
const (
	tarName, tarNameSize = 0, 100
	tarSize, tarSizeSize = 124, 12 // octal, ended by NUL
	tarSum               = 148     // six digits, NUL and a blank
)

// tarHeader is the header of an empty member without a name, as archive/tar makes
// it. Names of machines are short and ASCII, so every header is one block of the
// oldest format that carries a mode, and only name, size and checksum differ: to have
// two thousand of them made anew took as long as forty keys and signatures.
type tarHeader struct {
	block [tarBlock]byte
	sum   int
}

func newTarHeader(at time.Time) (*tarHeader, error) {
	var out bytes.Buffer
	err := tar.NewWriter(&out).WriteHeader(&tar.Header{Mode: int64(home.SecretPerm), ModTime: at.Truncate(time.Second), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR})
	if err != nil {
		return nil, fmt.Errorf("make header of archive: %w", err)
	}
	h := &tarHeader{block: [tarBlock]byte(out.Bytes())}
	sum, err := strconv.ParseInt(string(h.block[tarSum:tarSum+6]), 8, 32)
	h.sum = int(sum)
	return h, err
}

// append adds one member, whose name has up to 100 bytes, and fills its last block.
func (h *tarHeader) append(out []byte, name string, data []byte) []byte {
	begun := len(out)
	out = append(out, h.block[:]...)
	block := out[begun:]
	copy(block[tarName:tarNameSize], name)
	digits := octal(block[tarSize:tarSize+tarSizeSize-1], len(data))
	sum := h.sum + digits
	for i := range len(name) {
		sum += int(name[i])
	}
	octal(block[tarSum:tarSum+6], sum)
	out = append(out, data...)
	return append(out, make([]byte, -len(data)&(tarBlock-1))...)
}

// octal writes n with leading zeros and returns by how much that adds to the
// checksum of zeros.
func octal(field []byte, n int) (more int) {
	for i := len(field) - 1; i >= 0; i-- {
		field[i] = '0' + byte(n&7)
		more += n & 7
		n >>= 3
	}
	return more
}

// sizeOf is how long an archive of these pairs is: each file has a header and whole
// blocks.
func sizeOf(made []steps.Delivery) int {
	member := func(data []byte) int { return tarBlock + (len(data)+tarBlock-1)/tarBlock*tarBlock }
	size := endOfArchive
	for _, d := range made {
		if d.KeyPEM != nil {
			size += member(d.KeyPEM)
		}
		size += member(d.CertificatePEM)
	}
	return size
}
