package tui

import (
	"strings"

	"anywhere/doctor"
	"anywhere/pki/foreign"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// rowOf is a finding in one line; what follows from a cause stands under it and
// says so.
func rowOf(f doctor.Result, here bool, width int, look theme) string {
	glyph, style := markGlyph(Mark(f.Verdict), look)
	lead, title := "  ", clean(f.Headline())
	if here {
		lead = look.accent.Render(look.glyph.caret + " ")
	}
	if f.BecauseOf != nil {
		lead += look.dim.Render(look.glyph.branch + " ")
		glyph, style = look.glyph.skip, look.dim
	}
	says := verdictWord(f)
	line := lead + style.Render(look.glyph.lead(glyph)) + look.dim.Render(string(f.Code)) + "  "
	room := width - ansi.StringWidth(line) - foreign.Width(says) - 2
	title = head(title, room)
	if here {
		title = look.title.Render(title)
	}
	return pad(line+title, width-foreign.Width(says)) + style.Render(says)
}

// verdictWord says in a word what the glyph says.
func verdictWord(f doctor.Result) string {
	if f.BecauseOf != nil {
		return "because of " + string(*f.BecauseOf)
	}
	switch f.Verdict {
	case doctor.Fail:
		return "fault"
	case doctor.Warn:
		return "soon a problem"
	case doctor.Unknown:
		return "could not tell"
	case doctor.Skip:
		return "not needed"
	}
	return "holds"
}

// findingLines are everything about a finding: what was seen, why it matters, what
// to do.
func findingLines(f doctor.Result, width int, look theme) []string {
	lines := wrap(f.Says, width)
	if len(f.Evidence) > 0 {
		lines = append(lines, "")
		var facts []Fact
		for _, s := range f.Evidence {
			facts = append(facts, Fact{Label: s.Label, Value: s.Value})
		}
		for _, l := range factLines(facts, width-2, look) {
			lines = append(lines, "  "+l)
		}
	}
	if f.Fix.Text != "" && f.Verdict != doctor.Pass && f.Verdict != doctor.Skip {
		lines = append(lines, "")
		for _, l := range wrap(f.Fix.Text, min(width, readable)) {
			lines = append(lines, l)
		}
		if f.Fix.Command != "" {
			lines = append(lines, "")
			for _, p := range pieces(clean(f.Fix.Command), width-2) {
				lines = append(lines, "  "+look.code.Render(p))
			}
		}
	}
	lines = append(lines, "")
	for _, l := range wrap(f.Why, min(width, readable)) {
		lines = append(lines, look.dim.Render(l))
	}
	return append(lines, look.link(f.Source, width)...)
}

// findingScreen is one finding with all the room there is.
type findingScreen struct {
	finding doctor.Result
	scroll  scroller
}

func (f findingScreen) Title() string { return string(f.finding.Code) }

func (findingScreen) Lesson() lesson { return lesson{} }

func (f findingScreen) Keys() []key.Binding {
	list := []key.Binding{keys.Shut}
	if f.finding.Fix.Command != "" {
		list = append(list, named(keys.Copy, "copy command"))
	}
	return append(list, keys.Scroll)
}

func (f findingScreen) Update(msg tea.Msg) (screen, tea.Cmd) {
	if in, ok := msg.(room); ok {
		f.scroll.in = in
	}
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Shut):
		return f, send(pop{})
	case key.Matches(press, keys.Copy) && f.finding.Fix.Command != "":
		return f, send(copyText{clean(f.finding.Fix.Command)})
	default:
		in := f.scroll.in
		f.scroll = f.scroll.Move(press, len(findingLines(f.finding, in.width, in.look)), in.height-len(f.head(in.width, in.look)))
	}
	return f, nil
}

func (f findingScreen) View(width, height int, look theme) string {
	lines := f.head(width, look)
	return strings.Join(append(lines, f.scroll.View(findingLines(f.finding, width, look), height-len(lines), look)...), "\n")
}

// head is the headline, whole, with the verdict in a word.
func (f findingScreen) head(width int, look theme) []string {
	glyph, style := markGlyph(Mark(f.finding.Verdict), look)
	says := verdictWord(f.finding)
	var lines []string
	lead := style.Render(look.glyph.lead(glyph))
	for _, l := range wrap(f.finding.Headline(), width-look.glyph.wide-1-2-foreign.Width(says)) {
		lines = append(lines, lead+look.title.Render(l))
		lead = strings.Repeat(" ", look.glyph.wide+1)
	}
	if len(lines) > 0 {
		lines[0] += "  " + style.Render(says)
	}
	return append(lines, "")
}

// flowing puts parts beside each other, three blanks apart, in as many lines as it
// takes.
func flowing(parts []string, width int) []string {
	var lines []string
	line := ""
	for _, p := range parts {
		if line != "" && ansi.StringWidth(line)+3+ansi.StringWidth(p) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += "   "
		}
		line += p
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
