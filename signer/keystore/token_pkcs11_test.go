//go:build pkcs11 && (linux || darwin)

package keystore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anywhere/signer/keystore/hardware"
	"anywhere/signer/keystore/pkcs11uri"
)

func TestAPINComesFromTheURIItsFileOrTheCaller(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pin")
	if err := os.WriteFile(path, []byte("from file\r\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"pkcs11:?pin-value=from%20URI":          "from URI",
		"pkcs11:?pin-source=" + path:            "from file",
		"pkcs11:?pin-source=file:" + path:       "from file",
		"pkcs11:?pin-source=file:%2F%2F" + path: "from file",
		"pkcs11:":                               "from caller",
	} {
		uri, err := pkcs11uri.Parse(ref)
		if err != nil {
			t.Fatal(err)
		}
		pin, err := Store{}.pinOf(uri, word("from caller"))
		if err != nil {
			t.Errorf("%s: %v", ref, err)
			continue
		}
		if got, err := pin(); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", ref, got, err, want)
		}
	}
}

// What a configuration names is never run.
func TestAPINThatACommandWouldPrintIsRefused(t *testing.T) {
	for _, ref := range []string{"pkcs11:?pin-source=%7C/bin/cat%20/etc/pin", "pkcs11:?pin-source=|/bin/false", "pkcs11:?pin-source=https:%2F%2Fexample.org"} {
		_, err := OpenFile(ref, nil)
		if e, ok := errors.AsType[*hardware.Error](err); !ok || e.Reason != hardware.BadReference || e.Hint() == "" {
			t.Errorf("%s: got %v, want reason %s", ref, err, hardware.BadReference)
		}
	}
}

// The PIN was 4711, which the temporary folder of the module may have in its name.
func TestAModuleThatCannotBeLoadedIsNamed(t *testing.T) {
	absent, text := filepath.Join(t.TempDir(), "absent.so"), filepath.Join(t.TempDir(), "text.so")
	if err := os.WriteFile(text, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, module := range []string{absent, text} {
		_, err := Store{Module: module}.OpenFile("pkcs11:object=o?pin-value=hush-pin")
		e, ok := errors.AsType[*hardware.Error](err)
		if !ok || e.Reason != hardware.NoModule || !strings.Contains(err.Error(), module) || strings.Contains(err.Error(), "hush") {
			t.Errorf("got %v, want reason %s and the module's name", err, hardware.NoModule)
		}
	}
	if _, err := OpenFile("pkcs11:tokem=t?pin-value=hush-pin", nil); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("a URI that is none: got %v, want it refused without the PIN", err)
	}
}
