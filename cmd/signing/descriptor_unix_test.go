//go:build unix

package signing

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

// A token wants its PIN for the certificate, for the key and for the signature; the
// second read of a descriptor found nothing.
func TestAWordFromADescriptorIsReadOnceAndGivenAgain(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("open sesame\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	fd, err := syscall.Dup(int(r.Fd())) // reading closes it, and r its own
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	ask := passphraseFrom{fd: fmt.Sprint(fd)}.ask(World{}, new(bool))
	for range 2 {
		if got, err := ask(); err != nil || string(got) != "open sesame" {
			t.Errorf("got %q, %v, want open sesame", got, err)
		}
	}
}
