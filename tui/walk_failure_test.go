package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

func TestAFailureKeepsWhatIsDoneAndGoesOn(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		fake.broken["role.create"] = errors.New("iam:CreateRole: AccessDenied: User ops1 is not authorized to perform: iam:CreateRole (request 8f3a)")
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("enter", "enter")
		s.passGrace()
		s.press("enter")
		s.shows("Could not create role anywhere-laptop-7f3a91c2", "not authorized to perform", "(request 8f3a)", "3 things are done")
		s.passGrace()
		s.press("r")
		s.shows("3 changes. Undo any time")
		s.passGrace()
		s.press("enter")
		s.settle(time.Second)
		s.shows("has AWS credentials")
		if got, want := strings.Join(fake.applied, " "), "ca.create certificate.issue anchor.create role.create profile.create config.write"; got != want {
			t.Errorf("got %s, want each change once: %s", got, want)
		}
		s.press("q")
		if out := s.leaves(); out.State != Done || out.Err != nil {
			t.Errorf("got %+v, want done without an error", out)
		}
	})
}

func TestAFailureOfTheFirstChangeCountsNothingAsDone(t *testing.T) {
	// It said "0 things are done and written down".
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		fake.broken["ca.create"] = errors.New("disk is full")
		s := show(t, road{fake, time.Now}, 80, 24)
		toTheEnd(s)
		s.shows("disk is full", "What was done before is written down; the next run goes on from there.")
		if strings.Contains(s.text(), "0 things") {
			t.Errorf("got nothing counted as done:\n%s", s.text())
		}
		s.passGrace()
		s.press("q")
		s.leaves()
	})
}

func TestQuitFromAFailureReportsIt(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		refusal := errors.New("sts:GetCallerIdentity: ExpiredToken")
		fake.looks = []error{refusal}
		s := show(t, road{fake, time.Now}, 80, 24)
		s.shows("Could not look around", "ExpiredToken")
		s.passGrace()
		s.press("q")
		if out := s.leaves(); out.State != Failed || !errors.Is(out.Err, refusal) || out.Written {
			t.Errorf("got %+v, want failed with the refusal", out)
		}
	})
}

func TestRetryOfALookGoesOn(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		fake.looks = []error{errors.New("no route to host")}
		s := show(t, road{fake, time.Now}, 80, 24)
		s.shows("no route to host")
		s.passGrace()
		s.press("r")
		s.shows("Where should")
		if out := s.goes(); out.Err != nil {
			t.Errorf("got %v, want no error after it was overcome", out.Err)
		}
	})
}

func TestCtrlCAsksWhileSomethingIsWritten(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		fake.slow["anchor.create"] = 10 * time.Second
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("enter", "enter")
		s.passGrace()
		s.press("enter", "ctrl+c")
		s.shows("Stop here?")
		s.press("n")
		s.shows("waiting: IAM")
		s.press("ctrl+c", "y")
		s.shows("stopping")
		s.settle(11 * time.Second)
		out := s.leaves()
		if out.State != Interrupted || !out.Written {
			t.Errorf("got %+v, want interrupted after writing", out)
		}
		if got, want := strings.Join(fake.applied, " "), "ca.create certificate.issue anchor.create"; got != want {
			t.Errorf("got %s, want the change in hand to be finished and no more: %s", got, want)
		}
	})
}

func TestCtrlCThreeTimesLeavesWithoutWaiting(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := newFakeSetup()
		fake.slow["ca.create"] = 10 * time.Second
		s := show(t, road{fake, time.Now}, 80, 24)
		s.press("enter", "enter")
		s.passGrace()
		s.press("enter", "ctrl+c", "ctrl+c", "ctrl+c")
		if out := s.leaves(); out.State != Interrupted {
			t.Errorf("got %+v, want interrupted", out)
		}
		time.Sleep(11 * time.Second) // the work ends after the program did
	})
}

func TestTheEndOfTheContextIsAnInterrupt(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, road{newFakeSetup(), time.Now}, 80, 24)
		s.cancel()
		s.settle(50 * time.Millisecond)
		if out := s.leaves(); out.State != Interrupted {
			t.Errorf("got %+v, want interrupted", out)
		}
	})
}

func TestAPanicPutsTheTerminalBack(t *testing.T) {
	in(t, func(t *testing.T) {
		var out strings.Builder
		_, err := run(t.Context(), road{&oneQuestion{}, time.Now}, Options{Output: &out, Width: 80, Height: 24, Now: time.Now, NoColor: true})
		if !errors.Is(err, tea.ErrProgramPanic) {
			t.Errorf("got %v, want the panic as an error", err)
		}
		if text := out.String(); strings.LastIndex(text, "\x1b[?1049l") < strings.LastIndex(text, "\x1b[?1049h") {
			t.Errorf("got %q, want the alternate screen left", text)
		}
	})
}

func TestAFailedTeardownCanBeTriedAgain(t *testing.T) {
	in(t, func(t *testing.T) {
		fake := &fakeTeardown{name: "foreign", broken: errors.New("throttled")}
		s := show(t, walkBack{fake, time.Now}, 80, 24)
		s.passGrace()
		s.press("enter")
		s.shows("remove Roles Anywhere profile", "throttled")
		s.passGrace()
		s.press("r")
		s.shows("1 thing is gone already; the rest stands.")
		s.passGrace()
		s.press("enter")
		s.settle(time.Second)
		s.shows("laptop is taken down")
		if out := s.goes(); out.State != Done {
			t.Errorf("got %+v, want done", out)
		}
	})
}
