package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// filter narrows a list to what holds a text. Its zero value lets all through.
type filter struct {
	on   bool // it is being typed
	text string
}

// filterKeys are the keys while a filter is typed.
func filterKeys() []key.Binding { return []key.Binding{keys.FilterDone, keys.FilterClear} }

// press takes a key that is for the filter; false: it is not.
func (f filter) press(msg tea.KeyPressMsg) (filter, bool) {
	switch {
	case !f.on && key.Matches(msg, keys.Filter):
		return filter{on: true, text: f.text}, true
	case f.text != "" && !f.on && key.Matches(msg, keys.FilterClear):
		return filter{}, true
	case !f.on:
		return f, false
	case key.Matches(msg, keys.FilterDone):
		return filter{text: f.text}, true
	case key.Matches(msg, keys.FilterClear):
		return filter{}, true
	case key.Matches(msg, keys.Erase):
		if r := []rune(f.text); len(r) > 0 {
			f.text = string(r[:len(r)-1])
		}
	case msg.Text != "":
		f.text += msg.Text
	}
	return f, true
}

// lets says whether one of parts holds the text, whatever its case.
func (f filter) lets(parts ...string) bool {
	if f.text == "" {
		return true
	}
	for _, p := range parts {
		if strings.Contains(strings.ToLower(p), strings.ToLower(f.text)) {
			return true
		}
	}
	return false
}

// view is the filter as it stands beside the head of the list.
func (f filter) view(look theme) string {
	switch {
	case f.on:
		return look.accent.Render("/ ") + short(f.text, 32) + look.accent.Render("_")
	case f.text != "":
		return look.dim.Render("/ " + short(f.text, 32))
	}
	return ""
}
