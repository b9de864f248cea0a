package signing

import (
	"io"
	"io/fs"
	"os"
	"time"

	"anywhere/signer/keystore"
)

// forPipe is how long a pipe in the place of a file is waited for; zero is as long
// as anything.
func (p *patience) forPipe() time.Duration {
	if p == nil {
		return 0
	}
	return max(p.left(), time.Millisecond)
}

// file reads a file that the flags name, in time if it is a pipe.
func (p *patience) file(path string) ([]byte, error) {
	if p == nil {
		return keystore.ReadFile(path)
	}
	return keystore.ReadFileWithin(path, p.forPipe())
}

// stream reads what somebody else has opened, up to a password's size. He may sit
// at a terminal; who writes into a pipe has the time that all has.
func (p *patience) stream(f *os.File) ([]byte, error) {
	read := func() ([]byte, error) { return io.ReadAll(io.LimitReader(f, maxPassphrase)) }
	info, err := f.Stat()
	switch {
	case err != nil || p == nil || info.Mode().IsRegular():
		return read()
	case info.Mode()&fs.ModeCharDevice != 0:
		return p.ask(read)
	}
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() { // until the program ends, if nobody ever closes it
		data, err := read()
		done <- result{data, err}
	}()
	whole := p.left()
	select {
	case r := <-done:
		return r.data, r.err
	case <-p.w.timer(whole):
		return nil, &keystore.PipeError{Path: f.Name(), After: whole, Opened: true}
	}
}
