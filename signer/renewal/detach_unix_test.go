//go:build unix

package renewal

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What is started must keep nobody waiting who reads to the end of an output of
// ours: not of stdout and stderr, and not of a descriptor that was left open.
func TestTheChildHoldsNothingOfThisProcessAndHasASessionOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	fifo, said := filepath.Join(dir, "fifo"), filepath.Join(dir, "said")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	var left [2]int // as a shell or an SDK leaves it: open over exec
	if err := syscall.Pipe(left[:]); err != nil {
		t.Fatal(err)
	}
	read := os.NewFile(uintptr(left[0]), "left open")
	defer read.Close()
	program := filepath.Join(dir, "program")
	script := "#!/bin/sh\necho \"$# $1 $HOME ${SECRET-none}\" > " + said + ".new\nmv " + said + ".new " + said + "\ncat " + fifo + "\n"
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SECRET", "hush")
	child, err := Detached(Command{Program: program, Args: []string{"a", "b"}, Env: []string{"HOME=/home/x", "PATH=" + os.Getenv("PATH")}, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Close(left[1]); err != nil {
		t.Fatal(err)
	}
	// The child has not ended: it reads from a pipe that nobody has opened for writing.
	if rest, err := io.ReadAll(read); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v", rest, err)
	}
	pid := child.(started).process.Pid
	if group, err := syscall.Getpgid(pid); err != nil || group != pid {
		t.Errorf("the child %d is in process group %d, %v; want its own", pid, group, err)
	}
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	if code, err := child.Wait(); err != nil || code != 0 {
		t.Errorf("got exit %d, %v", code, err)
	}
	data, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(data))
	if strings.Join(words, " ") != "2 a /home/x none" {
		t.Errorf("the child saw %q", data)
	}
}
