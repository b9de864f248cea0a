package tui

import (
	"context"
	"time"

	"anywhere/steps"

	tea "charm.land/bubbletea/v2"
)

// walkBack is the flow of a teardown: what would go, leave for it, the work, the
// result.
type walkBack struct {
	teardown Teardown
	now      func() time.Time
}

func (walkBack) name() string { return "tear down" }

func (w walkBack) begin() work {
	return work{says: "looking at what stands", do: func(ctx context.Context, _ func(tea.Msg)) tea.Msg {
		list, err := w.teardown.List(ctx)
		if err != nil {
			return w.failed("look at what stands", err, making{})
		}
		return opened{screens: []screen{removals{list: list, typed: w.teardown.Typed()}}, header: w.teardown.Header(), grace: true}
	}}
}

func (w walkBack) failed(doing string, err error, sofar making) opened {
	f := newFailure(doing, err, w.teardown, w.begin(), work{})
	f.made = sofar
	return opened{screens: []screen{f}, header: w.teardown.Header(), grace: true, err: err}
}

func (w walkBack) decide(msg tea.Msg) (work, bool) {
	if r, ok := msg.(removing); ok {
		return w.remove(r), true
	}
	return work{}, false
}

func (walkBack) judge(typed) (refused, bool) { return refused{}, false }

// remove does what was shown.
func (w walkBack) remove(r removing) work {
	shown := newMaking("tearing down", "Removing "+count(len(r.changes), "thing", "things")+".", r.changes)
	job := work{says: "tearing down", writes: true, on: shown}
	job.do = func(ctx context.Context, show func(tea.Msg)) tea.Msg {
		sofar := shown
		err := w.teardown.Remove(ctx, r.list, r.accept, func(e steps.Event) {
			at := w.now()
			sofar = sofar.hear(e, at)
			show(told{event: e, at: at, header: w.teardown.Header()})
		})
		if err != nil {
			return w.failed("tear down", err, sofar)
		}
		summary := w.teardown.Summary()
		return opened{screens: []screen{finished{summary: summary}}, header: w.teardown.Header(), grace: true, summary: &summary}
	}
	return job
}
