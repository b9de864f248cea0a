package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"anywhere/pki/atomicfile"
	"anywhere/signer/home"
)

// app is the program and all that it touches outside, so that a test can run
// the real commands with a disk and a network that stop at a chosen write.
type app struct {
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	environ  []string
	now      func() time.Time
	random   io.Reader
	wait     func(context.Context, time.Duration) error
	terminal bool // somebody sees stdout and types on stdin
	pid      int

	disk   *atomicfile.Disk                          // nil: the real one
	around func(http.RoundTripper) http.RoundTripper // nil: nothing between us and AWS
	// backoff bounds the pause between two attempts of a call; 0: as awsapi does.
	backoff time.Duration
	// homeOf is the home directory of a user, "" being the one who runs this, as the
	// system's list of users has it; nil: it is not asked.
	homeOf func(user string) string
	// executable replaces the running program in tests.
	executable string
}

// getenv reads the environment that the app was given.
func (a *app) getenv(name string) string {
	for i := len(a.environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(a.environ[i], name+"="); ok {
			return value
		}
	}
	return ""
}

// errNoHome is no fault of a set-up: services often run without HOME.
var errNoHome = errors.New("find home directory: HOME is not set")

// userHome is the user's home directory.
func (a *app) userHome() (string, error) {
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if dir := a.getenv(name); dir != "" {
			return dir, nil
		}
	}
	return "", &hinted{errNoHome, "set HOME or ANYWHERE_HOME"}
}

// openHome opens ~/.anywhere, or where ANYWHERE_HOME says.
func (a *app) openHome() (home.Home, error) {
	root := a.getenv("ANYWHERE_HOME")
	if root == "" {
		dir, err := a.userHome()
		if err != nil {
			return home.Home{}, err
		}
		root = filepath.Join(dir, ".anywhere")
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return home.Home{}, fmt.Errorf("open home: %w", err)
	}
	return home.Open(root, a.disk)
}

// program is the path of the running program, links followed.
func (a *app) program() string {
	if a.executable != "" {
		return a.executable
	}
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// awsFiles are the user's AWS config and credentials files.
func (a *app) awsFiles() (config, credentials string) {
	if dir, err := a.userHome(); err == nil {
		config, credentials = filepath.Join(dir, ".aws", "config"), filepath.Join(dir, ".aws", "credentials")
	}
	if path := a.getenv("AWS_CONFIG_FILE"); path != "" {
		config = path
	}
	if path := a.getenv("AWS_SHARED_CREDENTIALS_FILE"); path != "" {
		credentials = path
	}
	return config, credentials
}
