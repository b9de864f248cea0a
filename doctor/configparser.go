package doctor

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// refusedByPython says why the AWS CLI and boto3 refuse a whole shared file, and at
// which line; empty if they read it. Python's strict configparser stops at the first
// thing that it does not know, where other SDKs go on: botocore then says "Unable to
// parse config file", whatever AWS config profile was asked for.
//
// Source: https://docs.python.org/3/library/configparser.html (RawConfigParser with
// its defaults), botocore/configloader.py of botocore 1.43 (nested values).
func refusedByPython(data []byte) string {
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return "line 1: the file begins with a byte order mark, as Windows editors write it"
	}
	r := configReader{seen: map[string]bool{}, indent: never}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	for i, line := range strings.Split(text, "\n") {
		why := ""
		if !utf8.ValidString(line) {
			why = "a character that is not UTF-8"
		} else {
			why = r.read(line)
		}
		if why != "" {
			return fmt.Sprintf("line %d: %s", i+1, why)
		}
	}
	return ""
}

// never is an indent that no line is deeper than.
const never = 1 << 30

// configReader is where the reader stands in a file.
type configReader struct {
	section, key string
	begun        bool // a section has begun
	nested       bool // the key's value stands below it
	indent       int
	seen         map[string]bool // sections, and keys of sections
}

// read takes one line, and says what is wrong with it.
func (r *configReader) read(line string) string {
	value := strings.TrimSpace(line)
	if value == "" {
		return ""
	}
	if value[0] == '#' || value[0] == ';' {
		return ""
	}
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	if r.begun && r.key != "" && indent > r.indent {
		if r.nested && !strings.Contains(value, "=") {
			return "a line that belongs to the value above it, and has no ="
		}
		return ""
	}
	r.indent = indent
	if header := regexp.MustCompile(`^\[(.+)\]`).FindStringSubmatch(value); header != nil {
		if r.seen["["+header[1]] {
			return "a section stands a second time"
		}
		r.seen["["+header[1]], r.section, r.key, r.begun = true, header[1], "", true
		return ""
	}
	at := strings.IndexAny(value, "=:")
	switch {
	case !r.begun:
		return "text before the first section"
	case at <= 0:
		return "a line that is no section, no key with = and no comment"
	}
	r.key = strings.ToLower(strings.TrimSpace(value[:at]))
	r.nested = strings.TrimSpace(value[at+1:]) == ""
	if name := r.section + "]" + r.key; r.seen[name] {
		return "the key stands a second time in its section"
	} else {
		r.seen[name] = true
	}
	return ""
}

// otherHeader says that a section's header is one that some SDKs take for an AWS
// config profile and the AWS CLI does not: it looks for "profile" right behind the
// bracket.
func otherHeader(data []byte, name string) string {
	for i, line := range strings.Split(string(data), "\n") {
		header := regexp.MustCompile(`^\s*\[(.+)\]`).FindStringSubmatch(line)
		if header == nil || strings.HasPrefix(header[1], "profile") || header[1] == "default" {
			continue
		}
		if strings.Join(strings.Fields(header[1]), " ") == "profile "+name {
			return fmt.Sprintf("line %d: a blank stands behind the bracket [, where the AWS CLI wants the word at once", i+1)
		}
	}
	return ""
}
