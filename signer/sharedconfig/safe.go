package sharedconfig

import (
	"fmt"
	"strings"

	"anywhere/pki/foreign"
)

// What we write must be read alike by every SDK. They disagree on quotes,
// backslashes, "#" and ";" behind a value (configparser keeps it, the Go SDK cuts
// it off), "%" (Python's other configparser expands it), "$", "`" and everything
// else that a shell takes for its own (the Go SDK gives credential_process to
// one), and on characters outside ASCII (a reader takes the locale's encoding).
const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	// nameAlphabet is for section names, one blank between type and name aside.
	nameAlphabet  = letters + "_.-@+/"
	keyAlphabet   = "abcdefghijklmnopqrstuvwxyz0123456789_"
	valueAlphabet = letters + " _.-@+/:=,"
)

// UnsafeError says that a text cannot be written so that all SDKs read it alike.
type UnsafeError struct {
	What    string // "value"
	Text    string
	Allowed string
}

func (e *UnsafeError) Error() string {
	return fmt.Sprintf("%s %q holds what AWS SDKs read differently", e.What, foreign.Short(e.Text, 60))
}

// Hint says what may stand there.
func (e *UnsafeError) Hint() string { return "use only " + e.Allowed }

// UnreadableError says that the file is not one that a line can be added to.
type UnreadableError struct{ Why string }

func (e *UnreadableError) Error() string { return "the file cannot be edited by the line: " + e.Why }

// Hint says what to do with the file.
func (e *UnreadableError) Hint() string {
	return "save the file as UTF-8 text with ordinary line ends, then run this again"
}

func safeSection(section string) error {
	first, second, two := strings.Cut(section, " ")
	if only(first, nameAlphabet) && (!two || only(second, nameAlphabet)) {
		return nil
	}
	return &UnsafeError{"section", section, "letters, digits and _ . - @ + /"}
}

func safeKey(key string) error {
	if only(key, keyAlphabet) {
		return nil
	}
	return &UnsafeError{"key", key, "small letters, digits and _"}
}

func safeValue(value string) error {
	if only(value, valueAlphabet) && strings.Join(strings.Fields(value), " ") == value {
		return nil
	}
	return &UnsafeError{"value", value, "letters, digits, single blanks and _ . - @ + / : = ,"}
}

// SafeValue says why value cannot be written into a config file; nil if it can.
func SafeValue(value string) error { return safeValue(value) }

// SafeSection says why section cannot be written into a config file; nil if it can.
func SafeSection(section string) error { return safeSection(section) }

// only says that text is not empty and holds nothing outside the alphabet.
func only(text, alphabet string) bool {
	return text != "" && strings.Trim(text, alphabet) == "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !strings.ContainsRune(alphabet, r)
	})
}

// readable renders a line for a screen: without its line end, with everything
// that does not print made visible, and without the value of a secret.
func readable(text string) string {
	mark := strings.IndexAny(text, "=:")
	if mark > 0 && secret(text[:mark]) {
		text = text[:mark+1] + " (not shown)"
	}
	return foreign.Text(strings.TrimRight(text, "\r\n"))
}

// secret says that a key, or a commented-out one, holds what nobody else may
// read: aws_secret_access_key, aws_session_token, aws_security_token, and what
// other tools keep beside them. A line of a policy document that names
// secretsmanager is none.
func secret(key string) bool {
	key = strings.ToLower(strings.Trim(key, blanks+"#;"))
	if !only(key, keyAlphabet+"-.") {
		return false
	}
	for _, word := range []string{"secret", "token", "password", "passphrase"} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}
