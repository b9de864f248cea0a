package tui

import (
	"bytes"
	"context"
	"image/color"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// TestMain wakes the signal package outside of any bubble: its one goroutine must
// not belong to the first test that runs in one.
func TestMain(m *testing.M) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	signal.Stop(c)
	os.Exit(m.Run())
}

// terminal is a real tea.Program on an emulated screen, in fake time.
type terminal struct {
	t       *testing.T
	mu      sync.Mutex
	emu     *vt.Emulator
	raw     bytes.Buffer
	program *tea.Program
	cancel  context.CancelFunc
	end     chan Outcome
}

// Write is the program's output. Without a tty the renderer counts on the
// terminal to turn a newline into a carriage return and a newline.
func (s *terminal) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw.Write(b)
	_, err := s.emu.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
	return len(b), err
}

// show starts the program of f in a window of width times height, inside a bubble.
func show(t *testing.T, f flow, width, height int) *terminal {
	t.Helper()
	return showWith(t, f, Options{Width: width, Height: height, Now: time.Now, Dark: true})
}

// showWith is show with options; output and environment are the terminal's.
func showWith(t *testing.T, f flow, options Options) *terminal {
	t.Helper()
	s := &terminal{t: t, emu: vt.NewEmulator(options.Width, options.Height), end: make(chan Outcome, 1)}
	s.emu.SetDefaultBackgroundColor(color.Black)
	go func() { _, _ = io.Copy(io.Discard, s.emu) }() // the answers to the program's queries
	ctx, cancel := context.WithCancel(t.Context())
	s.cancel = cancel
	options.Output = s
	if options.Env == nil {
		options.Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "CLICOLOR_FORCE=1", "TTY_FORCE=1"}
	}
	go func() {
		out, err := runWith(ctx, f, options, func(p *tea.Program) { s.program = p })
		if err != nil {
			t.Error(err)
		}
		s.end <- out
	}()
	t.Cleanup(s.close)
	s.settle(50 * time.Millisecond)
	return s
}

// settle lets fake time pass and everything come to rest.
func (s *terminal) settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// press sends keys, one after the other: names such as enter, or text.
func (s *terminal) press(names ...string) {
	for _, n := range names {
		s.program.Send(keyPress(n))
		s.settle(50 * time.Millisecond)
	}
}

// write types text rune by rune.
func (s *terminal) write(text string) {
	for _, r := range text {
		s.program.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	s.settle(50 * time.Millisecond)
}

// resize changes the window.
func (s *terminal) resize(width, height int) {
	s.mu.Lock()
	s.emu.Resize(width, height)
	s.mu.Unlock()
	s.program.Send(tea.WindowSizeMsg{Width: width, Height: height})
	s.settle(100 * time.Millisecond)
}

// passGrace waits until a screen that opened by itself hears keys.
func (s *terminal) passGrace() { s.settle(grace + 50*time.Millisecond) }

// text is what the screen shows.
func (s *terminal) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emu.String()
}

// offersKeys says that the first of the last line is drawn as a key: in bold.
func (s *terminal) offersKeys() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emu.CellAt(margin, s.emu.Height()-1).Style.Attrs&uv.AttrBold != 0
}

// shows fails unless every part is on the screen.
func (s *terminal) shows(parts ...string) {
	s.t.Helper()
	for _, p := range parts {
		if !strings.Contains(s.text(), p) {
			s.t.Fatalf("got a screen without %q:\n%s", p, s.text())
		}
	}
}

// leaves waits for the end of the program.
func (s *terminal) leaves() Outcome {
	s.t.Helper()
	synctest.Wait()
	select {
	case out := <-s.end:
		return out
	default:
		s.t.Fatalf("got a program that still runs:\n%s", s.text())
	}
	return Outcome{}
}

// goes leaves by ctrl+c, also where that has to be pressed twice.
func (s *terminal) goes() Outcome {
	s.t.Helper()
	s.press("ctrl+c")
	if strings.Contains(s.text(), "once more leaves") {
		s.press("ctrl+c")
	}
	return s.leaves()
}

func (s *terminal) close() {
	s.program.Kill()
	s.cancel()
	_ = s.emu.Close()
	s.settle(time.Minute) // pending ticks and work end with the bubble
}

// keyPress is a key by its name.
func keyPress(name string) tea.KeyPressMsg {
	special := map[string]tea.KeyPressMsg{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "up": {Code: tea.KeyUp},
		"down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "space": {Code: tea.KeySpace, Text: " "},
		"backspace": {Code: tea.KeyBackspace}, "f1": {Code: tea.KeyF1}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl},
		"end": {Code: tea.KeyEnd}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome},
	}
	if k, ok := special[name]; ok {
		return k
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// in runs test in fake time.
func in(t *testing.T, test func(t *testing.T)) { synctest.Test(t, test) }

// sameAsGolden compares got with testdata/screens/name.txt; UPDATE=1 writes it.
func sameAsGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("..", "testdata", "screens", name+".txt")
	if os.Getenv("UPDATE") == "1" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// plainText is a frame as text: no escape sequences, no blanks at line ends.
func plainText(frame string) string {
	lines := strings.Split(ansi.Strip(frame), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}
