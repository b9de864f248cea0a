package tui

import (
	"strings"

	"anywhere/pki/foreign"

	"github.com/charmbracelet/x/ansi"
)

// labelWidth is the column of labels before values; the longest, "Roles Anywhere
// profile", fits with a blank.
const labelWidth = 24

// clean renders foreign text: one line, nothing in it that acts on a terminal.
func clean(s string) string { return foreign.Text(s) }

// short is clean in at most width columns, shortened in the middle.
func short(s string, width int) string { return foreign.Short(s, max(width, 0)) }

// pad fills line with blanks to width columns. Styles may be in it.
func pad(line string, width int) string {
	if n := width - ansi.StringWidth(line); n > 0 {
		return line + strings.Repeat(" ", n)
	}
	return line
}

// head is clean in at most width columns, its end left out: for sentences, of
// which the beginning says most.
func head(s string, width int) string { return ansi.Truncate(clean(s), max(width, 0), "...") }

// cell is s, shortened and padded to exactly width columns.
func cell(s string, width int) string { return pad(short(s, width), width) }

// wrap breaks foreign text into lines of at most width columns, at blanks only:
// an ARN broken at its hyphens cannot be copied. A word that is too long is cut
// where the line ends, and goes on in the next. A word alone in the last line gets
// company from the line above, unless that would take one more line.
func wrap(s string, width int) []string {
	width = max(width, 1)
	lines := filled(s, width)
	last := len(lines) - 1
	if last < 1 || strings.Contains(lines[last], " ") {
		return lines
	}
	least := max(width*2/3, widest(strings.Fields(clean(s)))) // no word is cut for it
	for narrow := width - 1; narrow >= least; narrow-- {
		next := filled(s, narrow)
		if len(next) != len(lines) {
			break
		}
		if strings.Contains(next[last], " ") {
			return next
		}
	}
	return lines
}

// filled breaks foreign text into lines, each as full as it can be.
func filled(s string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(clean(s)) {
		if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for ansi.StringWidth(word) > width {
			piece := ansi.Truncate(word, width, "")
			if piece == "" {
				break
			}
			lines = append(lines, piece)
			word = strings.TrimPrefix(word, piece)
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// widest is the width of the longest of lines.
func widest(lines []string) (n int) {
	for _, l := range lines {
		n = max(n, ansi.StringWidth(l))
	}
	return n
}

// label is clean in at most width columns, cut between words where that is
// possible: half a word is read as another word.
func label(s string, width int) string {
	whole := clean(s)
	if ansi.StringWidth(whole) <= width {
		return whole
	}
	fits := ansi.Truncate(whole, width-len(" ..."), "")
	if at := strings.LastIndex(fits, " "); at > 0 {
		return fits[:at] + " ..."
	}
	return short(s, width)
}

// clip cuts lines to width columns and height lines, and fills up to height.
func clip(lines []string, width, height int) []string {
	out := make([]string, max(height, 0))
	for i := range out {
		if i < len(lines) {
			out[i] = ansi.Truncate(lines[i], max(width, 0), "")
		}
	}
	return out
}

// window shows height of lines around the line at, and says how many are hidden
// above and below.
func window(lines []string, at, height int, look theme) []string {
	if len(lines) <= height || height < 3 {
		return lines[:min(len(lines), max(height, 0))]
	}
	from := min(max(0, at-height/2), len(lines)-height)
	view := append([]string(nil), lines[from:from+height]...)
	if from > 0 {
		view[0] = look.dim.Render(count(from+1, "more line", "more lines") + " above")
	}
	if rest := len(lines) - from - height; rest > 0 {
		view[height-1] = look.dim.Render(count(rest+1, "more line", "more lines") + " below")
	}
	return view
}
