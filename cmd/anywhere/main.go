// Anywhere sets up IAM Roles Anywhere on a machine outside AWS, signs with it
// and takes it down again.
package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"anywhere/cmd/signing"
)

// version is set by the release build.
var version = "development"

func main() {
	// A credential_process is started at every AWS CLI call: it goes past
	// everything that only people need.
	if len(os.Args) > 1 && signing.Has(os.Args[1]) && os.Args[1] != "version" {
		os.Exit(signing.Run(context.Background(), os.Args[1:], signingWorld(realApp())))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], realApp()))
}

// realApp is the program on this machine.
func realApp() *app {
	return &app{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		environ: os.Environ(), now: time.Now, random: rand.Reader, pid: os.Getpid(),
		terminal: isatty.IsTerminal(os.Stdin.Fd()) && isatty.IsTerminal(os.Stdout.Fd()),
		wait:     sleep,
		homeOf:   homeOf,
	}
}

// sleep waits, but not longer than ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func signingWorld(a *app) signing.World {
	return signing.World{
		Program: "anywhere", Version: version,
		Stdin: a.stdin, Stdout: a.stdout, Stderr: a.stderr,
		Getenv: a.getenv, Now: a.now, Random: a.random, Prompt: signing.Terminal,
	}
}
