package decode

import (
	"bytes"
	"errors"
	"os"
	"testing"
)

// seed adds every file of a directory.
func seed(f *testing.F, dir string) {
	f.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range entries {
		f.Add(read(f, dir, entry.Name()))
	}
}

func FuzzCertificates(f *testing.F) {
	seed(f, certificateD)
	f.Fuzz(func(t *testing.T, data []byte) {
		certs, err := Certificates(data)
		if (err == nil) != (len(certs) > 0) {
			t.Errorf("got %d certificates and %v", len(certs), err)
		}
	})
}

// FuzzKey never gives a passphrase: files may ask for seconds of work.
func FuzzKey(f *testing.F) {
	seed(f, keys)
	silent := errors.New("no answer")
	f.Fuzz(func(t *testing.T, data []byte) {
		key, err := Key(data, func() ([]byte, error) { return nil, silent })
		if (err == nil) != (key != nil) {
			t.Errorf("got key %v and %v", key, err)
		}
	})
}

// FuzzNormal reaches the text repairs that well-formed seeds do not.
func FuzzNormal(f *testing.F) {
	f.Add([]byte("\ufeff-----BEGIN X-----\\nAAAA\\n-----END X-----"))
	f.Add([]byte("-\x00-\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		bareBase64(normal(data))
		writeLine(new(bytes.Buffer), data)
	})
}
