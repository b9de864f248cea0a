// Package foreign renders text that somebody else wrote, so that it cannot act
// on a terminal or pass for something that it is not.
//
// Certificate fields, file names, config values, answers of AWS, of CAs and of
// proxies, bundles and pasted text go through [Text] or [Short] on their way to
// a screen, to plain text, to the clipboard or to a window title. JSON output
// does not use it: there the encoder escapes, and values stay whole.
//
// The package knows no colours, no terminal and no locale.
package foreign

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns s on one line, with everything that does not print made visible.
//
// These become escapes in the notation of Go and C, in lower-case hex:
// \n \r \t and \xNN for control characters (C0, DEL, C1: ESC is \x1b) and for
// bytes that are not UTF-8; \uNNNN and \UNNNNNNNN for bidi controls, zero-width
// and other format characters, line and paragraph separators, blanks other than
// the ASCII one, fillers and variation selectors that draw nothing, private-use
// and unassigned characters, and combining marks that have nothing to stand on
// or are piled more than [maxMarks] high.
//
// A backslash stays as it is, so that Text(Text(s)) == Text(s) and a Windows
// path stays readable. The result is for reading; it cannot be turned back.
func Text(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for cell := range cells(s) {
		b.WriteString(cell.text)
	}
	return b.String()
}

// maxMarks is how many combining marks may follow one character. Writing systems
// need up to four (Vietnamese 2, polytonic Greek 3, Hebrew with accents 4); more
// of them run into the lines above and below.
const maxMarks = 4

// plain says that s is printable ASCII, as most text is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// cell is what is drawn as one: a character or one escape.
type cell struct {
	text string
	wide int // columns: 0, 1 or 2; an escape is as wide as it is long
}

// cells yields s in pieces that must not be cut.
func cells(s string) func(yield func(cell) bool) {
	return func(yield func(cell) bool) {
		marks := maxMarks // a mark in first place would stand on our own text
		for i := 0; i < len(s); {
			r, size := utf8.DecodeRuneInString(s[i:])
			piece := cell{text: s[i : i+size]}
			switch {
			case r == utf8.RuneError && size == 1:
				piece.text, marks = fmt.Sprintf(`\x%02x`, s[i]), 0
			case unicode.In(r, unicode.Mn, unicode.Me):
				if marks++; marks > maxMarks || silent(r) {
					piece.text = escape(r)
				}
			case silent(r):
				piece.text, marks = escape(r), 0
			default:
				marks = 0
			}
			piece.wide = width(piece.text)
			if !yield(piece) {
				return
			}
			i += size
		}
	}
}

// silent says that r draws nothing of its own, or that nobody can know what.
//
// unicode.IsPrint leaves out Cc, Cf, Zl, Zp, Co, Cn and all of Zs but U+0020. It
// lets through some letters and marks that draw nothing: those that Unicode's
// PropList.txt calls Other_Default_Ignorable_Code_Point or Variation_Selector
// (UAX #44), and U+2800, a Braille cell without a dot.
func silent(r rune) bool {
	return !unicode.IsPrint(r) || r == 0x2800 ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// escape is the visible form of a character that is not.
func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
