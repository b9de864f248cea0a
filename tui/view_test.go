package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"anywhere/steps"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

var sizes = []struct{ width, height int }{{60, 20}, {80, 24}, {120, 40}}

// page is one screen as the app would show it, in every state that looks different.
type page struct {
	name    string
	flow    flow
	header  Header
	stack   []screen
	working job
}

// pages are all screens, with name in every field that comes from outside.
func pages(name string) []page {
	fake := newFakeSetup()
	fake.name, fake.changes = name, append(fakeChanges(name), reach())
	fake.answers["where"] = "aws"
	around := scene{fake.Rail(), fake.Picture()}
	header := Header{Setup: "laptop", Mode: "aws", Account: "111122223333", Region: "eu-west-1", Caller: "arn:aws:iam::111122223333:user/ops1"}
	if name != "build-box-7" {
		header = Header{Setup: name, Mode: "aws", Account: name, Region: name, Caller: name}
	}
	asked := fake.questions()
	for i := range asked {
		asked[i].Why += strings.TrimPrefix(name, "build-box-7")
	}
	invalid := asked[1]
	invalid.Problem = "only letters, digits and . _ - @ + = can stand in a name, not " + name
	plan, _ := fake.Plan(context.Background())
	plan.Notes = append(plan.Notes, "The role "+name+" is opened, too.")
	rows, _ := fake.Rows(context.Background())
	var r road
	setup := func(n string, stack ...screen) page { return page{name: n, flow: r, header: header, stack: stack} }
	where := setup("question-choose", newQuestion(asked[0], around))
	where.header = Header{}
	busy := setup("question-checking", newQuestion(asked[1], around))
	busy.working = job{id: 1, says: "checking the answer", cancel: func() {}}
	byHand := newQuestion(asked[1], around)
	byHand.byHand = true
	reviewing := review{plan: plan, rows: rows, scene: around}
	return append([]page{
		where, busy,
		setup("question-text", newQuestion(asked[1], around)),
		setup("question-invalid", newQuestion(invalid, around)),
		setup("question-command", byHand),
		setup("explain", byHand, explainPane{of: byHand.Lesson()}),
		setup("question-setting", newSetting(rows[3], around)),
		setup("review", reviewing),
		setup("review-own-yes", review{plan: plan, rows: rows, cursor: 6, missing: true}),
		setup("review-nothing", review{plan: steps.Plan{Setup: "laptop"}, rows: rows}),
		setup("settings", settings{rows: rows, cursor: 3}),
		setup("details", details{changes: plan.Changes, at: 3}),
		setup("details-diff", details{changes: plan.Changes, at: 5}),
		setup("script", newScript(plan.Script())),
		setup("keys", reviewing, keysScreen{reviewing}),
		setup("quit", quitScreen{}),
	}, endings(name, fake, setup)...)
}

// endings are the screens of work and its results.
func endings(name string, fake *fakeSetup, setup func(string, ...screen) page) []page {
	refusal := errors.New("iam:CreateRole anywhere-laptop-7f3a91c2: AccessDenied: User: arn:aws:iam::111122223333:user/" + name +
		" is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role/anywhere-laptop-7f3a91c2 because no identity-based policy allows the iam:CreateRole action (request 8f3a0c1e)")
	optional := setup("applying-optional", optionalWait(fake))
	optional.working = job{id: 1, says: "setting up", writes: true, cancel: func() {}}
	failed := newFailure("set up", &steps.ChangeError{Change: fake.changes[3], Err: hinted{refusal}}, fake, work{}, someWork())
	failed.made = halfWay(fake)
	told := newFailure("look around", refusal, explaining{name}, work{}, someWork())
	list, _ := (&fakeTeardown{name: name}).List(context.Background())
	lost := removals{list: list, cursor: 4, typed: "7f3a91c2"}
	down := func(n string, stack ...screen) page {
		p := setup(n, stack...)
		p.flow = walkBack{}
		return p
	}
	at := func(n string, s homeScreen) page {
		p := setup(n, s)
		p.flow, p.header = hall{}, Header{}
		return p
	}
	acts := map[Act]bool{ActSetUp: true, ActGoOn: true, ActCheck: true, ActRenew: true, ActTearDown: true, ActSandbox: true}
	inspect := setup("inspect", paperScreen{papers: papers(name), now: homeNow, at: 1})
	inspect.flow, inspect.header = reading{}, Header{}
	sick := diagnosed(name, false)
	doctoring := func(n string, stack ...screen) page {
		p := setup(n, stack...)
		p.flow, p.header = visit{}, Header{}
		return p
	}
	well := sick
	well.report = 1
	return []page{
		inspect,
		{name: "doctor-examining", flow: visit{}, stack: []screen{halfExamined(name)}, working: job{says: "looking at everything, and asking for one session", cancel: func() {}}},
		doctoring("doctor", sick),
		doctoring("doctor-all", diagnosed(name, true)),
		doctoring("doctor-finding", sick, findingScreen{finding: sick.rows[0]}),
		doctoring("doctor-healthy", well.listed()),
		doctoring("doctor-explain", sick, explainPane{of: sick.Lesson()}),
		at("home", homeScreen{list: standings(name), now: homeNow, acts: acts}),
		at("home-filter", homeScreen{list: standings(name), now: homeNow, acts: acts, filter: filter{on: true, text: "e"}}),
		at("home-many", homeScreen{list: many(standings(name), 40), now: homeNow, acts: acts, cursor: 5}),
		at("home-empty", homeScreen{now: homeNow, acts: acts}),
		setup("applying", halfWay(fake)),
		optional,
		setup("failure", failed),
		setup("failure-explained", told),
		setup("done", finished{summary: fake.Summary()}),
		down("teardown", removals{list: list}),
		down("teardown-own-yes", removals{list: list, cursor: 4, accepted: []string{"ca.create"}}),
		down("teardown-nothing", removals{}),
		down("teardown-typed", lost, newTyping("7f3a91c2", removing{})),
		down("teardown-done", finished{summary: (&fakeTeardown{name: name}).Summary()}),
	}
}

// someWork is there to have somewhere to go back to.
func someWork() work {
	return work{do: func(context.Context, func(tea.Msg)) tea.Msg { return nil }}
}

// hinted is an error that knows what to do.
type hinted struct{ error }

func (hinted) Hint() string {
	return "allow iam:CreateRole; anywhere setup --print-policy setup prints the least policy"
}

// explaining takes every error apart in the same way.
type explaining struct{ name string }

func (e explaining) Explain(error) Words {
	return Words{Says: "User " + e.name + " is not authorized to perform: sts:GetCallerIdentity", RequestID: "8f3a0c1e-" + e.name,
		Cause: "The AWS credentials on this machine belong to " + e.name + ", who may do nothing.", Hint: "choose others with AWS_PROFILE, not " + e.name}
}

// halfWay is the work while it waits for its fourth change.
func halfWay(fake *fakeSetup) making {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := newMaking("setting up", "Making 7 changes and proving that it works.", fake.changes)
	for _, c := range fake.changes[:3] {
		m = m.hear(steps.Event{Kind: steps.Finished, Change: c, Elapsed: 412 * time.Millisecond}, at)
	}
	m = m.hear(steps.Event{Kind: steps.Waiting, Change: fake.changes[3], Note: "IAM spreads the new role " + fake.name + "; usually 5 to 15 s"}, at)
	m = m.hear(steps.Event{Kind: steps.Proved, Change: steps.Change{ID: "x.proof", Noun: "proof", Name: "First session"}, Elapsed: 2 * time.Second,
		Evidence: []steps.Evidence{{Label: "session name", Value: fake.name}}}, at)
	m.now, m.picture = at.Add(7*time.Second), fake.Picture()
	return m
}

// optionalWait is the work while it waits for what it could do without.
func optionalWait(fake *fakeSetup) making {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := newMaking("setting up", "Making 6 changes and proving that it works.", fake.changes[:6])
	for _, c := range fake.changes[:6] {
		m = m.hear(steps.Event{Kind: steps.Finished, Change: c, Elapsed: 412 * time.Millisecond}, at)
		fake.applied = append(fake.applied, c.ID)
	}
	waiting := steps.Event{Kind: steps.Waiting, Change: steps.Change{ID: "x.proof", Step: steps.StepProof, Noun: "proof", Name: "From outside"}, Note: "CloudTrail shows events up to 15 minutes later"}
	m = m.hear(waiting, at).within(waiting, 15*time.Minute)
	fake.answers["leaf.cn"] = fake.name
	m.now, m.picture = at.Add(4*time.Minute), fake.Picture()
	return m
}

// frameOf draws p in a window of width times height.
func frameOf(p page, width, height int, ascii bool) string {
	a := newApp(context.Background(), p.flow, Options{Width: width, Height: height, ASCII: ascii, NoColor: ascii, Dark: true}, func(tea.Msg) {})
	a.header, a.stack, a.job = p.header, p.stack, p.working
	return a.frame()
}

func TestEveryScreenLooksAsItShould(t *testing.T) {
	for _, p := range pages("build-box-7") {
		for _, s := range sizes {
			sameAsGolden(t, fmt.Sprintf("%s-%dx%d", p.name, s.width, s.height), plainText(frameOf(p, s.width, s.height, true)))
		}
	}
}

func TestEveryScreenFits(t *testing.T) {
	for _, name := range []string{"build-box-7", strings.Repeat("long-name-", 30), "名前" + strings.Repeat("長い", 40)} {
		for _, p := range pages(name) {
			for width := leastWidth; width <= 200; width += 17 {
				for _, height := range []int{leastHeight, 20, 24, 50} {
					fits(t, p, width, height)
				}
			}
		}
	}
}

func fits(t *testing.T, p page, width, height int) {
	t.Helper()
	lines := strings.Split(frameOf(p, width, height, false), "\n")
	if len(lines) != height {
		t.Errorf("%s at %dx%d: got %d lines", p.name, width, height, len(lines))
	}
	for _, l := range lines {
		if n := ansi.StringWidth(l); n > width-margin {
			t.Errorf("%s at %dx%d: got a line of %d columns: %q", p.name, width, height, n, l)
		}
	}
	if !strings.Contains(ansi.Strip(lines[len(lines)-1]), "ctrl+c quit") {
		t.Errorf("%s at %dx%d: got a last line without the way out: %q", p.name, width, height, lines[len(lines)-1])
	}
}

func TestACommandForWhatStaysIsWholeHoweverLong(t *testing.T) {
	// The frame cut off "rm -r PATH" where the window ended.
	path := "/media/usb/" + strings.Repeat("keys-of-machines/", 12) + "end"
	rm := []steps.Command{{Args: []string{"rm", "-r", path}}}
	r := removals{list: steps.Takedown{Removals: []steps.Removal{{Made: steps.Made{Noun: "CA and key", Name: "ca"}, Keep: "it is another's", Commands: rm}}}}
	done := finished{summary: Summary{Says: "gone", Try: []Try{{"by hand", rm[0].Args}}}}
	asking := question{asked: steps.Asked{Question: steps.Question{Kind: steps.Text, Ask: "What?"}}, field: newField(steps.Asked{}, ""), byHand: true, commands: rm}
	for name, p := range map[string]page{
		"teardown": {name: "teardown", flow: walkBack{}, stack: []screen{r}},
		"done":     {name: "done", flow: walkBack{}, stack: []screen{done}},
		"question": {name: "question", flow: road{}, stack: []screen{asking}},
	} {
		for _, width := range []int{60, 80, 120} {
			joined := strings.Join(strings.Fields(plainText(frameOf(p, width, 40, true))), "")
			if !strings.Contains(strings.ReplaceAll(joined, `\`, ""), "rm-r"+path) {
				t.Errorf("%s at %d: got\n%s\nwant the whole of %s", name, width, plainText(frameOf(p, width, 40, true)), path)
			}
		}
	}
	_, cmd := r.Update(keyPress("c"))
	if got, want := cmd().(copyText).text, "rm -r "+path; got != want {
		t.Errorf("got %q copied, want %q", got, want)
	}
}

func TestAWindowTooSmallSaysSo(t *testing.T) {
	for _, s := range []struct{ width, height int }{{39, 24}, {80, 11}, {10, 3}, {1, 1}} {
		frame := frameOf(pages("build-box-7")[0], s.width, s.height, true)
		lines := strings.Split(frame, "\n")
		if len(lines) > s.height {
			t.Errorf("%dx%d: got %d lines", s.width, s.height, len(lines))
		}
		for _, l := range lines {
			if ansi.StringWidth(l) > s.width {
				t.Errorf("%dx%d: got line %q", s.width, s.height, l)
			}
		}
		if s.width >= 39 && !strings.Contains(frame, "too small") {
			t.Errorf("%dx%d: got %q, want a sentence that it is too small", s.width, s.height, frame)
		}
	}
}

// hostile is a name that would clear the screen, write to the clipboard, change the
// title and turn the text around.
const hostile = "bad\x1b[2J\x1b]52;c;ZXZpbA==\x07\x1b]0;owned\x07\u202egnol\u200b\u009b31m\x9b\r\nnext"

func TestForeignTextNeverReachesTheTerminalRaw(t *testing.T) {
	for _, p := range pages(hostile) {
		for _, s := range sizes {
			frame := frameOf(p, s.width, s.height, false)
			if rest := ansiSGR.ReplaceAllString(frame, ""); strings.ContainsAny(rest, "\x1b\x07\x9b\r\u202e\u200b\u009b") {
				t.Errorf("%s at %dx%d: got raw foreign text: %q", p.name, s.width, s.height, rest)
			}
		}
	}
}

func TestForeignTextIsVisible(t *testing.T) {
	for _, p := range pages(hostile) {
		if p.name != "done" {
			continue
		}
		if frame := frameOf(p, 120, 40, true); !strings.Contains(frame, `bad\x1b[2J\x1b]52;c;`) {
			t.Errorf("got\n%s\nwant the escapes spelled out", frame)
		}
	}
}

func TestTheClipboardAndTheTitleAreClean(t *testing.T) {
	plan := steps.Plan{Setup: hostile, Changes: fakeChanges(hostile)}
	plan.Changes[0].Commands[0].Args = []string{"echo", hostile}
	a := newApp(t.Context(), road{}, Options{Width: 80, Height: 24}, nil)
	a.header.Setup = hostile
	copies := map[string]screen{
		"script":   newScript(plan.Script()),
		"details":  details{changes: plan.Changes},
		"finished": finished{summary: Summary{Try: []Try{{"try", []string{"echo", hostile}}}}},
	}
	texts := map[string]string{"title": a.View().WindowTitle, "summary": Summary{Says: hostile, Try: []Try{{hostile, []string{hostile}}}}.Text()}
	for name, s := range copies {
		_, cmd := s.Update(keyPress("c"))
		texts[name] = cmd().(copyText).text
	}
	for name, text := range texts {
		if text == "" || strings.ContainsAny(text, "\x1b\x07\x9b\r\u202e\u200b\u009b") {
			t.Errorf("%s: got %q, want it without control characters", name, text)
		}
	}
}
