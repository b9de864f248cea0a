//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// seat is the real program on a real terminal of a size, and what that shows.
type seat struct {
	tb    testing.TB
	tty   *os.File
	mu    sync.Mutex
	emu   *vt.Emulator
	wrote chan struct{} // something came since it was last received from
	cmd   *exec.Cmd
}

// sit starts the program with a home of its own and nothing of AWS around it.
func sit(tb testing.TB, home string, width, height int, args ...string) *seat {
	tb.Helper()
	s := &seat{tb: tb, emu: vt.NewEmulator(width, height), wrote: make(chan struct{}, 1), cmd: exec.Command("anywhere", args...)}
	s.cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8", "COLORTERM=truecolor"}
	var err error
	if s.tty, err = pty.StartWithSize(s.cmd, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		tb.Fatal(err)
	}
	go func() { _, _ = io.Copy(s.tty, s.emu) }() // the terminal's answers; they end with it
	go s.watch()
	tb.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		_ = s.tty.Close()
	})
	return s
}

// watch shows on the emulated screen what the program writes.
func (s *seat) watch() {
	buf := make([]byte, 1<<16)
	for {
		n, err := s.tty.Read(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		_, _ = s.emu.Write(buf[:n])
		s.mu.Unlock()
		select {
		case s.wrote <- struct{}{}:
		default:
		}
	}
}

func (s *seat) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emu.String()
}

// patience is how long a screen is waited for; only a broken one takes it.
const patience = 30 * time.Second

// sees waits until all of parts are on the screen.
func (s *seat) sees(parts ...string) {
	s.tb.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		missing := ""
		text := s.text()
		for _, p := range parts {
			if !strings.Contains(text, p) {
				missing = p
			}
		}
		if missing == "" {
			return
		}
		select {
		case <-s.wrote:
		case <-end.C:
			s.tb.Fatalf("got a screen without %q:\n%s", missing, s.text())
		}
	}
}

// press sends what a key sends.
func (s *seat) press(keys string) {
	s.tb.Helper()
	if _, err := s.tty.WriteString(keys); err != nil {
		s.tb.Fatal(err)
	}
}

// leave presses keys until the program is gone: a screen that has just opened by
// itself hears none.
func (s *seat) leave(keys string) error {
	s.tb.Helper()
	gone := make(chan error, 1)
	go func() { gone <- s.cmd.Wait() }()
	for range patience / grace {
		s.press(keys)
		select {
		case err := <-gone:
			return err
		case <-time.After(grace):
		}
	}
	s.tb.Fatalf("got a program that does not leave by %q:\n%s", keys, s.text())
	return nil
}

const enter = "\r"

// mostKeys is how many keys the defaults may take.
const mostKeys = 8

func TestEightKeysLeadToCredentials(t *testing.T) {
	home := t.TempDir()
	s := sit(t, home, 80, 24, "setup", "--sandbox")
	pressed := 0
	for _, screen := range []string{"What is this set-up called?", "What should the certificate call this machine?", "What may this machine do?"} {
		s.sees(screen, "enter")
		s.press(enter)
		pressed++
	}
	s.sees("Nothing has been changed yet.", "enter apply")
	for !strings.Contains(s.text(), " done") && !strings.Contains(s.text(), "setting up") {
		s.press(enter) // the review hears no key for 0.4 s after it has opened
		select {
		case <-s.wrote:
		case <-time.After(grace):
		}
	}
	pressed++
	s.sees("works: this machine has sandbox credentials", "session name", "refused")
	if pressed > mostKeys {
		t.Errorf("got credentials after %d keys, want at most %d", pressed, mostKeys)
	}
	if err := s.leave("q"); err != nil {
		t.Errorf("got %v at the end, want exit 0", err)
	}
}

// grace is longer than a screen that opens by itself hears no keys.
const grace = 500 * time.Millisecond

// BenchmarkFirstFrame is from the start of the process to the first question on
// the terminal.
func BenchmarkFirstFrame(b *testing.B) {
	for b.Loop() {
		s := sit(b, b.TempDir(), 200, 60, "setup", "--sandbox")
		s.sees("What is this set-up called?")
		b.StopTimer()
		_ = s.cmd.Process.Kill()
		b.StartTimer()
	}
}
