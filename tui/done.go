package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// finished is the last screen: what is true now, how it is known, what to type.
type finished struct{ summary Summary }

func (finished) Title() string { return "done" }

func (f finished) Keys() []key.Binding {
	if len(f.summary.Try) == 0 {
		return []key.Binding{keys.Close}
	}
	return []key.Binding{keys.Close, named(keys.Copy, "copy "+clean(f.summary.Try[0].Label))}
}

func (f finished) Update(msg tea.Msg) (screen, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Copy) && len(f.summary.Try) > 0:
		return f, send(copyText{clean(quote(f.summary.Try[0].Command))})
	case key.Matches(press, keys.Close):
		return f, send(leave{})
	}
	return f, nil
}

func (f finished) View(width, height int, look theme) string {
	glyph, style := look.glyph.done, look.good
	if f.summary.Warn {
		glyph, style = look.glyph.warn, look.warn
	}
	var lines []string
	for i, l := range wrap(f.summary.Says, width-3) {
		lead := strings.Repeat(" ", look.glyph.wide+1)
		if i == 0 {
			lead = style.Render(look.glyph.lead(glyph))
		}
		lines = append(lines, lead+look.title.Render(l))
	}
	lines = append(lines, "")
	for _, e := range f.summary.Evidence {
		lines = append(lines, evidenceLine(e, width, look))
		for _, l := range wrap(e.Note, width-labelWidth+6) {
			lines = append(lines, strings.Repeat(" ", labelWidth-6)+look.dim.Render(l))
		}
	}
	if len(f.summary.Notes) > 0 {
		lines = append(lines, "")
	}
	for _, n := range f.summary.Notes {
		lines = append(lines, wrap(n, width)...)
	}
	try := f.tries(width, look)
	if room := height - len(try); len(lines) > room {
		lines = window(lines, 0, max(3, room), look)
	}
	return strings.Join(append(lines, try...), "\n")
}

// tries are the commands, whole: they are there to be copied.
func (f finished) tries(width int, look theme) []string {
	if len(f.summary.Try) == 0 {
		return nil
	}
	lines := []string{""}
	for _, t := range f.summary.Try {
		for i, l := range argLines("", t.Command, "", width-labelWidth+6) {
			label := strings.Repeat(" ", labelWidth-6)
			if i == 0 {
				label = look.dim.Render(cell(t.Label, labelWidth-8)) + "  "
			}
			lines = append(lines, label+look.code.Render(l))
		}
	}
	return lines
}
