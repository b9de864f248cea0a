package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// room is what the screen on top has to draw in. It is told before every key, so
// that a key moves as far as there is something to see, and no further.
type room struct {
	width, height int
	look          theme
}

// scroller shows lines of which not all fit. Its keys are keys.Scroll, PageUp and
// the like.
type scroller struct {
	y  int
	in room
}

// Move is where the scroller is after a key, with so many lines in a page.
func (s scroller) Move(press tea.KeyPressMsg, lines, page int) scroller {
	switch {
	case key.Matches(press, keys.Up):
		s.y--
	case key.Matches(press, keys.Down):
		s.y++
	case key.Matches(press, keys.PageUp):
		s.y -= max(1, page-2)
	case key.Matches(press, keys.PageDown):
		s.y += max(1, page-2)
	case key.Matches(press, keys.Home):
		s.y = 0
	case key.Matches(press, keys.End):
		s.y = lines
	}
	s.y = max(0, min(s.y, lines-page))
	return s
}

// View is the part of lines that is in sight; those above and below are counted.
func (s scroller) View(lines []string, height int, look theme) []string {
	if len(lines) <= height {
		return lines
	}
	from := max(0, min(s.y, len(lines)-height))
	view := append([]string(nil), lines[from:from+max(height, 0)]...)
	if height < 3 {
		return view
	}
	if from > 0 {
		view[0] = look.dim.Render(count(from+1, "more line", "more lines") + " above")
	}
	if rest := len(lines) - from - height; rest > 0 {
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

// goesOn is set before what did not fit on the line before.
const goesOn = "      "

// pieces are a line of a document in lines of at most width columns: at a blank past
// its first third, or else where the line ends. Nothing is lost, so nothing has to
// be scrolled to the side.
func pieces(line string, width int) []string {
	width = max(width, 2*len(goesOn))
	var list []string
	for ansi.StringWidth(line) > width {
		piece := ansi.Truncate(line, width, "")
		if at := strings.LastIndex(piece, " "); at > width/3 {
			piece = piece[:at]
		}
		if strings.TrimSpace(piece) == "" {
			break
		}
		list, line = append(list, piece), goesOn+strings.TrimLeft(strings.TrimPrefix(line, piece), " ")
	}
	return append(list, line)
}
