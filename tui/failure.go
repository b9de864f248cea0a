package tui

import (
	"errors"
	"strings"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// failure shows what went wrong in the words of who said it, and what can be done.
type failure struct {
	doing string // what could not be done: look around
	err   error
	words Words
	made  making // what was done before, if this was work that writes
	retry work
	back  work // the page before; without a do there is none
	// doctor are the arguments of the command that finds the cause; nil: none.
	doctor []string
}

// newFailure takes an error apart: by an [Explainer] if there is one, by its text
// and its Hint otherwise.
func newFailure(doing string, err error, source any, retry, back work) failure {
	f := failure{doing: doing, err: err, retry: retry, back: back}
	if e, ok := source.(Explainer); ok {
		f.words = e.Explain(err)
	}
	if d, ok := source.(Diagnosed); ok {
		f.doctor = d.Doctor(err)
	}
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok && f.words.Hint == "" {
		f.words.Hint = h.Hint()
	}
	return f
}

func (failure) Title() string { return "error" }

// Lesson is that of what could not be done.
func (f failure) Lesson() lesson {
	if c, ok := errors.AsType[*steps.ChangeError](f.err); ok {
		return ofChange(c.Change)
	}
	return lessonOf(steps.StepLook, nil)
}

func (f failure) Keys() []key.Binding {
	list := []key.Binding{keys.Retry}
	if f.doctor != nil {
		list = append(list, keys.Doctor)
	}
	if f.back.do != nil {
		list = append(list, keys.Return)
	}
	if len(f.made.lines) > 0 {
		return append(list, named(keys.Leave, "quit, keep what is done"))
	}
	return append(list, keys.Leave)
}

func (f failure) Update(msg tea.Msg) (screen, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(press, keys.Retry):
		return f, send(again{f.retry})
	case key.Matches(press, keys.Return) && f.back.do != nil:
		return f, send(again{f.back})
	case key.Matches(press, keys.Doctor) && f.doctor != nil:
		return f, send(onward{f.doctor})
	case key.Matches(press, keys.Leave):
		return f, send(leave{})
	}
	return f, nil
}

func (f failure) View(width, height int, look theme) string {
	var lines []string
	lead := look.glyph.lead(look.glyph.fail)
	for _, l := range wrap(f.heading(), width-len(lead)) {
		lines = append(lines, look.bad.Render(lead+l))
		lead = strings.Repeat(" ", look.glyph.wide+1)
	}
	lines = append(append(lines, ""), f.said(width, look)...)
	if f.words.Cause != "" {
		lines = append(append(lines, ""), wrap(f.words.Cause, width)...)
	}
	if f.words.Hint != "" {
		lines = append(lines, "", look.dim.Render("what to do"))
		for _, l := range wrap(f.words.Hint, width-2) {
			lines = append(lines, "  "+l)
		}
	}
	if of := len(f.made.lines); of > 0 {
		done, _ := f.made.progress()
		lines = append(lines, "")
		kept := "What was done before is written down; the next run goes on from there."
		if done > 0 {
			kept = count(done, "thing is", "things are") + " done and written down; the next run goes on from there."
		}
		for _, l := range wrap(kept, width) {
			lines = append(lines, look.dim.Render(l))
		}
		if rest := height - len(lines) - 1; rest >= of+2 {
			m := f.made
			m.says = "So far"
			lines = append(append(lines, ""), strings.Split(m.View(width, rest, look), "\n")...)
		}
	}
	return strings.Join(lines, "\n")
}

// heading says what could not be done, on what.
func (f failure) heading() string {
	if c, ok := errors.AsType[*steps.ChangeError](f.err); ok {
		if c.Change.Verb == "" { // a proof, whose name is what it does: Get the first session
			first := min(1, len(c.Change.Name))
			return "Could not " + strings.ToLower(c.Change.Name[:first]) + c.Change.Name[first:]
		}
		return "Could not " + string(c.Change.Verb) + " " + c.Change.Noun + " " + c.Change.Name
	}
	return "Could not " + f.doing
}

// said is the answer verbatim and its request ID, which AWS's support asks for.
func (f failure) said(width int, look theme) []string {
	says, label := f.words.Says, "AWS says"
	if says == "" {
		says, label = f.err.Error(), ""
		if c, ok := errors.AsType[*steps.ChangeError](f.err); ok {
			says = c.Err.Error()
		}
	}
	var lines []string
	if label != "" {
		lines = append(lines, look.dim.Render(label))
	}
	for _, l := range wrap(says, width-2) {
		lines = append(lines, "  "+l)
	}
	if f.words.RequestID != "" {
		lines = append(lines, look.dim.Render("  request ")+short(f.words.RequestID, width-10))
	}
	return lines
}
