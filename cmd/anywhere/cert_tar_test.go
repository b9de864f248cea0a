package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// What we patch is what archive/tar would have written, byte for byte.
func TestMembersAreThoseOfArchiveTar(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 7, time.UTC)
	head, err := newTarHeader(at)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	var got []byte
	w := tar.NewWriter(&want)
	for name, size := range map[string]int{
		"a/key.pem":       0,
		"host7/key.pem":   1,
		"host7/c":         tarBlock - 1,
		"host77/d":        tarBlock,
		"=@+_-.~/key.pem": tarBlock + 1,
		"long/" + strings.Repeat("z", tarNameSize-5): 1 << 18,
	} {
		data := bytes.Repeat([]byte("x"), size)
		got = head.append(got, name, data)
		bad := w.WriteHeader(&tar.Header{Name: name, Size: int64(size), Mode: 0o600, ModTime: at.Truncate(time.Second), Format: tar.FormatUSTAR})
		_, worse := w.Write(data)
		if err := errors.Join(bad, worse); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%d bytes differ from the %d of archive/tar", len(got), want.Len())
	}
}
