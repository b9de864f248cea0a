package tui

import (
	"strings"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// finished is the last screen: what is true now, how it is known, what to type.
type finished struct {
	summary Summary
	scroll  scroller
}

func (finished) Title() string { return "done" }

func (finished) Lesson() lesson { return lessonOf(steps.StepSession, nil) }

func (f finished) Keys() []key.Binding {
	if len(f.summary.Try) == 0 {
		return []key.Binding{keys.Close, keys.Scroll}
	}
	return []key.Binding{keys.Close, named(keys.Copy, "copy "+head(f.summary.Try[0].Label, 20)), keys.Scroll}
}

func (f finished) Update(msg tea.Msg) (screen, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Copy) && len(f.summary.Try) > 0:
		return f, send(copyText{clean(quote(f.summary.Try[0].Command))})
	case key.Matches(press, keys.Close):
		return f, send(leave{})
	default:
		f.scroll = f.scroll.Move(press, len(f.lines(leastWidth, newTheme(true, true, true))), 1)
	}
	return f, nil
}

func (f finished) View(width, height int, look theme) string {
	try := f.tries(width, look)
	room := max(3, height-len(try))
	lines := f.lines(width, look)
	if len(lines) > room {
		lines = f.scroll.View(lines, width, room, look)
	}
	return strings.Join(append(lines, try...), "\n")
}

// lines are what is true now, and how that is known.
func (f finished) lines(width int, look theme) []string {
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
	lines = append(lines, evidenceIn(f.summary.Evidence, f.labels(), width, look)...)
	if len(f.summary.Notes) > 0 && len(f.summary.Evidence) > 0 {
		lines = append(lines, "")
	}
	for _, n := range f.summary.Notes {
		lines = append(lines, wrap(n, width)...)
	}
	return lines
}

// labels is the one column of labels of this screen.
func (f finished) labels() int {
	labels := evidenceLabels(f.summary.Evidence)
	for _, t := range f.summary.Try {
		labels = append(labels, t.Label)
	}
	return labelColumn(labels)
}

// tries are the commands, whole: they are there to be copied.
func (f finished) tries(width int, look theme) []string {
	if len(f.summary.Try) == 0 {
		return nil
	}
	column := f.labels()
	lines := []string{""}
	for _, t := range f.summary.Try {
		for i, l := range argLines("", t.Command, "", width-column) {
			label := strings.Repeat(" ", column)
			if i == 0 {
				label = look.dim.Render(pad(short(t.Label, column-2), column))
			}
			lines = append(lines, label+look.code.Render(l))
		}
	}
	return lines
}
