package tui

import "github.com/charmbracelet/colorprofile"

// palette is one colour per role: a hex colour, or the number of one of 256 or of
// 16; empty is the terminal's own.
type palette struct{ dim, accent, good, warn, bad, code string }

// palettes are for a dark and for a light background. Each kind of terminal has
// its own: the nearest of 16 colours would turn dim into blue and a warning into
// the red of an error. All of true colour and of 256 have a contrast of at least
// 4.5 to 1 with their background (WCAG 2.1, 1.4.3). On light, 16 colours have no
// yellow that can be read, so a warning is magenta there.
func palettes() map[colorprofile.Profile]struct{ dark, light palette } {
	return map[colorprofile.Profile]struct{ dark, light palette }{
		colorprofile.TrueColor: {
			dark:  palette{dim: "#8b94a3", accent: "#6cb6ff", good: "#7ec699", warn: "#e5b567", bad: "#f47c7c", code: "#c9d1d9"},
			light: palette{dim: "#646b76", accent: "#0b5cad", good: "#1a7f37", warn: "#8a5a00", bad: "#b3261e", code: "#24292f"},
		},
		colorprofile.ANSI256: {
			dark:  palette{dim: "246", accent: "75", good: "114", warn: "179", bad: "210", code: "252"},
			light: palette{dim: "241", accent: "25", good: "28", warn: "94", bad: "124", code: "235"},
		},
		colorprofile.ANSI: {
			dark:  palette{dim: "8", accent: "14", good: "10", warn: "11", bad: "9"},
			light: palette{dim: "8", accent: "4", good: "2", warn: "5", bad: "1"},
		},
	}
}

// paletteFor is the palette of a terminal; true colour where its kind is unknown,
// since what it cannot show is left out on the way to it.
func paletteFor(profile colorprofile.Profile, dark bool) palette {
	p, ok := palettes()[profile]
	if !ok {
		p = palettes()[colorprofile.TrueColor]
	}
	if dark {
		return p.dark
	}
	return p.light
}
