package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"anywhere/pki/importing"
	"anywhere/signer/keystore"
	"anywhere/steps"
)

// machine tells the road about this computer.
func (a *app) machine() (steps.Machine, error) {
	dir, err := a.userHome()
	if err != nil {
		return steps.Machine{}, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	return steps.Machine{
		HostName: host, UserHome: dir, Path: a.getenv("PATH"), Version: version,
		Executable: a.program(), HomeFlag: a.getenv("ANYWHERE_HOME") != "", Interactive: a.terminal,
		FromPath: a.lookPath, ReadFile: readWhole, ReadFolder: readFolder, Abs: absFrom(dir), Exists: exists, HasFiles: hasFiles,
		TPM:      a.getenv("TPM_DEVICE"), // as AWS's helper has it
		SameFile: sameFile, NoExec: noExec, VersionOf: remember(versionOf), CanRun: canRun, Run: runChild,
	}, nil
}

// absFrom makes a path whole; ~/ is the user's home, as in a shell.
func absFrom(userHome string) func(string) string {
	return func(path string) string {
		if rest, ok := strings.CutPrefix(path, "~/"); ok && userHome != "" {
			return filepath.Join(userHome, rest)
		}
		if whole, err := filepath.Abs(path); err == nil {
			return whole
		}
		return path
	}
}

// lookPath finds a program by the PATH that the app was given.
func (a *app) lookPath(name string) (string, error) {
	for _, dir := range strings.Split(a.getenv("PATH"), string(os.PathListSeparator)) {
		if dir == "" {
			continue
		}
		if path, err := exec.LookPath(dir + string(os.PathSeparator) + name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("find %s: %w", name, exec.ErrNotFound)
}

// readNamed is os.ReadFile for files that a user names: a pipe that nobody writes into
// would hold this program for ever, whatever signal it gets.
func readNamed(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		return keystore.ReadFile(path)
	}
	return os.ReadFile(path)
}

// mostRead is far more than any file that the road reads.
const mostRead = 64 << 20

// readWhole is os.ReadFile for files that a user names: one may be a device that never
// ends.
func readWhole(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.Mode()&os.ModeDevice != 0:
		return nil, fmt.Errorf("read %s: it is a device", path)
	case info.Size() > mostRead:
		return nil, fmt.Errorf("read %s: longer than 64 MiB", path)
	}
	return readNamed(path)
}

// readFolder brings the files of a folder together.
func readFolder(path string) ([]importing.Input, error) { return importing.Read(path) }

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func hasFiles(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) > 0
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// remember asks only once for each path.
func remember(ask func(string) (string, error)) func(string) (string, error) {
	known := map[string]func() (string, error){}
	return func(path string) (string, error) {
		if known[path] == nil {
			known[path] = sync.OnceValues(func() (string, error) { return ask(path) })
		}
		return known[path]()
	}
}

// versionOf asks a program that stands beside this one which version it is.
func versionOf(path string) (string, error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return "", fmt.Errorf("ask %s for its version: %w", path, errors.Join(err, os.ErrNotExist))
	}
	out, err := exec.Command(path, "version").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", path, err)
	}
	fields := strings.Fields(string(out))
	if len(fields) < 2 {
		return "", fmt.Errorf("ask %s for its version: it answers %q", path, out)
	}
	return fields[1], nil
}

// canRun starts a program of ours to see that the system lets it.
func canRun(ctx context.Context, path string) error {
	out, err := exec.CommandContext(ctx, path, "version").CombinedOutput()
	if err != nil {
		return &hinted{fmt.Errorf("%w: %s", err, bytes.TrimSpace(out)), "name another folder with --set binary.dir=DIR"}
	}
	return nil
}

// runChild runs a program with nothing but the given environment.
func runChild(ctx context.Context, args, env []string) (stdout, stderr []byte, err error) {
	if len(args) == 0 {
		return nil, nil, errors.New("run credential_process: the line is empty")
	}
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &out, &problems
	err = cmd.Run()
	return out.Bytes(), problems.Bytes(), err
}
