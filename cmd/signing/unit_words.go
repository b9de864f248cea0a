package signing

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"anywhere/pki/foreign"
	"anywhere/signer/keystore"
	"anywhere/signer/keystore/pkcs11uri"
)

const (
	// safeLetters are those that systemd, launchd and a shell all read as themselves.
	safeLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@+=:,./-"
	// wordLetters may stand in an argument too, as PKCS #11 URIs want them: no shell
	// reads those. Of them systemd takes ; for something else where it is a word, and %
	// unless it is there twice.
	wordLetters = safeLetters + ";?&%~"
)

// writes says whether words can be arguments in a service file, and paths stand
// anywhere in it.
func writes(words []string, paths ...string) error {
	no := func(word string) error {
		return &usageError{fmt.Sprintf("--print-unit: %q cannot be written into a service file", word), "use paths and names of letters, digits and _@+=:,./-"}
	}
	for _, path := range paths {
		if strings.Trim(filepath.ToSlash(path), safeLetters) != "" {
			return no(path)
		}
	}
	for _, word := range words {
		if strings.Trim(word, wordLetters) != "" || word == "" || word == ";" {
			return no(word)
		}
	}
	return nil
}

// lasting makes paths absolute, since a service starts in another folder, and refuses
// what only this shell has, and secrets: many may read a service file.
func lasting(args []string) ([]string, error) {
	all := slices.Clone(args)
	for i := range all {
		name, value, has := strings.Cut(all[i], "=")
		switch name {
		case "--pkcs8-password", "--tpm-key-password", "--key-passphrase-env", "--key-passphrase-fd":
			return nil, &usageError{"--print-unit: " + name + " is nothing for a service file", "put the password into a file of its own: --key-passphrase-file"}
		case "--certificate", "--private-key", "--intermediates", "--key-passphrase-file", "--pkcs11-lib", "--home":
			if !has && i+1 < len(all) {
				value = all[i+1]
			}
			path, err := filepath.Abs(value)
			if err == nil {
				err = lastingURI(value)
			}
			if err != nil {
				return nil, err
			}
			switch {
			case keystore.Device(value) != "" || name == "--pkcs11-lib" && !strings.ContainsRune(value, filepath.Separator): // which the system looks for
			case has:
				all[i] = name + "=" + path
			case i+1 < len(all):
				all[i+1] = path
			}
		}
	}
	return all, nil
}

// lastingURI refuses what a PKCS #11 URI holds that is nothing for a service file.
func lastingURI(ref string) error {
	if !pkcs11uri.Is(ref) {
		return nil
	}
	uri, err := pkcs11uri.Parse(ref)
	if err != nil { // it may hold a PIN, wherever that is
		return &usageError{"--print-unit: the PKCS #11 URI cannot be understood", "write it as pkcs11:token=NAME;object=LABEL"}
	}
	if _, given := uri.Query("pin-value"); given {
		return &usageError{"--print-unit: pin-value is nothing for a service file", "put the PIN into a file: pin-source= in the URI, or --key-passphrase-file"}
	}
	for _, name := range []string{"pin-source", "module-path"} {
		path, given := uri.Query(name)
		if given && !filepath.IsAbs(strings.TrimPrefix(path, "file:")) {
			return &usageError{fmt.Sprintf("--print-unit: %s=%s is no whole path", name, foreign.Text(path)), "a service starts in another folder: begin it with /"}
		}
	}
	return nil
}

func isHome(arg string) bool { return arg == "--home" || strings.HasPrefix(arg, "--home=") }

// without takes out of args what the unit says itself.
func without(args []string) (rest []string) {
	for i := 0; i < len(args); i++ {
		name, _, has := strings.Cut(args[i], "=")
		switch name {
		case "--print-unit", "--token-file":
			if !has {
				i++
			}
		case "--no-imds":
		default:
			rest = append(rest, args[i])
		}
	}
	return rest
}
