//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"anywhere/tui/shot"
)

// gallery compares every screen of a walk with what hangs in testdata/screens/real:
// one file for each screen, with a section for each size of the window, and at 80
// by 24 how its cells are drawn on dark and on light. UPDATE=1 hangs them anew.
type gallery struct {
	*seat
	dress dress
	// pictures are the screens that the documentation shows, by their names there.
	pictures map[string]picture
}

// dress is what the program may use of the terminal.
type dress struct {
	name string
	env  []string
}

var (
	coloured   = dress{name: "colour"}
	colourless = dress{"NO_COLOR", []string{"NO_COLOR=yes"}}
	ascii      = dress{"ASCII", []string{"LANG=C"}}
)

// picture is a screen of the documentation.
type picture struct {
	screen        string
	width, height int
	light         bool
}

// windows are the sizes in which every screen is looked at; the last is the one
// that the walk goes on in.
var windows = []struct {
	name          string
	width, height int
}{{"60x20", 60, 20}, {"120x40", 120, 40}, {"80x24", 80, 24}}

// hang looks at the screen that is on, in every size, and compares.
func (g gallery) hang(name string, parts ...string) {
	g.tb.Helper()
	g.sees(parts...)
	for _, w := range windows {
		g.size(w.width, w.height)
		if os.Getenv("UPDATE") == "1" {
			g.await(w.height)
		}
		g.same(name, w.name, snapshot.text)
		if g.dress.name == colourless.name && strings.Contains(g.snap().ink(), "#") {
			g.tb.Errorf("%s: got colours with NO_COLOR:\n%s", name, g.snap().ink())
		}
	}
	g.draw(name)
	if g.dress.name != coloured.name {
		return
	}
	g.same(name, "ink on dark", snapshot.ink)
	g.paper(false)
	g.same(name, "ink on light", snapshot.ink)
	g.paper(true)
	g.same(name, "ink on dark", snapshot.ink)
}

// file is where the screen of that name hangs. Without colours it says the same.
func (g gallery) file(name string) string {
	if g.dress.name == ascii.name {
		name += "-ascii"
	}
	return filepath.Join("..", "..", "testdata", "screens", "real", name+".txt")
}

// lull is how long nothing is painted before a screen is taken to be whole, when it
// is hung anew.
const lull = 100 * time.Millisecond

// same waits until what read makes of the screen is in the section of the file.
func (g gallery) same(name, section string, read func(snapshot) string) {
	g.tb.Helper()
	if os.Getenv("UPDATE") == "1" {
		g.rest()
		g.update(name, section, read(g.snap()))
		return
	}
	want, ok := sectionOf(g.tb, g.file(name), section)
	if ok && !g.comes(func() bool { return read(g.snap()) == want }) {
		g.tb.Errorf("%s %s in %s: got\n%s\nwant\n%s", name, section, g.dress.name, read(g.snap()), want)
	}
}

// comes waits for something on the screen. What differs once will differ often, and
// is not waited for so long.
func (g gallery) comes(so func() bool) bool {
	d := patience
	if g.tb.Failed() {
		d = time.Second
	}
	return g.within(d, so)
}

// rest waits until nothing is painted any more.
func (s *seat) rest() {
	for {
		select {
		case <-s.wrote:
		case <-time.After(lull):
			return
		}
	}
}

func sectionOf(tb testing.TB, file, section string) (text string, ok bool) {
	tb.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		tb.Errorf("%v: UPDATE=1 hangs it", err)
		return "", false
	}
	for _, f := range archive.Files {
		if f.Name == section {
			return string(f.Data), true
		}
	}
	tb.Errorf("%s has no section %q: UPDATE=1 hangs it", file, section)
	return "", false
}

// update puts text into a section of the file.
func (g gallery) update(name, section, text string) {
	g.tb.Helper()
	file := g.file(name)
	archive, err := txtar.ParseFile(file)
	if err != nil {
		archive = &txtar.Archive{}
	}
	at := -1
	for i, f := range archive.Files {
		if f.Name == section {
			at = i
		}
	}
	if at < 0 {
		archive.Files, at = append(archive.Files, txtar.File{Name: section}), len(archive.Files)
	}
	archive.Files[at].Data = []byte(text)
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		g.tb.Fatal(err)
	}
}

// draw compares the screen with the pictures that the documentation has of it, and
// writes it where LOOKS names a folder, for a person to look at.
func (g gallery) draw(name string) {
	g.tb.Helper()
	if folder := os.Getenv("LOOKS"); folder != "" {
		g.exhibit(folder, name)
	}
	if g.dress.name != coloured.name {
		return
	}
	for file, p := range g.pictures {
		if p.screen != name {
			continue
		}
		g.size(p.width, p.height)
		g.await(p.height)
		paper := shot.Dark
		if p.light {
			paper = shot.Light
			g.paper(false)
		}
		path := filepath.Join("..", "..", "docs", "pictures", file+".svg")
		if os.Getenv("UPDATE") == "1" {
			g.rest()
			if err := os.WriteFile(path, shot.SVG(g.snap(), paper), 0o644); err != nil {
				g.tb.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !g.comes(func() bool { return bytes.Equal(shot.SVG(g.snap(), paper), want) }) {
			g.tb.Errorf("%s is stale (%v): UPDATE=1 draws it anew", path, err)
		}
		if p.light {
			g.paper(true)
		}
		g.size(80, 24)
		g.await(24)
	}
}

// await waits until the frame of a window of that height is whole: its last line
// are the keys.
func (g gallery) await(height int) {
	g.tb.Helper()
	whole := func() bool {
		rows := strings.Split(g.snap().text(), "\n")
		return len(rows) > height-1 && strings.Contains(rows[height-1], "ctrl+c quit")
	}
	if !g.within(patience, whole) {
		g.tb.Fatalf("got no frame of %d lines:\n%s", height, g.text())
	}
	g.rest()
}

// exhibit writes pictures of the screen in every size, on dark and on light.
func (g gallery) exhibit(folder, name string) {
	g.tb.Helper()
	for _, dark := range []bool{false, true} {
		paper, ground := shot.Light, "light"
		if dark {
			paper, ground = shot.Dark, "dark"
		}
		g.paper(dark)
		for _, w := range windows {
			g.size(w.width, w.height)
			g.await(w.height)
			file := filepath.Join(folder, strings.Join([]string{g.dress.name, name, w.name, ground}, "-")+".svg")
			if err := os.WriteFile(file, shot.SVG(g.snap(), paper), 0o644); err != nil {
				g.tb.Fatal(err)
			}
		}
	}
}
