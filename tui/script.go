package tui

import (
	"strings"

	"anywhere/pki/foreign"
	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// script is the whole plan as shell, to read or to hand to an administrator.
type script struct {
	text   string
	lines  []string
	scroll scroller
}

func newScript(text string) script { return script{text: text, lines: documentLines(text)} }

func (script) Title() string { return "shell script" }

func (script) Lesson() lesson {
	return lesson{about: steps.Lesson{Title: "The plan as a shell script",
		What: "Every change of the plan as openssl and aws commands, in order. An administrator can read it and run it with his own rights.",
		Why:  "Where you may not create roles yourself, the three ARNs that it prints are all that this machine needs: answer anchor.arn, role.arn and rolesanywhere-profile.arn with them, and nothing is written to AWS from here.",
		Link: "https://docs.aws.amazon.com/cli/latest/reference/rolesanywhere/"}}
}

func (script) Keys() []key.Binding {
	return []key.Binding{named(keys.Back, "plan"), named(keys.Copy, "copy all"), keys.Scroll}
}

func (s script) Update(msg tea.Msg) (screen, tea.Cmd) {
	if in, ok := msg.(room); ok {
		s.scroll.in = in
	}
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Back), key.Matches(press, keys.Leave):
		return s, send(pop{})
	case key.Matches(press, keys.Copy):
		return s, send(copyText{strings.Join(s.lines, "\n") + "\n"})
	default:
		s.scroll = s.scroll.Move(press, len(s.drawn(s.scroll.in.width, s.scroll.in.look)), s.scroll.in.height)
	}
	return s, nil
}

func (s script) View(width, height int, look theme) string {
	return strings.Join(s.scroll.View(s.drawn(width, look), height, look), "\n")
}

// drawn are the lines as they are read; only the copy key has them in one piece.
func (s script) drawn(width int, look theme) []string {
	var lines []string
	for _, l := range s.lines {
		style := look.code
		if strings.HasPrefix(l, "#") {
			style = look.dim
		}
		for _, p := range pieces(l, width) {
			lines = append(lines, style.Render(p))
		}
	}
	return lines
}

// oneLine is the width at which commands are not broken.
const oneLine = 1 << 20

// commandLines writes commands as shell: files as here-documents, what a command
// puts out into the variable that takes it. A command is never cut: one that is
// longer than width goes on, between two arguments, after a backslash.
func commandLines(list []steps.Command, width int) []string {
	var lines []string
	for _, c := range list {
		if c.File != "" {
			lines = append(lines, documentLines(steps.Command{File: c.File, Content: c.Content}.Shell())...)
		}
		if len(c.Args) == 0 {
			continue
		}
		before, after := "", ""
		if c.Sets != "" {
			before, after = clean(c.Sets)+"=$(", ")"
		}
		lines = append(lines, argLines(before, c.Args, after, width)...)
	}
	return lines
}

// argLines writes one command in lines of at most width columns where that can be
// done between arguments. A flag keeps its value beside it.
func argLines(before string, args []string, after string, width int) []string {
	var lines []string
	line := before
	for i, word := range flagged(args) {
		switch {
		case i == 0:
			line += word
		case foreign.Width(line)+foreign.Width(word)+len(" ")+len(after)+len(" \\") <= width:
			line += " " + word
		default:
			lines = append(lines, line+" \\")
			line = "  " + word
		}
	}
	return append(lines, line+after)
}

// folded lets a line that is wider than width go on in the next, for screens that
// do not scroll sideways: no part of a command is hidden, though only the copy key
// has it in one piece.
func folded(lines []string, width int) []string {
	var whole []string
	for _, line := range lines {
		for foreign.Width(line) > width {
			piece := ansi.Truncate(line, max(width, 1), "")
			if piece == "" {
				break
			}
			whole, line = append(whole, piece), strings.TrimPrefix(line, piece)
		}
		whole = append(whole, line)
	}
	return whole
}

// flagged quotes args, each flag together with its value.
func flagged(args []string) []string {
	var words []string
	for i, a := range args {
		word := clean(quote([]string{a}))
		if i > 1 && strings.HasPrefix(args[i-1], "-") && !strings.HasPrefix(a, "-") {
			words[len(words)-1] += " " + word
			continue
		}
		words = append(words, word)
	}
	return words
}
