// Package jsontext reads and writes the little JSON that signing needs: one
// answer of AWS and one small file of ours.
//
// encoding/json does the same and more. A process that decodes one document and
// ends pays for it mostly at the start, and such a process starts at every call
// of the AWS CLI. Everything that is not on that path uses encoding/json.
//
// Source: RFC 8259.
package jsontext

import (
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrSyntax says that a text is not JSON. It quotes nothing, since the text may
// hold secrets.
var ErrSyntax = errors.New("not JSON")

// maxDepth is how deep arrays and objects may nest.
const maxDepth = 100

// Parse reads one JSON value: nil, bool, float64, string, []any or
// map[string]any, of equal names the last. Invalid UTF-8 becomes U+FFFD, as in
// encoding/json.
func Parse(data []byte) (any, error) {
	p := parser{data: data}
	value, ok := p.value(0)
	p.blanks()
	if !ok || p.at != len(p.data) {
		return nil, ErrSyntax
	}
	return value, nil
}

type parser struct {
	data []byte
	at   int
}

// peek is the next byte that is no blank; 0 at the end.
func (p *parser) peek() byte {
	p.blanks()
	if p.at == len(p.data) {
		return 0
	}
	return p.data[p.at]
}

func (p *parser) blanks() {
	for p.at < len(p.data) && (p.data[p.at] == ' ' || p.data[p.at] == '\n' || p.data[p.at] == '\t' || p.data[p.at] == '\r') {
		p.at++
	}
}

// take goes past text if it is next.
func (p *parser) take(text string) bool {
	if len(p.data)-p.at < len(text) || string(p.data[p.at:p.at+len(text)]) != text {
		return false
	}
	p.at += len(text)
	return true
}

func (p *parser) value(depth int) (any, bool) {
	if depth > maxDepth {
		return nil, false
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.text()
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	case c == 't':
		return true, p.take("true")
	case c == 'f':
		return false, p.take("false")
	}
	return nil, p.take("null")
}

func (p *parser) object(depth int) (any, bool) {
	p.at++
	all := map[string]any{}
	if p.peek() == '}' {
		p.at++
		return all, true
	}
	for {
		if p.peek() != '"' {
			return nil, false
		}
		name, ok := p.text()
		if !ok || p.peek() != ':' {
			return nil, false
		}
		p.at++
		value, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		all[name] = value
		more, ok := p.more('}')
		if !more {
			return all, ok
		}
	}
}

func (p *parser) array(depth int) (any, bool) {
	p.at++
	all := []any{}
	if p.peek() == ']' {
		p.at++
		return all, true
	}
	for {
		value, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		all = append(all, value)
		more, ok := p.more(']')
		if !more {
			return all, ok
		}
	}
}

// more goes past a comma, which means that more follows, or past end.
func (p *parser) more(end byte) (more, ok bool) {
	c := p.peek()
	if c != ',' && c != end {
		return false, false
	}
	p.at++
	return c == ',', true
}

// number reads what RFC 8259, section 6, calls one.
func (p *parser) number() (any, bool) {
	from := p.at
	p.take("-")
	if !p.take("0") && p.digits() == 0 {
		return nil, false
	}
	if p.take(".") && p.digits() == 0 {
		return nil, false
	}
	if p.take("e") || p.take("E") {
		if !p.take("+") {
			p.take("-")
		}
		if p.digits() == 0 {
			return nil, false
		}
	}
	f, err := strconv.ParseFloat(string(p.data[from:p.at]), 64)
	return f, err == nil
}

func (p *parser) digits() (n int) {
	for p.at < len(p.data) && '0' <= p.data[p.at] && p.data[p.at] <= '9' {
		p.at++
		n++
	}
	return n
}

// text reads a string. Most hold no escape and are copied at once.
func (p *parser) text() (string, bool) {
	p.at++
	for i := p.at; i < len(p.data); i++ {
		switch c := p.data[i]; {
		case c == '"':
			s := string(p.data[p.at:i])
			p.at = i + 1
			return s, true
		case c == '\\' || c >= utf8.RuneSelf:
			return p.escaped(i)
		case c < ' ':
			return "", false
		}
	}
	return "", false
}

// escaped reads the rest of a string that is plain up to i.
func (p *parser) escaped(i int) (string, bool) {
	out := append([]byte{}, p.data[p.at:i]...)
	p.at = i
	for p.at < len(p.data) {
		c := p.data[p.at]
		switch {
		case c == '"':
			p.at++
			return string(out), true
		case c < ' ':
			return "", false
		case c == '\\':
			r, ok := p.escape()
			if !ok {
				return "", false
			}
			out = utf8.AppendRune(out, r)
		default:
			r, size := utf8.DecodeRune(p.data[p.at:])
			p.at += size
			out = utf8.AppendRune(out, r)
		}
	}
	return "", false
}

// escape reads \n, \u00e4 and the like, two halves of a pair as one.
func (p *parser) escape() (rune, bool) {
	if p.at+1 >= len(p.data) {
		return 0, false
	}
	p.at += 2
	switch c := p.data[p.at-1]; c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		r, ok := p.hex()
		if !ok || !utf16.IsSurrogate(r) {
			return r, ok
		}
		before := p.at
		if p.take(`\u`) {
			if low, ok := p.hex(); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return pair, true
				}
			}
		}
		p.at = before
		return utf8.RuneError, true
	}
	return 0, false
}

func (p *parser) hex() (r rune, ok bool) {
	if len(p.data)-p.at < 4 {
		return 0, false
	}
	for _, c := range p.data[p.at : p.at+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	p.at += 4
	return r, true
}
