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

	"anywhere/signer/serve"
)

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
	writable := r.home.Root // the cache lies there
	if writable == "" {
		writable = filepath.Dir(token)
	}
	if err := writes(words, program, token, writable); err != nil {
		return err
	}
	uri := "http://" + net.JoinHostPort(s.listen, strconv.Itoa(s.port)) + serve.ContainerPath
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

// Source: systemd.service(5), "COMMAND LINES", and systemd.exec(5). What hardens the service leaves it
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
ExecStart=` + strings.ReplaceAll(strings.Join(words, " "), "%", "%%") + `
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
		text += "\t\t<string>" + strings.ReplaceAll(word, "&", "&amp;") + "</string>\n"
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
