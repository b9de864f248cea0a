// Compare runs credential-process of two programs against one server, turn about,
// and prints what each run cost. bench.sh builds and starts it.
//
//	compare DIR SIGNER OTHER RUNS
//
// DIR holds the programs peak, nothing and tls, and takes the set-ups.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"anywhere/pki"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("want DIR SIGNER OTHER RUNS, got %d arguments", len(args))
	}
	dir, ours, theirs := args[0], args[1], args[2]
	runs, err := strconv.Atoi(args[3])
	if err != nil || runs < 1 {
		return fmt.Errorf("runs %q: not a number from 1 on", args[3])
	}
	endpoint, err := serve()
	if err != nil {
		return err
	}
	for _, kind := range []pki.KeyKind{"p-256", "rsa-2048"} {
		home := filepath.Join(dir, string(kind))
		flags, err := makeSetup(home, kind, endpoint)
		if err != nil {
			return err
		}
		contenders := []contender{
			{name: "ours, by set-up", args: []string{ours, "credential-process", "--setup", "bench", "--no-cache"}},
			{name: "ours, by flags", args: append([]string{ours, "credential-process", "--no-cache"}, flags...)},
			{name: "ours, from cache", args: []string{ours, "credential-process", "--setup", "bench"}},
			{name: "nothing", args: []string{filepath.Join(dir, "nothing")}, silent: true},
			{name: "nothing, and TLS", args: []string{filepath.Join(dir, "tls")}, silent: true},
			{name: "other", args: append([]string{theirs, "credential-process"}, flags...)},
		}
		if err := race(contenders, home, runs); err != nil {
			return err
		}
		if err := weigh(contenders, home, filepath.Join(dir, "peak")); err != nil {
			return err
		}
		show(os.Stdout, kind, contenders)
	}
	return nil
}
