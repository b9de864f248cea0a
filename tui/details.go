package tui

import (
	"strings"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// details is everything about one change: what it makes, its diff, and the same
// by hand.
type details struct {
	changes []steps.Change
	at      int
	scroll  scroller
}

func (details) Title() string { return "details" }

func (d details) Lesson() lesson { return ofChange(d.changes[d.at]) }

func (d details) Keys() []key.Binding {
	return []key.Binding{named(keys.Back, "plan"), keys.Later, keys.Earlier, named(keys.Copy, "copy commands"), keys.Scroll}
}

func (d details) Update(msg tea.Msg) (screen, tea.Cmd) {
	if in, ok := msg.(room); ok {
		d.scroll.in = in
	}
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Back), key.Matches(press, keys.Leave):
		return d, send(pop{})
	case key.Matches(press, keys.Later):
		d.at, d.scroll = min(len(d.changes)-1, d.at+1), scroller{}
	case key.Matches(press, keys.Earlier):
		d.at, d.scroll = max(0, d.at-1), scroller{}
	case key.Matches(press, keys.Copy):
		return d, send(copyText{strings.Join(commandLines(d.changes[d.at].Commands, oneLine), "\n")})
	default:
		d.scroll = d.scroll.Move(press, len(d.lines(d.scroll.in.look, d.scroll.in.width)), d.scroll.in.height)
	}
	return d, nil
}

func (d details) View(width, height int, look theme) string {
	return strings.Join(d.scroll.View(d.lines(look, width), height, look), "\n")
}

func (d details) lines(look theme, width int) []string {
	c := d.changes[d.at]
	lines := []string{
		look.dim.Render(count(d.at+1, "", "")+"of "+count(len(d.changes), "change", "changes")) + "  " + look.dim.Render(clean(c.ID)),
		"",
		verbGlyph(c.Verb, look) + " " + look.title.Render(string(c.Verb)+" "+clean(c.Noun)),
		"  " + clean(c.Name),
	}
	if c.Detail != "" {
		lines = append(lines, "  "+look.dim.Render(clean(c.Detail)))
	}
	if c.Accept != "" {
		lines = append(lines, "  "+look.warn.Render("needs its own yes: "+clean(c.Accept)))
	}
	return append(lines, bodyOf(c, width, look)...)
}

// bodyOf is the diff of a change, and the same by hand.
func bodyOf(c steps.Change, width int, look theme) []string {
	var lines []string
	if c.Diff != "" {
		lines = append(lines, "")
		for _, l := range documentLines(c.Diff) {
			style := diffStyle(l, look)
			for _, p := range pieces(l, width-2) {
				lines = append(lines, "  "+style.Render(p))
			}
		}
	}
	if by := folded(commandLines(c.Commands, width-2), width-2); len(by) > 0 {
		lines = append(lines, "", "  "+look.dim.Render("The same by hand:"), "")
		for _, l := range by {
			lines = append(lines, "  "+look.code.Render(l))
		}
	}
	return lines
}

// diffStyle colours a line of a unified diff; its first column says the same.
func diffStyle(line string, look theme) lipgloss.Style {
	switch {
	case strings.HasPrefix(line, "+"):
		return look.good
	case strings.HasPrefix(line, "-"):
		return look.bad
	case strings.HasPrefix(line, "@@"):
		return look.dim
	}
	return look.text
}
