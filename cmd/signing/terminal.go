package signing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/term"

	"anywhere/pki/decode"
)

// Terminal asks for a password at the terminal that this process belongs to,
// whatever its standard input is: that of a credential_process is the SDK's. The
// error is [decode.ErrPassphraseNeeded] if there is no terminal.
func Terminal(question string) ([]byte, error) {
	in, out := "/dev/tty", "/dev/tty"
	if runtime.GOOS == "windows" {
		in, out = "CONIN$", "CONOUT$"
	}
	from, err := os.OpenFile(in, os.O_RDWR, 0)
	if err != nil {
		return nil, decode.ErrPassphraseNeeded
	}
	defer from.Close()
	to, err := os.OpenFile(out, os.O_RDWR, 0)
	if err != nil {
		return nil, decode.ErrPassphraseNeeded
	}
	defer to.Close()
	return hidden(from, to, question)
}

// ErrInterrupted says that a person did not answer, but stopped the program.
var ErrInterrupted = errors.New("interrupted")

// hidden asks once nothing that is typed is shown any more: who answers at once, as
// a script does, would see the password otherwise. The terminal is left as it was,
// also by an interrupt.
func hidden(from, to *os.File, question string) ([]byte, error) {
	fd := int(from.Fd())
	before, err := term.GetState(fd)
	if err == nil {
		err = Hide(fd)
	}
	if err != nil {
		return nil, fmt.Errorf("read password: %w", err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	defer func() {
		_ = term.Restore(fd, before) // there is nothing else to try
		fmt.Fprintln(to)
	}()
	type answer struct {
		secret []byte
		err    error
	}
	read := make(chan answer, 1)
	fmt.Fprint(to, question)
	go func() {
		secret, err := line(from)
		read <- answer{secret, err}
	}()
	select {
	case <-stop:
		return nil, fmt.Errorf("read password: %w", ErrInterrupted)
	case got := <-read:
		if got.err != nil {
			return nil, fmt.Errorf("read password: %w", got.err)
		}
		return got.secret, nil
	}
}

// line reads up to the end of one. Package term's ReadPassword would do it, but
// change the terminal once more, perhaps after it was left as it was.
func line(from io.Reader) ([]byte, error) {
	var all []byte
	for one := make([]byte, 1); len(all) < maxPassphrase; {
		n, err := from.Read(one)
		if n == 1 && one[0] == '\n' {
			break
		}
		all = append(all, one[:n]...)
		if err != nil && len(all) == 0 {
			return nil, err
		}
		if err != nil {
			break // it ended without an end of line
		}
	}
	return bytes.TrimSuffix(all, []byte("\r")), nil
}
