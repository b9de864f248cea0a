package tui

import (
	"strings"
	"unicode"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
)

// field is one huh field on its own. A huh form around it would lay out its own
// help and errors, read the window size and swallow ctrl+c; the frame does these.
//
// huh's fields are pointers that change when they are drawn; nothing else in this
// package is.
type field struct {
	input *huh.Input
	pick  *huh.Select[string]
	value *string
	kind  steps.Kind
	look  *themeCell
	list  []steps.Choice
	room  *[2]int // columns and lines that the options were made for
}

// newField makes the field for a question, holding value.
func newField(a steps.Asked, value string) field {
	f := field{value: &value, kind: a.Kind, look: &themeCell{newTheme(true, true, true).form}, list: choices(a), room: new([2]int)}
	if len(f.list) > 0 {
		if !offered(f.list, value) {
			*f.value = f.list[0].Value
		}
		f.pick = huh.NewSelect[string]()
		f.fit(80, len(f.list))
		return f
	}
	f.input = huh.NewInput().Value(f.value).Prompt("> ")
	if a.Kind == steps.Secret {
		f.input.EchoMode(huh.EchoModePassword)
	}
	if a.Example != "" {
		f.input.Placeholder(clean(a.Example))
	}
	f.input.WithTheme(f.look)
	f.input.WithKeyMap(fieldKeys())
	f.input.Focus()
	return f
}

// fieldKeys leave enter, tab, esc and ctrl+c to the screen. Filtering is off:
// without a title huh does not draw what is typed into it.
func fieldKeys() *huh.KeyMap {
	km := huh.NewDefaultKeyMap()
	for _, b := range []*key.Binding{
		&km.Input.Next, &km.Input.Prev, &km.Input.Submit,
		&km.Select.Next, &km.Select.Prev, &km.Select.Submit, &km.Select.Filter,
	} {
		b.SetEnabled(false)
	}
	return km
}

// choices are the answers to pick from; nil for one that is typed.
func choices(a steps.Asked) []steps.Choice {
	if a.Kind == steps.YesNo && len(a.Choices) == 0 {
		return []steps.Choice{{Value: "yes", Label: "Yes"}, {Value: "no", Label: "No"}}
	}
	return a.Choices
}

func offered(list []steps.Choice, value string) bool {
	for _, c := range list {
		if c.Value == value {
			return true
		}
	}
	return false
}

// Value is what the field holds.
func (f field) Value() string { return *f.value }

// Note is a line under the field: about the option that the caret is on, or about
// the form of the answer.
func (f field) Note() string {
	switch f.kind {
	case steps.List:
		return "Several are separated by commas."
	case steps.File:
		return "The path of a file, or the text in it, pasted."
	}
	for _, c := range f.list {
		if c.Value == *f.value {
			return c.Note
		}
	}
	return ""
}

// Update gives a key or a paste to the field. Its commands are dropped: they would
// only blink the cursor, or run a program to read the clipboard.
func (f field) Update(msg tea.Msg) {
	switch {
	case f.pick != nil:
		f.pick.Update(msg)
	case f.input != nil:
		f.input.Update(msg)
	}
}

// Lines is how high the field wants to be.
func (f field) Lines() int { return max(1, len(f.list)) }

// View draws the field in at most height lines.
func (f field) View(width, height int, look theme) []string {
	f.look.styles = look.form
	if f.pick != nil {
		f.fit(width, max(1, min(height, len(f.list))))
		return trimLines(f.pick.View())
	}
	f.input.Prompt(look.glyph.caret + " ")
	f.input.WithWidth(width)
	return trimLines(visible(f.input.View()))
}

// fit makes the options anew for the room there is. They are shortened, since huh
// would break an ARN at its hyphens; and a huh field that was low once stays
// scrolled, so it is not resized but replaced.
func (f field) fit(width, height int) {
	if *f.room == [2]int{width, height} {
		return
	}
	*f.room = [2]int{width, height}
	options := make([]huh.Option[string], len(f.list))
	for i, c := range f.list {
		options[i] = huh.NewOption(short(c.Label, width-3), c.Value)
	}
	fresh := huh.NewSelect[string]().Value(f.value).Options(options...)
	fresh.WithTheme(f.look)
	fresh.WithKeyMap(fieldKeys())
	fresh.WithWidth(width)
	fresh.WithHeight(height)
	fresh.Focus()
	*f.pick = *fresh
}

// trimLines splits and drops the blanks that huh fills lines with.
func trimLines(block string) []string {
	lines := strings.Split(block, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// visible replaces what the text input lets through and a terminal would act on:
// bidi, zero-width and other format characters. The value keeps them, so that the
// road can refuse them by name.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}
