package foreign

import (
	"strings"
	"unicode"
)

// gap stands for what was left out. It is ASCII, so that it reads the same in
// every locale.
const gap = "..."

// Short returns Text(s) in at most columns columns of a terminal. What does not
// fit is left out of the middle, where ARNs and file names differ least; the
// head is never shorter than the tail. Escapes are kept whole or left out whole.
// Below 5 columns there is no room for a gap and only the head is kept.
func Short(s string, columns int) string {
	text := Text(s)
	if Width(text) <= columns {
		return text
	}
	room := columns - len(gap)
	if room < 2 {
		return head(s, columns)
	}
	left := head(s, (room+1)/2)
	return left + gap + tail(s, room-Width(left))
}

// head returns the longest beginning of s that fits into columns.
func head(s string, columns int) string {
	var b strings.Builder
	for cell := range cells(s) {
		if columns -= cell.wide; columns < 0 {
			break
		}
		b.WriteString(cell.text)
	}
	return b.String()
}

// tail returns the longest end of s that fits into columns and does not begin
// with a combining mark, which would stand on the gap.
func tail(s string, columns int) string {
	var all []cell
	for cell := range cells(s) {
		all = append(all, cell)
	}
	from := len(all)
	for i := len(all) - 1; i >= 0; i-- {
		if columns -= all[i].wide; columns < 0 {
			break
		}
		if all[i].wide > 0 {
			from = i
		}
	}
	var b strings.Builder
	for _, cell := range all[from:] {
		b.WriteString(cell.text)
	}
	return b.String()
}

// Width returns how many columns a terminal needs for text, which must be a
// result of [Text] or our own: 0 for a combining mark, 2 for East Asian Wide and
// Fullwidth characters and for emoji, 1 for all others. Characters of ambiguous
// width count as 1, as they do outside East Asian locales (UAX #11, section 5).
func Width(text string) int { return width(text) }

func width(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case r < 0x300:
			n++
		case unicode.In(r, unicode.Mn, unicode.Me):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

// wide says that r takes two columns: the blocks that UAX #11 (EastAsianWidth.txt)
// lists as W or F, whole, and the emoji that are drawn as pictures by default.
func wide(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r <= 0x115f, // Hangul initial consonants
		r == 0x231a, r == 0x231b, r == 0x2329, r == 0x232a,
		0x23e9 <= r && r <= 0x23ec, r == 0x23f0, r == 0x23f3,
		r == 0x25fd, r == 0x25fe, r == 0x2614, r == 0x2615,
		0x2630 <= r && r <= 0x2637, 0x2648 <= r && r <= 0x2653,
		r == 0x267f, 0x268a <= r && r <= 0x268f, r == 0x2693, r == 0x26a1,
		r == 0x26aa, r == 0x26ab, r == 0x26bd, r == 0x26be, r == 0x26c4, r == 0x26c5,
		r == 0x26ce, r == 0x26d4, r == 0x26ea, r == 0x26f2, r == 0x26f3, r == 0x26f5,
		r == 0x26fa, r == 0x26fd, r == 0x2705, r == 0x270a, r == 0x270b, r == 0x2728,
		r == 0x274c, r == 0x274e, 0x2753 <= r && r <= 0x2755, r == 0x2757,
		0x2795 <= r && r <= 0x2797, r == 0x27b0, r == 0x27bf,
		r == 0x2b1b, r == 0x2b1c, r == 0x2b50, r == 0x2b55:
		return true
	case 0x2e80 <= r && r <= 0x303e, // CJK radicals, ideographic description, punctuation
		0x3041 <= r && r <= 0xa4cf, // kana, Hangul compatibility, ideographs, Yi
		0xa960 <= r && r <= 0xa97c, // Hangul Jamo extended A
		0xac00 <= r && r <= 0xd7a3, // Hangul syllables
		0xf900 <= r && r <= 0xfaff, // compatibility ideographs
		0xfe10 <= r && r <= 0xfe19, 0xfe30 <= r && r <= 0xfe6b,
		0xff01 <= r && r <= 0xff60, 0xffe0 <= r && r <= 0xffe6:
		return true
	}
	return r >= 0x16fe0 && wideAstral(r)
}

// wideAstral is wide beyond the basic plane.
func wideAstral(r rune) bool {
	switch {
	case r <= 0x18d8f, // Tangut, Khitan
		0x1aff0 <= r && r <= 0x1b2fb, // kana extended, Nushu
		0x1d300 <= r && r <= 0x1d376, // Tai Xuan Jing, counting rods
		r == 0x1f004, r == 0x1f0cf, r == 0x1f18e,
		0x1f191 <= r && r <= 0x1f19a, 0x1f1e6 <= r && r <= 0x1f265,
		0x1f300 <= r && r <= 0x1f64f, 0x1f680 <= r && r <= 0x1f6ff,
		0x1f7e0 <= r && r <= 0x1f7f0, 0x1f90c <= r && r <= 0x1faff,
		0x20000 <= r && r <= 0x3fffd: // ideographs
		return true
	}
	return false
}
