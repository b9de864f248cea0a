package tui

import (
	"context"
	"strings"
	"time"

	"anywhere/steps"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Home is what the home screen needs: what stands on this machine. It asks
// nobody outside of it.
type Home interface {
	Setups(context.Context) ([]Standing, error)
	// Next are the arguments of the command that a key runs, for the set-up of that
	// name where it is about one; nil where there is no such command.
	Next(act Act, setup string) []string
}

// Act is what can be done from home.
type Act string

// The acts.
const (
	ActSetUp    Act = "set up"
	ActGoOn     Act = "go on"
	ActCheck    Act = "check"
	ActRenew    Act = "renew"
	ActTearDown Act = "tear down"
	ActSandbox  Act = "sandbox"
)

// Standing is one set-up as it is known without asking anybody. Times that are not
// known are zero.
type Standing struct {
	Name    string
	Mode    string // sandbox, aws or custom
	Account string
	Region  string
	Subject string // of the certificate: CN=build-box-7
	// NotBefore and NotAfter are the life of the certificate.
	NotBefore, NotAfter time.Time
	Session             time.Time // when the last one that is kept was obtained
	Verdict             string    // the doctor's last word: healthy, unhealthy or unknown
	Cause               string    // its code
	Checked             time.Time
	Unfinished          bool   // the set-up was stopped half-way
	Waits               bool   // unfinished, since somebody has to answer its request
	Problem             string // why nothing is known of it
}

// RunHome shows the home screen until it is left; Outcome.Next is what to run
// then.
func RunHome(ctx context.Context, home Home, options Options) (Outcome, error) {
	return run(ctx, hall{home, options.Now}, options)
}

// hall is the flow of the home screen.
type hall struct {
	home Home
	now  func() time.Time
}

func (hall) name() string { return "home" }

func (h hall) begin() work {
	return work{says: "looking at what stands", do: func(ctx context.Context, _ func(tea.Msg)) tea.Msg {
		list, err := h.home.Setups(ctx)
		if err != nil {
			f := newFailure("look at what stands", err, h.home, h.begin(), work{})
			return opened{screens: []screen{f}, err: err}
		}
		s := homeScreen{list: list, now: h.now(), acts: map[Act]bool{}}
		for _, act := range []Act{ActSetUp, ActGoOn, ActCheck, ActRenew, ActTearDown, ActSandbox} {
			s.acts[act] = h.home.Next(act, "x") != nil
		}
		return opened{screens: []screen{s}}
	}}
}

func (h hall) decide(msg tea.Msg) (work, bool) {
	c, ok := msg.(chosen)
	if !ok {
		return work{}, false
	}
	return work{says: string(c.act), do: func(context.Context, func(tea.Msg)) tea.Msg {
		return onward{h.home.Next(c.act, c.setup)}
	}}, true
}

func (hall) judge(typed) (refused, bool) { return refused{}, false }

// homeScreen lists the set-ups of this machine.
type homeScreen struct {
	list   []Standing
	now    time.Time
	acts   map[Act]bool // those that there are
	cursor int
	filter filter
}

func (homeScreen) Title() string { return "" }

func (homeScreen) Lesson() lesson {
	return lesson{about: steps.Lesson{Title: "Credentials without a long-lived key",
		What: "IAM Roles Anywhere lets a machine outside AWS exchange a certificate for credentials that live an hour. A set-up is everything that this takes: authority, certificate, trust anchor, role, Roles Anywhere profile and a section in the AWS config file.",
		Why:  "A key that lives for years is copied, forgotten and found. A certificate names one machine, ends by itself, and its key never leaves the machine.",
		Link: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/introduction.html"}}
}

func (s homeScreen) writing() bool { return s.filter.on }

// shown are the set-ups that the filter lets through.
func (s homeScreen) shown() []Standing {
	var list []Standing
	for _, one := range s.list {
		if s.filter.lets(one.Name, one.Account, one.Region, one.Subject, one.Verdict) {
			list = append(list, one)
		}
	}
	return list
}

// bound are the keys and what they do, for the set-up that the cursor is on.
func (s homeScreen) bound() []struct {
	key key.Binding
	act Act
} {
	type pair = struct {
		key key.Binding
		act Act
	}
	var list []pair
	add := func(b key.Binding, act Act) {
		if s.acts[act] {
			list = append(list, pair{b, act})
		}
	}
	shown := s.shown()
	if len(shown) == 0 {
		add(keys.Begin, ActSetUp)
		add(keys.Sandbox, ActSandbox)
		return list
	}
	if shown[s.cursor].Unfinished {
		add(keys.Resume, ActGoOn)
	} else {
		add(keys.Check, ActCheck)
		add(keys.Renew, ActRenew)
	}
	add(keys.TearDown, ActTearDown)
	add(keys.New, ActSetUp)
	add(keys.Sandbox, ActSandbox)
	return list
}

func (s homeScreen) Keys() []key.Binding {
	if s.filter.on {
		return filterKeys()
	}
	var list []key.Binding
	for _, b := range s.bound() {
		list = append(list, b.key)
	}
	list = append(list, keys.Leave)
	if len(s.list) > 1 {
		list = append(list, keys.Move, keys.Filter)
	}
	return list
}

// chosen is what was decided at home.
type chosen struct {
	act   Act
	setup string
}

func (s homeScreen) Update(msg tea.Msg) (screen, tea.Cmd) {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return s, nil
	}
	if next, took := s.filter.press(press); took {
		s.filter, s.cursor = next, 0
		return s, nil
	}
	shown := s.shown()
	switch {
	case key.Matches(press, keys.Leave):
		return s, send(leave{})
	case key.Matches(press, keys.Up):
		s.cursor = max(0, s.cursor-1)
		return s, nil
	case key.Matches(press, keys.Down):
		s.cursor = max(0, min(len(shown)-1, s.cursor+1))
		return s, nil
	}
	for _, b := range s.bound() {
		if !key.Matches(press, b.key) {
			continue
		}
		name := ""
		if len(shown) > 0 {
			name = shown[s.cursor].Name
		}
		return s, send(chosen{b.act, name})
	}
	return s, nil
}

func (s homeScreen) View(width, height int, look theme) string {
	if len(s.list) == 0 {
		return strings.Join(emptyHome(width, look), "\n")
	}
	says := count(len(s.list), "set-up", "set-ups") + " on this machine."
	lines := []string{look.title.Render(says), ""}
	if f := s.filter.view(look); f != "" {
		lines = []string{look.title.Render(says) + "  " + f, ""}
	}
	body, at := s.body(false, width, look)
	if len(body) > height-len(lines) {
		body, at = s.body(true, width, look)
	}
	return strings.Join(append(lines, window(body, at, height-len(lines), look)...), "\n")
}

// body are the set-ups, and where the cursor is. Where not all of them have room,
// each but that one has a line.
func (s homeScreen) body(dense bool, width int, look theme) (body []string, at int) {
	for i, one := range s.shown() {
		if i == s.cursor {
			at = len(body)
		}
		if dense && i != s.cursor {
			body = append(body, one.line(s.now, width, look))
			continue
		}
		body = append(body, one.lines(i == s.cursor, s.now, width, look)...)
		if !dense {
			body = append(body, "")
		}
	}
	return body, at
}

// emptyHome is one sentence and one key.
func emptyHome(width int, look theme) []string {
	lines := []string{look.title.Render("This machine has no set-up yet."), ""}
	says := "makes one, with your AWS account or in a sandbox on this machine; nothing happens before you say so."
	lead := look.key.Render(keyName(keys.Begin, look)) + "  "
	for _, l := range wrap(says, min(width, readable)-ansi.StringWidth(lead)) {
		lines = append(lines, lead+l)
		lead = strings.Repeat(" ", ansi.StringWidth(lead))
	}
	return lines
}
