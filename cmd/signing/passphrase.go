package signing

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"anywhere/signer/keystore"
)

// passphraseFrom says where the password of a locked key is, or the PIN of a
// token.
type passphraseFrom struct {
	argument, tpmArgument, file, env, fd string
	question                             string // for the prompt
}

// passwordError says that a password is not where the flags say.
type passwordError struct{ says, fix string }

func (e *passwordError) Error() string { return "read password: " + e.says }
func (e *passwordError) Hint() string  { return e.fix }

// bare takes the operation and path off an os error.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// given says that the flags name a place.
func (p passphraseFrom) given() bool { return p.argument+p.tpmArgument+p.file+p.env+p.fd != "" }

// maxPassphrase bounds what is read of a password, in bytes.
const maxPassphrase = 64 << 10

// ask returns the function that reads the password, or nil if there is none and
// nobody to ask. It sets asked.
func (p passphraseFrom) ask(w World, asked *bool) func() ([]byte, error) {
	read := w.secrets.remember(p, p.reader(w))
	if read == nil {
		return nil
	}
	return func() ([]byte, error) {
		*asked = true
		return read()
	}
}

func (p passphraseFrom) reader(w World) func() ([]byte, error) {
	switch {
	case p.file != "":
		return func() ([]byte, error) {
			data, err := w.patience.file(p.file)
			return firstLine(data), err
		}
	case p.fd != "":
		return sync.OnceValues(func() ([]byte, error) { return p.fromDescriptor(w.patience) }) // a key may want it twice, and there it is only once
	case p.env != "":
		return func() ([]byte, error) {
			if w.Getenv(p.env) == "" {
				return nil, &passwordError{"environment variable " + p.env + " is empty", "export it, or name a file: --key-passphrase-file"}
			}
			return []byte(w.Getenv(p.env)), nil
		}
	case p.argument+p.tpmArgument != "":
		return func() ([]byte, error) { return []byte(p.argument + p.tpmArgument), nil } // never both
	case w.Prompt != nil:
		return func() ([]byte, error) {
			return w.patience.ask(func() ([]byte, error) { return w.Prompt(cmp.Or(p.question, "Password of the key: ")) })
		}
	}
	return nil
}

// fromDescriptor reads what whoever started this process has opened for it.
func (p passphraseFrom) fromDescriptor(time *patience) ([]byte, error) {
	number, err := descriptor(p.fd)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(number, "descriptor "+p.fd)
	if f == nil {
		return nil, &passwordError{p.fd + " is no file descriptor", "open it for this program: --key-passphrase-fd 3 3<FILE"}
	}
	defer f.Close()
	data, err := time.stream(f)
	if _, late := errors.AsType[*keystore.PipeError](err); late {
		return nil, err
	} else if err != nil {
		return nil, &passwordError{"descriptor " + p.fd + ": " + bare(err).Error(), "open it for this program: --key-passphrase-fd 3 3<FILE"}
	}
	return firstLine(data), nil
}

// descriptor reads the number; 0 to 2 are standard input, output and errors.
func descriptor(text string) (n uintptr, err error) {
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil || fmt.Sprint(n) != text || n == 1 || n == 2 {
		return 0, &usageError{fmt.Sprintf("--key-passphrase-fd %q: not the number of a descriptor to read", text), ""}
	}
	return n, nil
}

func firstLine(data []byte) []byte {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}
