package tui

import (
	"strings"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// lesson is what the explain pane says of a screen. Its zero value is none.
type lesson struct {
	about    steps.Lesson
	commands []steps.Command
}

func (l lesson) empty() bool { return l.about.What == "" }

// lessonOf is the lesson of a step with commands that do the same by hand.
func lessonOf(id steps.ID, commands []steps.Command) lesson {
	return lesson{steps.LessonOf(id), commands}
}

// explainPane is the pane: what this is, why AWS wants it, the same by hand, and
// where AWS says so.
type explainPane struct {
	of     lesson
	scroll scroller
}

func (explainPane) Title() string  { return "explain" }
func (explainPane) Lesson() lesson { return lesson{} }
func (explainPane) overlay()       {}

func (e explainPane) Keys() []key.Binding {
	if len(e.of.commands) == 0 {
		return []key.Binding{keys.Shut, keys.Scroll}
	}
	return []key.Binding{keys.Shut, named(keys.Copy, "copy commands"), keys.Scroll}
}

func (e explainPane) Update(msg tea.Msg) (screen, tea.Cmd) {
	if in, ok := msg.(room); ok {
		e.scroll.in = in
	}
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Shut), key.Matches(press, keys.Explain):
		return e, send(pop{})
	case key.Matches(press, keys.Copy) && len(e.of.commands) > 0:
		return e, send(copyText{strings.Join(commandLines(e.of.commands, oneLine), "\n")})
	default:
		e.scroll = e.scroll.Move(press, len(e.lines(e.scroll.in.width, e.scroll.in.look)), e.scroll.in.height)
	}
	return e, nil
}

func (e explainPane) View(width, height int, look theme) string {
	return strings.Join(e.scroll.View(e.lines(width, look), height, look), "\n")
}

// readable is how wide a paragraph may be: longer lines lose the eye.
const readable = 76

func (e explainPane) lines(width int, look theme) []string {
	about := e.of.about
	lines := []string{look.title.Render(short(about.Title, width)), ""}
	lines = append(lines, wrap(about.What, min(width, readable))...)
	if about.Why != "" {
		lines = append(lines, "", look.dim.Render("Why AWS wants it"), "")
		lines = append(lines, wrap(about.Why, min(width, readable))...)
	}
	if by := folded(commandLines(e.of.commands, width-2), width-2); len(by) > 0 {
		lines = append(lines, "", look.dim.Render("The same by hand"), "")
		for _, l := range by {
			lines = append(lines, "  "+look.code.Render(l))
		}
	}
	if about.Link != "" {
		lines = append(lines, "", look.dim.Render("AWS says"), "")
		lines = append(lines, look.link(about.Link, width)...)
	}
	return lines
}

// ofChange is the lesson of a change, with what it comes to by hand.
func ofChange(c steps.Change) lesson { return lessonOf(c.Step, c.Commands) }
