//go:build unix

package early

import (
	"os"
	"time"

	"anywhere/cmd/anywhere-signer/internal/stack"
)

func init() {
	stack.Grow()
	answer := kept(os.Args[1:], os.Getenv, time.Now())
	if answer == nil {
		return
	}
	if code, done := deliver(answer, os.Stdout, os.Stderr); done {
		os.Exit(code)
	}
}
