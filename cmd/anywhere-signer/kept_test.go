//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// Whatever is wrong with the output, a kept session that is answered before main
// and one that main answers end alike: --timeout is of no weight for a kept session
// and keeps the program from answering early.
func TestAnOutputThatTakesNothingIsAlikeBeforeAndInMain(t *testing.T) {
	world := newWorld(t)
	early := world.setup(t)
	ordinary := append(early, "--timeout=20")
	if out, err := world.command(early).Output(); err != nil {
		t.Fatalf("%v, %s", err, out)
	}
	tests := map[string]struct {
		to   func(t *testing.T, cmd *exec.Cmd)
		want string
	}{
		"nothing is wrong": {func(*testing.T, *exec.Cmd) {}, "exit status 0"},
		"nobody reads it": {func(t *testing.T, cmd *exec.Cmd) {
			read, write := must2(os.Pipe())
			read.Close()
			t.Cleanup(func() { write.Close() })
			cmd.Stdout = write
		}, "signal: broken pipe"},
		"it is not open for writing": {func(t *testing.T, cmd *exec.Cmd) {
			null := must(os.Open(os.DevNull))
			t.Cleanup(func() { null.Close() })
			cmd.Stdout = null
		}, "exit status 1"},
		"it is closed": {func(_ *testing.T, cmd *exec.Cmd) {
			cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", `exec "$0" "$@" >&-`}, cmd.Args...)
		}, "exit status 0"}, // Go's runtime opens /dev/null in its place
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var ends [2]string
			for i, args := range [][]string{early, ordinary} {
				cmd := world.command(args)
				var errs bytes.Buffer
				cmd.Stderr = &errs
				tt.to(t, cmd)
				_ = cmd.Run() // how it ended is looked at
				ends[i] = fmt.Sprintf("%v, %s", cmd.ProcessState, errs.String())
				if got := cmd.ProcessState.String(); got != tt.want {
					t.Errorf("%v: got %s, want %s", args, got, tt.want)
				}
			}
			if ends[0] != ends[1] {
				t.Errorf("got %q before main and %q in it", ends[0], ends[1])
			}
		})
	}
	if n := world.asked.Load(); n != 1 {
		t.Errorf("AWS was asked %d times, want once", n)
	}
}

func must2[V, W any](v V, w W, err error) (V, W) {
	if err != nil {
		panic(err)
	}
	return v, w
}
