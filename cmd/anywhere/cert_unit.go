package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A unit runs a command of this program every hour, as the user who owns the
// set-up. It is printed, never installed.
type job struct {
	Name        string   // in names of units: renew
	Says        string   // what it does, for people
	Args        []string // after the program
	Environment []string // NAME=VALUE, in its order
}

// unitKinds are the schedulers that a unit can be printed for.
var unitKinds = []string{"systemd", "launchd", "schtasks"}

// safeWord is what may stand in a unit without any quoting: the three formats
// quote in three ways, and one wrong character would run something else.
var safeWord = regexp.MustCompile(`^[A-Za-z0-9_./:@+,=~\\-]+$`)

// unit renders the unit of a set-up for a scheduler.
func unit(kind, program, setup string, j job) (string, error) {
	for _, word := range slices.Concat([]string{program}, j.Args, j.Environment) {
		if !safeWord.MatchString(word) {
			return "", &usageError{fmt.Sprintf("print unit: %q has characters that a unit cannot carry safely", word),
				"use letters, digits and ./:_- alone in paths, addresses and names"}
		}
	}
	if !filepath.IsAbs(program) {
		return "", &usageError{fmt.Sprintf("print unit: %q is not an absolute path", program), "run the installed anywhere"}
	}
	switch kind {
	case "systemd":
		return systemdUnit(program, setup, j), nil
	case "launchd":
		return launchdUnit(program, setup, j), nil
	case "schtasks":
		return fmt.Sprintf("schtasks /Create /SC HOURLY /TN anywhere-%s-%s /TR \"%s %s\"\r\n", j.Name, setup, program, strings.Join(j.Args, " ")), nil
	}
	return "", &usageError{fmt.Sprintf("--print-unit %q: no such scheduler", kind), "one of " + strings.Join(unitKinds, ", ")}
}

// systemdUnit is a service and its timer. Persistent catches up on what a machine
// that was off has missed.
//
// Source: https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html
func systemdUnit(program, setup string, j job) string {
	environment := ""
	for _, pair := range j.Environment {
		environment += "Environment=" + pair + "\n"
	}
	return fmt.Sprintf(`# ~/.config/systemd/user/anywhere-%[4]s-%[1]s.service
[Unit]
Description=%[5]s
After=network-online.target

[Service]
Type=oneshot
%[3]sExecStart=%[2]s %[6]s

# ~/.config/systemd/user/anywhere-%[4]s-%[1]s.timer
[Unit]
Description=Every hour: %[5]s

[Timer]
OnCalendar=hourly
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target

# then: systemctl --user daemon-reload && systemctl --user enable --now anywhere-%[4]s-%[1]s.timer
`, setup, program, environment, j.Name, j.Says, strings.Join(j.Args, " "))
}

// launchdUnit is an agent of the user.
func launchdUnit(program, setup string, j job) string {
	environment := ""
	for _, pair := range j.Environment {
		name, value, _ := strings.Cut(pair, "=")
		environment += "<key>" + name + "</key><string>" + value + "</string>"
	}
	if environment != "" {
		environment = "  <key>EnvironmentVariables</key>\n  <dict>" + environment + "</dict>\n"
	}
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<!-- ~/Library/LaunchAgents/anywhere.%[4]s.%[1]s.plist, then: launchctl load it -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>anywhere.%[4]s.%[1]s</string>
%[3]s  <key>ProgramArguments</key>
  <array>
    <string>%[2]s</string><string>%[5]s</string>
  </array>
  <key>StartInterval</key><integer>3600</integer>
</dict>
</plist>
`, setup, program, environment, j.Name, strings.Join(j.Args, "</string><string>"))
}

// renewJob renews a certificate if it is due.
func renewJob(setup string) job {
	return job{Name: "renew", Says: "Renew the certificate of " + setup + " if it is due", Args: []string{"cert", "renew", "--if-needed", "--setup", setup}}
}

// printUnit prints the unit of a set-up and does nothing else.
func (a *app) printUnit(setup, kind string, of func(setup string) job) error {
	h, err := a.openHome()
	if err != nil {
		return err
	}
	name, err := a.onlySetup(h, setup)
	if err != nil {
		return err
	}
	program := a.program()
	if installed := filepath.Join(h.Bin(), filepath.Base(program)); exists(installed) {
		program = installed
	}
	j := of(name)
	if a.getenv("ANYWHERE_HOME") != "" {
		j.Environment = append(j.Environment, "ANYWHERE_HOME="+h.Root)
	}
	text, err := unit(kind, program, name, j)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(a.stdout, text)
	return err
}
