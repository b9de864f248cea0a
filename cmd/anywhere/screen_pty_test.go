//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
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
	cmd   *exec.Cmd     // nil: the program runs in this process
	gone  chan int      // its exit code then
	left  bool          // which was received
}

// sit starts the program with a home of its own and nothing of AWS around it.
func sit(tb testing.TB, home string, width, height int, args ...string) *seat {
	tb.Helper()
	return sitWith(tb, home, width, height, nil, args...)
}

// sitWith is sit with more of an environment.
func sitWith(tb testing.TB, home string, width, height int, env []string, args ...string) *seat {
	tb.Helper()
	s := &seat{tb: tb, emu: vt.NewEmulator(width, height), wrote: make(chan struct{}, 1), gone: make(chan int, 1), cmd: exec.Command("anywhere", args...)}
	s.cmd.Env = append(terminalEnv(home), env...)
	var err error
	if s.tty, err = pty.StartWithSize(s.cmd, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		tb.Fatal(err)
	}
	go func() { _, _ = io.Copy(s.tty, s.emu) }() // the terminal's answers; they end with it
	go s.watch()
	go func() {
		_ = s.cmd.Wait() // its exit code says it all
		s.gone <- s.cmd.ProcessState.ExitCode()
	}()
	tb.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		if !s.left {
			<-s.gone
		}
		_ = s.tty.Close()
	})
	return s
}

// terminalEnv is the environment of a program on a terminal that can do all.
func terminalEnv(home string) []string {
	return []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "SHELL=/bin/sh", "TERM=xterm-256color", "LANG=C.UTF-8",
		"COLORTERM=truecolor", "AWS_EC2_METADATA_DISABLED=true"}
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
const patience = time.Minute

// again is how often a key that seems to be lost is pressed meanwhile.
const again = 4

// within waits until something is so that shows on the screen, but not for ever.
func (s *seat) within(d time.Duration, so func() bool) bool {
	end := time.NewTimer(d)
	defer end.Stop()
	for !so() {
		select {
		case <-s.wrote:
		case <-end.C:
			return so()
		}
	}
	return true
}

// sees waits until all of parts are on the screen.
func (s *seat) sees(parts ...string) {
	s.tb.Helper()
	missing := ""
	all := func() bool {
		text := s.text()
		at := slices.IndexFunc(parts, func(p string) bool { return !strings.Contains(text, p) })
		if at >= 0 {
			missing = parts[at]
		}
		return at < 0
	}
	if !s.within(patience, all) {
		s.tb.Fatalf("got a screen without %q:\n%s", missing, s.text())
	}
}

// press sends what a key sends.
func (s *seat) press(keys string) {
	s.tb.Helper()
	if _, err := s.tty.WriteString(keys); err != nil {
		s.tb.Fatal(err)
	}
}

// hears says that keys are for the screen that is on. One that has just opened by
// itself hears none for a while, and says so: the first in its last line is not
// bold, or is not a key of its own. A program that leaves by itself was waited for
// until it heard no key.
func (s *seat) hears(keys string) bool {
	if keys == "" || keys == ctrlC || keys == f1 || keys == f2 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for x := range s.emu.Width() {
		c := s.emu.CellAt(x, s.emu.Height()-1)
		if c == nil || strings.TrimSpace(c.Content) == "" {
			continue
		}
		rows := strings.Split(s.emu.String(), "\n")
		last := strings.TrimSpace(rows[len(rows)-1])
		return c.Style.Attrs&uv.AttrBold != 0 && !strings.HasPrefix(last, "f1 ") && !strings.HasPrefix(last, "ctrl+c ")
	}
	return false
}

// exits presses keys, which make the program leave, and returns its exit code. Where
// answers would be lost they are pressed again, once that is said.
func (s *seat) exits(keys string) int {
	s.tb.Helper()
	warned := false
	for range again {
		if !s.within(patience, func() bool { return s.hears(keys) }) {
			break
		}
		s.press(keys)
		end := time.After(patience / again)
		for waits := true; waits; {
			select {
			case code := <-s.gone:
				s.left = true
				return code
			case <-end:
				waits = false
			case <-s.wrote:
				waits = warned || !strings.Contains(s.text(), "once more leaves")
				warned = warned || !waits
			}
		}
	}
	s.tb.Fatalf("got a program that does not leave by %q:\n%s", keys, s.text())
	return 0
}

// opens presses keys once the screen hears them, and waits until what they open is
// there. They were pressed every half second until it was: on a machine with much
// to do the screen got them twice, and typed the second.
func (s *seat) opens(keys string, part string) {
	s.tb.Helper()
	opened := func() bool { return strings.Contains(s.text(), part) }
	heard := func() bool { return s.hears(keys) }
	for range again {
		if !s.within(patience, heard) {
			break
		}
		s.press(keys)
		if s.within(patience/again, opened) || s.within(patience, func() bool { return opened() || heard() }) && opened() {
			return
		}
	}
	s.tb.Fatalf("got a screen without %q after %q:\n%s", part, keys, s.text())
}

const (
	enter  = "\r"
	tab    = "\t"
	escape = "\x1b"
	f2     = "\x1bOQ"
)

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
	s.sees("None of this has happened yet.", "enter apply")
	s.opens(enter, "setting up")
	pressed++
	s.sees("works: this machine has sandbox credentials", "session name", "refused")
	if pressed > mostKeys {
		t.Errorf("got credentials after %d keys, want at most %d", pressed, mostKeys)
	}
	if code := s.exits("q"); code != exitDone {
		t.Errorf("got exit %d at the end, want 0", code)
	}
}

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

// Line by line, a CA's key was locked by what was typed once and seen by nobody,
// ctrl+c did not leave the question, and who answered at once saw the passphrase.
func TestANewPassphraseIsTypedTwiceLineByLine(t *testing.T) {
	for name, tt := range map[string]struct{ again, want, last string }{
		"the same":    {"first-secret", "can issue certificates until", ""},
		"another one": {"other-secret", "The two are not the same", ctrlC},
	} {
		t.Run(name, func(t *testing.T) {
			s := sit(t, t.TempDir(), 80, 24, "ca", "create", "--name", "office", "--set", "ca.protection=passphrase")
			s.sees("Passphrase of the CA key", "Not shown:")
			s.press("first-secret" + enter)
			s.sees("Once more, to be sure:")
			s.press(tt.again + enter)
			s.sees(tt.want)
			if text := s.text(); strings.Contains(text, "-secret") {
				t.Errorf("a passphrase is shown:\n%s", text)
			}
			if code := s.exits(tt.last); (code == exitDone) != (tt.last == "") {
				t.Errorf("got exit %d", code)
			}
		})
	}
}
