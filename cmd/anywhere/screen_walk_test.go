//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/tui/shot"
)

// look keeps what is on the screen: as text for the test and, where LOOKS names a
// folder, as a picture for a person.
func (s *seat) look(name string) {
	s.tb.Helper()
	s.sees("ctrl+c quit") // the frame is whole, and has not lost its last line
	s.mu.Lock()
	defer s.mu.Unlock()
	if folder := os.Getenv("LOOKS"); folder != "" {
		file := filepath.Join(folder, fmt.Sprintf("real-%s-%dx%d.svg", name, s.emu.Width(), s.emu.Height()))
		if err := os.WriteFile(file, shot.SVG(s.emu, shot.Dark), 0o600); err != nil {
			s.tb.Fatal(err)
		}
	}
}

// opens presses keys until what they open is there: a screen that has just opened
// by itself hears none.
func (s *seat) opens(keys string, part string) {
	s.tb.Helper()
	for range patience / grace {
		s.press(keys)
		for end := time.After(grace); ; {
			if strings.Contains(s.text(), part) {
				return
			}
			select {
			case <-s.wrote:
				continue
			case <-end:
			}
			break
		}
	}
	s.tb.Fatalf("got a screen without %q after %q:\n%s", part, keys, s.text())
}

const (
	tab    = "\t"
	escape = "\x1b"
	f2     = "\x1bOQ"
)

// walkSetup walks through every screen of a set-up in the sandbox.
func walkSetup(s *seat) {
	s.sees("What is this set-up called?")
	s.look("name")
	s.press(strings.Repeat("\x7f", 32) + "walk" + enter)
	s.sees("What should the certificate call this machine?", "tab command")
	s.look("certificate")
	s.opens(tab, "openssl genpkey")
	s.look("command")
	s.opens(f2, "Why AWS wants it")
	s.look("explain")
	s.opens(escape, "What should the certificate call this machine?") // a key right after esc would be alt and that key
	s.opens(enter, "What may this machine do?")
	s.look("permissions")
	s.opens(enter, "Nothing has been changed yet.")
	s.look("review")
	s.opens("d", "The same by hand:")
	s.look("details")
	s.opens(escape, "Nothing has been changed yet.")
	s.opens(tab, "Settings; none of them")
	s.look("settings")
	s.press(tab)
	s.sees("Nothing has been changed yet.")
	s.opens(enter, "setting up")
	s.sees("works: this machine has sandbox credentials")
	s.look("done")
}

func TestEveryScreenOfTheRealProgramIsReached(t *testing.T) {
	sizes := [][2]int{{80, 24}}
	if os.Getenv("LOOKS") != "" {
		sizes = [][2]int{{60, 20}, {80, 24}, {120, 40}}
	}
	for _, size := range sizes {
		home := t.TempDir()
		s := sit(t, home, size[0], size[1], "setup", "--sandbox")
		walkSetup(s)
		if err := s.leave("q"); err != nil {
			t.Fatalf("got %v from the set-up, want exit 0", err)
		}
		s = sit(t, home, size[0], size[1])
		s.sees("1 set-up on this machine.", "walk", "days")
		s.look("home")
		s.opens(enter, "walk works")
		s.look("doctor")
		s.opens("a", "RA101")
		s.look("doctor-all")
		s.opens("q", "1 set-up on this machine.")
		s.opens("t", "Nothing has been removed yet.")
		s.look("teardown")
		s.opens(enter, "tearing down")
		s.sees("done")
		s.look("teardown-done")
		if err := s.leave("q"); err != nil {
			t.Fatalf("got %v from the teardown, want exit 0", err)
		}
		s = sit(t, home, size[0], size[1])
		s.sees("This machine has no set-up yet.")
		s.look("home-empty")
		if err := s.leave("q"); err != nil {
			t.Fatalf("got %v from home, want exit 0", err)
		}
	}
}
