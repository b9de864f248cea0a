package main

import (
	"crypto/x509"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A unit runs a command of this program every now and then, as the user who owns
// the set-up. It is printed, never installed.
type job struct {
	Every       time.Duration // whole minutes that an hour is made of; zero is an hour
	Name        string        // in names of units: renew
	Says        string        // what it does, for people
	Args        []string      // after the program
	Environment []string      // NAME=VALUE, in its order
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
		return schtask(program, setup, j)
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

[Service]
Type=oneshot
%[3]sExecStart=%[2]s %[6]s

# ~/.config/systemd/user/anywhere-%[4]s-%[1]s.timer
[Unit]
Description=%[7]s: %[5]s

[Timer]
OnCalendar=%[8]s
RandomizedDelaySec=%[9]d
Persistent=true

[Install]
WantedBy=timers.target

# then: systemctl --user daemon-reload && systemctl --user enable --now anywhere-%[4]s-%[1]s.timer
# and where nobody stays logged in: loginctl enable-linger
`, setup, program, environment, j.Name, j.Says, strings.Join(j.Args, " "), j.often(), j.calendar(), j.seconds()/6)
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
  <key>StartInterval</key><integer>%[6]d</integer>
</dict>
</plist>
`, setup, program, environment, j.Name, strings.Join(j.Args, "</string><string>"), j.seconds())
}

// longestTask is what schtasks takes as the program of a task, in characters.
//
// Source: https://learn.microsoft.com/windows-server/administration/windows-commands/schtasks-create
const longestTask = 261

// schtask is one command line for cmd.exe. A task has no environment of its own.
func schtask(program, setup string, j job) (string, error) {
	run := program + " " + strings.Join(j.Args, " ")
	if len(j.Environment) > 0 {
		run = "cmd /c set " + strings.Join(j.Environment, "&& set ") + "&& " + run
	}
	if len(run) > longestTask {
		return "", &usageError{fmt.Sprintf("print unit: a task of schtasks has at most %d characters, this one has %d", longestTask, len(run)), "install anywhere in a shorter path"}
	}
	return fmt.Sprintf("schtasks /Create /SC MINUTE /MO %d /TN anywhere-%s-%s /TR \"%s\"\r\n", j.seconds()/60, j.Name, setup, run), nil
}

func (j job) seconds() int {
	if j.Every == 0 {
		return int(time.Hour / time.Second)
	}
	return int(j.Every / time.Second)
}

func (j job) often() string {
	switch minutes := j.seconds() / 60; minutes {
	case 60:
		return "Every hour"
	case 1:
		return "Every minute"
	default:
		return fmt.Sprintf("Every %d minutes", minutes)
	}
}

// calendar is that in the words of systemd.time(7).
func (j job) calendar() string {
	if minutes := j.seconds() / 60; minutes < 60 {
		return fmt.Sprintf("*:0/%d", minutes)
	}
	return "hourly"
}

// renewJob renews a certificate if it is due. The last third of a short life is
// not over before the timer has looked some times.
func renewJob(setup string, life time.Duration) job {
	every := time.Hour
	switch {
	case life < time.Hour:
		every = time.Minute
	case life < 24*time.Hour:
		every = 10 * time.Minute
	}
	return job{Every: every, Name: "renew", Says: "Renew the certificate of " + setup + " if it is due", Args: []string{"cert", "renew", "--if-needed", "--setup", setup}}
}

// lifeOf is how long the certificates of a set-up live; a quarter of a year if it
// has none that can be read.
func (a *app) lifeOf(setup string) time.Duration {
	const unknown = 90 * 24 * time.Hour
	h, err := a.openHome()
	if err != nil {
		return unknown
	}
	session, err := h.ReadSession(h.Setup(setup))
	if err != nil {
		return unknown
	}
	cert, err := x509.ParseCertificate(session.Certificate)
	if err != nil {
		return unknown
	}
	return cert.NotAfter.Sub(cert.NotBefore)
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
