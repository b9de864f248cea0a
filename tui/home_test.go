package tui

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

var homeNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// standings is a set-up of each kind.
func standings(name string) []Standing {
	day := 24 * time.Hour
	return []Standing{
		{Name: "laptop", Mode: "sandbox", Account: "000000000000", Region: "us-east-1", Subject: "CN=" + name,
			NotBefore: homeNow.Add(-29 * day), NotAfter: homeNow.Add(61 * day), Session: homeNow.Add(-12 * time.Minute),
			Verdict: "healthy", Checked: homeNow.Add(-3 * time.Minute)},
		{Name: "build", Mode: "aws", Account: "111122223333", Region: "eu-west-1", Subject: "CN=build-box-7,O=" + name,
			NotBefore: homeNow.Add(-80 * day), NotAfter: homeNow.Add(10 * day), Verdict: "unhealthy", Cause: "RA302", Checked: homeNow.Add(-5 * time.Hour)},
		{Name: "edge", Mode: "custom", Account: "111122223333", Region: "eu-central-1", Subject: "CN=edge-1",
			NotBefore: homeNow.Add(-91 * day), NotAfter: homeNow.Add(-day), Verdict: "unknown", Checked: homeNow.Add(-9 * day)},
		{Name: "half", Mode: "aws", Account: "111122223333", Region: "eu-west-1", Unfinished: true},
		{Name: "asked", Mode: "aws", Account: "111122223333", Region: "eu-west-1", Unfinished: true, Waits: true},
		{Name: "broken", Problem: "read session.json: mode 0644 lets other users read " + name},
	}
}

// fakeHome offers everything but a sandbox.
type fakeHome struct {
	list []Standing
	err  error
}

func (f *fakeHome) Setups(context.Context) ([]Standing, error) { return f.list, f.err }

func (f *fakeHome) Next(act Act, setup string) []string {
	if act == ActSandbox {
		return nil
	}
	return []string{string(act), setup}
}

func TestHomeGoesWhereItsKeysSay(t *testing.T) {
	tests := map[string]struct {
		list []Standing
		keys []string
		want string
	}{
		"enter checks the first":           {standings("x"), []string{"enter"}, "check laptop"},
		"c checks the second":              {standings("x"), []string{"down", "c"}, "check build"},
		"r renews":                         {standings("x"), []string{"r"}, "renew laptop"},
		"t tears down":                     {standings("x"), []string{"down", "down", "t"}, "tear down edge"},
		"enter goes on with an unfinished": {standings("x"), []string{"down", "down", "down", "enter"}, "go on half"},
		"n sets up another":                {standings("x"), []string{"n"}, "set up laptop"},
		"enter sets up the first":          {nil, []string{"enter"}, "set up "},
		"a filter leaves one":              {standings("x"), []string{"/", "e", "d", "g", "enter", "enter"}, "check edge"},
		"a filter is cleared":              {standings("x"), []string{"/", "e", "d", "esc", "enter"}, "check laptop"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				s := show(t, hall{&fakeHome{list: tt.list}, time.Now}, 80, 24)
				s.press(tt.keys...)
				if out := s.leaves(); out.State != Elsewhere || strings.Join(out.Next, " ") != tt.want {
					t.Errorf("got %s %q, want to go to %q", out.State, out.Next, tt.want)
				}
			})
		})
	}
}

func TestHomeOffersNoCommandThatIsNotThere(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, hall{&fakeHome{list: standings("x")}, time.Now}, 120, 40)
		s.shows("enter check", "r renew", "t tear down", "n new")
		if strings.Contains(s.text(), "s sandbox") {
			t.Errorf("got a key for the sandbox, want none:\n%s", s.text())
		}
		s.press("q")
		if out := s.leaves(); out.State != Left || out.Next != nil {
			t.Errorf("got %+v, want just left", out)
		}
	})
}

func TestHomeThatCannotBeReadSaysWhy(t *testing.T) {
	in(t, func(t *testing.T) {
		s := show(t, hall{&fakeHome{err: errors.New("read setups: permission denied")}, time.Now}, 80, 24)
		s.shows("read setups: permission denied")
		s.press("q")
		if out := s.leaves(); out.State != Failed {
			t.Errorf("got %s, want failed", out.State)
		}
	})
}

func TestALifeIsToldInTheUnitThatReadsBest(t *testing.T) {
	day := 24 * time.Hour
	tests := map[string]struct {
		from, to time.Duration
		want     string
	}{
		"months":        {-29 * day, 61 * day, "61 of 90 days"},
		"a day":         {-20 * time.Hour, 4 * time.Hour, "! 4 of 24 hours"},
		"its last days": {-80 * day, 10 * day, "! 10 of 90 days"},
		"over":          {-91 * day, -day, "x expired"},
		"not yet":       {day, 91 * day, "! not valid yet"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ansiSGR.ReplaceAllString(lifeBar(homeNow.Add(tt.from), homeNow.Add(tt.to), homeNow, newTheme(true, true, true)), "")
			if !strings.HasSuffix(got, "  "+tt.want) {
				t.Errorf("got %q, want it to end in %q", got, tt.want)
			}
		})
	}
}

// many are n set-ups, each like one of list.
func many(list []Standing, n int) (all []Standing) {
	for i := range n {
		one := list[i%len(list)]
		one.Name = "box-" + strconv.Itoa(i+1)
		all = append(all, one)
	}
	return all
}

func TestAmongManyEachSetUpHasALine(t *testing.T) {
	// Forty set-ups were "104 more lines below", six of them to be seen.
	s := homeScreen{list: many(standings("build-box-7"), 40), now: homeNow, cursor: 5}
	body, at := s.body(true, 76, newTheme(false, true, true))
	if whole := len(s.list[5].lines(true, homeNow, 76, newTheme(false, true, true))); len(body) != 39+whole || at != 5 {
		t.Errorf("got %d lines with the cursor in line %d, want 39 and %d for the sixth", len(body), at, whole)
	}
	for i, l := range body {
		if ansi.StringWidth(l) > 76 {
			t.Errorf("line %d is %d columns wide: %q", i, ansi.StringWidth(l), l)
		}
	}
}
