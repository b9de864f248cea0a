//go:build unix

// Peak runs a program, with its output thrown away, and prints the largest
// resident memory that it had, in MiB.
//
//	peak PROGRAM [ARGUMENTS]
//
// It is a program of its own because Linux charges a process with the memory of
// the one that starts it, which must therefore be small: this one imports next to
// nothing (Linux, fs/exec.c, exec_mmap).
package main

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
)

func main() {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		fail(err)
	}
	streams := []uintptr{null.Fd(), null.Fd(), os.Stderr.Fd()}
	pid, err := syscall.ForkExec(os.Args[1], os.Args[1:], &syscall.ProcAttr{Env: os.Environ(), Files: streams})
	if err != nil {
		fail(err)
	}
	var status syscall.WaitStatus
	var usage syscall.Rusage
	if _, err := syscall.Wait4(pid, &status, 0, &usage); err != nil {
		fail(err)
	}
	if status.ExitStatus() != 0 {
		os.Exit(1)
	}
	unit := 1 << 10 // kilobytes
	if runtime.GOOS == "darwin" {
		unit = 1 << 20 // bytes
	}
	os.Stdout.WriteString(strconv.FormatFloat(float64(usage.Maxrss)/float64(unit), 'f', 2, 64) + "\n")
}

func fail(err error) {
	os.Stderr.WriteString("peak: " + err.Error() + "\n")
	os.Exit(1)
}
