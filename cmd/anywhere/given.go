package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"anywhere/steps"
)

// given collects the answers that flags and the answers file give in advance.
// Flags win over the file.
func (a *app) given(f setupFlags) (map[string]string, error) {
	given := map[string]string{}
	if f.answers != "" {
		data, err := readNamed(f.answers)
		if err != nil {
			return nil, &usageError{err.Error(), "anywhere setup --print-answers > " + f.answers}
		}
		if given, err = steps.ParseAnswers(data); err != nil {
			return nil, &usageError{fmt.Sprintf("%s: %v", f.answers, err), "anywhere setup --print-answers writes a file as it should be"}
		}
		for _, key := range steps.Secrets() {
			if _, there := given[key]; there {
				return nil, &usageError{f.answers + ": " + key + " is a secret and does not belong in a file of answers", "use --set " + key + "-file=FILE"}
			}
		}
	}
	for _, set := range f.set {
		key, value, ok := strings.Cut(set, "=")
		if !ok {
			return nil, &usageError{fmt.Sprintf("--set %q: must be KEY=VALUE", set), "anywhere setup --print-answers lists the keys"}
		}
		key, value, err := a.secret(key, value)
		if err != nil {
			return nil, err
		}
		given[key] = value
	}
	if f.name != "" {
		given["name"] = f.name
	}
	if f.sandbox {
		if where := given["where"]; where != "" && where != "sandbox" {
			return nil, &usageError{"--sandbox contradicts the answer where = " + where, "leave one of them out"}
		}
		given["where"] = "sandbox"
	}
	return given, nil
}

// secret reads the value of a secret's key where KEY-file, KEY-env or KEY-fd
// points, and refuses one that stands in the argument itself: arguments are
// visible to every user of the machine.
func (a *app) secret(key, value string) (string, string, error) {
	for _, secret := range steps.Secrets() {
		way, found := strings.CutPrefix(key, secret)
		if !found || way != "" && !slices.Contains(secretWays, way) {
			continue
		}
		if way == "" {
			return "", "", &usageError{"--set " + key + "=...: a secret is never an argument", "use --set " + key + "-file=FILE, -env=NAME or -fd=N"}
		}
		text, err := a.secretBy(way, value)
		if err != nil {
			return "", "", &usageError{fmt.Sprintf("--set %s: %v", key, err), "use --set " + secret + "-file=FILE, -env=NAME or -fd=N"}
		}
		return secret, text, nil
	}
	return key, value, nil
}

// secretWays are the ways to say where a secret is.
var secretWays = []string{"-file", "-env", "-fd"}

// secretBy reads a secret in one of the ways.
func (a *app) secretBy(way, value string) (text string, err error) {
	var data []byte
	switch way {
	case "-file":
		data, err = readNamed(value)
	case "-env":
		if data = []byte(a.getenv(value)); len(data) == 0 {
			err = fmt.Errorf("the environment variable %s is empty", value)
		}
	case "-fd":
		data, err = readDescriptor(value)
	}
	return strings.TrimRight(string(data), "\r\n"), err
}

// maxSecret bounds what is read from a file descriptor.
const maxSecret = 64 << 10

func readDescriptor(text string) ([]byte, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q is not a file descriptor", text)
	}
	f := os.NewFile(uintptr(n), "descriptor "+text)
	if f == nil {
		return nil, fmt.Errorf("descriptor %s is not open", text)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSecret))
}

// printAnswers writes every question as a commented answers file.
func (a *app) printAnswers(r *steps.Runner) error {
	_, err := a.stdout.Write(steps.AnswersFile(steps.Road(), r.Env()))
	return err
}
