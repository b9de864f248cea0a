package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// A unit runs anywhere cert renew --if-needed every hour, as the user who owns
// the set-up. It is printed, never installed.

// unitKinds are the schedulers that a unit can be printed for.
var unitKinds = []string{"systemd", "launchd", "schtasks"}

// safePath is what may stand in a unit without any quoting: the three formats
// quote in three ways, and one wrong character would run something else.
var safePath = regexp.MustCompile(`^[A-Za-z0-9_./:\\-]+$`)

// unit renders the unit of a set-up for a scheduler.
func unit(kind, program, setup, home string) (string, error) {
	for what, text := range map[string]string{"program": program, "home": home} {
		if text != "" && !safePath.MatchString(text) {
			return "", &usageError{fmt.Sprintf("print unit: the path of the %s, %q, has characters that a unit cannot carry safely", what, text),
				"install anywhere in a path of letters, digits and ./_-"}
		}
	}
	if !filepath.IsAbs(program) {
		return "", &usageError{fmt.Sprintf("print unit: %q is not an absolute path", program), "run the installed anywhere"}
	}
	switch kind {
	case "systemd":
		return systemdUnit(program, setup, home), nil
	case "launchd":
		return launchdUnit(program, setup, home), nil
	case "schtasks":
		return fmt.Sprintf("schtasks /Create /SC HOURLY /TN anywhere-renew-%s /TR \"%s cert renew --if-needed --setup %s\"\r\n", setup, program, setup), nil
	}
	return "", &usageError{fmt.Sprintf("--print-unit %q: no such scheduler", kind), "one of " + strings.Join(unitKinds, ", ")}
}

// systemdUnit is a service and its timer. Persistent catches up on what a machine
// that was off has missed.
//
// Source: https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html
func systemdUnit(program, setup, home string) string {
	environment := ""
	if home != "" {
		environment = "Environment=ANYWHERE_HOME=" + home + "\n"
	}
	return fmt.Sprintf(`# ~/.config/systemd/user/anywhere-renew-%[1]s.service
[Unit]
Description=Renew the certificate of %[1]s if it is due
After=network-online.target

[Service]
Type=oneshot
%[3]sExecStart=%[2]s cert renew --if-needed --setup %[1]s

# ~/.config/systemd/user/anywhere-renew-%[1]s.timer
[Unit]
Description=Look every hour whether the certificate of %[1]s is due

[Timer]
OnCalendar=hourly
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target

# then: systemctl --user daemon-reload && systemctl --user enable --now anywhere-renew-%[1]s.timer
`, setup, program, environment)
}

// launchdUnit is an agent of the user.
func launchdUnit(program, setup, home string) string {
	environment := ""
	if home != "" {
		environment = "  <key>EnvironmentVariables</key>\n  <dict><key>ANYWHERE_HOME</key><string>" + home + "</string></dict>\n"
	}
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<!-- ~/Library/LaunchAgents/anywhere.renew.%[1]s.plist, then: launchctl load it -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>anywhere.renew.%[1]s</string>
%[3]s  <key>ProgramArguments</key>
  <array>
    <string>%[2]s</string><string>cert</string><string>renew</string><string>--if-needed</string><string>--setup</string><string>%[1]s</string>
  </array>
  <key>StartInterval</key><integer>3600</integer>
</dict>
</plist>
`, setup, program, environment)
}

// printUnit prints the unit of a set-up and does nothing else.
func (a *app) printUnit(setup, kind string) error {
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
	moved := ""
	if a.getenv("ANYWHERE_HOME") != "" {
		moved = h.Root
	}
	text, err := unit(kind, program, name, moved)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(a.stdout, text)
	return err
}
