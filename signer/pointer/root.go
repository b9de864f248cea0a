// Package pointer is session.json: all that signing needs to know of a set-up, and
// the only pointer to its key; and the way there. Package home is the rest of
// ~/.anywhere.
//
// It reads and writes nothing else, and opens no key: a run that finds a kept
// session needs no more of a set-up.
package pointer

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"anywhere/signer/filename"
)

// Root is where the home lies: ANYWHERE_HOME, or .anywhere in the user's home
// directory. getenv is os.Getenv or stands for it.
func Root(getenv func(string) string) (string, error) {
	if root := getenv("ANYWHERE_HOME"); root != "" {
		return root, nil
	}
	name := "HOME"
	if runtime.GOOS == "windows" {
		name = "USERPROFILE"
	}
	if dir := getenv(name); dir != "" {
		return filename.Join(dir, ".anywhere"), nil
	}
	return "", errors.New("find home: neither ANYWHERE_HOME nor " + name + " is set")
}

// ValidName says why name cannot be the name of a set-up; nil if it can.
func ValidName(name string) error {
	if len(name) < 1 || len(name) > 32 || name[0] == '-' || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("set-up name %q: 1 to 32 of a-z, 0-9 and -, not beginning with -", name)
	}
	return nil
}

// SetupDir is the directory of a set-up in the home at root, CacheDir that of the
// sessions that are kept.
func SetupDir(root, name string) string { return filename.Join(root, "setups", name) }
func CacheDir(root string) string       { return filename.Join(root, "cache") }

// File is session.json of the set-up in dir.
func File(dir string) string { return filename.Join(dir, "session.json") }
