//go:build unix

package early

import (
	"os"
	"time"

	"anywhere/cmd/anywhere-signer/internal/stack"
)

func init() {
	if len(os.Args) < 2 || os.Args[1] != command {
		return
	}
	stack.Grow()
	if answer := kept(os.Args[1:], os.Getenv, time.Now()); answer != nil {
		if code, done := deliver(answer, os.Stdout, os.Stderr); done {
			os.Exit(code)
		}
	}
}
