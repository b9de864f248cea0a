//go:build unix

package doctor_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"anywhere/doctor"
)

// A file was read several times, and a pipe gave what it holds to the first alone:
// anywhere doctor --certificate <(command) found nothing.
func TestAPipeIsReadOnceForAllThatIsAskedOfIt(t *testing.T) {
	const keys, certificates = "../testdata/pki/keys/", "../testdata/pki/certificates/"
	dir, written := t.TempDir(), make(chan error, 3)
	pipe := func(name, from string) string {
		path := filepath.Join(dir, name)
		data, err := os.ReadFile(from)
		if err == nil {
			err = syscall.Mkfifo(path, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		go func() { written <- os.WriteFile(path, data, 0o600) }() // waits for a reader
		return path
	}
	subject := doctor.Subject{Kind: doctor.KindFiles, Client: doctor.ClientAnywhere, CertificateFile: pipe("certificate", certificates+"leaf.pem"),
		ChainFile: pipe("chain", certificates+"intermediate.pem"), KeyRef: pipe("key", keys+"ec.pem")}
	e := doctor.Gather(t.Context(), doctor.Sources{Now: time.Now}, subject, doctor.Options{Offline: true, Patience: time.Hour})
	for range cap(written) {
		if err := <-written; err != nil {
			t.Error(err)
		}
	}
	if len(e.Certificate.Leaf) == 0 || len(e.Certificate.Sent) != 1 || len(e.Key.Public) == 0 || e.Key.Trouble != nil || e.Certificate.Trouble != nil {
		t.Errorf("got key %+v and certificate trouble %v, %d sent along; want both whole", e.Key, e.Certificate.Trouble, len(e.Certificate.Sent))
	}
}
