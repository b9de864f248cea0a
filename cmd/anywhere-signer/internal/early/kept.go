package early

import (
	"fmt"
	"io"
	"strings"
	"time"

	"anywhere/signer/exchange"
	sessions "anywhere/signer/kept"
	"anywhere/signer/keystore/keyref"
	"anywhere/signer/pointer"
)

// command is the one that is answered here.
const command = "credential-process"

// kept is what credential-process prints if it finds a session that is served
// without asking anybody, and if nothing else is to be done; nil if not, or if that
// is not certain.
func kept(args []string, getenv func(string) string, now time.Time) []byte {
	name, root, ok := setup(args)
	if !ok || pointer.ValidName(name) != nil || sessions.Off(getenv) {
		return nil
	}
	if root == "" {
		var err error
		if root, err = pointer.Root(getenv); err != nil {
			return nil
		}
	}
	file, err := pointer.Read(root, pointer.SetupDir(root, name), name)
	if err != nil || keyref.Device(file.Key) != "" || file.Renewal.Due(now) {
		return nil
	}
	target := file.Target()
	if target.Endpoint, err = exchange.EndpointFor("", target, file.Mode == pointer.ModeAWS, getenv); err != nil {
		return nil
	}
	entry, ok := sessions.Load(root, pointer.CacheDir(root), sessions.KeyOfSetup(file, target, sessions.Asking{}, file.Key))
	if !ok || !entry.Serves(now) {
		return nil
	}
	return entry.Credentials.ProcessJSON()
}

// setup reads the command lines that the wizard writes: credential-process with
// --setup and, if need be, --home, each once. It is not certain of any other.
func setup(args []string) (name, home string, ok bool) {
	if len(args) == 0 || args[0] != command {
		return "", "", false
	}
	for args = args[1:]; len(args) > 0; args = args[1:] {
		flag, value, given := strings.Cut(args[0], "=")
		if !given {
			if len(args) == 1 {
				return "", "", false
			}
			value, args = args[1], args[1:]
		}
		switch {
		case value == "":
			return "", "", false
		case flag == "--setup" && name == "":
			name = value
		case flag == "--home" && home == "":
			home = value
		default:
			return "", "", false
		}
	}
	return name, home, name != ""
}

// deliver writes the answer and says with which code the program ends. If nothing
// of it could be written it is not done: the ordinary way meets the same error and
// reports it.
func deliver(answer []byte, out, errs io.Writer) (code int, done bool) {
	n, err := out.Write(answer)
	if err != nil && n == 0 {
		return 0, false
	}
	if err != nil {
		fmt.Fprintf(errs, "anywhere: %v\n", err) // as the ordinary way does
		return 1, true
	}
	return 0, true
}
