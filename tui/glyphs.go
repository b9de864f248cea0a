package tui

import "strings"

// glyphs are the signs that stand before a word. None means anything alone: a
// word or its place always says the same.
type glyphs struct {
	done, here, todo, fail, warn, unknown, skip string
	create, modify, remove                      string
	rule, line, branch, link                    string
	caret, dot, arrow                           string
	on, off                                     string
	full, rest                                  string // of a bar
	wide                                        int    // columns of the widest glyph before a line
}

// lead is a glyph with the blanks that set it apart.
func (g glyphs) lead(glyph string) string { return pad(glyph, g.wide+1) }

var unicodeGlyphs = glyphs{
	done: "✓", here: "●", todo: "○", fail: "✗", warn: "!", unknown: "?", skip: "·",
	create: "+", modify: "~", remove: "-",
	rule: "│", line: "─", branch: "└", link: "┆",
	caret: "›", dot: "·", arrow: "›",
	on: "[✓]", off: "[ ]", full: "█", rest: "░", wide: 1,
}

// asciiGlyphs are for terminals and fonts without the others; screen readers say
// them as they are.
var asciiGlyphs = glyphs{
	done: "ok", here: ">", todo: "-", fail: "x", warn: "!", unknown: "?", skip: ".",
	create: "+", modify: "~", remove: "-",
	rule: "|", line: "-", branch: "`", link: ":",
	caret: ">", dot: "-", arrow: ">",
	on: "[x]", off: "[ ]", full: "#", rest: ".", wide: 2,
}

// asciiKeys spells out the keys that have an arrow for a name.
var asciiKeys = strings.NewReplacer("↑↓", "up/down")
