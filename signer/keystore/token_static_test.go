//go:build !pkcs11

package keystore

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestAStaticProgramNamesTheFileToGet(t *testing.T) {
	for ref, want := range map[string]string{
		"pkcs11:token=t;object=o?pin-value=1234": "open key pkcs11:token=t;object=o: PKCS #11 is not in this program",
		"PKCS11:object=o":                        "open key pkcs11:object=o: PKCS #11 is not in this program",
	} {
		_, err := OpenFile(ref, nil)
		e, ok := errors.AsType[*UnsupportedError](err)
		if !ok || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, _, err := (Store{}).Certificates(ref); err == nil || err.Error() != want {
			t.Errorf("certificate: got %v, want %s", err, want)
		}
		if ok && !strings.Contains(e.Hint(), archive("linux", "amd64")) && !strings.Contains(e.Hint(), e.Get) {
			t.Errorf("the hint %q names no file", e.Hint())
		}
	}
	release, err := os.ReadFile("../../goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if want := `"anywhere-pkcs11_{{ .Version }}_{{ .Os }}_{{ .Arch }}"`; !strings.Contains(string(release), want) {
		t.Errorf("goreleaser.yaml names no archive %s", want)
	}
	if got := archive("darwin", "arm64"); got != "anywhere-pkcs11_VERSION_darwin_arm64.tar.gz" {
		t.Errorf("got %s", got)
	}
	if got := (&UnsupportedError{Get: archive("windows", "amd64")}).Hint(); !strings.HasPrefix(got, "use a key in a file") {
		t.Errorf("got %q where there is no such file", got)
	}
}
