package signing

import (
	"fmt"
	"os"
	"runtime"

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
	fmt.Fprint(to, question)
	defer fmt.Fprintln(to)
	secret, err := term.ReadPassword(int(from.Fd()))
	if err != nil {
		return nil, fmt.Errorf("read password: %w", err)
	}
	return secret, nil
}
