package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

const (
	// maxKey is the size from which a file is no key, in bytes.
	maxKey = 1 << 20
	// Patience is how long a pipe is waited for, if nobody says otherwise.
	Patience = 20 * time.Second

	writerComes = 10 * time.Millisecond // between two looks whether a pipe has a writer
)

// notAFile is what is in the place of a file of keys or certificates.
type notAFile struct{ says, fix string }

func (e *notAFile) Error() string { return e.says }
func (e *notAFile) Hint() string  { return e.fix }

var (
	errTooLarge  = &notAFile{"is larger than 1 MiB", "no key and no certificate is: look at the path"}
	errDirectory = &notAFile{"is a directory", "name the file in it"}
)

// PipeError says that a pipe in the place of a file did not tell all in time.
type PipeError struct {
	Path   string
	After  time.Duration // in which it did not
	Opened bool          // something came out of it
}

func (e *PipeError) Error() string {
	says := "nothing was written into this pipe"
	if e.Opened {
		says = "this pipe was not closed"
	}
	return fmt.Sprintf("read %s: %s within %v", e.Path, says, e.After.Round(100*time.Millisecond))
}

// Hint says what a pipe needs.
func (e *PipeError) Hint() string {
	return "start what writes into it, all and once, or name a file; --timeout gives it more seconds"
}

// ReadFile reads a file of the user's own, a key or a certificate, refusing what
// is too large to be one. A pipe or a device tells no size: it is read up to there.
// For a pipe it waits as [ReadFileWithin] does, for [Patience].
func ReadFile(path string) ([]byte, error) { return ReadFileWithin(path, Patience) }

// ReadFileWithin is ReadFile that waits for a pipe until somebody has written into
// it and closed it. A *[PipeError] says that this took too long.
func ReadFileWithin(path string, patience time.Duration) ([]byte, error) {
	data, err := readFile(path, patience)
	if known, ok := errors.AsType[*PipeError](err); ok {
		return nil, known
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

func readFile(path string, patience time.Duration) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|noWait, 0) // a pipe without a writer would be waited for here
	if err != nil {
		return nil, err
	}
	defer func() { f.Close() }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errDirectory
	case info.Size() > maxKey:
		return nil, errTooLarge
	case info.Mode()&fs.ModeNamedPipe != 0:
		return readPipe(f, path, patience)
	case !info.Mode().IsRegular() && noWait != 0: // a terminal, say, has somebody at it
		f.Close()
		if f, err = os.Open(path); err != nil {
			return nil, err
		}
	}
	var all bytes.Buffer
	all.Grow(int(info.Size()) + bytes.MinRead) // so that it need not grow
	return upToLimit(&all, f)
}

// upToLimit reads the rest of r into all.
func upToLimit(all *bytes.Buffer, r io.Reader) ([]byte, error) {
	_, err := all.ReadFrom(io.LimitReader(r, int64(maxKey+1-all.Len())))
	switch {
	case all.Len() > maxKey:
		return nil, errTooLarge
	case err != nil:
		return nil, err
	}
	return all.Bytes(), nil
}

// readPipe waits for the first byte and then for the end.
func readPipe(f *os.File, path string, patience time.Duration) ([]byte, error) {
	timer := time.AfterFunc(patience, func() { f.SetReadDeadline(time.Unix(1, 0)) })
	defer timer.Stop()
	over := time.After(patience)
	var all bytes.Buffer
	for {
		data, err := upToLimit(&all, f)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, &PipeError{path, patience, all.Len() > 0}
		case err != nil && !again(err):
			return nil, err
		case err == nil && all.Len() > 0:
			return data, nil
		}
		select { // who would write has not come yet
		case <-over:
			return nil, &PipeError{path, patience, all.Len() > 0}
		case <-time.After(writerComes):
		}
	}
}
