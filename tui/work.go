package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// grace is how long a screen that opens by itself hears no keys, so that an enter
// meant for the page before does not approve this one.
const grace = 400 * time.Millisecond

// beat is how often a running time is drawn.
const beat = 250 * time.Millisecond

// work is something that takes time. Its result is an [opened] or a [refused].
type work struct {
	says   string // what is going on: "looking around"
	writes bool   // ctrl+c asks before it is stopped
	on     screen // what is shown meanwhile; nil: the screen that is there
	do     func(ctx context.Context, show func(tea.Msg)) tea.Msg
}

// job is the work that is running. Its zero value is none.
type job struct {
	id     int
	says   string
	writes bool
	cancel context.CancelFunc
}

func (j job) running() bool { return j.cancel != nil }

// result is a message from a job. One whose number is not that of the running job
// comes too late and is dropped.
type result struct {
	job  int
	msg  tea.Msg
	last bool
}

// opened is the end of a job: what to show next.
type opened struct {
	screens []screen // the last is on top
	header  Header
	grace   bool
	summary *Summary // all is done
	err     error    // something failed
}

// graceOver ends the grace period of the screen that job opened.
type graceOver struct{ job int }

// start runs w unless something is running: a decision that comes twice counts
// once.
func (a app) start(w work) (app, tea.Cmd) {
	if a.job.running() {
		return a, nil
	}
	ctx, cancel := context.WithCancel(a.ctx)
	a.jobs++
	a.job = job{id: a.jobs, says: w.says, writes: w.writes, cancel: cancel}
	a.note = ""
	if w.on != nil {
		a.stack = []screen{w.on}
	}
	a.end.Written = a.end.Written || w.writes
	id, post, turn := a.jobs, a.post, a.turn
	run := func() tea.Msg {
		turn.Lock()
		defer turn.Unlock()
		msg := w.do(ctx, func(msg tea.Msg) { post(result{job: id, msg: msg}) })
		return result{job: id, msg: msg, last: true}
	}
	if w.writes {
		return a, tea.Batch(run, a.beat())
	}
	return a, run
}

// beat asks for the time once more.
func (a app) beat() tea.Cmd {
	now := a.options.Now
	return tea.Tick(beat, func(time.Time) tea.Msg { return tick{now()} })
}

// hear takes a message of a job.
func (a app) hear(r result) (app, tea.Cmd) {
	if !a.job.running() || r.job != a.job.id {
		return a, nil
	}
	if r.last {
		a.job.cancel()
		a.job = job{}
	}
	if t, ok := r.msg.(told); ok {
		a.header = t.header
	}
	if next, ok := r.msg.(opened); ok {
		return a.open(next, r.job)
	}
	if next, ok := r.msg.(onward); ok {
		return a.act(next)
	}
	return a.tellAll(r.msg)
}

// open shows the result of a job, or leaves if that is what was waited for.
func (a app) open(next opened, id int) (app, tea.Cmd) {
	a.header = next.header
	a.stack = next.screens
	a.end.Err = next.err
	if next.summary != nil {
		a.end.State, a.end.Summary = Done, *next.summary
	}
	if a.stopping {
		return a.quit(Interrupted)
	}
	if !next.grace {
		return a, nil
	}
	a.quiet = id
	return a, tea.Tick(grace, func(time.Time) tea.Msg { return graceOver{id} })
}
