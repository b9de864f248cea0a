package signing

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"anywhere/signer/keystore"
	"anywhere/signer/serve"
)

// safeLetters are those that systemd, launchd and a shell all read as themselves.
const safeLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@+=:,./-"

// unit prints a service for this command line with the container endpoint alone:
// IMDS gives the credentials to every user of the machine, and a service runs for
// long.
func (s serving) unit(w World, args []string, r request) error {
	rest, err := lasting(without(args))
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	token, err := s.tokenPath(r)
	if err != nil {
		return err
	}
	if token == "" {
		return &usageError{"--print-unit: no place for the token", "name one with --token-file"}
	}
	words := append([]string{filepath.ToSlash(program), "serve", "--no-imds", "--token-file", token}, rest...)
	if root := w.Getenv("ANYWHERE_HOME"); root != "" && !slices.ContainsFunc(args, isHome) {
		root, err := filepath.Abs(root)
		if err != nil {
			return err
		}
		words = append(words, "--home", root) // a service does not have this shell's variables
	}
	for _, word := range words {
		if strings.Trim(word, safeLetters) != "" || word == "" {
			return &usageError{fmt.Sprintf("--print-unit: %q cannot be written into a service file", word),
				"use paths and names of letters, digits and _@+=:,./-"}
		}
	}
	uri := "http://" + net.JoinHostPort(s.listen, strconv.Itoa(s.port)) + serve.ContainerPath
	writable := r.home.Root // the cache lies there
	if writable == "" {
		writable = filepath.Dir(token)
	}
	text := systemd(words, uri, token, writable)
	if _, err := os.Stat(writable); err != nil {
		text = "# Make its folder first, which systemd does not:  mkdir -p -m 700 " + writable + "\n" + text
	}
	if s.printUnit == "launchd" {
		if strings.Contains(token, "--") {
			return &usageError{fmt.Sprintf("--print-unit launchd: %q cannot stand in a comment of XML", token), "name another file with --token-file"}
		}
		text = launchd(words, uri, token)
	}
	_, err = io.WriteString(w.Stdout, text)
	return err
}

// lasting makes paths absolute, since a service starts in another folder, and refuses
// what only this shell has, and secrets: many may read a service file.
func lasting(args []string) ([]string, error) {
	all := slices.Clone(args)
	for i := range all {
		name, value, has := strings.Cut(all[i], "=")
		switch name {
		case "--pkcs8-password", "--tpm-key-password", "--key-passphrase-env", "--key-passphrase-fd":
			return nil, &usageError{"--print-unit: " + name + " is nothing for a service file", "put the password into a file of its own: --key-passphrase-file"}
		case "--certificate", "--private-key", "--intermediates", "--key-passphrase-file", "--home":
			if !has && i+1 < len(all) {
				value = all[i+1]
			}
			path, err := filepath.Abs(value)
			if err != nil {
				return nil, err
			}
			switch {
			case keystore.Device(value) != "":
			case has:
				all[i] = name + "=" + path
			case i+1 < len(all):
				all[i+1] = path
			}
		}
	}
	return all, nil
}

func isHome(arg string) bool { return arg == "--home" || strings.HasPrefix(arg, "--home=") }

// without takes out of args what the unit says itself.
func without(args []string) (rest []string) {
	for i := 0; i < len(args); i++ {
		name, _, has := strings.Cut(args[i], "=")
		switch name {
		case "--print-unit", "--token-file":
			if !has {
				i++
			}
		case "--no-imds":
		default:
			rest = append(rest, args[i])
		}
	}
	return rest
}

// Source: systemd.service(5), systemd.exec(5). What hardens the service leaves it
// what it needs: its home, to write the token and the cache, and the network.
func systemd(words []string, uri, token, writable string) string {
	return `# Programs that shall have the credentials, and may read the token, need
#   AWS_CONTAINER_CREDENTIALS_FULL_URI=` + uri + `
#   AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=` + token + `
[Unit]
Description=AWS credentials by IAM Roles Anywhere
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=` + strings.Join(words, " ") + `
Restart=on-failure
RestartSec=30
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=` + writable + `
PrivateTmp=yes
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX

[Install]
WantedBy=default.target
`
}

// Source: launchd.plist(5).
func launchd(words []string, uri, token string) string {
	text := `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Programs that shall have the credentials, and may read the token, need
     AWS_CONTAINER_CREDENTIALS_FULL_URI=` + uri + `
     AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=` + token + ` -->
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>anywhere.serve</string>
	<key>ProgramArguments</key>
	<array>
`
	for _, word := range words {
		text += "\t\t<string>" + word + "</string>\n"
	}
	return text + `	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>KeepAlive</key>
	<true/>
	<key>ThrottleInterval</key>
	<integer>30</integer>
</dict>
</plist>
`
}
