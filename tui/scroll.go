package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// scroller shows long lines without wrapping them, so that a command stays one
// line for whoever marks it with the mouse. Its keys are keys.Scroll, PageUp and
// the like.
type scroller struct{ x, y int }

// sideways is how many columns one key moves.
const sideways = 8

// Move is where the scroller is after a key; page is how many lines one page has.
func (s scroller) Move(press tea.KeyPressMsg, lines, page int) scroller {
	switch {
	case key.Matches(press, keys.Up):
		s.y--
	case key.Matches(press, keys.Down):
		s.y++
	case key.Matches(press, keys.PageUp):
		s.y -= page
	case key.Matches(press, keys.PageDown):
		s.y += page
	case key.Matches(press, keys.Home):
		s = scroller{}
	case key.Matches(press, keys.End):
		s.y = lines
	case key.Matches(press, keys.Left):
		s.x -= sideways
	case key.Matches(press, keys.Right):
		s.x += sideways
	}
	s.x, s.y = max(0, s.x), max(0, min(s.y, lines-page))
	return s
}

// View is the part of lines that is in sight. A line that goes on to the right
// ends in an arrow; more lines below are counted.
func (s scroller) View(lines []string, width, height int, look theme) []string {
	from := max(0, min(s.y, len(lines)-height))
	widest := 0
	for _, l := range lines {
		widest = max(widest, ansi.StringWidth(l))
	}
	x := max(0, min(s.x, widest-width))
	var view []string
	for _, l := range lines[from:min(len(lines), from+height)] {
		cut := ansi.Cut(l, x, x+width)
		if ansi.StringWidth(l) > x+width {
			cut = ansi.Cut(l, x, x+width-1) + look.accent.Render(look.glyph.arrow)
		}
		view = append(view, strings.TrimRight(cut, " "))
	}
	if rest := len(lines) - from - height; rest > 0 && height > 2 {
		view[height-1] = look.dim.Render(count(rest+1, "more line", "more lines") + " below")
	}
	return view
}

// documentLines splits a document that may be foreign: tabs become blanks, every
// line is cleaned on its own.
func documentLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		lines = append(lines, clean(strings.ReplaceAll(line, "\t", "    ")))
	}
	return lines
}
