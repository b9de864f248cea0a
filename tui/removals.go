package tui

import (
	"slices"
	"strings"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// removals shows what a teardown will remove, what it keeps and why, and what is
// gone already, and asks for leave.
type removals struct {
	list     steps.Takedown
	typed    string // must be typed first; empty: approval is enough
	cursor   int
	accepted []string // Made.Change of those that got their own yes
}

func (removals) Title() string { return "review" }

func (removals) Lesson() lesson {
	return lesson{about: steps.Lesson{Title: "Taking a set-up down",
		What: "What the journal and the tags say was made by this set-up is removed: first the Roles Anywhere profile and the trust anchor are disabled, then AWS is cleared from the outside in, then this machine.",
		Why:  "AWS gives no new session once the trust anchor is disabled. Sessions already issued live on until they expire; AWS can only cut off all sessions of a role at once.",
		Link: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html"}}
}

func (r removals) Keys() []key.Binding {
	var list []key.Binding
	if len(r.list.Removals) > 0 {
		list = append(list, keys.Remove)
		if optional(r.list.Removals[r.cursor]) {
			list = append(list, named(keys.Toggle, "remove this, too"))
		}
	}
	list = append(list, keys.Leave, keys.Move)
	if r.byHand() != nil {
		list = append(list, named(keys.Copy, "copy commands"))
	}
	return list
}

// byHand are the commands for what stays.
func (r removals) byHand() (list []steps.Command) {
	for _, item := range r.list.Removals {
		list = append(list, item.Commands...)
	}
	return list
}

// optional says that a thing stays only because nobody asked for its removal.
func optional(r steps.Removal) bool { return r.Keep != "" && r.Ours }

func (r removals) Update(msg tea.Msg) (screen, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Leave):
		return r, send(leave{})
	case len(r.list.Removals) == 0:
	case key.Matches(press, keys.Remove):
		return r.approve()
	case key.Matches(press, keys.Up):
		r.cursor = max(0, r.cursor-1)
	case key.Matches(press, keys.Down):
		r.cursor = min(len(r.list.Removals)-1, r.cursor+1)
	case key.Matches(press, keys.Copy) && r.byHand() != nil:
		return r, send(copyText{strings.Join(commandLines(r.byHand(), oneLine), "\n")})
	case key.Matches(press, keys.Toggle) && optional(r.list.Removals[r.cursor]):
		r.accepted = toggled(r.accepted, r.list.Removals[r.cursor].Made.Change)
	}
	return r, nil
}

// approve decides, or asks for what must be typed first.
func (r removals) approve() (screen, tea.Cmd) {
	leave := removing{r.list, r.changes(r.accepted), r.accepted}
	if r.typed == "" {
		return r, send(leave)
	}
	return r, send(push{newTyping(r.typed, leave)})
}

// goes says whether a removal will be done.
func goes(r steps.Removal, accepted []string) bool {
	return !r.Gone && (r.Keep == "" || r.Partly || optional(r) && slices.Contains(accepted, r.Made.Change))
}

// changes are those removals that will be done, for the progress.
func (r removals) changes(accepted []string) []steps.Change {
	var list []steps.Change
	for _, item := range r.list.Removals {
		if goes(item, accepted) {
			list = append(list, steps.Change{ID: item.Made.Change, Step: item.Made.Step,
				Verb: steps.Remove, Noun: item.Made.Noun, Name: item.Made.Name, Detail: item.Detail})
		}
	}
	return list
}

// says is what is true before leave is given.
func (r removals) says() string {
	gone := 0
	for _, item := range r.list.Removals {
		if item.Gone {
			gone++
		}
	}
	switch {
	case len(r.list.Removals) == 0:
		return "There is nothing to remove."
	case gone > 0:
		return count(gone, "thing is", "things are") + " gone already; the rest stands."
	}
	return "Nothing has been removed yet."
}

func (r removals) View(width, height int, look theme) string {
	var head []string
	for _, l := range wrap(r.says(), width) {
		head = append(head, look.title.Render(l))
	}
	head = append(head, "")
	lines, at := []string{}, 0
	for i, item := range r.list.Removals {
		if i == r.cursor {
			at = len(lines)
		}
		lines = append(lines, r.item(item, i == r.cursor, width, look)...)
	}
	foot := []string{""}
	for _, s := range r.list.Stays {
		for _, l := range wrap(s, width) {
			foot = append(foot, look.dim.Render(l))
		}
	}
	going, staying := len(r.changes(r.accepted)), 0
	for _, item := range r.list.Removals {
		if !item.Gone && !goes(item, r.accepted) {
			staying++
		}
	}
	foot = append(foot, balance(going, staying))
	lines = window(lines, at, height-len(head)-len(foot), look)
	return strings.Join(append(append(head, lines...), foot...), "\n")
}

// balance says how many things go, and how many stay if any does.
func balance(going, staying int) string {
	if staying == 0 {
		return count(going, "thing goes.", "things go.")
	}
	return count(going, "thing goes", "things go") + ", " + count(staying, "stays.", "stay.")
}

// glyphs is the width of the column of glyphs: a box to tick is wider than a sign.
func (r removals) glyphs(look theme) int {
	if slices.ContainsFunc(r.list.Removals, optional) {
		return 4
	}
	return look.glyph.wide + 1
}

// item is the lines of one thing.
func (r removals) item(item steps.Removal, here bool, width int, look theme) []string {
	glyph, why, style := look.bad.Render(look.glyph.remove), item.Detail, look.dim
	switch {
	case item.Gone:
		glyph, why = look.dim.Render(look.glyph.skip), "already gone"
	case optional(item):
		glyph, why, style = look.warn.Render(look.glyph.off), "stays: "+item.Keep, look.warn
		if goes(item, r.accepted) {
			glyph, why = look.bad.Render(look.glyph.on), "goes, too, by your own yes"
		}
	case item.Partly:
		glyph, why, style = look.warn.Render(look.glyph.modify), "our part goes; the rest stays: "+item.Keep, look.warn
	case item.Keep != "":
		glyph, why, style = look.warn.Render(look.glyph.warn), "stays: "+item.Keep, look.warn
	}
	lead, noun := "  ", cell(item.Made.Noun, 22)
	if here {
		lead, noun = look.accent.Render(look.glyph.caret+" "), look.title.Render(noun)
	}
	line := lead + pad(glyph, r.glyphs(look)) + noun + "  " + short(item.Made.Name, width-30)
	if item.Keep == "" && ansi.StringWidth(line)+2+ansi.StringWidth(clean(why)) <= width {
		return []string{strings.TrimRight(line+"  "+style.Render(clean(why)), " ")}
	}
	lines := []string{strings.TrimRight(line, " ")}
	under := 2 + r.glyphs(look) + 22 + 2
	if width-under < 40 {
		under = 6
	}
	if !strings.Contains(why, " ") {
		why = shortName(why, width-under)
	}
	for _, l := range wrap(why, width-under) {
		lines = append(lines, strings.Repeat(" ", under)+style.Render(l))
	}
	for _, l := range folded(commandLines(item.Commands, width-6), width-6) {
		lines = append(lines, "      "+look.code.Render(l))
	}
	return lines
}
