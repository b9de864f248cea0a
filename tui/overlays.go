package tui

import (
	"strings"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// opening is what is on before the first question is known.
type opening struct{}

func (opening) Title() string                      { return "" }
func (s opening) Update(tea.Msg) (screen, tea.Cmd) { return s, nil }
func (opening) View(int, int, theme) string        { return "" }
func (opening) Keys() []key.Binding                { return nil }
func (opening) Lesson() lesson                     { return lesson{} }

// keysScreen lists every key of the screen below it.
type keysScreen struct{ of screen }

func (keysScreen) Title() string       { return "keys" }
func (keysScreen) Keys() []key.Binding { return []key.Binding{keys.Shut} }
func (keysScreen) Lesson() lesson      { return lesson{} }
func (keysScreen) overlay()            {}

func (s keysScreen) Update(msg tea.Msg) (screen, tea.Cmd) {
	if _, ok := msg.(tea.KeyPressMsg); ok {
		return s, send(pop{})
	}
	return s, nil
}

func (s keysScreen) View(width, height int, look theme) string {
	lines := []string{look.title.Render("Keys of this screen"), ""}
	list := s.of.Keys()
	if !s.of.Lesson().empty() {
		list = append(list, keys.Explain)
	}
	for _, b := range append(list, keys.Help, keys.Quit) {
		names := b.Keys()
		other := ""
		if len(names) > 1 {
			other = look.dim.Render("  " + strings.Join(names, ", "))
		}
		lines = append(lines, look.key.Render(pad(keyName(b, look), 12))+pad(b.Help().Desc, 20)+other)
	}
	lines = append(lines, "")
	for _, l := range wrap("Every screen can be had without one: anywhere setup --plain asks line by line, --yes and --set ask nothing.", width) {
		lines = append(lines, look.dim.Render(l))
	}
	return strings.Join(clip(lines, width, min(height, len(lines))), "\n")
}

// quitScreen asks before running work is stopped.
type quitScreen struct{}

func (quitScreen) Title() string       { return "stop?" }
func (quitScreen) Keys() []key.Binding { return []key.Binding{keys.Stop, keys.GoOn} }
func (quitScreen) overlay()            {}

func (quitScreen) Lesson() lesson {
	return lesson{about: steps.Lesson{Title: "The journal",
		What: "Before every change its intent is written to the journal of the set-up, and after it what was made. What is made in AWS carries the id of the set-up as a tag.",
		Why:  "AWS does not know which of its things belong together. With journal and tags nothing that was made is ever forgotten: the next run goes on after the last change, and a teardown removes exactly what stands.",
		Link: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html"}}
}

func (s quitScreen) Update(msg tea.Msg) (screen, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Stop):
		return s, send(stop{})
	case key.Matches(press, keys.GoOn):
		return s, send(pop{})
	}
	return s, nil
}

func (quitScreen) View(width, height int, look theme) string {
	lines := []string{look.title.Render("Stop here?"), ""}
	lines = append(lines, wrap("A call to AWS that is under way is broken off; the next run looks what became of it. "+
		"What is made stays; the next run goes on from there, and anywhere teardown removes it.", min(width, 64))...)
	lines = append(lines, "")
	for _, l := range wrap("ctrl+c once more stops, and once more again leaves without waiting.", min(width, 64)) {
		lines = append(lines, look.dim.Render(l))
	}
	return strings.Join(lines, "\n")
}
