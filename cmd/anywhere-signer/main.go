//go:debug updatemaxprocs=0

// Anywhere-signer signs for IAM Roles Anywhere: the part of anywhere that the
// AWS CLI and SDKs start at every call, alone, so that it starts fast.
package main

import (
	"context"
	"crypto/rand"
	"os"
	"time"

	_ "anywhere/cmd/anywhere-signer/internal/early" // answers from kept sessions, before main
	"anywhere/cmd/anywhere-signer/internal/single"
	"anywhere/cmd/anywhere-signer/internal/stack"
	"anywhere/cmd/signing"
)

// version is set by the release build.
var version = "development"

func main() {
	if len(os.Args) < 2 || os.Args[1] != "credential-process" {
		single.End()
	}
	stack.Grow()
	os.Exit(signing.Run(context.Background(), os.Args[1:], signing.World{
		Program: "anywhere-signer",
		Version: version,
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Getenv:  os.Getenv,
		Now:     time.Now,
		Random:  rand.Reader,
		Prompt:  signing.Terminal,
	}))
}
