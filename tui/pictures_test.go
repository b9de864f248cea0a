package tui

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"anywhere/tui/shot"
)

// pictures are the screens that the documentation shows: the program runs, keys
// are pressed, and what the terminal shows then is drawn.
var pictures = []struct {
	name          string
	width, height int
	begin         func(*fakeSetup) flow
	walk          func(*terminal)
}{
	{"question", 80, 24, toSetUp, func(s *terminal) { s.press("enter") }},
	{"question-wide", 120, 36, toSetUp, func(s *terminal) { s.press("enter") }},
	{"command", 80, 24, toSetUp, func(s *terminal) { s.press("enter", "tab") }},
	{"explain", 80, 24, toSetUp, func(s *terminal) { s.press("enter", "f2") }},
	{"review", 80, 24, toSetUp, func(s *terminal) { s.press("enter", "enter"); s.passGrace() }},
	{"applying", 120, 36, toWait, func(s *terminal) { toTheEnd(s); s.settle(6 * time.Second) }},
	{"error", 80, 24, toFail, func(s *terminal) { toTheEnd(s); s.settle(time.Second) }},
	{"done", 80, 24, toSetUp, func(s *terminal) { toTheEnd(s); s.settle(time.Second) }},
	{"home", 80, 24, func(*fakeSetup) flow {
		return hall{&fakeHome{list: standings("build-box-7")[:3]}, func() time.Time { return homeNow }}
	}, func(*terminal) {}},
	{"doctor", 80, 24, func(*fakeSetup) flow { return visit{&fakeDoctor{reports: reports("build-box-8")[:1]}, time.Now} }, func(*terminal) {}},
	{"inspect", 80, 24, func(*fakeSetup) flow {
		return reading{papers("build-box-7")[1:], func() time.Time { return homeNow }}
	}, func(*terminal) {}},
	{"teardown", 80, 24, func(*fakeSetup) flow { return walkBack{&fakeTeardown{name: "audit"}, time.Now} }, (*terminal).passGrace},
}

func toSetUp(f *fakeSetup) flow { return road{checkingSetup{f}, time.Now} }

func toWait(f *fakeSetup) flow {
	f.slow["role.create"] = 20 * time.Second
	return toSetUp(f)
}

func toFail(f *fakeSetup) flow {
	f.broken["role.create"] = errors.New("iam:CreateRole: AccessDenied: User: arn:aws:iam::111122223333:user/ops1 is not authorized to perform: iam:CreateRole (request 8f3a0c1e)")
	return toSetUp(f)
}

// toTheEnd takes every default and approves.
func toTheEnd(s *terminal) {
	s.press("enter", "enter")
	s.passGrace()
	s.press("enter")
}

func TestThePicturesShowWhatTheProgramShows(t *testing.T) {
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				s := show(t, p.begin(newFakeSetup()), p.width, p.height)
				p.walk(s)
				s.mu.Lock()
				got := shot.SVG(s.emu, shot.Dark)
				s.mu.Unlock()
				sameAsPicture(t, p.name, got)
				s.cancel()
				s.settle(time.Minute)
				s.leaves()
			})
		})
	}
}

// sameAsPicture compares got with docs/pictures/name.svg; UPDATE=1 writes it.
func sameAsPicture(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("..", "docs", "pictures", name+".svg")
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: UPDATE=1 go test ./tui draws it anew", path)
	}
}

func TestEveryPictureIsDrawnHereAndTheREADMEShowsOne(t *testing.T) {
	drawn := map[string]bool{}
	for _, p := range pictures {
		drawn[p.name+".svg"] = true
	}
	files, err := os.ReadDir(filepath.Join("..", "docs", "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !drawn[f.Name()] {
			t.Errorf("docs/pictures/%s is drawn by no test", f.Name())
		}
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "screens.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range drawn {
		if !bytes.Contains(page, []byte("(pictures/"+name+")")) {
			t.Errorf("docs/screens.md does not show %s", name)
		}
	}
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`\(docs/pictures/([a-z-]+\.svg)\)`).FindSubmatch(readme)
	if shown == nil || !drawn[string(shown[1])] {
		t.Errorf("got %q in the README, want one of the pictures", shown)
	}
}
