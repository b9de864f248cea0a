package tui

import (
	"slices"
	"strings"
	"time"

	"anywhere/pki/foreign"
	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// making shows every change gaining its glyph and time as it happens.
type making struct {
	title string // setting up
	says  string // the first line
	lines []progressLine
	now   time.Time
	// picture is the chain of trust as it grows.
	picture Picture
}

// progressLine is one change or one proof.
type progressLine struct {
	change   steps.Change
	kind     steps.EventKind // empty: its turn has not come
	note     string          // what is waited for
	began    time.Time
	took     time.Duration
	evidence []steps.Evidence
	most     time.Duration // how long this wait may take, if it can be skipped
}

// newMaking expects changes, in their order.
func newMaking(title, says string, changes []steps.Change) making {
	m := making{title: title, says: says}
	for _, c := range changes {
		m.lines = append(m.lines, progressLine{change: c})
	}
	return m
}

func (m making) Title() string     { return m.title }
func (making) Keys() []key.Binding { return nil }

// Lesson is that of what is being made.
func (m making) Lesson() lesson {
	for _, l := range m.lines {
		if l.kind == steps.Started || l.kind == steps.Waiting {
			return ofChange(l.change)
		}
	}
	return lesson{}
}

// optional says that what is waited for can be skipped.
func (m making) optional() bool {
	for _, l := range m.lines {
		if l.kind == steps.Waiting && l.most > 0 {
			return true
		}
	}
	return false
}

func (m making) Update(msg tea.Msg) (screen, tea.Cmd) {
	switch msg := msg.(type) {
	case tick:
		m.now = msg.now
	case told:
		m.now, m.picture = msg.at, msg.picture
		m = m.hear(msg.event, msg.at)
		return m.within(msg.event, msg.most), nil
	}
	return m, nil
}

// hear notes what happened to one change. One that was not announced, such as a
// proof, gets a line of its own.
func (m making) hear(e steps.Event, at time.Time) making {
	lines := append([]progressLine(nil), m.lines...)
	i := 0
	for i < len(lines) && lines[i].change.ID != e.Change.ID {
		i++
	}
	if i == len(lines) {
		lines = append(lines, progressLine{change: e.Change})
	}
	l := &lines[i]
	if l.began.IsZero() {
		l.began = at.Add(-e.Elapsed)
	}
	l.kind, l.note, l.took = e.Kind, e.Note, e.Elapsed
	l.evidence = append(l.evidence, e.Evidence...)
	m.lines = lines
	return m
}

// within notes how long the wait that e tells of may take.
func (m making) within(e steps.Event, most time.Duration) making {
	for i := range m.lines {
		if m.lines[i].change.ID == e.Change.ID {
			m.lines[i].most = most
		}
	}
	return m
}

// progress counts what is done, for the terminal's own progress bar.
func (m making) progress() (done, of int) {
	for _, l := range m.lines {
		if l.kind == steps.Finished || l.kind == steps.Proved {
			done++
		}
	}
	return done, len(m.lines)
}

func (m making) View(width, height int, look theme) string {
	if picture := m.picture.view(pictureWidth, height, look); picture != nil && width >= pictureFrom {
		left := strings.Split(m.list(width-pictureWidth-4, height, look), "\n")
		return strings.Join(sideBySide(left, picture, width-pictureWidth, height), "\n")
	}
	return m.list(width, height, look)
}

func (m making) list(width, height int, look theme) string {
	times := leastTimes
	for _, l := range m.lines {
		times = max(times, len(l.time(m.now)))
	}
	room := width - look.glyph.wide - 1 - times - 1
	changes := m.called(room)
	cols := columnsFor(changes, room)
	if cols.detail == 0 {
		cols.name = min(cols.name, room-cols.noun-2)
	}
	lines, at := []string{}, 0
	for i, l := range m.lines {
		if l.kind == steps.Started || l.kind == steps.Waiting || l.kind == steps.Failed {
			at = len(lines)
		}
		lines = append(lines, l.view(cols, changes[i], m.now, width, look)...)
	}
	head := []string{look.title.Render(m.says), ""}
	return strings.Join(append(head, window(lines, at, height-len(head), look)...), "\n")
}

// called is what the lines are called: without details, but for the second of two
// changes of one thing, which is called by what happens to it then: enabled.
func (m making) called(room int) []steps.Change {
	list := make([]steps.Change, len(m.lines))
	for i, l := range m.lines {
		list[i] = l.change
		twice := slices.ContainsFunc(m.lines, func(o progressLine) bool {
			return o.change.ID != l.change.ID && o.change.Noun == l.change.Noun && o.change.Name == l.change.Name
		})
		if twice && l.change.Detail != "" && l.change.Verb != steps.Create {
			list[i].Name += ", " + l.change.Detail
			if foreign.Width(clean(list[i].Name)) > room-labelWidth {
				list[i].Name = l.change.Detail
			}
		}
		list[i].Detail = ""
	}
	return list
}

// leastTimes is the column of times, right-aligned, while none takes a minute.
const leastTimes = len("59.9 s")

// time is how long the change took, or takes; empty before its turn.
func (l progressLine) time(now time.Time) string {
	switch l.kind {
	case steps.Finished, steps.Proved, steps.Failed:
		return seconds(l.took)
	case steps.Started, steps.Waiting:
		return whole(max(0, now.Sub(l.began)))
	}
	return ""
}

func (l progressLine) view(cols columns, c steps.Change, now time.Time, width int, look theme) []string {
	glyph, style := look.glyph.todo, look.dim
	switch l.kind {
	case steps.Finished, steps.Proved:
		glyph, style = look.glyph.done, look.good
	case steps.Failed:
		glyph, style = look.glyph.fail, look.bad
	case steps.Started, steps.Waiting:
		glyph, style = look.glyph.here, look.accent
	}
	took := l.time(now)
	left := style.Render(look.glyph.lead(glyph)) + cols.line(c, false, look)
	lines := []string{strings.TrimRight(pad(left, width-len(took))+look.dim.Render(took), " ")}
	if l.kind == steps.Waiting {
		for _, w := range wrap("waiting: "+l.note, width-6) {
			lines = append(lines, "      "+look.dim.Render(w))
		}
		if l.most > 0 {
			lines = append(lines, "      "+look.bar(24, now.Sub(l.began), l.most)+look.dim.Render("  at most "+whole(l.most)))
		}
	}
	for _, e := range evidenceLines(l.evidence, width-6, look) {
		lines = append(lines, "      "+e)
	}
	return lines
}
