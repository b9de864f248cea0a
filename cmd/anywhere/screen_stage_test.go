//go:build unix

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// perform starts the program in this process on a terminal of its own, so that a
// test can change what it touches: change is told of the app before it runs.
func perform(tb testing.TB, home string, width, height int, env []string, change func(*app), args ...string) *seat {
	tb.Helper()
	program, err := exec.LookPath("anywhere")
	if err != nil {
		tb.Fatal(err)
	}
	master, tty, err := pty.Open()
	if err != nil {
		tb.Fatal(err)
	}
	s := &seat{tb: tb, tty: master, emu: vt.NewEmulator(width, height), wrote: make(chan struct{}, 1), gone: make(chan int, 1)}
	s.size(width, height)
	a := realApp()
	a.stdin, a.stdout, a.stderr, a.terminal, a.executable = tty, tty, tty, true, program
	a.environ = append(terminalEnv(home), env...)
	if change != nil {
		change(a)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { _, _ = io.Copy(s.tty, s.emu) }() // the terminal's answers; they end with it
	go s.watch()
	go func() {
		code := run(ctx, args, a)
		_ = tty.Close() // after what it wrote last
		s.gone <- code
	}()
	tb.Cleanup(func() {
		cancel()
		if !s.left {
			<-s.gone
		}
		_ = master.Close()
	})
	return s
}

// size makes the terminal width columns by height lines, and tells the program.
func (s *seat) size(width, height int) {
	s.tb.Helper()
	s.mu.Lock()
	s.emu.Resize(width, height)
	s.mu.Unlock()
	if err := pty.Setsize(s.tty, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		s.tb.Fatal(err)
	}
	if s.cmd == nil {
		// The terminal is not that of this process, so the kernel tells nobody.
		_ = syscall.Kill(os.Getpid(), syscall.SIGWINCH)
	}
}

// paper answers the program as if it had asked which background the terminal has.
func (s *seat) paper(dark bool) {
	colour := "rgb:ffff/ffff/ffff"
	if dark {
		colour = "rgb:0000/0000/0000"
	}
	s.press("\x1b]11;" + colour + "\a")
}
