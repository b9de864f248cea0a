package tui

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"anywhere/steps"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// colour is an escape sequence that sets one.
var colour = regexp.MustCompile(`\x1b\[[0-9;]*[34]8[;:]`)

// dressed draws p in one of the themes.
func dressed(p page, o Options) string {
	o.Width, o.Height = 80, 24
	a := newApp(context.Background(), p.flow, o, func(tea.Msg) {})
	a.header, a.stack, a.job = p.header, p.stack, p.working
	return a.frame()
}

func TestEveryScreenSaysTheSameInEveryDress(t *testing.T) {
	for _, p := range pages("build-box-7") {
		dark := dressed(p, Options{Dark: true})
		light := dressed(p, Options{})
		bare := dressed(p, Options{Dark: true, NoColor: true})
		if !colour.MatchString(dark) || !colour.MatchString(light) || dark == light {
			t.Errorf("%s: got no colours, or the same on dark and light", p.name)
		}
		if hit := colour.FindString(bare); hit != "" {
			t.Errorf("%s: got colour %q with NO_COLOR", p.name, hit)
		}
		if plainText(dark) != plainText(light) || plainText(dark) != plainText(bare) {
			t.Errorf("%s: got other words in another dress", p.name)
		}
	}
}

func TestASCIIScreensAreASCII(t *testing.T) {
	for _, p := range pages("build-box-7") {
		text := ansi.Strip(dressed(p, Options{ASCII: true, NoColor: true}))
		if at := strings.IndexFunc(text, func(r rune) bool { return r > 0x7e }); at >= 0 {
			t.Errorf("%s: got %q", p.name, text[at:min(len(text), at+12)])
		}
	}
}

// TestCtrlCLeavesEveryScreen walks to each screen of a set-up and leaves there.
func TestCtrlCLeavesEveryScreen(t *testing.T) {
	walks := map[string][]string{
		"the first question": nil, "a field": {"enter"}, "the same by hand": {"enter", "tab"}, "the explain pane": {"enter", "f2"},
		"the keys": {"enter", "f1"}, "the review": {"enter", "enter", "wait"}, "details": {"enter", "enter", "wait", "d"},
		"the script": {"enter", "enter", "wait", "s"}, "the settings": {"enter", "enter", "wait", "tab"},
		"a setting": {"enter", "enter", "wait", "tab", "enter"}, "a filter": {"enter", "enter", "wait", "tab", "/", "c"},
	}
	for name, walk := range walks {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				s := show(t, toSetUp(newFakeSetup()), 80, 24)
				for _, k := range walk {
					if k == "wait" {
						s.passGrace()
						continue
					}
					s.press(k)
				}
				if name != "the first question" {
					s.press("ctrl+c")
					s.shows("! nothing is written yet; once more leaves")
				}
				s.press("ctrl+c")
				if out := s.leaves(); out.State != Interrupted || out.Written {
					t.Errorf("got %s, written=%v; want interrupted with nothing written", out.State, out.Written)
				}
			})
		})
	}
}

// panes are the screens that need no explain pane.
var panes = map[string]string{
	"explain": "is one", "doctor-explain": "is one", "keys": "lies over a screen that has one",
	"doctor-finding": "says why and has a link itself",
}

func TestEveryScreenSaysWhatItIsAndWhyAWSWantsItWithALink(t *testing.T) {
	// The panes of the journal, of the script and of a teardown by tags had no link or
	// did not exist.
	for _, p := range pages("build-box-7") {
		if panes[p.name] != "" {
			continue
		}
		about := p.stack[len(p.stack)-1].Lesson().about
		if about.Title == "" || about.What == "" || about.Why == "" || !strings.HasPrefix(about.Link, "https://") {
			t.Errorf("%s: got lesson %+v, want title, what, why and an https link", p.name, about)
			continue
		}
		// What the terminal gets is a link (OSC 8) whose text is the address.
		p.stack = append(p.stack, explainPane{of: p.stack[len(p.stack)-1].Lesson()})
		frame := frameOf(p, 120, 60, false)
		if link := "\x1b]8;;" + about.Link + "\x07"; !strings.Contains(frame, link) || !strings.Contains(frame, "\x1b]8;;\x07") {
			t.Errorf("%s: got a pane without the bytes of a link to %s", p.name, about.Link)
		}
		if !strings.Contains(plainText(frame), about.Link) {
			t.Errorf("%s: got a pane that does not show %s", p.name, about.Link)
		}
	}
}

func TestEveryQuestionOfTheRoadHasAPane(t *testing.T) {
	for _, step := range steps.Road() {
		for _, asked := range step.Asks {
			q := newQuestion(steps.Asked{Step: step.ID, Question: asked}, scene{})
			about := q.Lesson().about
			if asked.Why == "" || about.What == "" || about.Why == "" || !strings.HasPrefix(about.Link, "https://docs.aws.amazon.com/") {
				t.Errorf("%s: got why %q and lesson %+v, want reasons and AWS's page", asked.Key, asked.Why, about)
			}
		}
	}
}

func TestAQuestionMarkIsTextWhereTextIsTyped(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, toSetUp(newFakeSetup()), 80, 24)
		s.press("?")
		s.shows("Keys of this screen")
		s.press("esc", "enter", "?")
		s.shows("build-box-7?")
		s.press("f1")
		s.shows("Keys of this screen")
		s.goes()
	})
}

func TestTheCommandFollowsWhatIsTyped(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, toSetUp(newFakeSetup()), 120, 40)
		s.press("enter", "ctrl+u")
		s.write("other")
		s.press("tab")
		s.shows("/CN=other", "The same by hand", "is checked against")
		s.press("ctrl+y")
		s.shows("copied")
		if out := s.goes(); !strings.Contains(out.Copied, "-subj /CN=other -out request.pem") {
			t.Errorf("got %q copied, want the command whole", out.Copied)
		}
	})
}

func TestPastedLinesStayOneField(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		s := show(t, toSetUp(fake), 80, 24)
		s.press("enter", "ctrl+u")
		s.program.Send(tea.PasteMsg{Content: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"})
		s.settle(50 * time.Millisecond)
		s.shows("MIIB -----END CERTIFICATE-----", "What should the certificate call")
		if len(fake.order) != 1 {
			t.Errorf("got answers %v, want the pasted newlines to answer nothing", fake.order)
		}
		s.goes()
	})
}

// holdingSetup takes the text of a file, if it is a certificate.
type holdingSetup struct{ *oneQuestion }

func (holdingSetup) Hold(key, text string) (answer, says string, err error) {
	if !strings.Contains(text, "BEGIN CERTIFICATE") {
		return "", "", errors.New("what was pasted holds no whole certificate")
	}
	return "/given/" + key, "certificate CN=\u202eevil", nil
}

func TestTheTextOfAFileIsTakenForItsPath(t *testing.T) {
	const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
	in(t, func(t *testing.T) {
		fake := &oneQuestion{fakeSetup: newFakeSetup(), asked: steps.Asked{Question: steps.Question{Key: "ca.certificate", Kind: steps.File, Ask: "CA certificate"}}}
		s := show(t, road{holdingSetup{fake}, time.Now}, 80, 24)
		paste := func(text string) {
			s.program.Send(tea.PasteMsg{Content: text})
			s.settle(50 * time.Millisecond)
		}
		paste("no\ncertificate")
		s.shows("what was pasted holds no whole certificate")
		paste(certificate)
		s.shows(`pasted certificate CN=\u202eevil`)
		if strings.Contains(s.text(), "MIIB") || strings.Contains(s.text(), "no whole") {
			t.Errorf("got what was pasted, or what was wrong before:\n%s", s.text())
		}
		s.press("backspace")
		if strings.Contains(s.text(), "pasted certificate") || strings.Contains(s.text(), "/given/") {
			t.Errorf("got a rest of what was erased:\n%s", s.text())
		}
		paste(certificate)
		s.press("enter")
		if got := fake.answers["ca.certificate"]; got != "/given/ca.certificate" {
			t.Errorf("got %q, want the answer that stands for the text", got)
		}
		s.goes()
	})
}

func TestASetUpThatTakesNoTextWantsThePath(t *testing.T) {
	said := road{newFakeSetup(), time.Now}.hold(pasted{"ca.certificate", "a\nb"})
	q := newQuestion(steps.Asked{Question: steps.Question{Key: "ca.certificate", Kind: steps.File, Ask: "CA certificate"}}, scene{})
	next, _ := q.Update(said)
	if got := next.(question); got.field.Value() != "" || !strings.Contains(got.problem, "its path is wanted") {
		t.Errorf("got value %q and problem %q, want nothing pasted and why", got.field.Value(), got.problem)
	}
	next, _ = q.Update(tea.PasteMsg{Content: "/etc/ca.pem\n"})
	if got := strings.TrimSpace(next.(question).field.Value()); got != "/etc/ca.pem" {
		t.Errorf("got %q, want the path", got)
	}
}

func TestASettingIsFoundByTypingAPartOfIt(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, toSetUp(newFakeSetup()), 80, 24)
		s.press("enter", "enter")
		s.passGrace()
		s.press("tab", "/", "l", "i", "f", "e", "enter")
		s.shows("Life of a session", "/ life")
		if strings.Contains(s.text(), "Organisation") {
			t.Errorf("got settings that the filter does not let through:\n%s", s.text())
		}
		s.press("enter")
		s.shows("3600")
		s.goes()
	})
}

// skippingSetup waits for something that it could do without.
type skippingSetup struct {
	checkingSetup
	skipped chan struct{}
}

func TestAWaitThatIsNotNeededCanBeSkipped(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := &skippingSetup{checkingSetup{newFakeSetup()}, make(chan struct{}, 1)}
		fake.slow["role.create"] = 5 * time.Second
		s := show(t, road{fake, time.Now}, 80, 24)
		toTheEnd(s)
		s.settle(time.Second)
		s.shows("k skip the wait", "at most 15 min")
		s.press("k")
		select {
		case <-fake.skipped:
		default:
			t.Error("got no skip, want the wait ended")
		}
		s.settle(6 * time.Second)
		s.passGrace()
		s.press("q")
		s.leaves()
	})
}

func TestAnErrorCanOpenTheDoctor(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		fake.broken["config.write"] = errors.New("Unable to assume role")
		s := show(t, road{diagnosedSetup{fake}, time.Now}, 80, 24)
		toTheEnd(s)
		s.shows("Unable to assume role", "d doctor")
		s.passGrace()
		s.press("d")
		if out := s.leaves(); out.State != Elsewhere || strings.Join(out.Next, " ") != "doctor laptop" {
			t.Errorf("got %s %q, want the doctor", out.State, out.Next)
		}
	})
}
