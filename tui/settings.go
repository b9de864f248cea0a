package tui

import (
	"strings"

	"anywhere/pki/foreign"
	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// settings are the rows of the review: every question that was not asked because
// it has a default.
type settings struct {
	rows   []steps.Row
	scene  scene
	cursor int // among those that the filter lets through
	filter filter
}

// settingsAt has the cursor on the row of key.
func settingsAt(rows []steps.Row, around scene, key string) settings {
	s := settings{rows: rows, scene: around}
	for i, r := range rows {
		if r.Key == key {
			s.cursor = i
		}
	}
	return s
}

func (settings) Title() string { return "settings" }

func (s settings) Lesson() lesson {
	shown := s.shown()
	if s.cursor >= len(shown) {
		return lesson{}
	}
	return lessonOf(shown[s.cursor].Step, shown[s.cursor].Commands)
}

func (s settings) writing() bool { return s.filter.on }

// shown are the rows that the filter lets through.
func (s settings) shown() []steps.Row {
	var list []steps.Row
	for _, r := range s.rows {
		if s.filter.lets(r.Key, r.Ask, r.Value) {
			list = append(list, r)
		}
	}
	return list
}

func (s settings) Keys() []key.Binding {
	if s.filter.on {
		return filterKeys()
	}
	return []key.Binding{keys.Edit, keys.Plan, keys.Filter, keys.Move}
}

func (s settings) Update(msg tea.Msg) (screen, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return s, nil
	}
	if next, took := s.filter.press(press); took {
		s.filter, s.cursor = next, 0
		return s, nil
	}
	shown := s.shown()
	switch {
	case key.Matches(press, keys.Plan):
		return s, send(pop{})
	case len(shown) == 0:
	case key.Matches(press, keys.Edit):
		return s, send(push{newSetting(shown[s.cursor], s.scene)})
	case key.Matches(press, keys.Up):
		s.cursor = max(0, s.cursor-1)
	case key.Matches(press, keys.Down):
		s.cursor = min(len(shown)-1, s.cursor+1)
	}
	return s, nil
}

// valueRoom is what a value needs beside its label.
const valueRoom = 28

func (s settings) View(width, height int, look theme) string {
	head := []string{look.title.Render("Settings; none of them needs to be touched.") + "  " + s.filter.view(look), ""}
	var lines []string
	ask := 0
	shown := s.shown()
	for _, r := range s.rows {
		ask = max(ask, foreign.Width(clean(r.Ask)))
	}
	ask = min(ask, max(width*11/20, width-valueRoom))
	for i, r := range shown {
		lead, name := "  ", pad(label(r.Ask, ask), ask)
		if i == s.cursor {
			lead, name = look.accent.Render(look.glyph.caret+" "), look.title.Render(name)
		}
		lines = append(lines, strings.TrimRight(lead+name+"  "+rowValue(r, width-ask-4, look), " "))
	}
	var foot []string
	if s.cursor < len(shown) {
		foot = append(foot, "")
		// Always as many lines, so that the list stands still.
		for _, l := range clip(wrap(shown[s.cursor].Why, min(width, 76)), width, 3) {
			foot = append(foot, look.dim.Render(l))
		}
		foot = append(foot, look.dim.Render("--set "+clean(shown[s.cursor].Key)+"="))
	}
	lines = window(lines, s.cursor, height-len(head)-len(foot), look)
	return strings.Join(append(append(head, lines...), foot...), "\n")
}

// rowValue is the answer as it is read, and whether it is not the default.
func rowValue(r steps.Row, width int, look theme) string {
	value := r.Value
	for _, c := range choices(r.Asked) {
		if c.Value == value {
			value = c.Label
		}
	}
	if r.Kind == steps.Secret && value != "" {
		value = "given"
	}
	if value == "" {
		return look.dim.Render("none")
	}
	if !r.Changed {
		return short(value, width)
	}
	return short(value, width-10) + look.accent.Render("  changed")
}
