package keystore

import (
	"crypto"
	"runtime"
	"strings"

	"anywhere/signer/keystore/keyref"
	"anywhere/signer/keystore/pkcs11uri"
	"anywhere/signer/keystore/tpm"
)

// Device says what hardware a reference leads to; empty if it is a file.
func Device(ref string) string { return keyref.Device(ref) }

// Where says where a key lies.
type Where struct {
	Kind string // "file", "PKCS #11" or "TPM 2.0"
	Ref  string // without a PIN
	// Module is the PKCS #11 module that would be loaded: a path, or a name that the
	// system looks for.
	Module string
	// Token and Object are those that a PKCS #11 URI names; empty if it names none.
	Token, Object string
	// Handle is that of a key in a TPM; empty for a key in a file that only its TPM
	// can load.
	Handle string
	// Device is the TPM's; empty is this machine's.
	Device string
	// PIN says that the reference carries one in the clear, or names its file.
	PIN string // "in the URI", the path of a file, or empty
	// Reachable says whether this program can open such keys at all.
	Reachable bool
}

// Describe says where the key that ref names lies, from the reference alone and,
// for a file, its contents: it opens no key, loads no module and asks no device.
// contents may be nil.
func (s Store) Describe(ref string, contents []byte) Where {
	w := Where{Kind: "file", Ref: ref, Reachable: true}
	switch Device(ref) {
	case "PKCS #11":
		w.Kind, w.Ref, w.Reachable = "PKCS #11", pkcs11uri.WithoutPIN(ref), loadsModules
		uri, err := pkcs11uri.Parse(ref)
		if err != nil {
			return w
		}
		w.Module = s.moduleOf(uri)
		w.Token, _ = uri.Path("token")
		w.Object, _ = uri.Path("object")
		if _, given := uri.Query("pin-value"); given {
			w.PIN = "in the URI"
		} else if source, given := uri.Query("pin-source"); given {
			w.PIN = strings.TrimPrefix(source, "file:")
		}
	case "TPM 2.0":
		_, w.Handle, _ = strings.Cut(ref, ":")
		w.Kind, w.Device = "TPM 2.0", s.TPM
	default:
		if tpm.IsKeyFile(contents) {
			w.Kind, w.Device = "TPM 2.0", s.TPM
		}
	}
	return w
}

// InHardware says whether a key that this package has opened lies in a token or
// belongs to a TPM.
func InHardware(key crypto.Signer) bool {
	_, token := key.(interface{ InHardware() })
	return token
}

// moduleOf is the module that uri is looked for in: the one it names, or else the
// one that the caller does, or else p11-kit's, which knows all that the machine's
// administrator has configured.
//
// Source: RFC 7512, section 2.4: a path may be a directory in which the module of
// that name lies.
func (s Store) moduleOf(uri pkcs11uri.URI) string {
	path, _ := uri.Query("module-path")
	name, named := uri.Query("module-name")
	switch {
	case path != "" && named:
		return strings.TrimSuffix(path, "/") + "/" + moduleFile(name)
	case path != "":
		return path
	case s.Module != "":
		return s.Module
	case named:
		return moduleFile(name)
	}
	return "p11-kit-proxy" + moduleSuffix()
}

// moduleFile adds what the system's libraries are called with.
func moduleFile(name string) string {
	if strings.HasSuffix(name, moduleSuffix()) || strings.Contains(name, ".so.") {
		return name
	}
	return name + moduleSuffix()
}

func moduleSuffix() string {
	switch runtime.GOOS {
	case "darwin":
		return ".dylib"
	case "windows":
		return ".dll"
	}
	return ".so"
}
