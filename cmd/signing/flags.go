package signing

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// flag is one flag of a command. Exactly one of text, number and yes takes its
// value.
type flag struct {
	name     string
	says     string
	text     *string
	number   *int
	yes      *bool
	least    int    // of number
	most     int    // of number; zero means without end
	excludes string // flags that may not be given with it, blanks between them
	instead  string // for a flag of AWS's helper that is not here: what to use
}

// errHelp says that the flags were asked for and have been printed.
var errHelp = errors.New("help was asked for")

// parse reads args into flags. Values stand after a blank or an equals sign;
// a switch alone means true.
func parse(args []string, flags []flag) error {
	var room [16]flag
	given := room[:0]
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg == "--help" || arg == "-h" {
			return errHelp
		}
		name, ok := strings.CutPrefix(arg, "--")
		if !ok || name == "" {
			return stray(arg)
		}
		name, value, has := strings.Cut(name, "=")
		f, err := find(flags, name)
		if err != nil {
			return err
		}
		if !has && f.yes != nil {
			value, has = "true", true
		}
		if !has {
			if len(args) == 0 {
				return &usageError{"--" + name + ": a value is missing", ""}
			}
			value, args = args[0], args[1:]
		}
		if err := f.set(value); err != nil {
			return err
		}
		given = append(given, f)
	}
	return together(given)
}

// together refuses flags that exclude each other, and those that are not here.
func together(given []flag) error {
	for _, f := range given {
		for other := range strings.FieldsSeq(f.excludes) {
			if slices.ContainsFunc(given, func(g flag) bool { return g.name == other }) {
				return &usageError{"--" + f.name + " and --" + other + ": only one of them can be given", ""}
			}
		}
	}
	for _, f := range given {
		if f.instead != "" {
			return &usageError{"--" + f.name + ": " + f.says + " is not in this program", f.instead}
		}
	}
	return nil
}

// exclude adds a flag to those that may not be given with another.
func exclude(flags []flag, name, other string) {
	for i, f := range flags {
		if f.name == name {
			flags[i].excludes += " " + other
		}
	}
}

func find(flags []flag, name string) (flag, error) {
	for _, f := range flags {
		if f.name == name {
			return f, nil
		}
	}
	return flag{}, &usageError{fmt.Sprintf("no such flag: %q", "--"+name), "--help lists the flags"}
}

// set gives the flag its value.
func (f flag) set(value string) (err error) {
	switch {
	case f.text != nil:
		*f.text = value
	case f.number != nil:
		if *f.number, err = strconv.Atoi(value); err != nil {
			return &usageError{fmt.Sprintf("--%s %q: not a whole number", f.name, value), ""}
		}
		if *f.number < f.least || f.most != 0 && *f.number > f.most {
			return &usageError{fmt.Sprintf("--%s %s: must be %s", f.name, value, f.bounds()), ""}
		}
	case f.yes != nil:
		if *f.yes, err = strconv.ParseBool(value); err != nil {
			return &usageError{fmt.Sprintf("--%s %q: neither true nor false", f.name, value), ""}
		}
	}
	return nil
}

func (f flag) bounds() string {
	if f.most == 0 {
		return fmt.Sprintf("%d or more", f.least)
	}
	return fmt.Sprintf("%d to %d", f.least, f.most)
}

// stray refuses an argument that is no flag. A lone backslash, or one before a
// blank, is a command that was written over several lines where only one is read:
// a credential_process line knows no continuation. A shell, and the AWS CLI, make of
// backslash, blank and flag one argument that begins with the blank.
func stray(arg string) error {
	if strings.HasPrefix(arg, `\`) || strings.HasPrefix(strings.TrimLeft(arg, " \t\r\n"), "--") {
		return &usageError{fmt.Sprintf("stray argument %q: it looks like a line continued by a backslash", arg), "write the whole command on one line, without backslashes"}
	}
	return &usageError{fmt.Sprintf("stray argument %q", arg), "flags begin with two hyphens; quote a value that has blanks"}
}

// describe lists flags for --help.
func describe(program, command string, flags []flag) string {
	text := "usage: " + program + " " + command + " [flags]\n\n"
	for _, f := range flags {
		name := "--" + f.name
		if f.text != nil || f.number != nil {
			name += " VALUE"
		}
		if f.instead == "" {
			text += fmt.Sprintf("  %-34s %s\n", name, f.says)
		}
	}
	return text
}
