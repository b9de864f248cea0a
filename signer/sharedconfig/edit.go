package sharedconfig

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Errors of an edit. The document is then as it was.
var (
	ErrNoSection     = errors.New("no such section")
	ErrSectionExists = errors.New("the section is there already")
	ErrSectionTwice  = errors.New("the section stands there more than once")
	ErrNested        = errors.New("the key has nested lines")
)

// Set gives a key of a section a value. A key that is there keeps its line and
// the spacing in it; of a key that stands twice the last line changes. A new key
// comes below the last one of the section. The section must exist.
func (d *Document) Set(section, key, value string) error {
	if err := d.set(section, key, value); err != nil {
		return fmt.Errorf("set %s in [%s]: %w", key, section, err)
	}
	return nil
}

func (d *Document) set(section, key, value string) error {
	if err := errors.Join(safeKey(key), safeValue(value), d.appendable()); err != nil {
		return err
	}
	if at, found := d.find(section, key); found {
		if len(d.nested(at)) > 0 {
			return ErrNested
		}
		l := &d.lines[at]
		gap := ""
		if l.from == l.to && !strings.HasSuffix(l.text[:l.from], " ") {
			gap = " "
		}
		l.text = l.text[:l.from] + gap + value + l.text[l.to:]
		d.scan()
		return nil
	}
	spans := d.spans(section)
	if len(spans) == 0 {
		return ErrNoSection
	}
	d.insert(spans[len(spans)-1].to, key+" = "+value)
	return nil
}

// AddSection adds a section at the end of the file, below a blank line. If the
// last line of the file had no line end, then neither has the last line of the
// section: so [Document.RemoveSection] can tell what the file was like.
func (d *Document) AddSection(section string, pairs ...[2]string) error {
	if err := d.addSection(section, pairs); err != nil {
		return fmt.Errorf("add [%s]: %w", section, err)
	}
	return nil
}

func (d *Document) addSection(section string, pairs [][2]string) error {
	if err := errors.Join(safeSection(section), d.appendable()); err != nil {
		return err
	}
	if d.Has(section) {
		return ErrSectionExists
	}
	var texts []string
	if !d.Empty() {
		texts = append(texts, "")
	}
	texts = append(texts, "["+section+"]")
	for _, pair := range pairs {
		if err := errors.Join(safeKey(pair[0]), safeValue(pair[1])); err != nil {
			return fmt.Errorf("key %q: %w", pair[0], err)
		}
		texts = append(texts, pair[0]+" = "+pair[1])
	}
	d.insert(len(d.lines), texts...)
	return nil
}

// RemoveKey deletes a key of a section, every time that it stands there. A key
// that is not there is no change; one with nested lines is not ours and stays.
func (d *Document) RemoveKey(section, key string) {
	key = strings.ToLower(key)
	for _, s := range slices.Backward(d.spans(section)) {
		for i := s.to - 1; i > s.from; i-- {
			l := d.lines[i]
			if l.kind == property && l.key == key && len(d.nested(i)) == 0 {
				d.delete(i, i+1)
			}
		}
	}
}

// RemoveSection deletes a section from its header to its last property, and the
// empty line above that [Document.AddSection] wrote. Comments and blank lines
// below its last property stay. Ask [Document.Foreign] first whether there is
// something in it that is not ours.
func (d *Document) RemoveSection(section string) error {
	spans := d.spans(section)
	switch {
	case len(spans) == 0:
		return fmt.Errorf("remove [%s]: %w", section, ErrNoSection)
	case len(spans) > 1:
		return fmt.Errorf("remove [%s]: %w", section, ErrSectionTwice)
	}
	from := spans[0].from
	if from > 0 && d.lines[from-1].text == "" {
		from--
	}
	d.delete(from, spans[0].to)
	return nil
}

// Foreign returns the lines of a section that are not among the given pairs:
// other keys, our keys with other values or nested lines, comments between them,
// and all of the section if it stands twice. They are rendered for reading, with
// the values of secrets left out.
func (d *Document) Foreign(section string, pairs ...[2]string) []string {
	var lines []string
	spans := d.spans(section)
	for _, s := range spans {
		for _, l := range d.lines[s.from:s.to] {
			ours := l.kind == property && slices.Contains(pairs, [2]string{l.key, l.value()})
			if l.kind == blank || len(spans) == 1 && (ours || l.kind == header) {
				continue
			}
			lines = append(lines, readable(l.text))
		}
	}
	return lines
}

// appendable says why nothing can be written behind the last line.
func (d *Document) appendable() error {
	for _, l := range d.lines {
		if strings.ContainsRune(l.text, 0) {
			return &UnreadableError{"it holds NUL bytes, as UTF-16 does"}
		}
	}
	// A line end of ours would turn a last CR into a CRLF, which taking it away
	// again would not undo.
	if n := len(d.lines); n > 0 && d.lines[n-1].eol == "" && strings.HasSuffix(d.lines[n-1].text, "\r") {
		return &UnreadableError{"its last line ends in a bare carriage return"}
	}
	return nil
}

// insert puts lines in front of lines[at], which is at least 1 unless the file
// is empty. If the file ends without a line end, so it does afterwards.
func (d *Document) insert(at int, texts ...string) {
	eol := "\n"
	if len(d.lines) > 0 && d.lines[0].eol != "" {
		eol = d.lines[0].eol
	}
	added := make([]line, len(texts))
	for i, text := range texts {
		added[i] = line{text: text, eol: eol}
	}
	if at > 0 && d.lines[at-1].eol == "" {
		d.lines[at-1].eol = eol
		added[len(added)-1].eol = ""
	}
	d.lines = slices.Insert(d.lines, at, added...)
	d.scan()
}

// delete is the opposite of insert.
func (d *Document) delete(from, to int) {
	if from > 0 && d.lines[to-1].eol == "" {
		d.lines[from-1].eol = ""
	}
	d.lines = slices.Delete(d.lines, from, to)
	d.scan()
}
