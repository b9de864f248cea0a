//go:build unix

package keystore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// It was waited for without end, whatever the deadline was.
func TestAPipeIsWaitedForAsLongAsIsSaid(t *testing.T) {
	for name, tt := range map[string]struct {
		opened bool
		want   string
	}{
		"that nobody writes into": {false, "nothing was written into this pipe within 100ms"},
		"that nobody ever closes": {true, "this pipe was not closed within 100ms"},
	} {
		t.Run(name, func(t *testing.T) {
			path := pipe(t)
			if tt.opened {
				w, err := os.OpenFile(path, os.O_RDWR, 0) // which waits for no reader
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				if _, err := w.WriteString("half a key"); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Store{Patience: 100 * time.Millisecond}.OpenFile(path)
			e, ok := errors.AsType[*PipeError](err)
			if !ok || err.Error() != "read "+path+": "+tt.want || e.Hint() == "" || strings.Contains(err.Error(), "half a key") {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// As a shell's <(command) gives it, which may take its time.
func TestAPipeIsReadToItsEnd(t *testing.T) {
	path, read := pipe(t), make(chan string)
	go func() {
		data, err := ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		read <- string(data)
	}()
	w, err := os.OpenFile(path, os.O_WRONLY, 0) // which waits for the reader
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for range 3 {
		part := strings.Repeat("x", 70<<10) // more than a pipe holds: the reader has begun
		if _, err := w.WriteString(part); err != nil {
			t.Fatal(err)
		}
		want += part
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
}

func TestAPipeThatDoesNotEndIsReadUpToTheLimit(t *testing.T) {
	path, read := pipe(t), make(chan error)
	go func() {
		_, err := ReadFile(path)
		read <- err
	}()
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	part := make([]byte, 64<<10)
	for err == nil { // until nobody reads any more
		_, err = w.Write(part)
	}
	if got := <-read; !errors.Is(err, syscall.EPIPE) || !errors.Is(got, errTooLarge) {
		t.Errorf("got %v at the writer's end and %v, want that it is too large", err, got)
	}
}
