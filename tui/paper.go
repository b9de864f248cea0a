package tui

import (
	"context"
	"slices"
	"strings"
	"time"

	"anywhere/pki/foreign"
	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Mark is a verdict on one fact; empty: none was asked for.
type Mark string

// The marks.
const (
	Good    Mark = "pass"
	Warned  Mark = "warn"
	Bad     Mark = "fail"
	Unclear Mark = "unknown"
	Passed  Mark = "skip" // there was nothing to judge
)

// Fact is one line about a certificate.
type Fact struct {
	Mark  Mark
	Label string
	Value string
	Note  string // what it means
}

// Section is a group of facts.
type Section struct {
	Title string
	Facts []Fact
}

// Paper is a certificate in words.
type Paper struct {
	Name string // the file, and which certificate of it
	Says string // one sentence: what AWS will make of it
	Mark Mark
	// NotBefore and NotAfter are its life.
	NotBefore, NotAfter time.Time
	Sections            []Section
}

// RunInspect shows certificates until the screen is left.
func RunInspect(ctx context.Context, papers []Paper, options Options) (Outcome, error) {
	return run(ctx, reading{papers, options.Now}, options)
}

// reading is the flow of the inspector: everything is known when it begins.
type reading struct {
	papers []Paper
	now    func() time.Time
}

func (reading) name() string { return "certificate" }

func (r reading) begin() work {
	return work{says: "reading", do: func(context.Context, func(tea.Msg)) tea.Msg {
		return opened{screens: []screen{paperScreen{papers: r.papers, now: r.now()}}}
	}}
}

func (reading) decide(tea.Msg) (work, bool) { return work{}, false }
func (reading) judge(typed) (refused, bool) { return refused{}, false }

// paperScreen shows one certificate of several.
type paperScreen struct {
	papers []Paper
	now    time.Time
	at     int
	scroll scroller
	filter filter
}

func (s paperScreen) Title() string { return s.papers[s.at].Name }

func (paperScreen) Lesson() lesson {
	return lesson{
		about: steps.Lesson{Title: "What AWS reads in a certificate",
			What: "Roles Anywhere takes an X.509 version 3 certificate that is no CA, may sign (digitalSignature), is signed with SHA-256 or stronger and leads to a trust anchor. Its names become session tags, its CN the source identity, its serial the name of the session.",
			Why:  "The trust policy of the role can ask for any of these tags. What no tag may hold is dropped without a word, and a condition on it never matches.",
			Link: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html"},
		commands: []steps.Command{{Args: []string{"openssl", "x509", "-in", "certificate.pem", "-noout", "-text"}}},
	}
}

func (s paperScreen) writing() bool { return s.filter.on }

func (s paperScreen) Keys() []key.Binding {
	if s.filter.on {
		return filterKeys()
	}
	list := []key.Binding{keys.Leave, keys.Scroll}
	if len(s.papers) > 1 {
		list = append(list, named(keys.Later, "next"), keys.Earlier)
	}
	return append(list, named(keys.Copy, "copy report"), keys.Filter)
}

func (s paperScreen) Update(msg tea.Msg) (screen, tea.Cmd) {
	if in, ok := msg.(room); ok {
		s.scroll.in = in
	}
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return s, nil
	}
	if next, took := s.filter.press(press); took {
		s.filter, s.scroll = next, scroller{}
		return s, nil
	}
	switch {
	case key.Matches(press, keys.Leave), key.Matches(press, keys.Back):
		return s, send(leave{})
	case key.Matches(press, keys.Later):
		s.at, s.scroll = min(len(s.papers)-1, s.at+1), scroller{}
	case key.Matches(press, keys.Earlier):
		s.at, s.scroll = max(0, s.at-1), scroller{}
	case key.Matches(press, keys.Copy):
		return s, send(copyText{s.papers[s.at].Text()})
	default:
		in := s.scroll.in
		s.scroll = s.scroll.Move(press, len(s.lines(in.width, in.look)), in.height-len(s.head(in.width, in.look)))
	}
	return s, nil
}

func (s paperScreen) View(width, height int, look theme) string {
	lines := s.head(width, look)
	return strings.Join(append(lines, s.scroll.View(s.lines(width, look), height-len(lines), look)...), "\n")
}

// head is what AWS will make of it, and its life.
func (s paperScreen) head(width int, look theme) []string {
	p := s.papers[s.at]
	glyph, style := markGlyph(p.Mark, look)
	var lines []string
	for i, l := range wrap(p.Says, width-3) {
		lead := strings.Repeat(" ", look.glyph.wide+1)
		if i == 0 {
			lead = style.Render(look.glyph.lead(glyph))
		}
		lines = append(lines, lead+look.title.Render(l))
	}
	return append(lines, "", pad("", look.glyph.wide+1)+lifeBar(p.NotBefore, p.NotAfter, s.now, look)+"  "+s.filter.view(look))
}

// lines are the sections, as far as the filter lets them through.
func (s paperScreen) lines(width int, look theme) []string {
	var lines []string
	for _, section := range s.papers[s.at].Sections {
		var facts []Fact
		for _, f := range section.Facts {
			if s.filter.lets(f.Label, f.Value, f.Note) {
				facts = append(facts, f)
			}
		}
		if len(facts) > 0 {
			lines = append(lines, "", look.dim.Render(strings.Repeat(" ", look.glyph.wide+1)+head(section.Title, width-look.glyph.wide-1)), "")
			lines = append(lines, factsBeside(look.glyph.wide+1, facts, width, look)...)
		}
	}
	return lines
}

// factLines are facts in columns, with one for marks if any has one.
func factLines(facts []Fact, width int, look theme) []string {
	lead := look.glyph.wide + 1
	if !slices.ContainsFunc(facts, func(f Fact) bool { return f.Mark != "" }) {
		lead = 0
	}
	return factsBeside(lead, facts, width, look)
}

// factsBeside are facts in columns: a mark in lead columns, label, value; what it
// means below where there is no room beside.
func factsBeside(lead int, facts []Fact, width int, look theme) []string {
	var labels []string
	for _, f := range facts {
		labels = append(labels, f.Label)
	}
	column := labelColumn(labels)
	var lines []string
	for _, f := range facts {
		glyph, style := markGlyph(f.Mark, look)
		left := pad(style.Render(glyph), lead)
		if lead == 0 {
			left = ""
		}
		left += look.dim.Render(pad(short(f.Label, column-2), column))
		room := width - lead - column
		value := wrap(f.Value, room)
		if len(value) == 0 {
			value = []string{""}
		}
		note := clean(f.Note)
		if len(value) == 1 && note != "" && foreign.Width(value[0])+2+foreign.Width(note) <= room {
			value[0], note = value[0]+"  "+look.dim.Render(note), ""
		}
		lines = append(lines, strings.TrimRight(left+value[0], " "))
		for _, l := range value[1:] {
			lines = append(lines, strings.Repeat(" ", lead+column)+l)
		}
		for _, l := range wrap(note, room) {
			lines = append(lines, strings.Repeat(" ", lead+column)+look.dim.Render(l))
		}
	}
	return lines
}

// markGlyph is the sign of a verdict, never its only one: a word stands beside it.
func markGlyph(m Mark, look theme) (string, interface{ Render(...string) string }) {
	switch m {
	case Good:
		return look.glyph.done, look.good
	case Warned:
		return look.glyph.warn, look.warn
	case Bad:
		return look.glyph.fail, look.bad
	case Unclear:
		return look.glyph.unknown, look.warn
	case Passed:
		return look.glyph.skip, look.dim
	}
	return "", look.dim
}

// Text is a paper as plain lines, for pipes and the clipboard.
func (p Paper) Text() string {
	words := map[Mark]string{Good: "pass", Warned: "warn", Bad: "FAIL", Unclear: "?", Passed: "-"}
	var b strings.Builder
	b.WriteString(clean(p.Name) + "\n" + clean(p.Says) + "\n")
	for _, section := range p.Sections {
		b.WriteString("\n" + clean(section.Title) + "\n")
		for _, f := range section.Facts {
			left := "  "
			if f.Mark != "" {
				left += pad(words[f.Mark], 6)
			}
			b.WriteString(strings.TrimRight(left+pad(clean(f.Label), labelWidth)+clean(f.Value)+gapBefore(f.Note), " ") + "\n")
		}
	}
	return b.String()
}
