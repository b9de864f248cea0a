package tui

import (
	"strings"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// finished is the last screen: what is true now, how it is known, what to type. Where
// somebody else has to answer first, it is the last of this run.
type finished struct {
	summary Summary
	picture Picture // the chain of trust as it stands; zero: there is none any more
	scroll  scroller
}

func (f finished) Title() string {
	if f.summary.Waits {
		return "waiting"
	}
	return "done"
}

// Lesson is that of the session that was had, or of the certificate that is waited for.
func (f finished) Lesson() lesson {
	if f.summary.Waits {
		return lessonOf(steps.StepCertificate, nil)
	}
	return lessonOf(steps.StepSession, nil)
}

func (f finished) Keys() []key.Binding {
	if len(f.summary.Try) == 0 {
		return []key.Binding{keys.Close, keys.Scroll}
	}
	return []key.Binding{keys.Close, named(keys.Copy, "copy "+head(f.summary.Try[0].Label, 20)), keys.Scroll}
}

func (f finished) Update(msg tea.Msg) (screen, tea.Cmd) {
	if in, ok := msg.(room); ok {
		f.scroll.in = in
	}
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Copy) && len(f.summary.Try) > 0:
		return f, send(copyText{clean(quote(f.summary.Try[0].Command))})
	case key.Matches(press, keys.Close):
		return f, send(leave{})
	default:
		f.scroll = f.scroll.Move(press, len(f.lines(f.scroll.in.width, f.scroll.in.look)), f.room(f.scroll.in))
	}
	return f, nil
}

// chainFrom is the width from which the chain stands below, each link in one line.
const chainFrom = 72

func (f finished) View(width, height int, look theme) string {
	lines := f.scroll.View(f.lines(width, look), f.room(room{width, height, look}), look)
	lines = append(lines, f.tries(width, look)...)
	if chain := f.picture.view(max(width, chainFrom), height-len(lines)-3, look); len(chain) > len(f.picture.links()) && width >= chainFrom {
		lines = append(lines, "", look.dim.Render(strings.Repeat(look.glyph.line, width)), "")
		lines = append(lines, chain...)
	}
	return strings.Join(lines, "\n")
}

// room is how many lines there are above the commands, which are always in sight.
func (f finished) room(in room) int { return max(3, in.height-len(f.tries(in.width, in.look))) }

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
		label := look.dim.Render(pad(short(t.Label, column-2), column))
		command := argLines("", t.Command, "", width-column)
		lead := strings.Repeat(" ", column)
		if widest(command) > width-column {
			// One word is longer than the room beside the label.
			command, lead = folded(argLines("", t.Command, "", width-2), width-2), "  "
			lines = append(lines, strings.TrimRight(label, " "))
			label = lead
		}
		for i, l := range command {
			if i > 0 {
				label = lead
			}
			lines = append(lines, label+look.code.Render(l))
		}
	}
	return lines
}
