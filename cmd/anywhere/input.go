package main

import (
	"fmt"
	"io"
)

// maxInput bounds a file or a pasted text: room for a thousand certificates.
const maxInput = 1 << 20

// readAtMost reads all of r, which must not be longer than limit bytes.
func readAtMost(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("read input: longer than %d bytes", limit)
	}
	return data, err
}
