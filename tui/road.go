package tui

import (
	"context"
	"errors"
	"time"

	"anywhere/steps"

	tea "charm.land/bubbletea/v2"
)

// road is the flow of a set-up: questions until none is left, the review, the
// work, the result.
type road struct {
	setup Setup
	now   func() time.Time
}

func (road) name() string { return "set up" }

func (r road) begin() work {
	return work{says: "looking around", do: func(ctx context.Context, _ func(tea.Msg)) tea.Msg { return r.advance(ctx, "") }}
}

func (r road) decide(msg tea.Msg) (work, bool) {
	switch msg := msg.(type) {
	case answered:
		return r.take(msg), true
	case backed:
		return r.goBack(), true
	case approved:
		return r.make(msg), true
	}
	return work{}, false
}

// advance opens the next question, or the review when none is left. After a
// setting was edited its list is opened again, with the cursor where it was.
func (r road) advance(ctx context.Context, edited string) tea.Msg {
	asked, err := r.setup.Next(ctx)
	if err != nil {
		return r.failed("look around", err, r.begin(), r.goBack())
	}
	around := scene{r.setup.Rail(), r.setup.Picture()}
	if asked != nil {
		return opened{screens: []screen{newQuestion(*asked, around)}, header: r.setup.Header()}
	}
	rows, err := r.setup.Rows(ctx)
	if err != nil {
		return r.failed("read the settings", err, r.begin(), r.goBack())
	}
	plan, err := r.setup.Plan(ctx)
	if err != nil {
		return r.failed("make the plan", err, r.begin(), r.goBack())
	}
	next := opened{screens: []screen{review{plan: plan, rows: rows, scene: around}}, header: r.setup.Header()}
	if edited != "" {
		next.screens = append(next.screens, settingsAt(rows, around, edited))
		return next
	}
	next.grace = true
	return next
}

// take gives an answer to the road.
func (r road) take(a answered) work {
	w := work{says: "checking the answer"}
	w.do = func(ctx context.Context, _ func(tea.Msg)) tea.Msg {
		err := r.setup.Answer(ctx, a.key, a.value)
		if invalid(err) {
			return refused{key: a.key, value: a.value, problem: problemOf(err)}
		}
		if err != nil {
			return r.failed("take the answer "+a.key, err, w, r.begin())
		}
		edited := ""
		if a.edited {
			edited = a.key
		}
		return r.advance(ctx, edited)
	}
	return w
}

// goBack asks the question before; at the first one it asks that again.
func (r road) goBack() work {
	return work{says: "going back", do: func(ctx context.Context, _ func(tea.Msg)) tea.Msg {
		r.setup.Back()
		return r.advance(ctx, "")
	}}
}

// make applies what was approved.
func (r road) make(a approved) work {
	says := "Making " + count(len(a.plan.Changes), "change", "changes") + " and proving that it works."
	shown := newMaking("setting up", says, a.plan.Changes)
	shown.picture = a.picture
	w := work{says: "setting up", writes: true, on: shown}
	w.do = func(ctx context.Context, show func(tea.Msg)) tea.Msg {
		sofar := shown
		err := r.setup.Apply(ctx, a.plan, a.accept, func(e steps.Event) {
			at := r.now()
			sofar = sofar.hear(e, at)
			sofar.picture = r.setup.Picture()
			show(told{event: e, at: at, header: r.setup.Header(), picture: sofar.picture, most: r.optional(e)})
		})
		if err != nil {
			return r.broken(err, sofar)
		}
		summary := r.setup.Summary()
		return opened{screens: []screen{finished{summary: summary, picture: r.setup.Picture()}}, header: r.setup.Header(), grace: true, summary: &summary}
	}
	return w
}

// broken is the error of work that writes. What was made so far stands, so the
// retry looks and plans anew: it shows and makes only what is left.
func (r road) broken(err error, sofar making) opened {
	f := newFailure("set up", err, r.setup, r.begin(), r.goBack())
	f.made = sofar
	return opened{screens: []screen{f}, header: r.setup.Header(), grace: true, err: err}
}

// failed is the error of work that only looks; retry is that work again, back the
// page before.
func (r road) failed(doing string, err error, retry, back work) opened {
	return opened{screens: []screen{newFailure(doing, err, r.setup, retry, back)}, header: r.setup.Header(), grace: true, err: err}
}

// judge asks a setup that can tell.
func (r road) judge(t typed) (refused, bool) {
	c, ok := r.setup.(Checker)
	if !ok {
		return refused{}, false
	}
	said := refused{key: t.key, value: t.value, early: true}
	if by, ok := r.setup.(Commander); ok {
		said.commands = by.Commands(t.key, t.value)
	}
	if err := c.Check(t.key, t.value); err != nil {
		said.problem = problemOf(err)
	}
	return said, true
}

// hold asks a setup that takes texts for files.
func (r road) hold(p pasted) standsFor {
	h, ok := r.setup.(Holder)
	if !ok {
		return standsFor{key: p.key, problem: "that is what stands in a file; its path is wanted"}
	}
	answer, says, err := h.Hold(p.key, p.text)
	if err != nil {
		return standsFor{key: p.key, problem: err.Error()}
	}
	return standsFor{key: p.key, value: answer, says: says}
}

// optional says how long the wait that e tells of may take, if it can be skipped.
func (r road) optional(e steps.Event) time.Duration {
	if s, ok := r.setup.(Skipper); ok {
		return s.Optional(e)
	}
	return 0
}

// skip ends a wait of Apply; it is called beside it.
func (r road) skip() {
	if s, ok := r.setup.(Skipper); ok {
		s.CutShort()
	}
}

// invalid says that err is about the answer itself, and belongs beside the field.
func invalid(err error) bool {
	_, ok := errors.AsType[*steps.InvalidError](err)
	return ok
}
