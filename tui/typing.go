package tui

import (
	"strings"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// typing wants something typed before a decision stands.
type typing struct {
	want  string
	leave removing
	field field
	wrong bool
}

func newTyping(want string, leave removing) typing {
	asked := steps.Asked{Question: steps.Question{Kind: steps.Text}}
	return typing{want: want, leave: leave, field: newField(asked, "")}
}

func (typing) Title() string       { return "are you sure?" }
func (typing) writing() bool       { return true }
func (typing) Keys() []key.Binding { return []key.Binding{keys.Remove, keys.Back} }

func (typing) Lesson() lesson {
	return lesson{about: steps.Lesson{Title: "Removing by tags alone",
		What: "There is no journal of this set-up here: the tags in AWS say what belongs to it. Its id, typed, is the leave to remove all of that.",
		Why:  "AWS keeps tags as anybody with the right to write them has left them. Whoever types the id has looked which set-up it is.",
		Link: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html"}}
}

func (t typing) Update(msg tea.Msg) (screen, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		t.field.Update(msg)
	case tea.KeyPressMsg:
		t.wrong = false
		switch {
		case key.Matches(msg, keys.Back):
			return t, send(pop{})
		case !key.Matches(msg, keys.Remove):
			t.field.Update(msg)
		case strings.TrimSpace(t.field.Value()) != t.want:
			t.wrong = true
		default:
			return t, send(t.leave)
		}
	}
	return t, nil
}

func (t typing) View(width, height int, look theme) string {
	lines := []string{look.title.Render("Type this to remove it:"), "", "  " + look.code.Render(short(t.want, width-2)), ""}
	lines = append(lines, t.field.View(width, 1, look)...)
	if t.wrong {
		lines = append(lines, look.bad.Render(look.glyph.fail+"  that is not the same"))
	}
	lines = append(lines, "")
	for _, l := range wrap("What is removed cannot be brought back.", width) {
		lines = append(lines, look.dim.Render(l))
	}
	return strings.Join(clip(lines, width, min(height, len(lines))), "\n")
}
