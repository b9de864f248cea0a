package tui

import (
	"errors"
	"strings"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// scene is what stands around a question: the road and the chain of trust.
type scene struct {
	rail    []Stop
	picture Picture
}

// question asks one thing: the question first, then the field, then why.
type question struct {
	asked   steps.Asked
	scene   scene
	field   field
	edited  bool   // one of the settings, not on the road
	problem string // why the answer cannot stand
	early   bool   // problem was found while typing
	once    string // a secret, typed the first time
	kept    string // a secret that was typed before the user went back
	instead string // what was pasted in the place of a file, in a few words
	byHand  bool   // the same by hand stands where the picture was
	// commands are the same by hand, for the value that is there.
	commands []steps.Command
}

func newQuestion(a steps.Asked, around scene) question {
	if a.Kind == steps.Secret && a.Default != "" {
		// Nobody can go on typing where nothing is seen: it is kept whole or typed anew.
		kept := a.Default
		a.Default, a.Example = "", "as it was typed; enter keeps it"
		return question{asked: a, scene: around, field: newField(a, ""), kept: kept, commands: a.Commands}
	}
	return question{asked: a, scene: around, field: newField(a, a.Default), problem: a.Problem, commands: a.Commands}
}

// newSetting asks for a row of the review again.
func newSetting(r steps.Row, around scene) question {
	around.rail = railAt(around.rail, r.Step)
	return question{asked: r.Asked, scene: around, edited: true, field: newField(r.Asked, r.Value), commands: r.Commands}
}

func (q question) Title() string {
	if q.edited {
		return "setting"
	}
	return ""
}

func (q question) Keys() []key.Binding {
	list := []key.Binding{keys.Next, keys.Back}
	if q.field.pick != nil {
		list[0] = keys.Choose
	}
	switch {
	case q.byHand:
		list = append(list, named(keys.Command, "picture"), keys.CopyCommand)
	case len(q.commands) > 0:
		list = append(list, keys.Command)
	}
	if q.field.pick != nil {
		list = append(list, keys.Move)
		if !q.edited {
			list = append(list, keys.Leave)
		}
	}
	return list
}

func (q question) Lesson() lesson { return lessonOf(q.asked.Step, q.commands) }

func (q question) writing() bool { return q.field.pick == nil }

func (q question) Update(msg tea.Msg) (screen, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return q.press(msg)
	case tea.PasteMsg:
		if q.asked.Kind == steps.File && strings.ContainsAny(strings.TrimSpace(msg.Content), "\r\n") {
			return q, send(pasted{q.asked.Key, msg.Content})
		}
		if q.instead != "" {
			q.field, q.instead = newField(q.asked, ""), ""
		}
		q.field.Update(msg)
		return q.changed("")
	case refused:
		return q.refuse(msg), nil
	case standsFor:
		return q.stand(msg)
	}
	return q, nil
}

// stand takes the answer that stands for what was pasted.
func (q question) stand(s standsFor) (screen, tea.Cmd) {
	if s.key != q.asked.Key {
		return q, nil
	}
	if s.problem != "" {
		q.problem, q.early = s.problem, true
		return q, nil
	}
	q.field, q.instead = newField(q.asked, s.value), s.says
	return q.changed("")
}

func (q question) press(msg tea.KeyPressMsg) (screen, tea.Cmd) {
	switch {
	case key.Matches(msg, keys.Next):
		return q.answer()
	case key.Matches(msg, keys.Back):
		if q.edited {
			return q, send(pop{})
		}
		return q, send(backed{})
	case key.Matches(msg, keys.Leave) && !q.writing() && !q.edited:
		return q, send(leave{})
	case key.Matches(msg, keys.Command):
		q.byHand = !q.byHand && len(q.commands) > 0
		return q, nil
	case key.Matches(msg, keys.CopyCommand):
		if len(q.commands) == 0 {
			return q, nil
		}
		return q, send(copyText{strings.Join(commandLines(q.commands, oneLine), "\n")})
	}
	was := q.field.Value()
	if q.instead != "" {
		q.field, q.instead = newField(q.asked, ""), "" // its path is nothing to edit
	}
	q.field.Update(msg)
	return q.changed(was)
}

// changed has the new value judged. Secrets are not: a short one is a short one
// until it is whole.
func (q question) changed(was string) (screen, tea.Cmd) {
	if q.field.Value() == was {
		return q, nil
	}
	q.problem = ""
	if q.asked.Kind == steps.Secret {
		return q, nil
	}
	return q, send(typed{q.asked.Key, q.field.Value()})
}

// answer decides. A new secret is asked for twice, since nobody sees what was typed
// and a CA key under a mistyped passphrase is lost.
func (q question) answer() (screen, tea.Cmd) {
	value := q.field.Value()
	if value == "" && q.once == "" && q.kept != "" {
		return q, send(answered{q.asked.Key, q.kept, q.edited})
	}
	if q.asked.Kind == steps.Secret && value != "" && !q.asked.Once {
		q.kept, q.asked.Example = "", ""
		if q.once == "" {
			q.once, q.problem = value, ""
			q.field = newField(q.asked, "")
			return q, nil
		}
		if q.once != value {
			q.once, q.problem, q.early = "", "the two are not the same; please type it again", false
			q.field = newField(q.asked, "")
			return q, nil
		}
	}
	return q, send(answered{q.asked.Key, value, q.edited})
}

// refuse shows why the answer cannot stand, unless it has changed since.
func (q question) refuse(r refused) question {
	if r.key != q.asked.Key || r.early && r.value != q.field.Value() {
		return q
	}
	q.problem, q.early = r.problem, r.early
	if r.early && (r.problem == "" || len(q.commands) == 0) {
		q.commands = r.commands
	}
	if q.asked.Kind == steps.Secret {
		q.once, q.kept, q.asked.Example = "", "", ""
		q.field = newField(q.asked, "")
	}
	return q
}

func (q question) View(width, height int, look theme) string {
	picture := q.scene.picture.typed(q.asked.Key, q.field.Value())
	if picture != (Picture{}) && width >= pictureFrom {
		return beside(q.scene.rail, width, height, look, func(width, height int) []string {
			left := width - pictureWidth - 4
			return sideBySide(q.withCommands(q.ask(left, height, look), left, height, look),
				picture.view(pictureWidth, height, look), width-pictureWidth, height)
		})
	}
	return beside(q.scene.rail, width, height, look, func(width, height int) []string {
		lines := q.ask(width, height, look)
		if q.byHand {
			return q.withCommands(lines, width, height, look)
		}
		for _, air := range []int{2, 1} {
			if rest := picture.view(width, height-len(lines)-air, look); rest != nil {
				return append(append(lines, make([]string, air)...), rest...)
			}
		}
		return lines
	})
}

// withCommands puts the same by hand below a question, where that is wanted.
func (q question) withCommands(lines []string, width, height int, look theme) []string {
	if !q.byHand {
		return lines
	}
	lines = append(lines, "", "", look.dim.Render("The same by hand"), "")
	var by []string
	for _, l := range folded(commandLines(q.commands, width), width) {
		by = append(by, look.code.Render(l))
	}
	return append(lines, scroller{}.View(by, max(0, height-len(lines)), look)...)
}

// ask is the question itself, in at most height lines: what does not fit of the
// reason is left out, never the field or what is wrong with the answer.
func (q question) ask(width, height int, look theme) []string {
	var lines []string
	for _, l := range wrap(q.says(), width) {
		lines = append(lines, look.title.Render(l))
	}
	var below []string
	if q.field.Note() != "" && q.field.pick != nil {
		below = append(below, "") // or it would seem to belong to the last option
	}
	for _, l := range wrap(q.field.Note(), width-2) {
		below = append(below, "  "+look.dim.Render(l))
	}
	below = append(below, q.wrong(width, look)...)
	lines = append(lines, "")
	if q.instead != "" {
		lines = append(lines, look.accent.Render(look.glyph.caret+" ")+head("pasted "+q.instead, width-2))
	} else {
		lines = append(lines, q.field.View(width, height-len(lines)-len(below), look)...)
	}
	lines = append(lines, below...)
	why := append([]string{""}, wrap(q.asked.Why, min(width, 60))...)
	for _, l := range why[:max(0, min(len(why), height-len(lines)))] {
		lines = append(lines, look.dim.Render(l))
	}
	return lines
}

func (q question) says() string {
	if q.once != "" {
		return q.asked.Ask + ", once more to be sure"
	}
	return q.asked.Ask
}

// wrong is the line about the answer.
func (q question) wrong(width int, look theme) []string {
	if q.problem == "" {
		return nil
	}
	glyph, style := look.glyph.fail, look.bad
	if q.early {
		glyph, style = look.glyph.warn, look.warn
	}
	var lines []string
	for i, l := range wrap(q.problem, width-3) {
		lead := strings.Repeat(" ", look.glyph.wide+1)
		if i == 0 {
			lead = style.Render(look.glyph.lead(glyph))
		}
		lines = append(lines, lead+style.Render(l))
	}
	return lines
}

// problemOf is the short sentence in an error about an answer.
func problemOf(err error) string {
	if bad, ok := errors.AsType[*steps.InvalidError](err); ok && bad.Err != nil {
		return bad.Err.Error()
	}
	return err.Error()
}

// sideBySide puts two columns beside each other; the right one begins at column
// at.
func sideBySide(left, right []string, at, height int) []string {
	lines := make([]string, min(height, max(len(left), len(right))))
	for i := range lines {
		if i < len(left) {
			lines[i] = left[i]
		}
		if i < len(right) {
			lines[i] = pad(lines[i], at) + right[i]
		}
	}
	return lines
}
