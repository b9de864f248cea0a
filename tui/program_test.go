package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// still is a flow that opens one page and goes nowhere.
type still struct{ page }

func (s still) name() string              { return s.flow.name() }
func (still) decide(tea.Msg) (work, bool) { return work{}, false }
func (still) judge(typed) (refused, bool) { return refused{}, false }

func (s still) begin() work {
	return work{do: func(context.Context, func(tea.Msg)) tea.Msg {
		return opened{screens: s.stack, header: s.header}
	}}
}

// TestTheProgramPaintsWhatTheGoldensSay runs the real program on an emulated
// terminal, page by page: what its cells show is what the view said.
func TestTheProgramPaintsWhatTheGoldensSay(t *testing.T) {
	for _, p := range pages("build-box-7") {
		if p.working.running() {
			continue // work that never ends has no page of its own in the program
		}
		for _, size := range sizes {
			in(t, func(t *testing.T) {
				s := showWith(t, still{p}, Options{Width: size.width, Height: size.height, ASCII: true, NoColor: true, Dark: true, Now: time.Now})
				want, err := os.ReadFile(filepath.Join("..", "testdata", "screens", fmt.Sprintf("%s-%dx%d.txt", p.name, size.width, size.height)))
				if err != nil {
					t.Fatal(err)
				}
				if got := plainText(s.text()); strings.TrimRight(got, "\n") != strings.TrimRight(string(want), "\n") {
					t.Errorf("%s at %dx%d: got\n%s\nwant\n%s", p.name, size.width, size.height, got, want)
				}
				s.cancel()
				s.settle(time.Second)
				s.leaves()
			})
		}
	}
}

// TestTheProgramSendsNothingForeignToTheTerminal looks at every byte that the
// program writes for pages full of hostile text.
func TestTheProgramSendsNothingForeignToTheTerminal(t *testing.T) {
	for _, p := range pages(hostile) {
		if p.working.running() {
			continue
		}
		in(t, func(t *testing.T) {
			s := showWith(t, still{p}, Options{Width: 120, Height: 40, Dark: true, Now: time.Now})
			for _, bad := range []string{"\x1b[2J\x1b]52", "\x1b]52;", "\x1b]0;owned", "\u202e", "\u200b", "\u009b"} {
				if strings.Contains(s.raw.String(), bad) {
					t.Errorf("%s: got %q on the terminal", p.name, bad)
				}
			}
			s.cancel()
			s.settle(time.Second)
			s.leaves()
		})
	}
}
