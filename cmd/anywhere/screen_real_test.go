//go:build unix

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"anywhere/awsapi"
)

const (
	ctrlC = "\x03"
	ctrlU = "\x15"
	down  = "\x1b[B"
	f1    = "\x1bOP"
)

// held keeps one operation waiting until it is let go.
type held struct {
	op   string
	next http.RoundTripper
	free chan struct{}
}

func (h held) RoundTrip(req *http.Request) (*http.Response, error) {
	if call := awsapi.CallOf(req); call.Service+":"+call.Op == h.op {
		select {
		case <-h.free:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	return h.next.RoundTrip(req)
}

// holding makes an app wait at op, and says how to let it go on.
func holding(op string) (change func(*app), free func()) {
	gate := make(chan struct{})
	return func(a *app) {
		a.around = func(next http.RoundTripper) http.RoundTripper { return held{op, next, gate} }
	}, sync.OnceFunc(func() { close(gate) })
}

// dresses runs a walk in every dress, side by side.
func dresses(t *testing.T, walk func(t *testing.T, d dress)) {
	t.Helper()
	t.Parallel()
	if err := os.MkdirAll(filepath.Join("..", "..", "testdata", "screens", "real"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, d := range []dress{coloured, colourless, ascii} {
		if d.name == colourless.name && os.Getenv("UPDATE") == "1" {
			continue // it must say what the coloured one says
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			walk(t, d)
		})
	}
}

// play begins a walk.
func play(t *testing.T, d dress, home string, change func(*app), args ...string) gallery {
	t.Helper()
	return gallery{perform(t, home, 80, 24, d.env, change, args...), d, pictures}
}

// start is play in a process of its own, which takes AWS's variables as they are.
func start(t *testing.T, d dress, home string, args ...string) gallery {
	t.Helper()
	return gallery{sitWith(t, home, 80, 24, d.env, args...), d, pictures}
}

// TestTheScreensOfALifeInTheSandbox sets up, looks, and takes down again.
func TestTheScreensOfALifeInTheSandbox(t *testing.T) {
	dresses(t, func(t *testing.T, d dress) {
		home := t.TempDir()
		hold, free := holding("iam:CreateRole")
		defer free()
		s := play(t, d, home, hold, "setup", "--sandbox")
		s.sees("What is this set-up called?")
		s.press(ctrlU + "Laptop")
		s.hang("name-invalid", "Laptop", "a-z")
		s.press(ctrlU + "laptop")
		s.hang("name", "laptop")
		s.opens(enter, "What should the certificate call this machine?")
		s.press(ctrlU + "build-box-7")
		s.hang("certificate", "build-box-7", "tab command")
		s.opens(tab, "openssl genpkey")
		s.hang("command")
		s.opens(f2, "Why AWS wants it")
		s.hang("explain")
		s.opens(escape, "What should the certificate call this machine?")
		s.press(tab)
		s.opens(enter, "What may this machine do?")
		s.hang("permissions")
		s.opens(enter, "None of this has happened yet.")
		s.hang("review", "enter apply")
		reviewed(s)
		s.opens(enter, "setting up")
		s.hang("applying", "trust anchor", "explain")
		s.opens(ctrlC, "Stop here?")
		s.hang("stop")
		s.press("n")
		free()
		s.sees("works: this machine has sandbox credentials")
		s.hang("done")
		s.opens(f2, "AWS says")
		s.hang("done-explain")
		s.opens(escape, "works: this machine")
		s.size(120, 40)
		s.await(40)
		if code := s.exits("q"); code != exitDone {
			t.Errorf("got exit %d from the set-up, want 0", code)
		}
		s.same("summary", "120x40", snapshot.text)
		looks(t, d, home)
		removes(t, d, home)
	})
}

// reviewed walks through what the review leads to, and comes back to it.
func reviewed(s gallery) {
	s.opens("d", "The same by hand:")
	s.hang("details")
	s.opens("nnn", "4 of 10 changes")
	s.hang("details-diff")
	s.opens(escape, "None of this has happened yet.")
	s.opens("s", "shell script")
	s.hang("script")
	s.opens(escape, "None of this has happened yet.")
	s.opens(f1, "Keys of this screen")
	s.hang("keys")
	s.opens(escape, "None of this has happened yet.")
	s.opens(tab, "Settings; none of them")
	s.hang("settings")
	s.opens("/", "keep")
	s.press("life")
	s.hang("settings-filter", "/ life", "Certificate life")
	s.press(enter)
	s.opens(enter, "CA life")
	s.hang("setting")
	s.opens(escape, "Settings; none of them")
	s.opens(tab, "None of this has happened yet.")
}

// looks is home and the doctor while all is well.
func looks(t *testing.T, d dress, home string) {
	t.Helper()
	s := play(t, d, home, nil)
	s.hang("home", "1 set-up on this machine.")
	s.opens(f2, "without a long-lived key")
	s.hang("home-explain")
	s.opens(escape, "1 set-up on this machine.")
	s.opens(enter, "laptop works")
	s.hang("doctor-healthy")
	s.opens("a", "RA101")
	s.hang("doctor-all")
	s.opens("q", "1 set-up on this machine.")
	if code := s.exits("q"); code != exitDone {
		t.Errorf("got exit %d from home, want 0", code)
	}
	certificate, err := filepath.Glob(filepath.Join(home, ".anywhere", "setups", "laptop", "pairs", "*", "certificate.pem"))
	if err != nil || len(certificate) != 1 {
		t.Fatalf("got certificates %q, %v; want one", certificate, err)
	}
	s = play(t, d, home, nil, "cert", "inspect", certificate[0])
	s.hang("inspect", "CN=build-box-7")
	s.exits("q")
}

// removes takes the set-up down, and looks at the empty home.
func removes(t *testing.T, d dress, home string) {
	t.Helper()
	s := play(t, d, home, nil, "teardown", "laptop")
	s.hang("teardown", "Nothing has been removed yet.")
	s.opens(f2, "Taking a set-up down")
	s.hang("teardown-explain")
	s.opens(escape, "Nothing has been removed yet.")
	s.opens(enter, "laptop is gone")
	s.hang("teardown-done")
	s.size(120, 40)
	s.await(40)
	if code := s.exits("q"); code != exitDone {
		t.Errorf("got exit %d from the teardown, want 0", code)
	}
	s.same("teardown-summary", "120x40", snapshot.text)
	s = play(t, d, home, nil)
	s.hang("home-empty", "This machine has no set-up yet.")
	s.exits("q")
}

// pictures are the screens that the documentation shows.
var pictures = map[string]picture{
	"question": {"certificate", 80, 24, false}, "question-wide": {"certificate", 120, 36, false}, "command": {"command", 80, 24, false},
	"explain": {"explain", 80, 24, false}, "review": {"review", 80, 24, false}, "applying": {"applying", 120, 36, false},
	"error": {"failure-denied", 80, 24, false}, "done": {"done", 80, 24, false}, "done-wide": {"done", 120, 36, false}, "home": {"home-several", 80, 24, false},
	"doctor": {"doctor", 80, 24, false}, "inspect": {"inspect", 80, 24, false}, "teardown": {"teardown", 80, 24, false},
	"question-light": {"certificate", 80, 24, true}, "review-light": {"review", 80, 24, true},
}

func TestEveryPictureIsDrawnHereAndTheREADMEShowsOne(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	files, err := os.ReadDir(filepath.Join(docs, "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, drawn := pictures[strings.TrimSuffix(f.Name(), ".svg")]; !drawn {
			t.Errorf("docs/pictures/%s is drawn by no test", f.Name())
		}
	}
	page := readFile(t, filepath.Join(docs, "screens.md"))
	for name, p := range pictures {
		if !strings.Contains(page, "(pictures/"+name+".svg)") {
			t.Errorf("docs/screens.md does not show %s", name)
		}
		// The walk that comes to the screen draws it; without the screen nobody would.
		if _, err := os.Stat(filepath.Join("..", "..", "testdata", "screens", "real", p.screen+".txt")); err != nil {
			t.Errorf("%s shows a screen that no walk comes to: %v", name, err)
		}
	}
	shown := regexp.MustCompile(`\(docs/pictures/([a-z-]+)\.svg\)`).FindStringSubmatch(readFile(t, filepath.Join("..", "..", "README.md")))
	if shown == nil {
		t.Fatal("got no picture in the README, want one")
	}
	if _, drawn := pictures[shown[1]]; !drawn {
		t.Errorf("got %q in the README, want one of the pictures", shown[1])
	}
}
