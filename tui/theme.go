package tui

import (
	"strings"
	"time"

	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// theme names the roles that text plays. One accent says where you are and what
// to press; green, yellow and red are verdicts, always with a glyph and a word;
// dim is for reasons.
type theme struct {
	ascii bool
	plain bool // no escape sequence but bold and reverse
	glyph glyphs

	title  lipgloss.Style // what the screen asks or says
	text   lipgloss.Style
	dim    lipgloss.Style
	accent lipgloss.Style
	good   lipgloss.Style
	warn   lipgloss.Style
	bad    lipgloss.Style
	code   lipgloss.Style // to be typed or copied as it is
	key    lipgloss.Style // a key to press

	form *huh.Styles
}

// newTheme makes the theme for a terminal of true colours.
func newTheme(ascii, noColor, dark bool) theme {
	return themeIn(colorprofile.TrueColor, ascii, noColor, dark)
}

// themeIn makes the theme for what a terminal can show. Without colour bold and
// reverse remain.
func themeIn(profile colorprofile.Profile, ascii, noColor, dark bool) theme {
	p := paletteFor(profile, dark)
	ink := func(colour string) lipgloss.Style {
		if noColor || colour == "" {
			return lipgloss.NewStyle()
		}
		return lipgloss.NewStyle().Foreground(lipgloss.Color(colour))
	}
	look := theme{
		ascii: ascii, plain: noColor, glyph: unicodeGlyphs,
		title: lipgloss.NewStyle().Bold(true), text: lipgloss.NewStyle(),
		dim: ink(p.dim), accent: ink(p.accent), good: ink(p.good),
		warn: ink(p.warn), bad: ink(p.bad).Bold(true), code: ink(p.code), key: ink(p.accent).Bold(true),
	}
	if ascii {
		look.glyph = asciiGlyphs
	}
	look.form = formStyles(look)
	return look
}

// link is an address that terminals can open (OSC 8), shown whole: one that is
// longer than width goes on in the next line after a slash.
func (t theme) link(url string, width int) []string {
	var lines []string
	for rest := clean(url); rest != ""; {
		piece := rest
		if len(rest) > width {
			piece = rest[:max(1, strings.LastIndex(rest[:width], "/")+1)]
		}
		rest = rest[len(piece):]
		if !t.plain && clean(url) == url {
			piece = t.code.Hyperlink(url).Render(piece)
		}
		lines = append(lines, piece)
	}
	return lines
}

// bar is how much of a whole has passed, in width columns.
func (t theme) bar(width int, part, of time.Duration) string {
	return t.barOf(t.accent, width, part, of)
}

// barOf is a bar in the style of a verdict.
func (t theme) barOf(style lipgloss.Style, width int, part, of time.Duration) string {
	full := 0
	if of > 0 {
		full = min(width, max(0, int(float64(width)*float64(part)/float64(of)+0.5)))
	}
	return style.Render(strings.Repeat(t.glyph.full, full)) + t.dim.Render(strings.Repeat(t.glyph.rest, width-full))
}

// formStyles dresses huh's fields: no border and no padding, since the frame has
// its own margins; the chosen option is marked by a caret, not by colour alone.
func formStyles(look theme) *huh.Styles {
	var s huh.Styles
	f := &s.Focused
	f.SelectSelector = look.accent.SetString(look.glyph.caret + " ")
	f.SelectedOption = look.title
	f.UnselectedOption = look.text
	f.Option = look.text
	f.TextInput.Prompt = look.accent
	f.TextInput.Text = look.text
	f.TextInput.Placeholder = look.dim
	f.TextInput.Cursor = look.accent
	s.Blurred = s.Focused
	return &s
}

// themeCell lets a huh field, which takes a theme once and for all, follow the
// theme that is drawn with.
type themeCell struct{ styles *huh.Styles }

// Theme implements huh.Theme.
func (c *themeCell) Theme(bool) *huh.Styles { return c.styles }
