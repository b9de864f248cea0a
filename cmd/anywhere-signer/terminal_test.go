//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"anywhere/pki"
	"anywhere/pki/decode"
)

// A credential_process has the SDK's pipes for standard input and output; the
// person is at the terminal that the process belongs to.
func TestAPasswordIsAskedForAtTheTerminalAndNotShown(t *testing.T) {
	world := newWorld(t)
	lock(t, world)
	tests := map[string]struct {
		typed, out, errs string
	}{
		"the right one": {"hush-word", `{"Version":1,"AccessKeyId":"ASIA1",`, ""},
		"a wrong one":   {"hush-ward", "", "passphrase does not open the key"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			shown, out, errs := world.typing(t, tt.typed+"\n", world.flags()...)
			if !strings.HasPrefix(out, tt.out) || tt.out == "" && out != "" || !strings.Contains(errs, tt.errs) || tt.errs == "" && errs != "" {
				t.Errorf("got %q and %q, want %q and %q", out, errs, tt.out, tt.errs)
			}
			if strings.TrimSpace(shown) != "Password of the key:" || strings.Contains(out+errs, "hush-w") {
				t.Errorf("got %q on the terminal, %q, %q; want the question and the password nowhere", shown, out, errs)
			}
		})
	}
}

// The question came first, and who answered at once saw the password.
func TestTheQuestionComesOnceNothingTypedIsShown(t *testing.T) {
	world := newWorld(t)
	lock(t, world)
	for range 5 { // it was a race
		master, before, finish := world.atTerminal(t, world.flags()...)
		shown := make([]byte, 1)
		if _, err := io.ReadFull(master, shown); err != nil || string(shown) != "P" {
			t.Fatalf("got %q, %v, want the question", shown, err)
		}
		if now := must(term.GetState(int(master.Fd()))); reflect.DeepEqual(now, before) {
			t.Error("the terminal still shows what is typed when the question comes")
		}
		if _, err := io.WriteString(master, "hush-word\n"); err != nil {
			t.Fatal(err)
		}
		if shown, out, errs, code := finish(); strings.Contains(shown, "hush") || !strings.HasPrefix(out, `{"Version":1`) || code != 0 {
			t.Errorf("got %q on the terminal, %q, %q, exit %d", shown, out, errs, code)
		}
	}
}

// An interrupt left the terminal without an echo.
func TestAnInterruptAtTheQuestionLeavesTheTerminalAsItWas(t *testing.T) {
	world := newWorld(t)
	lock(t, world)
	master, before, finish := world.atTerminal(t, world.flags()...)
	if _, err := io.ReadFull(master, make([]byte, len("Password"))); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(master, "hush\x03"); err != nil { // Ctrl-C
		t.Fatal(err)
	}
	_, out, errs, code := finish()
	if code != 130 || out != "" || !strings.Contains(errs, "interrupted") {
		t.Errorf("got exit %d, %q, %q, want 130", code, out, errs)
	}
	if now := must(term.GetState(int(master.Fd()))); !reflect.DeepEqual(now, before) {
		t.Errorf("the terminal is left as %v, was %v", now, before)
	}
}

// lock puts the world's key under the password hush-word.
func lock(t *testing.T, world world) {
	t.Helper()
	locked := must(pki.EncodeKeyLocked(must(decode.Key(must(os.ReadFile(world.key)), nil)), []byte("hush-word"), strings.NewReader(strings.Repeat("x", 64))))
	if err := os.WriteFile(world.key, locked, 0o600); err != nil {
		t.Fatal(err)
	}
}

// atTerminal starts the program at a terminal of its own. finish waits for its end.
func (w world) atTerminal(t *testing.T, args ...string) (master *os.File, before *term.State, finish func() (shown, out, errs string, code int)) {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close(); tty.Close() }) // closed earlier, it would forget its state
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(w.program, args...)
	cmd.Env = []string{"HOME=" + w.home}
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = &stdout, &stderr, []*os.File{tty}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3} // the first of the extra files
	before = must(term.GetState(int(master.Fd())))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() { watchdog.Stop() })
	return master, before, func() (string, string, string, int) {
		_ = cmd.Wait() // what it says is looked at
		_, _ = io.WriteString(tty, "END")
		var all []byte
		for one := make([]byte, 256); !bytes.Contains(all, []byte("END")); {
			n, err := master.Read(one)
			if all = append(all, one[:n]...); err != nil {
				break
			}
		}
		return string(all), stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
	}
}

// typing runs the program at a terminal of its own and answers its question, once
// the terminal has stopped to show what is typed.
func (w world) typing(t *testing.T, answer string, args ...string) (shown, out, errs string) {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(w.program, args...)
	cmd.Env = []string{"HOME=" + w.home}
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = &stdout, &stderr, []*os.File{tty}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3} // the first of the extra files
	before := must(term.GetState(int(master.Fd())))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	for end := time.Now().Add(time.Minute); reflect.DeepEqual(before, must(term.GetState(int(master.Fd())))); {
		if time.Now().After(end) {
			cmd.Process.Kill()
			t.Fatalf("it does not ask: %v, %q", cmd.Wait(), stderr.String())
		}
	}
	if _, err := io.WriteString(master, answer); err != nil {
		t.Fatal(err)
	}
	all, _ := io.ReadAll(master) // Linux ends it with an error once nobody has the terminal open
	_ = cmd.Wait()               // what it says is looked at
	return string(all), stdout.String(), stderr.String()
}
