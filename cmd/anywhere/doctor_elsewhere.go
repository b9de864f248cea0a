package main

import (
	"os/user"
	"path/filepath"
	"strings"

	"anywhere/doctor"
)

// homeOf asks the system's list of users.
func homeOf(name string) string {
	if u, err := user.Current(); name == "" && err == nil {
		return u.HomeDir
	}
	if u, err := user.Lookup(name); name != "" && err == nil {
		return u.HomeDir
	}
	return ""
}

// readAWSProfile reads an AWS config profile; if it is not where SDKs look, it
// looks where they would look with another HOME or AWS_CONFIG_FILE: a service and
// a shell seldom have the same.
func (a *app) readAWSProfile(name string) doctor.ConfigSeen {
	config, credentials := a.awsFiles()
	seen := doctor.ReadAWSProfile(config, credentials, name)
	if seen.Trouble == nil {
		return seen
	}
	var others []string
	add := func(dir string) {
		if dir != "" && filepath.Join(dir, ".aws", "config") != config {
			others = append(others, filepath.Join(dir, ".aws", "config"))
		}
	}
	if dir, err := a.userHome(); err == nil {
		add(dir)
	}
	if a.homeOf != nil {
		add(a.homeOf(""))
		if sudo := a.getenv("SUDO_USER"); sudo != "" {
			add(a.homeOf(sudo))
		}
	}
	seen.LookElsewhere(others)
	return seen
}

// programElsewhere is where PATH finds a program whose own path leads nowhere any
// more, as after an upgrade that put it into another directory.
func (a *app) programElsewhere(path string) string {
	name := path[strings.LastIndexAny(path, `/\`)+1:]
	found, err := a.lookPath(name)
	if err != nil {
		return ""
	}
	return found
}
