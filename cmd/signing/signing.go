// Package signing is the command line of everything that signs. Both programs
// have it: anywhere-signer is nothing else, and anywhere hands it the commands
// of this package unseen.
//
// It runs at every call of the AWS CLI, so it does no work that a command does
// not need, and imports neither the AWS SDK nor a command line library. Results
// go to stdout, everything else to stderr; no secret goes to stderr, ever.
package signing

import (
	"context"
	"fmt"
	"io"
	"time"

	"anywhere/pki/atomicfile"
	"anywhere/signer/renewal"
)

// World is all that the commands take from outside. Every field is required but
// Stdin and what may be nil.
type World struct {
	Program string // anywhere or anywhere-signer, for usage and version
	Version string // of this build
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Getenv  func(string) string
	Now     func() time.Time
	Random  io.Reader
	// Prompt asks the person at the terminal for a password; nil means that there
	// is none.
	Prompt func(question string) ([]byte, error)
	Disk   *atomicfile.Disk // nil is the real one
	// Sleep waits and ends early with ctx; nil means a timer.
	Sleep func(context.Context, time.Duration) error
	// Start starts a renewal; nil means the system's [renewal.Detached].
	Start func(renewal.Command) (renewal.Child, error)

	secrets  *secrets // set by commands that open a key more than once
	patience *patience
	after    func(time.Duration) <-chan time.Time // for tests; nil is time.After
}

func (w World) timer(d time.Duration) <-chan time.Time {
	if w.after != nil {
		return w.after(d)
	}
	return time.After(d)
}

func (w World) disk() *atomicfile.Disk {
	if w.Disk == nil {
		return &atomicfile.Disk{}
	}
	return w.Disk
}

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// command is one command of this package.
type command struct {
	name string
	says string
	run  func(context.Context, World, []string) error
}

// commands lists them, in the order of the usage text.
func commands() []command {
	return []command{
		{"credential-process", "print temporary credentials for a credential_process line", credentialProcess},
		{"serve", "hand out credentials to programs of this machine", serveSessions},
		{"update", "keep a section of the shared credentials file filled", update},
		{"sign-string", "sign a fixed string, to show that a key works", signString},
		{"read-certificate-data", "print a certificate as AWS's helper does", readCertificateData},
		{"version", "print the version", version},
	}
}

// Has says whether a name is a command of this package.
func Has(name string) bool {
	for _, c := range commands() {
		if c.name == name {
			return true
		}
	}
	return false
}

// Run runs one command, args[0], with its flags, and returns the exit code.
func Run(ctx context.Context, args []string, w World) int {
	if len(args) == 0 {
		io.WriteString(w.Stderr, usage(w))
		return exitUsage
	}
	if args[0] == "help" && len(args) == 2 && Has(args[1]) {
		args = []string{args[1], "--help"}
	}
	if args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		io.WriteString(w.Stdout, usage(w))
		return exitDone
	}
	if args[0] == "--version" { // as people try first
		args = append([]string{"version"}, args[1:]...)
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return report(ctx, w, c.run(ctx, w, args[1:]))
		}
	}
	return report(ctx, w, &usageError{fmt.Sprintf("no such command: %q", args[0]), w.Program + " help lists them"})
}

func usage(w World) string {
	text := "usage: " + w.Program + " COMMAND [flags]\n\n"
	for _, c := range commands() {
		text += fmt.Sprintf("  %-20s %s\n", c.name, c.says)
	}
	return text + "\n" + w.Program + " COMMAND --help lists the flags of one.\n"
}
