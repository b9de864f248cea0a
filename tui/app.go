package tui

import (
	"context"
	"sync"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// app is the window: its size and theme, the stack of screens, the running job.
// The screen on top is the state; there is no other.
type app struct {
	options       Options
	ctx           context.Context
	post          func(tea.Msg) // into the program, from a job's goroutine
	flow          flow
	turn          *sync.Mutex // held while something is asked of the flow's source
	width, height int
	profile       colorprofile.Profile // the colours of the terminal
	dark          bool                 // and of its background
	look          theme
	header        Header
	stack         []screen // the last is on top
	job           job
	jobs          int
	quiet         int    // the job whose screen is in its grace period; 0: none
	note          string // one line above the footer: copied
	answers       int    // that were given, and are saved nowhere yet
	leaving       bool   // the note says what is lost; the same key again leaves
	stopping      bool   // leave as soon as the job has ended
	end           Outcome
}

// flow turns a decision into work, in commands only.
type flow interface {
	name() string // what is being done, for the header: set up
	begin() work
	decide(tea.Msg) (work, bool)
	// judge looks at a value while it is typed; false: nobody can. It returns at
	// once, but not on the event loop.
	judge(typed) (refused, bool)
}

func newApp(ctx context.Context, f flow, options Options, post func(tea.Msg)) app {
	return app{
		options: options, ctx: ctx, post: post, flow: f, turn: new(sync.Mutex),
		width: options.Width, height: options.Height,
		profile: colorprofile.TrueColor, dark: options.Dark,
		look:  newTheme(options.ASCII, options.NoColor, options.Dark),
		stack: []screen{opening{}},
		end:   Outcome{State: Left},
	}
}

// begun starts the first work when the program runs.
type begun struct{}

// interrupted comes when the context ends: SIGTERM, or SIGINT from outside.
type interrupted struct{}

func (a app) Init() tea.Cmd {
	if a.options.NoColor {
		return send(begun{})
	}
	return tea.Batch(send(begun{}), tea.RequestBackgroundColor)
}

func (a app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.width, a.height = msg.Width, msg.Height
		return a, nil
	case tea.BackgroundColorMsg:
		a.dark = msg.IsDark()
		return a.dressed(), nil
	case tea.ColorProfileMsg:
		a.profile = msg.Profile
		return a.dressed(), nil
	case begun:
		return a.start(a.flow.begin())
	case interrupted:
		return a.interrupt()
	case tea.KeyPressMsg:
		return a.press(msg)
	case tea.PasteMsg:
		if a.deaf() {
			return a, nil
		}
		return a.tellTop(msg)
	case result:
		return a.hear(msg)
	case graceOver:
		if a.quiet == msg.job {
			a.quiet = 0
		}
		return a, nil
	case tick:
		return a.tock(msg)
	}
	return a.act(msg)
}

// dressed is the app in the theme for the terminal as it is known now.
func (a app) dressed() app {
	a.look = themeIn(a.profile, a.options.ASCII, a.options.NoColor, a.dark)
	return a
}

// act does what a screen decided.
func (a app) act(msg tea.Msg) (app, tea.Cmd) {
	switch msg := msg.(type) {
	case push:
		a.stack = append(a.stack[:len(a.stack):len(a.stack)], msg.on)
		return a, nil
	case pop:
		a.stack = a.stack[:max(1, len(a.stack)-1)]
		return a, nil
	case leave:
		if a.loses() {
			return a.warned(), nil
		}
		return a.quit(Left)
	case stop:
		return a.interrupt()
	case copyText:
		a.note, a.end.Copied = "copied; it is printed again when you leave", msg.text
		return a, tea.SetClipboard(msg.text)
	case skip:
		return a, a.skip()
	case onward:
		a.end.Next = msg.args
		return a.quit(Elsewhere)
	case again:
		return a.start(msg.work)
	case typed:
		return a, a.judge(msg)
	case pasted:
		return a, a.hold(msg)
	case refused, standsFor: // judged while it was typed
		return a.tellAll(msg)
	}
	if w, ok := a.flow.decide(msg); ok {
		switch msg.(type) {
		case answered:
			a.answers++
		case backed:
			a.answers = max(0, a.answers-1)
		}
		return a.start(w)
	}
	return a, nil
}

// loses says that whoever leaves now loses answers, and has not been told so.
func (a app) loses() bool { return a.answers > 0 && !a.end.Written && !a.leaving }

// warned says once what leaving means before anything is written.
func (a app) warned() app {
	a.leaving, a.note = true, "nothing is written yet; once more leaves"
	return a
}

// tock passes the time on while a job writes.
func (a app) tock(msg tick) (app, tea.Cmd) {
	if !a.job.writes {
		return a, nil
	}
	a, cmd := a.tellAll(msg)
	return a, tea.Batch(cmd, a.beat())
}

// press gives a key to whom it is for: the app, else the screen on top.
func (a app) press(msg tea.KeyPressMsg) (app, tea.Cmd) {
	switch {
	case key.Matches(msg, keys.Quit):
		return a.ask()
	case key.Matches(msg, keys.Help) && !a.helping() && (msg.Text == "" || !a.writing()):
		return a.act(push{keysScreen{of: a.top()}})
	case key.Matches(msg, keys.Explain) && !a.top().Lesson().empty():
		return a.act(push{explainPane{of: a.top().Lesson()}})
	case key.Matches(msg, keys.Skip) && a.waits():
		return a.act(skip{})
	case a.deaf():
		return a, nil
	}
	if a.writing() || !key.Matches(msg, keys.Leave) {
		a.leaving = false
	}
	a.note = ""
	a, _ = a.tellTop(a.room())
	return a.tellTop(msg)
}

// ask is ctrl+c: it asks while something is being written, and leaves otherwise.
func (a app) ask() (app, tea.Cmd) {
	_, asked := a.top().(quitScreen)
	if a.loses() {
		return a.warned(), nil
	}
	if a.job.writes && !a.stopping && !asked {
		return a.act(push{quitScreen{}})
	}
	return a.interrupt()
}

// interrupt ends the running job and leaves when it has: the journal is written
// by then. The second time it leaves at once.
func (a app) interrupt() (app, tea.Cmd) {
	if a.job.writes && !a.stopping {
		a.stopping = true
		a.job.cancel()
		a.job.says = "stopping"
		a.stack = a.stack[:1]
		return a, nil
	}
	return a.quit(Interrupted)
}

// quit leaves. What is done stays done, and an error that is on the screen stays
// an error.
func (a app) quit(how State) (app, tea.Cmd) {
	if a.job.running() {
		a.job.cancel()
	}
	if a.end.State != Done {
		a.end.State = how
		if how == Left && a.end.Err != nil {
			a.end.State = Failed
		}
	}
	a.end.Header = a.header
	return a, tea.Quit
}

// deaf says that keys are not for the screen on top: work runs, or the screen has
// just opened by itself.
func (a app) deaf() bool {
	if _, ok := a.top().(overlay); ok {
		return false
	}
	return a.job.running() || a.quiet != 0
}

func (a app) helping() bool {
	_, ok := a.top().(keysScreen)
	return ok
}

// writing says that letters are text at the moment.
func (a app) writing() bool {
	w, ok := a.top().(writer)
	return ok && w.writing()
}

// waits says that the running work waits for something it could do without.
func (a app) waits() bool {
	m, ok := a.top().(making)
	return ok && m.optional() && a.job.running()
}

// skip ends that wait, beside the work that waits.
func (a app) skip() tea.Cmd {
	f, ok := a.flow.(interface{ skip() })
	if !ok {
		return nil
	}
	return func() tea.Msg { f.skip(); return nil }
}

func (a app) top() screen { return a.stack[len(a.stack)-1] }

// tellTop gives a message to the screen on top.
func (a app) tellTop(msg tea.Msg) (app, tea.Cmd) {
	next, cmd := a.top().Update(msg)
	a.stack = append(a.stack[:len(a.stack)-1:len(a.stack)-1], next)
	return a, cmd
}

// tellAll gives a message to every screen, since the one it concerns may lie
// under an overlay.
func (a app) tellAll(msg tea.Msg) (app, tea.Cmd) {
	stack := make([]screen, len(a.stack))
	var cmds []tea.Cmd
	for i, s := range a.stack {
		next, cmd := s.Update(msg)
		stack[i] = next
		cmds = append(cmds, cmd)
	}
	a.stack = stack
	return a, tea.Batch(cmds...)
}
