package tui

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// kinds are the kinds of terminals by what they say of themselves.
var kinds = []struct {
	name    string
	profile colorprofile.Profile
	env     []string
}{
	{"true colour", colorprofile.TrueColor, []string{"TERM=xterm-256color", "COLORTERM=truecolor", "TTY_FORCE=1"}},
	{"256 colours", colorprofile.ANSI256, []string{"TERM=xterm-256color", "TTY_FORCE=1"}},
	{"16 colours", colorprofile.ANSI, []string{"TERM=xterm-color", "TTY_FORCE=1"}},
}

// TestEveryKindOfTerminalGetsColoursThatItHas keeps what every way of drawing is
// used for, by kind of terminal and background, as the program sends it.
func TestEveryKindOfTerminalGetsColoursThatItHas(t *testing.T) {
	var all strings.Builder
	for _, k := range kinds {
		for _, dark := range []bool{true, false} {
			ground := map[bool]string{true: "dark", false: "light"}[dark]
			for _, p := range pages("build-box-7") {
				if !slices.Contains([]string{"question-invalid", "review-own-yes", "failure", "home", "doctor"}, p.name) {
					continue
				}
				fmt.Fprintf(&all, "%s on %s, %s\n", k.name, ground, p.name)
				in(t, func(t *testing.T) {
					s := showWith(t, still{p}, Options{Width: 80, Height: 24, Env: k.env, Dark: true, Now: time.Now})
					paper := color.Color(color.White)
					if dark {
						paper = color.Black
					}
					s.program.Send(tea.BackgroundColorMsg{Color: paper})
					s.settle(50 * time.Millisecond)
					s.mu.Lock()
					all.WriteString(inks(s))
					s.mu.Unlock()
					s.cancel()
					s.settle(time.Second)
					s.leaves()
				})
			}
		}
	}
	sameAsGolden(t, "colours", all.String())
}

// inks lists each way of drawing on the screen with the first words in it.
func inks(s *terminal) string {
	var order []string
	sample := map[string]string{}
	for y := range s.emu.Height() {
		for x := range s.emu.Width() {
			c := s.emu.CellAt(x, y)
			if c == nil || strings.TrimSpace(c.Content) == "" {
				continue
			}
			ink := colourOf(c.Style.Fg)
			if c.Style.Attrs&uv.AttrBold != 0 {
				ink += " bold"
			}
			if _, known := sample[ink]; !known {
				order = append(order, ink)
			}
			if len(sample[ink]) < 24 {
				sample[ink] += c.Content
			}
		}
	}
	var b strings.Builder
	for _, ink := range order {
		fmt.Fprintf(&b, "  %-16s %s\n", ink, sample[ink])
	}
	return b.String()
}

// colourOf names a colour as it came to the terminal.
func colourOf(c color.Color) string {
	switch c := c.(type) {
	case nil:
		return "its own"
	case ansi.BasicColor:
		return fmt.Sprintf("%d of 16", int(c))
	case ansi.IndexedColor:
		return fmt.Sprintf("%d of 256", int(c))
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// TestEveryColourCanBeRead measures the contrast of every role that is not left to
// the terminal's own 16 colours, on the backgrounds that are the hardest.
func TestEveryColourCanBeRead(t *testing.T) {
	for profile, pair := range palettes() {
		for ground, p := range map[string]palette{"#161b22": pair.dark, "#000000": pair.dark, "#ffffff": pair.light} {
			roles := map[string]string{"dim": p.dim, "accent": p.accent, "good": p.good, "warn": p.warn, "bad": p.bad}
			seen := map[string]string{}
			for role, colour := range roles {
				if other, twice := seen[colour]; twice {
					t.Errorf("%v: %s and %s are both %s", profile, role, other, colour)
				}
				seen[colour] = role
				if profile == colorprofile.ANSI {
					continue
				}
				if got := contrast(lipgloss.Color(colour), lipgloss.Color(ground)); got < 4.5 {
					t.Errorf("%v: %s %s on %s has a contrast of %.1f, want 4.5", profile, role, colour, ground, got)
				}
			}
		}
	}
}

// contrast is that of WCAG 2.1, 1.4.3.
func contrast(a, b color.Color) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}
