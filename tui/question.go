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
}

func newQuestion(a steps.Asked, around scene) question {
	return question{asked: a, scene: around, field: newField(a, a.Default), problem: a.Problem}
}

// newSetting asks for a row of the review again.
func newSetting(r steps.Row, around scene) question {
	q := question{asked: r.Asked, scene: around, edited: true, field: newField(r.Asked, r.Value)}
	return q
}

func (q question) Title() string {
	if q.edited {
		return "setting"
	}
	return ""
}

func (q question) Keys() []key.Binding {
	if q.field.pick != nil {
		return []key.Binding{keys.Choose, keys.Back, keys.Move}
	}
	return []key.Binding{keys.Next, keys.Back}
}

func (q question) Update(msg tea.Msg) (screen, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return q.press(msg)
	case tea.PasteMsg:
		q.field.Update(msg)
		return q.changed("")
	case refused:
		return q.refuse(msg), nil
	}
	return q, nil
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
	}
	was := q.field.Value()
	q.field.Update(msg)
	return q.changed(was)
}

// changed has the new value judged. Secrets are not: a short one is a short one
// until it is whole.
func (q question) changed(was string) (screen, tea.Cmd) {
	if q.field.Value() == was || q.field.pick != nil {
		return q, nil
	}
	q.problem = ""
	if q.asked.Kind == steps.Secret {
		return q, nil
	}
	return q, send(typed{q.asked.Key, q.field.Value()})
}

// answer decides. A secret is asked for twice, since nobody sees what was typed
// and a CA key under a mistyped passphrase is lost.
func (q question) answer() (screen, tea.Cmd) {
	value := q.field.Value()
	if q.asked.Kind == steps.Secret && value != "" {
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
	if q.asked.Kind == steps.Secret {
		q.once = ""
		q.field = newField(q.asked, "")
	}
	return q
}

func (q question) View(width, height int, look theme) string {
	picture := q.scene.picture.typed(q.asked.Key, q.field.Value())
	if picture != (Picture{}) && width >= pictureFrom {
		return beside(q.scene.rail, width, height, look, func(width, height int) []string {
			return sideBySide(q.ask(width-pictureWidth-4, height, look),
				picture.view(pictureWidth, height, look), width-pictureWidth, height)
		})
	}
	return beside(q.scene.rail, width, height, look, func(width, height int) []string {
		lines := q.ask(width, height, look)
		if rest := picture.view(width, height-len(lines)-2, look); rest != nil {
			lines = append(append(lines, "", ""), rest...)
		}
		return lines
	})
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
	lines = append(lines, q.field.View(width, height-len(lines)-len(below), look)...)
	lines = append(lines, below...)
	why := append([]string{""}, wrap(q.asked.Why, min(width, 60))...)
	for _, l := range why[:max(0, min(len(why), height-len(lines)))] {
		lines = append(lines, look.dim.Render(l))
	}
	return lines
}

func (q question) says() string {
	if q.once != "" {
		return q.asked.Ask + " Once more, to be sure:"
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
