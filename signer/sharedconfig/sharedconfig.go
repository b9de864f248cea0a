// Package sharedconfig edits the files that AWS SDKs share, ~/.aws/config and
// ~/.aws/credentials, by the line.
//
// The files belong to the user, and other tools write them too. So a [Document]
// keeps every byte: comments, spacing, nested blocks, line ends, a missing final
// newline, a byte order mark, and lines that nobody understands. An edit changes
// the lines that it was asked for and no other; taking it back restores the bytes.
// An [Editor] does this to a file, under a lock, atomically and through links.
//
// The package does not judge the user's file, merge what is written twice,
// execute or expand what it reads, or write a value that SDKs would read
// differently. Whoever wants AWS's own reading of a profile asks an SDK.
//
// # How lines are read
//
// The AWS CLI's reader (botocore on Python's configparser) and the AWS SDK for
// Go's reader (its internal/ini) agree on most files and are followed together:
//
//   - "#" and ";" begin a comment only as the first character of a line that is
//     not a blank. Behind a value they belong to it (configparser), although the
//     Go SDK cuts them off: [Document.Get] keeps them, so that a value can be put
//     back.
//   - A section header is a line whose first character that is no blank is "[".
//   - A property is "key = value" or "key: value"; keys are the same in upper and
//     lower case.
//   - A line that is indented deeper than the property above it is nested under
//     it, whatever stands between them.
//
// Where the two differ, the reading is taken that makes us touch less. A section
// that stands twice is one whose later keys win, as in the Go SDK; configparser
// refuses such a file whole, which is for a check to say and not for an editor.
package sharedconfig

import (
	"slices"
	"strings"
)

// Document is one file. [Parse] makes it; its zero value is an empty file.
type Document struct {
	bom   string
	lines []line
}

// Parse reads a file. It never fails: any bytes are a document.
func Parse(data []byte) *Document {
	d := &Document{}
	text, found := strings.CutPrefix(string(data), byteOrderMark)
	if found {
		d.bom = byteOrderMark
	}
	d.lines = split(text)
	d.scan()
	return d
}

const byteOrderMark = "\ufeff"

// Bytes returns the file: exactly what was parsed, if nothing was edited.
func (d *Document) Bytes() []byte {
	var b strings.Builder
	b.WriteString(d.bom)
	for _, l := range d.lines {
		b.WriteString(l.text)
		b.WriteString(l.eol)
	}
	return []byte(b.String())
}

// Empty says that there is nothing in the file, not even a comment.
func (d *Document) Empty() bool { return len(d.lines) == 0 }

// ProfileSection returns the section of ~/.aws/config that holds the AWS config
// profile with the given name. In ~/.aws/credentials the section is the name.
func ProfileSection(name string) string {
	if name == "default" {
		return name
	}
	return "profile " + name
}

// Sections returns the headers in the order of the file, one for each time that
// it stands there, without brackets and quotes and with single blanks.
func (d *Document) Sections() []string {
	var names []string
	for _, l := range d.lines {
		if l.kind == header {
			names = append(names, l.key)
		}
	}
	return names
}

// Has says whether the file has the section.
func (d *Document) Has(section string) bool { return len(d.spans(section)) > 0 }

// Keys returns the keys of a section in lower case, each once, in the order of
// the file; those of nested lines are not among them.
func (d *Document) Keys(section string) []string {
	var keys []string
	for _, s := range d.spans(section) {
		for _, l := range d.lines[s.from:s.to] {
			if l.kind == property && !slices.Contains(keys, l.key) {
				keys = append(keys, l.key)
			}
		}
	}
	return keys
}

// Get returns the value of a key without the blanks around it, but with a
// comment that stands behind it. Nested lines follow it, each after a newline and
// without its indentation. Of a key that stands twice the last one counts.
func (d *Document) Get(section, key string) (string, bool) {
	at, found := d.find(section, key)
	if !found {
		return "", false
	}
	value := d.lines[at].value()
	for _, l := range d.nested(at) {
		value += "\n" + strings.Trim(l.text, blanks)
	}
	return value, true
}
