package tui

import (
	"fmt"
	"strings"
)

// The widths of the frame: see screens at 60, 80 and 120 columns in testdata.
const (
	railWidth    = 18
	railFrom     = 68  // columns inside the margins from which the rail stands at the left
	pictureFrom  = 106 // from which the picture has a column of its own
	pictureWidth = 42
)

// beside puts the rail at the left of what draw draws; in a narrow window it
// becomes one line above it.
func beside(rail []Stop, width, height int, look theme, draw func(width, height int) []string) string {
	if len(rail) == 0 {
		return strings.Join(draw(width, height), "\n")
	}
	if width < railFrom || len(rail) > height {
		lines := []string{railLine(rail, width, look), ""}
		return strings.Join(append(lines, draw(width, height-2)...), "\n")
	}
	stops := railColumn(rail, look)
	body := clip(draw(width-railWidth-4, height), width-railWidth-4, height)
	lines := make([]string, height)
	for i := range lines {
		left := ""
		if i < len(stops) {
			left = stops[i]
		}
		lines[i] = strings.TrimRight(pad(left, railWidth)+look.dim.Render(look.glyph.rule)+"   "+body[i], " ")
	}
	return strings.Join(lines, "\n")
}

// railColumn is the road, one stop a line.
func railColumn(rail []Stop, look theme) []string {
	lines := make([]string, len(rail))
	for i, s := range rail {
		glyph, style := stopGlyph(s.State, look)
		name := cell(s.Title, railWidth-4)
		if s.State == Here {
			lines[i] = style.Render(look.glyph.lead(glyph) + name)
		} else {
			lines[i] = style.Render(look.glyph.lead(glyph)) + look.dim.Render(name)
		}
	}
	return lines
}

// railLine is the road in one line of glyphs, with the name of where you are.
func railLine(rail []Stop, width int, look theme) string {
	var glyphs []string
	here := ""
	for i, s := range rail {
		glyph, style := stopGlyph(s.State, look)
		glyphs = append(glyphs, style.Render(glyph))
		if s.State == Here {
			here = fmt.Sprintf("  %s  %d of %d", short(s.Title, 24), i+1, len(rail))
		}
	}
	line := strings.Join(glyphs, " ") + here
	if len(clip([]string{line}, width, 1)[0]) < len(line) {
		return strings.TrimSpace(here)
	}
	return line
}

func stopGlyph(state StopState, look theme) (string, interface{ Render(...string) string }) {
	switch state {
	case Past:
		return look.glyph.done, look.good
	case Here:
		return look.glyph.here, look.accent
	}
	return look.glyph.todo, look.dim
}
