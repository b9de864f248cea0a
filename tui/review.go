package tui

import (
	"slices"
	"strings"

	"anywhere/pki/foreign"
	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// review shows what would be changed, and asks for leave.
type review struct {
	plan     steps.Plan
	rows     []steps.Row
	scene    scene
	cursor   int
	accepted []string // IDs of changes that got their own yes
	missing  bool     // enter was pressed while one lacks it
}

func (review) Title() string { return "review" }

func (r review) Lesson() lesson {
	if len(r.plan.Changes) == 0 {
		return lessonOf(steps.StepProof, nil)
	}
	return ofChange(r.plan.Changes[r.cursor])
}

func (r review) Keys() []key.Binding {
	if len(r.plan.Changes) == 0 {
		return []key.Binding{named(keys.Apply, "prove it again"), keys.Settings, keys.Back, keys.Leave}
	}
	list := []key.Binding{keys.Apply}
	if r.plan.Changes[r.cursor].Accept != "" {
		list = append(list, keys.Toggle)
	}
	list = append(list, keys.Details, keys.Back)
	if len(r.rows) > 0 {
		list = append(list, keys.Settings)
	}
	return append(list, keys.Script, keys.Move)
}

func (r review) Update(msg tea.Msg) (screen, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return r, nil
	}
	last := len(r.plan.Changes) - 1
	switch {
	case key.Matches(press, keys.Apply):
		return r.approve()
	case key.Matches(press, keys.Back):
		return r, send(backed{})
	case key.Matches(press, keys.Settings) && len(r.rows) > 0:
		return r, send(push{settings{rows: r.rows, scene: r.scene}})
	case last < 0 && key.Matches(press, keys.Leave):
		return r, send(leave{})
	case last < 0:
	case key.Matches(press, keys.Up):
		r.cursor = max(0, r.cursor-1)
	case key.Matches(press, keys.Down):
		r.cursor = min(last, r.cursor+1)
	case key.Matches(press, keys.Toggle):
		r = r.toggle()
	case key.Matches(press, keys.Details):
		return r, send(push{details{changes: r.plan.Changes, at: r.cursor}})
	case key.Matches(press, keys.Script):
		return r, send(push{newScript(r.plan.Script())})
	}
	return r, nil
}

// approve decides, unless a change lacks its own yes: then the cursor goes there.
func (r review) approve() (screen, tea.Cmd) {
	for i, c := range r.plan.Changes {
		if c.Accept != "" && !slices.Contains(r.accepted, c.ID) {
			r.cursor, r.missing = i, true
			return r, nil
		}
	}
	return r, send(approved{r.plan, r.accepted, r.scene.picture})
}

func (r review) toggle() review {
	c := r.plan.Changes[r.cursor]
	if c.Accept == "" {
		return r
	}
	r.missing = false
	r.accepted = toggled(r.accepted, c.ID)
	return r
}

// toggled is list with id in it if it was not, and without it if it was.
func toggled(list []string, id string) []string {
	if i := slices.Index(list, id); i >= 0 {
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	return append(slices.Clone(list), id)
}

func (r review) View(width, height int, look theme) string {
	head := []string{look.title.Render("None of this has happened yet."), ""}
	if len(r.plan.Changes) == 0 {
		head = []string{look.title.Render("Everything stands already; nothing needs to be changed."), ""}
	}
	foot := r.foot(width, look)
	list, at := r.list(width, height-len(head)-len(foot), look)
	list = window(list, at, height-len(head)-len(foot), look)
	lines := append(append(head, list...), foot...)
	return strings.Join(append(lines, r.preview(width, height-len(lines), look)...), "\n")
}

// previewFrom is the room below the list from which the change that the cursor
// is on is shown whole there.
const previewFrom = 10

// preview is the diff and the commands of one change, where there is room for it.
func (r review) preview(width, height int, look theme) []string {
	if height < previewFrom || len(r.plan.Changes) == 0 {
		return nil
	}
	body := bodyOf(r.plan.Changes[r.cursor], width, look)
	if len(body) == 0 {
		return nil
	}
	head := []string{"", look.dim.Render(strings.Repeat(look.glyph.line, width))}
	return append(head, scroller{}.View(body, height-len(head), look)...)
}

// list is a line for each change, and where the cursor is. A detail that does not
// fit stands below, if all of them have room there; else only that of the cursor.
func (r review) list(width, height int, look theme) (lines []string, at int) {
	if lines, at = r.listed(width, true, look); len(lines) > height {
		return r.listed(width, false, look)
	}
	return lines, at
}

func (r review) listed(width int, every bool, look theme) (lines []string, at int) {
	cols := columnsFor(r.plan.Changes, width-4)
	for i, c := range r.plan.Changes {
		lead := "  "
		if i == r.cursor {
			lead, at = look.accent.Render(look.glyph.caret+" "), len(lines)
		}
		below := foreign.Width(clean(c.Detail)) > cols.detail && (every || i == r.cursor)
		shown := c
		if below {
			shown.Detail = ""
		}
		lines = append(lines, lead+verbGlyph(c.Verb, look)+" "+cols.line(shown, i == r.cursor, look))
		if below {
			for _, l := range wrap(c.Detail, width-6-cols.noun) {
				lines = append(lines, strings.Repeat(" ", cols.noun+6)+look.dim.Render(l))
			}
		}
		if c.Accept != "" {
			lines = append(lines, r.ownYes(c, width, look)...)
		}
	}
	return lines, at
}

// ownYes is the box under a change for which approving the plan is not enough.
func (r review) ownYes(c steps.Change, width int, look theme) []string {
	box, style := look.glyph.off, look.warn
	if slices.Contains(r.accepted, c.ID) {
		box, style = look.glyph.on, look.good
	}
	var lines []string
	for i, l := range wrap("needs its own yes: "+c.Accept, width-8) {
		lead := "        "
		if i == 0 {
			lead = "    " + style.Render(box) + " "
		}
		lines = append(lines, lead+style.Render(l))
	}
	return lines
}

// foot is what stands under the list: notes, the number of changes, the settings.
func (r review) foot(width int, look theme) []string {
	lines := []string{""}
	if r.missing {
		lines = append(lines, look.warn.Render(look.glyph.lead(look.glyph.warn)+"space accepts this change; then enter applies the plan"))
	}
	for _, n := range r.plan.Notes {
		for i, l := range wrap(n, width-3) {
			lead := strings.Repeat(" ", look.glyph.wide+1)
			if i == 0 {
				lead = look.warn.Render(look.glyph.lead(look.glyph.warn))
			}
			lines = append(lines, lead+l)
		}
	}
	if len(lines) > 1 {
		lines = append(lines, "")
	}
	says := count(len(r.plan.Changes), "change", "changes") + ". Undo any time: " +
		look.code.Render("anywhere teardown "+clean(r.plan.Setup))
	if len(r.plan.Changes) > 0 {
		lines = append(lines, ansi.Truncate(says, width, ""))
	}
	if n := len(r.rows); n > 0 {
		lines = append(lines, look.dim.Render(count(n, "setting", "settings")+", "+changedRows(r.rows)+": tab"))
	}
	return lines
}

func changedRows(rows []steps.Row) string {
	n := 0
	for _, r := range rows {
		if r.Changed {
			n++
		}
	}
	if n == 0 {
		return "all at their defaults"
	}
	return count(n, "of them changed", "of them changed")
}

// verbGlyph is + ~ or -.
func verbGlyph(v steps.Verb, look theme) string {
	switch v {
	case steps.Create:
		return look.good.Render(look.glyph.create)
	case steps.Modify:
		return look.warn.Render(look.glyph.modify)
	}
	return look.bad.Render(look.glyph.remove)
}
