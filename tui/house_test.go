package tui

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// ansiSGR is a colour, a weight, or a link to a page that our own tables name: the
// only escape sequences that a view may hold.
var ansiSGR = regexp.MustCompile(`\x1b\[[0-9;:]*m|\x1b\]8;;(https://[a-zA-Z0-9./_#-]*)?\x07`)

// sources are the files of this package without its tests.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v, %v; want files", files, err)
	}
	all := map[string]string{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[f] = string(data)
	}
	return all
}

func TestStylesKeysAndGlyphsHaveOnePlace(t *testing.T) {
	rules := map[string]struct{ pattern, place string }{
		"styles are made in theme.go":              {`lipgloss\.(NewStyle|Color)\(`, "theme.go"},
		"keys are bound in keys.go":                {`key\.(NewBinding|WithKeys)|msg\.String\(\)|press\.String\(\)`, "keys.go"},
		"glyphs beyond ASCII are in glyphs.go":     {`"[^"\n]*[^\x00-\x7f][^"\n]*"`, "glyphs.go keys.go"},
		"no file, process, network or own clock":   {`"(os|os/[a-z]+|net|net/[a-z]+)"|time\.(Now|Since|Until)\(`, ""},
		"nothing is asked of a setup in an Update": {`Update\(msg tea\.Msg\)[^\n]*\{[^}]*(setup|teardown)\.`, ""},
	}
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			broken := regexp.MustCompile(rule.pattern)
			for file, text := range sources(t) {
				if hit := broken.FindString(text); hit != "" && !strings.Contains(rule.place, file) {
					t.Errorf("%s: got %q", file, hit)
				}
			}
		})
	}
}

func TestEveryKeyShownHasHelp(t *testing.T) {
	for _, p := range pages("build-box-7") {
		top := p.stack[len(p.stack)-1]
		for _, b := range top.Keys() {
			if b.Help().Key == "" || b.Help().Desc == "" || len(b.Keys()) == 0 {
				t.Errorf("%s: got key %v without help", p.name, b.Keys())
			}
		}
	}
}

// TestTheEventLoopAsksNobody drives the app by hand: every call to the setup must
// come from a command, none from Update or View.
func TestTheEventLoopAsksNobody(t *testing.T) { in(t, asksNobody) }

func asksNobody(t *testing.T) {
	fake := newFakeSetup()
	fake.broken["role.create"] = os.ErrDeadlineExceeded
	loop := &handLoop{t: t, calls: fake.calls.Load}
	loop.app = newApp(t.Context(), road{checkingSetup{fake}, time.Now}, Options{Width: 80, Height: 24, Now: time.Now},
		func(m tea.Msg) { loop.queue = append(loop.queue, m) })
	loop.feed(begun{})
	for _, name := range []string{"enter", "x", "backspace", "esc", "enter", "enter", "tab", "enter", "esc", "tab", "s", "esc", "d", "n", "esc", "f1", "f1", "enter", "r", "enter", "c"} {
		loop.feed(graceOver{loop.app.quiet})
		loop.feed(keyPress(name))
	}
	if got := loop.app.end.State; got != Done {
		t.Errorf("got state %s after the walk, want done:\n%s", got, loop.app.frame())
	}
	if loop.seen < 20 || fake.calls.Load() < 20 {
		t.Errorf("got %d messages and %d calls, want a whole walk", loop.seen, fake.calls.Load())
	}
	time.Sleep(time.Minute) // the ticks that were left out end with the bubble
}

// handLoop is the event loop without time: commands run at once, ticks are left
// out.
type handLoop struct {
	t     *testing.T
	app   app
	queue []tea.Msg
	calls func() int32
	seen  int
}

func (l *handLoop) feed(msg tea.Msg) {
	l.t.Helper()
	for l.queue = append(l.queue, msg); len(l.queue) > 0; {
		msg, l.queue = l.queue[0], l.queue[1:]
		l.seen++
		before := l.calls()
		next, cmd := l.app.Update(msg)
		l.app = next.(app)
		l.app.View()
		if l.calls() != before {
			l.t.Fatalf("got a call to the setup while %T was handled, want calls in commands only", msg)
		}
		l.run(cmd)
	}
}

// run runs a command and those in it. Ticks are left out: whatever waits for a time
// is one. Time is that of a bubble, in which nothing that works takes any: in that
// of a busy machine work was taken for a tick, and was heard of later.
func (l *handLoop) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	select {
	case msg := <-done:
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, c := range batch {
				l.run(c)
			}
		} else if msg != nil {
			l.queue = append(l.queue, msg)
		}
	case <-time.After(grace / 4):
	}
}

func TestALateAnswerIsDropped(t *testing.T) {
	fake := newFakeSetup()
	a := newApp(t.Context(), road{fake, time.Now}, Options{Width: 80, Height: 24, Now: time.Now}, nil)
	a, _ = a.start(work{says: "one", do: nil})
	late := result{job: a.job.id, last: true, msg: opened{screens: []screen{finished{}}}}
	a, _ = a.hear(result{job: a.job.id, last: true, msg: opened{screens: []screen{quitScreen{}}}})
	a, _ = a.start(work{says: "two", do: nil})
	a, _ = a.hear(late)
	if _, ok := a.top().(quitScreen); !ok || !a.job.running() {
		t.Errorf("got %T with running=%v, want the late answer dropped and the work going on", a.top(), a.job.running())
	}
}

func TestADecisionThatComesTwiceCountsOnce(t *testing.T) {
	a := newApp(t.Context(), road{newFakeSetup(), time.Now}, Options{Width: 80, Height: 24, Now: time.Now}, nil)
	a, first := a.act(answered{"where", "aws", false})
	b, second := a.act(answered{"where", "aws", false})
	if first == nil || second != nil || b.jobs != 1 {
		t.Errorf("got %d jobs, want 1", b.jobs)
	}
}

func TestTheFooterDropsWholeKeysAndKeepsTheWayOut(t *testing.T) {
	own := []key.Binding{keys.Apply, keys.Details, keys.Script}
	tests := map[string]struct {
		width int
		want  string
	}{
		"all fit":           {80, "enter apply  d details  s script  f1 keys  ctrl+c quit"},
		"the last one goes": {50, "enter apply  d details  f1 keys  ctrl+c quit"},
		"only the way out":  {22, "f1 keys  ctrl+c quit"},
		"hardly anything":   {12, "ctrl+c quit"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ansiSGR.ReplaceAllString(footer(own, true, false, tt.width, newTheme(true, true, true)), ""); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAJudgementOfAnEarlierValueIsDropped(t *testing.T) {
	q := newQuestion(newFakeSetup().questions()[1], scene{})
	stale := refused{key: "leaf.cn", value: "build box", problem: "no blanks", early: true}
	if got := q.refuse(stale).problem; got != "" {
		t.Errorf("got problem %q of a value that is no longer there", got)
	}
	stale.value = q.field.Value()
	if got := q.refuse(stale).problem; got != "no blanks" {
		t.Errorf("got problem %q, want that of the present value", got)
	}
}

func TestACommandIsBrokenBetweenArgumentsOnly(t *testing.T) {
	args := []string{"aws", "iam", "create-role", "--role-name", "lab", "--no-enabled", "--description", "two words", "file.json"}
	tests := map[string]struct {
		width int
		want  string
	}{
		"room for all":     {oneLine, `R=$(aws iam create-role --role-name lab --no-enabled --description 'two words' file.json)`},
		"flags keep value": {40, "R=$(aws iam create-role \\\n  --role-name lab --no-enabled \\\n  --description 'two words' file.json)"},
		"hardly any room":  {10, "R=$(aws \\\n  iam \\\n  create-role \\\n  --role-name lab \\\n  --no-enabled \\\n  --description 'two words' \\\n  file.json)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(argLines("R=$(", args, ")", tt.width), "\n"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
