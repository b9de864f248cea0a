package home

import (
	"errors"
	"path/filepath"
	"runtime"
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
		return filepath.Join(dir, ".anywhere"), nil
	}
	return "", errors.New("find home: neither ANYWHERE_HOME nor " + name + " is set")
}
