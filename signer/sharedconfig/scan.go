package sharedconfig

import "strings"

// blanks are what readers cut off around headers, keys and values. A carriage
// return is one: it is left over where a line does not end in CRLF but in CR.
const blanks = " \t\r\f\v"

// line is one line of the file with its own line end.
type line struct {
	text string
	eol  string // "\n", "\r\n", or "" at the end of the file
	kind kind
	// key is the normalised name of a header, or the key of a property in lower
	// case.
	key string
	// from and to are where the value of a property stands in text.
	from, to int
}

type kind int

const (
	blank kind = iota
	comment
	header
	property
	nested // under the property above it
	other  // what no reader understands
)

func (l line) value() string { return l.text[l.from:l.to] }

// split cuts a file into lines. Only LF ends a line, as in all SDKs but those
// written in Python, which also take a lone CR.
func split(text string) []line {
	var lines []line
	for text != "" {
		var l line
		var ended bool
		l.text, text, ended = strings.Cut(text, "\n")
		if ended {
			l.eol = "\n"
			if bare, found := strings.CutSuffix(l.text, "\r"); found {
				l.text, l.eol = bare, "\r\n"
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// scan says of every line what it is.
func (d *Document) scan() {
	inside := false // below a header
	depth := -1     // indentation of the property above, or -1
	for i := range d.lines {
		l := &d.lines[i]
		trimmed := strings.Trim(l.text, blanks)
		indent := len(l.text) - len(strings.TrimLeft(l.text, blanks))
		switch {
		case trimmed == "":
			l.kind = blank
		case trimmed[0] == '#' || trimmed[0] == ';':
			l.kind = comment
		case trimmed[0] == '[' && strings.Contains(trimmed, "]"):
			l.kind, l.key = header, name(trimmed)
			inside, depth = true, -1
		case depth >= 0 && indent > depth:
			l.kind = nested
		case inside && l.cut(indent):
			l.kind, depth = property, indent
		default:
			l.kind = other
		}
	}
}

// cut finds key and value of a property, and false if the line is none.
func (l *line) cut(indent int) bool {
	mark := strings.IndexAny(l.text, "=:")
	if mark <= indent {
		return false
	}
	l.key = strings.ToLower(strings.Trim(l.text[indent:mark], blanks))
	rest := l.text[mark+1:]
	l.from = mark + 1 + len(rest) - len(strings.TrimLeft(rest, blanks))
	l.to = max(l.from, len(strings.TrimRight(l.text, blanks)))
	return true
}

// name normalises a header as botocore does, which splits it like a shell:
// [profile "a b"], [profile 'a b'] and [ profile  a\ b ] are all profile a b.
func name(text string) string {
	inner, _, _ := strings.Cut(text[1:], "]")
	words, err := Split(inner)
	if err != nil {
		words = strings.Fields(inner)
	}
	return strings.Join(words, " ")
}

// span is the extent of a section: its header is lines[from], and lines[to-1] is
// the last of its properties or their nested lines, or the header. Comments and
// blank lines below that belong to what follows, as people write them.
type span struct{ from, to int }

// spans returns where a section stands, in the order of the file.
func (d *Document) spans(section string) []span {
	var found []span
	open := false
	for i, l := range d.lines {
		switch l.kind {
		case header:
			if open = l.key == section; open {
				found = append(found, span{i, i + 1})
			}
		case property, nested, other:
			if open {
				found[len(found)-1].to = i + 1
			}
		}
	}
	return found
}

// find returns the line of a key: the last one, if it stands twice.
func (d *Document) find(section, key string) (at int, found bool) {
	key = strings.ToLower(key)
	for _, s := range d.spans(section) {
		for i := s.from; i < s.to; i++ {
			if d.lines[i].kind == property && d.lines[i].key == key {
				at, found = i, true
			}
		}
	}
	return at, found
}

// nested returns the nested lines of the property at a line.
func (d *Document) nested(at int) []line {
	var below []line
	for _, l := range d.lines[at+1:] {
		switch l.kind {
		case nested:
			below = append(below, l)
		case header, property, other:
			return below
		}
	}
	return below
}
