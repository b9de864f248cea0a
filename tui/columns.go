package tui

import (
	"strings"

	"anywhere/pki/foreign"
	"anywhere/steps"
)

// columns are the widths of a list of changes. A detail of 0 columns means that
// there is no room for it on the line.
type columns struct{ noun, name, detail int }

// leastDetail is the room below which a detail is not begun beside a name.
const leastDetail = 20

// columnsFor shares width out: nouns whole, then details, then names, of which
// paths can be shortened and others should not be.
func columnsFor(changes []steps.Change, width int) columns {
	var c columns
	plain := 0 // the longest name that is no path
	for _, ch := range changes {
		n := foreign.Width(clean(ch.Name))
		c.noun = max(c.noun, foreign.Width(clean(ch.Noun)))
		c.name = max(c.name, n)
		c.detail = max(c.detail, foreign.Width(clean(ch.Detail)))
		if !strings.Contains(ch.Name, "/") {
			plain = max(plain, n)
		}
	}
	c.noun = min(c.noun, 24)
	room := width - c.noun - 2
	if c.detail == 0 || room < 44 {
		return columns{c.noun, max(8, min(c.name, room)), 0}
	}
	if c.name+2+c.detail > room {
		c.name = min(c.name, max(min(plain, room-2-leastDetail), room-2-c.detail, 16))
	}
	c.detail = max(0, min(c.detail, room-c.name-2))
	return c
}

func (c columns) line(ch steps.Change, here bool, look theme) string {
	noun := cell(ch.Noun, c.noun)
	if here {
		noun = look.title.Render(noun)
	}
	line := noun + "  " + pad(shortName(ch.Name, c.name), c.name)
	if c.detail > 0 && ch.Detail != "" {
		line += "  " + look.dim.Render(beginning(ch.Detail, c.detail))
	}
	return strings.TrimRight(line, " ")
}

// shortName shortens a path and a name made of parts from its beginning, since its
// end says what it is, and anything else in the middle.
func shortName(name string, width int) string {
	whole := clean(name)
	if foreign.Width(whole) <= width || strings.HasPrefix(name, "arn:") {
		return short(name, width)
	}
	for _, sep := range []string{"/", "-"} {
		for at, r := range whole {
			if strings.ContainsRune(sep, r) && foreign.Width(whole[at:])+len("...") <= width {
				return "..." + strings.TrimPrefix(whole[at:], "-")
			}
		}
	}
	return short(name, width)
}

// beginning is as many parts of a detail as fit, each of them whole: none, if not
// even the first does.
func beginning(detail string, width int) string {
	whole := clean(detail)
	if foreign.Width(whole) <= width {
		return whole
	}
	fits := ""
	for at := strings.Index(whole, ", "); at >= 0 && foreign.Width(whole[:at]) <= width; {
		fits = whole[:at]
		next := strings.Index(whole[at+2:], ", ")
		if next < 0 {
			break
		}
		at += 2 + next
	}
	return fits
}
