package tui

import (
	"slices"
	"strings"
	"time"

	"anywhere/doctor"
	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// diagnosis shows a report: the verdict, what needs attention, and the finding
// that the cursor is on.
type diagnosis struct {
	reports []doctor.Report
	rows    []doctor.Result // those on show, in their order
	repairs map[repairable]bool
	again   work
	report  int
	cursor  int
	all     bool // what passed is on show, too
	filter  filter
}

// rowsOf are the findings to show: each cause with what follows from it, then
// warnings, then what could not be told; with all, everything else after them.
func rowsOf(r doctor.Report, all bool, f filter) []doctor.Result {
	var rows []doctor.Result
	take := func(want func(doctor.Result) bool) {
		for _, one := range r.Findings {
			if want(one) && f.lets(string(one.Code), one.Headline(), one.Says, string(one.Group)) {
				rows = append(rows, one)
			}
		}
	}
	for _, code := range r.Causes {
		take(func(one doctor.Result) bool { return one.Code == code })
		take(func(one doctor.Result) bool { return one.BecauseOf != nil && *one.BecauseOf == code })
	}
	for _, v := range []doctor.Verdict{doctor.Warn, doctor.Unknown} {
		take(func(one doctor.Result) bool { return one.Verdict == v && one.BecauseOf == nil })
	}
	if all || f.text != "" {
		take(func(one doctor.Result) bool { return one.Verdict == doctor.Pass })
		take(func(one doctor.Result) bool { return one.Verdict == doctor.Skip })
	}
	return rows
}

func (d diagnosis) Title() string { return d.reports[d.report].Name }

func (d diagnosis) writing() bool { return d.filter.on }

// here is the finding that the cursor is on.
func (d diagnosis) here() (doctor.Result, bool) {
	if d.cursor >= len(d.rows) {
		return doctor.Result{}, false
	}
	return d.rows[d.cursor], true
}

func (d diagnosis) Lesson() lesson {
	f, ok := d.here()
	if !ok {
		return lesson{about: steps.Lesson{Title: "What the doctor looks at",
			What: "Key, certificate, chain, AWS config profile and machine; what AWS holds of trust anchor, Roles Anywhere profile and role; and one session, asked for now.",
			Why:  "AWS answers almost every mistake with one of five sentences. The doctor judges what it sees by the rules that AWS documents and names one cause; what follows from it is not a second one.",
			Link: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html"}}
	}
	return lesson{about: steps.Lesson{Title: string(f.Code) + "  " + f.Headline(), What: f.Says, Why: f.Why, Link: f.Source}}
}

func (d diagnosis) Keys() []key.Binding {
	if d.filter.on {
		return filterKeys()
	}
	var list []key.Binding
	if f, ok := d.here(); ok {
		list = append(list, named(keys.Open, "details"))
		if d.repairs[repairable{d.report, f.Code}] {
			list = append(list, keys.Fix)
		}
	}
	list = append(list, keys.Again, named(keys.Copy, "copy report"), keys.All, keys.Filter, keys.Leave)
	if len(d.reports) > 1 {
		list = append(list, named(keys.Later, "next"), keys.Earlier)
	}
	return append(list, keys.Move)
}

func (d diagnosis) Update(msg tea.Msg) (screen, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return d, nil
	}
	if next, took := d.filter.press(press); took {
		d.filter = next
		return d.listed(), nil
	}
	f, some := d.here()
	switch {
	case key.Matches(press, keys.Leave), key.Matches(press, keys.Back):
		return d, send(leave{})
	case key.Matches(press, keys.Again):
		return d, send(again{d.again})
	case key.Matches(press, keys.Copy):
		var b strings.Builder
		d.reports[d.report].Text(&b, doctor.ASCII())
		return d, send(copyText{b.String()})
	case key.Matches(press, keys.All):
		d.all = !d.all
		return d.listed(), nil
	case key.Matches(press, keys.Up):
		d.cursor = max(0, d.cursor-1)
	case key.Matches(press, keys.Down):
		d.cursor = max(0, min(len(d.rows)-1, d.cursor+1))
	case key.Matches(press, keys.Later):
		d.report = min(len(d.reports)-1, d.report+1)
		return d.listed(), nil
	case key.Matches(press, keys.Earlier):
		d.report = max(0, d.report-1)
		return d.listed(), nil
	case some && key.Matches(press, keys.Fix) && d.repairs[repairable{d.report, f.Code}]:
		return d, send(repaired{d.reports[d.report], f.Code})
	case some && key.Matches(press, keys.Open):
		return d, send(push{findingScreen{finding: f}})
	}
	return d, nil
}

// listed works out anew what is on show.
func (d diagnosis) listed() diagnosis {
	d.rows, d.cursor = rowsOf(d.reports[d.report], d.all, d.filter), 0
	return d
}

func (d diagnosis) View(width, height int, look theme) string {
	r := d.reports[d.report]
	glyph, style := markGlyph(markOf(r.Verdict), look)
	var lines []string
	for i, l := range wrap(r.Summary, width-3) {
		lead := strings.Repeat(" ", look.glyph.wide+1)
		if i == 0 {
			lead = style.Render(look.glyph.lead(glyph))
		}
		lines = append(lines, lead+look.title.Render(l))
	}
	lines = append(lines, "")
	if f := d.filter.view(look); f != "" {
		lines = append(lines, f, "")
	}
	foot := append([]string{""}, groupLines(r, width, look)...)
	took := "looked for " + seconds(time.Duration(r.ElapsedMs)*time.Millisecond)
	if len(d.reports) > 1 {
		took = count(d.report+1, "", "") + "of " + count(len(d.reports), "report", "reports") + ", " + took
	}
	foot = append(foot, look.dim.Render(took))
	if len(d.rows) == 0 {
		return strings.Join(append(lines, foot[1:]...), "\n") // nothing needs attention
	}
	room := height - len(lines) - len(foot)
	lines = append(lines, d.body(width, room, look)...)
	lines = clip(lines, width, height-len(foot))
	return strings.Join(append(lines, foot...), "\n")
}

// body is the list and below it the finding that the cursor is on.
func (d diagnosis) body(width, height int, look theme) []string {
	var list []string
	for i, f := range d.rows {
		list = append(list, rowOf(f, i == d.cursor, width, look))
	}
	f, ok := d.here()
	if !ok {
		return list
	}
	room := max(3, min(len(list), height*2/5))
	if d.all || d.filter.text != "" {
		room = max(3, min(len(list), height*2/3)) // the list is what was asked for
	}
	list = window(list, d.cursor, room, look)
	detail := scroller{}.View(findingLines(f, width-2, look), max(0, height-len(list)-1), look)
	list = append(list, "")
	for _, l := range detail {
		list = append(list, strings.TrimRight("  "+l, " "))
	}
	return list
}

// groupLines count what passed, group by group.
func groupLines(r doctor.Report, width int, look theme) []string {
	var parts []string
	for _, g := range doctor.Groups() {
		passed, judged, worst := tally(r, g)
		if judged == 0 {
			continue
		}
		glyph, style := markGlyph(Mark(worst), look)
		parts = append(parts, style.Render(glyph)+look.dim.Render(" "+string(g)+tallied(passed, judged)))
	}
	return flowing(parts, width)
}

// tally counts what passed in a group, and says what is worst in it.
func tally(r doctor.Report, g doctor.Group) (passed, judged int, worst doctor.Verdict) {
	order := []doctor.Verdict{doctor.Pass, doctor.Unknown, doctor.Warn, doctor.Fail}
	worst = doctor.Pass
	for _, f := range r.Findings {
		if f.Group != g || f.Verdict == doctor.Skip {
			continue
		}
		judged++
		if f.Verdict == doctor.Pass {
			passed++
		} else if slices.Index(order, f.Verdict) > slices.Index(order, worst) {
			worst = f.Verdict
		}
	}
	return passed, judged, worst
}

func tallied(passed, judged int) string {
	says := " " + count(passed, "", "")
	if passed < judged {
		says += "of " + count(judged, "", "")
	}
	return strings.TrimRight(says, " ")
}

// markOf is the mark of a verdict on the whole.
func markOf(h doctor.Health) Mark {
	return map[doctor.Health]Mark{doctor.Healthy: Good, doctor.Unhealthy: Bad, doctor.CannotTell: Unclear}[h]
}
