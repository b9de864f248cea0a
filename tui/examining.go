package tui

import (
	"slices"
	"strings"

	"anywhere/doctor"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// examined tells how far an examination is.
type examined struct{ progress doctor.Progress }

// examining shows what has been found out while the rest is being looked at: group
// by group, as their evidence comes in. Nothing moves by itself.
type examining struct {
	all []doctor.Progress // one for each that is looked at, in the order of their beginning
}

func (examining) Title() string { return "examination" }

func (examining) Lesson() lesson { return diagnosis{}.Lesson() }

func (examining) Keys() []key.Binding { return nil }

func (x examining) Update(msg tea.Msg) (screen, tea.Cmd) {
	news, ok := msg.(examined)
	if !ok {
		return x, nil
	}
	all := slices.Clone(x.all)
	if last := len(all) - 1; last >= 0 && !all[last].Done {
		all[last] = news.progress
	} else {
		all = append(all, news.progress)
	}
	x.all = all
	return x, nil
}

func (x examining) View(width, height int, look theme) string {
	lines := []string{look.title.Render("Looking at everything, and asking for one session"), ""}
	at := len(lines)
	for _, p := range x.all {
		at = len(lines)
		if p.Done {
			glyph, style := markGlyph(markOf(p.Report.Verdict), look)
			lines = append(lines, style.Render(look.glyph.lead(glyph))+head(p.Report.Summary, width-3))
			continue
		}
		lines = append(lines, look.title.Render(clean(p.Name)))
		lines = append(lines, groupsSoFar(p, width, look)...)
	}
	return strings.Join(window(lines, at, height, look), "\n")
}

// groupsSoFar is a line for each group, and one for each of its faults. A group
// whose evidence is not all there says so and nothing else.
func groupsSoFar(p doctor.Progress, width int, look theme) []string {
	var lines []string
	for _, g := range doctor.Groups() {
		if !p.Has(g) {
			lines = append(lines, look.dim.Render(look.glyph.lead(look.glyph.todo)+string(g)+", not yet"))
			continue
		}
		passed, judged, worst := tally(p.Report, g)
		if judged == 0 {
			continue
		}
		glyph, style := markGlyph(Mark(worst), look)
		lines = append(lines, style.Render(look.glyph.lead(glyph))+string(g)+look.dim.Render(tallied(passed, judged)))
		for _, f := range p.Report.Findings {
			if f.Group == g && f.BecauseOf == nil && (f.Verdict == doctor.Fail || f.Verdict == doctor.Warn) {
				lines = append(lines, "    "+look.dim.Render(string(f.Code))+"  "+head(f.Headline(), width-11))
			}
		}
	}
	return lines
}
