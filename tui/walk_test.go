package tui

import (
	"strings"
	"testing"
	"time"

	"anywhere/steps"
)

func TestAWalkToTheEnd(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		fake.slow["role.create"] = 7 * time.Second
		s := show(t, road{fake, time.Now}, 80, 24)
		s.shows("Where should this machine get credentials?", "› In the sandbox", "a local AWS, to try it out")
		s.press("enter")
		s.shows("What should the certificate call this machine?", "sandbox · eu-west-1", "✓ Where", "● Certificate", "build-box-7")
		s.press("enter")
		s.shows("None of this has happened yet.", "6 changes. Undo any time: anywhere teardown laptop")
		s.passGrace()
		s.press("enter")
		s.settle(3 * time.Second)
		s.press("f1")
		s.shows("Keys of this screen")
		s.press("esc")
		s.shows("waiting: IAM spreads the new role", "3 s", "✓ trust anchor", "○ Roles Anywhere profile")
		s.settle(5 * time.Second)
		s.shows("build-box-7 has AWS credentials", "session name", "aws s3 ls --profile laptop")
		s.passGrace()
		s.press("c")
		s.shows("copied")
		s.press("enter")
		out := s.leaves()
		if out.State != Done || !out.Written || out.Summary.Says != fake.Summary().Says {
			t.Errorf("got outcome %+v, want done with the summary", out)
		}
		if got := len(fake.applied); got != 6 {
			t.Errorf("got %d changes applied, want 6", got)
		}
		if !strings.Contains(s.raw.String(), "\x1b]52;c;") {
			t.Error("got no OSC 52, want the command on the clipboard")
		}
	})
}

func TestBackMakesTheAnswerTheDefault(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("down", "enter")
		s.shows("account 111122223333")
		s.press("ctrl+u")
		s.write("other")
		s.shows("certificate             other")
		s.press("esc")
		s.shows("Where should", "› In account 111122223333 as user/ops1")
		s.press("up", "enter")
		s.shows("sandbox · eu-west-1")
		if got := fake.answers["where"]; got != "sandbox" {
			t.Errorf("got where=%s, want sandbox", got)
		}
		s.goes()
	})
}

func TestQLeavesAChoiceAndIsTextInAField(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, toSetUp(newFakeSetup()), 80, 24)
		s.press("enter", "q")
		s.shows("build-box-7q")
		s.press("esc", "q")
		if out := s.leaves(); out.State != Left || out.Written {
			t.Errorf("got %s, written=%v; want left with nothing written", out.State, out.Written)
		}
	})
}

func TestBackAtTheFirstQuestionStaysThere(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, road{newFakeSetup(), time.Now}, 80, 24)
		s.press("esc")
		s.shows("Where should")
		if out := s.goes(); out.State != Interrupted || out.Written {
			t.Errorf("got %+v, want interrupted with nothing written", out)
		}
	})
}

func TestAnInvalidAnswerIsSaidBesideTheQuestion(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("enter")
		s.write(" x")
		s.press("enter")
		s.shows("✗ only letters, digits", "What should the certificate call")
		s.press("backspace", "backspace")
		if strings.Contains(s.text(), "only letters") {
			t.Errorf("got the problem of an answer that has changed:\n%s", s.text())
		}
		s.press("enter")
		s.shows("None of this has happened yet.")
		s.goes()
	})
}

func TestAnAnswerIsJudgedWhileItIsTyped(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, road{checkingSetup{newFakeSetup()}, time.Now}, 80, 24)
		s.press("enter")
		s.write("/")
		s.shows("! only letters, digits")
		s.press("backspace")
		if strings.Contains(s.text(), "only letters") {
			t.Errorf("got a problem, want none after it was corrected:\n%s", s.text())
		}
		s.goes()
	})
}

func TestASecretIsAskedTwiceAndNeverShown(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("enter", "ctrl+u")
		s.write("locked")
		s.press("enter")
		s.shows("Which passphrase locks the CA key?")
		s.write("first-secret")
		s.press("enter")
		s.shows("once more")
		s.write("other-secret")
		s.press("enter")
		s.shows("the two are not the same")
		for range 2 {
			s.write("first-secret")
			s.press("enter")
		}
		s.shows("None of this has happened yet.")
		if got := fake.answers["ca.passphrase"]; got != "first-secret" {
			t.Errorf("got passphrase %q, want first-secret", got)
		}
		// Back at a secret, what was typed stood there unseen and was typed on.
		s.passGrace()
		s.press("esc")
		s.shows("Which passphrase locks the CA key?", "as it was typed; enter keeps it")
		s.press("enter")
		s.shows("None of this has happened yet.")
		if got := fake.answers["ca.passphrase"]; got != "first-secret" {
			t.Errorf("got passphrase %q after it was kept, want first-secret", got)
		}
		s.passGrace()
		s.press("esc")
		s.write("third-secret")
		s.press("enter")
		s.shows("once more")
		s.write("third-secret")
		s.press("enter")
		s.shows("None of this has happened yet.")
		if got := fake.answers["ca.passphrase"]; got != "third-secret" {
			t.Errorf("got passphrase %q after another was typed, want third-secret", got)
		}
		if strings.Contains(s.raw.String(), "secret") {
			t.Error("got the secret on the screen")
		}
		s.goes()
	})
}

// The passphrase of somebody's file was asked for twice, though the file tells whether
// it is the right one.
func TestASecretOfSomethingThatIsThereIsAskedOnce(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("enter", "ctrl+u")
		s.write("theirs")
		s.press("enter")
		s.shows("Which passphrase locks the CA key?")
		s.write("first-secret")
		s.press("enter")
		s.shows("None of this has happened yet.")
		s.goes()
	})
}

func TestEnterMeantForTheQuestionDoesNotApprove(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("enter", "enter", "enter", "enter")
		s.shows("None of this has happened yet.")
		if got := len(fake.applied); got != 0 {
			t.Fatalf("got %d changes applied by keys within the grace period, want 0", got)
		}
		if s.offersKeys() {
			t.Errorf("got keys drawn that nobody hears:\n%s", s.text())
		}
		s.passGrace()
		if !s.offersKeys() {
			t.Errorf("got no keys drawn that are heard:\n%s", s.text())
		}
		s.press("enter")
		s.settle(time.Second)
		if got := len(fake.applied); got != 6 {
			t.Errorf("got %d changes applied after it, want 6", got)
		}
		s.goes()
	})
}

func TestASettingIsEditedAndTheListComesBack(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("enter", "enter")
		s.passGrace()
		s.press("tab")
		s.shows("Settings; none of them needs to be touched.", "P-256")
		s.press("down", "enter")
		s.shows("Life of a session, in seconds", "3600")
		s.press("ctrl+u")
		s.write("7200")
		s.press("enter")
		s.shows("7200  changed")
		s.press("tab")
		s.shows("4 settings, 1 of them changed")
		s.goes()
	})
}

func TestAChangeWithItsOwnYesHoldsThePlan(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		fake.changes = append(fake.changes, reach())
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("enter", "enter")
		s.passGrace()
		s.press("enter")
		s.shows("space accepts this change", "[ ] needs its own yes")
		if len(fake.applied) != 0 {
			t.Fatalf("got %v applied, want nothing before the own yes", fake.applied)
		}
		s.press("space", "enter")
		s.settle(time.Second)
		if got := strings.Join(fake.accepted, " "); got != "anchor.reach" {
			t.Errorf("got accepted %q, want anchor.reach", got)
		}
		s.goes()
	})
}

func TestTheScreenFollowsTheWindow(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, road{newFakeSetup(), time.Now}, 120, 40)
		s.press("enter")
		for _, size := range []struct {
			width, height int
			want          string
		}{
			{30, 8, "too small"},
			{60, 20, "2 of 7"},
			{120, 40, "is checked against"},
			{80, 24, "● Certificate"},
		} {
			s.resize(size.width, size.height)
			s.shows(size.want)
		}
		s.goes()
	})
}

func TestAChoiceShowsAllItsOptionsAfterTheWindowWasLow(t *testing.T) {
	in(t, func(t *testing.T) {
		asked := steps.Asked{Question: steps.Question{Key: "where", Kind: steps.Choose, Ask: "Which?"}}
		for _, c := range "abcdefghij" {
			asked.Choices = append(asked.Choices, steps.Choice{Value: string(c), Label: "option " + string(c)})
		}
		s := show(t, road{&oneQuestion{newFakeSetup(), asked}, time.Now}, 80, 12)
		s.press("down", "down", "down", "down", "down", "down", "down", "down")
		s.shows("› option i")
		s.resize(80, 24)
		s.shows("option a", "› option i", "option j")
		s.goes()
	})
}

func TestATeardownToTheEnd(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := &fakeTeardown{name: "foreign"}
		s := show(t, walkBack{fake, time.Now}, 80, 24)
		s.shows("1 thing is gone already; the rest stands.", "already gone", "stays: policy foreign is not ours", "2 things go, 2 stay.")
		s.passGrace()
		s.press("down", "down", "down", "down", "space")
		s.shows("goes, too, by your own yes", "3 things go, 1 stays.")
		s.press("enter")
		s.settle(time.Second)
		s.shows("laptop is taken down, but for one thing.")
		s.press("q")
		out := s.leaves()
		if out.State != Done || fake.removed != 3 || strings.Join(fake.accepted, " ") != "ca.create" {
			t.Errorf("got %+v, removed %d, accepted %v; want done, 3, ca.create", out, fake.removed, fake.accepted)
		}
	})
}

func TestALostMachinesSetUpWantsItsIdTyped(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := &fakeTeardown{name: "foreign", typed: "7f3a91c2"}
		s := show(t, walkBack{fake, time.Now}, 80, 24)
		s.passGrace()
		s.press("enter")
		s.shows("Type this to remove it:", "7f3a91c2")
		s.write("7f3a")
		s.press("enter")
		s.shows("that is not the same")
		if fake.removed != 0 {
			t.Fatalf("got %d removed, want none before the id is typed", fake.removed)
		}
		s.write("91c2")
		s.press("enter")
		s.settle(time.Second)
		if fake.removed != 2 {
			t.Errorf("got %d removed, want 2", fake.removed)
		}
		s.goes()
	})
}

func TestLeavingWithAnswersIsSaidOnceAndAnotherKeyStays(t *testing.T) {
	// Whoever had typed for minutes lost it all to one ctrl+c, or to a q.
	in(t, func(t *testing.T) {
		s := show(t, toSetUp(newFakeSetup()), 80, 24)
		s.press("enter", "ctrl+c")
		s.shows("once more leaves", "What should the certificate call this machine?")
		s.press("x")
		if strings.Contains(s.text(), "once more leaves") {
			t.Errorf("got a warning after going on:\n%s", s.text())
		}
		s.press("ctrl+c")
		s.shows("once more leaves", "build-box-7x")
		s.press("ctrl+c")
		if out := s.leaves(); out.State != Interrupted || out.Written || !out.Idle {
			t.Errorf("got %+v, want interrupted with nothing written and nothing at work", out)
		}
	})
}
