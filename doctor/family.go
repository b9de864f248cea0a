package doctor

import (
	"slices"
	"strings"
	"unicode"
)

// family is a kind of failure that every program words in its own way. Where no
// sentence of [symptom] is known word for word, its members still say the same
// things close together: what failed, and how.
type family struct {
	// all are sets of words; one of each stands in the text, near the others and in any
	// order. A word is given by its beginning: load is loading, too.
	all [][]string
	// none are words that, close by, make it another failure.
	none []string
	// codes are the possible causes, likeliest first.
	codes []Code
	means string
	// firm outweighs a sentence that is found as well, since the words around it say
	// more: "unable to get local issuer certificate" on a connection.
	firm bool
	// faint is what every program says on top of the reason: it counts as a wrapper.
	faint bool
}

// nearby is how far from each other the words of a family may stand, in bytes.
const nearby = 220

// most is how many places of a word are looked at.
const most = 40

func families() []family {
	return slices.Concat(refusedFamilies(), sessionFamilies(), programFamilies(), credentialFamilies(), keyFamilies(), paperFamilies(), wayFamilies())
}

// maxKinds is how much of a text is looked at for families, in bytes: its end, where
// logs say why. A long text has words of every kind.
const maxKinds = 16 << 10

// kinds looks for every family, in the text and with its names of errors taken
// apart.
func kinds(text string, hits map[Code]hit) {
	text = decoded(text)
	text = text[max(0, len(text)-maxKinds):]
	for _, form := range []string{plainText(text), spoken(text)} {
		for _, f := range families() {
			f.look(form, hits)
		}
	}
}

// look adds the family's causes if its words stand in the text.
func (f family) look(text string, hits map[Code]hit) {
	length, words := f.longest(text)
	if length == 0 {
		return
	}
	best := min(0.88, 0.42+float64(length)/120)
	if f.firm {
		best = min(0.97, 0.62+float64(length)/120)
	}
	if f.faint {
		best = 0.34
	}
	for i, code := range f.codes {
		keep(hits, code, hit{max(0.05, best-0.06*float64(i)), f.means, words})
	}
}

// longest returns how long the words that were found are together, at the place
// where they are longest, and the words.
func (f family) longest(text string) (length int, words string) {
	for _, first := range f.all[0] {
		for _, at := range places(text, first) {
			around := text[max(0, at-nearby):min(len(text), at+len(first)+nearby)]
			if slices.ContainsFunc(f.none, func(word string) bool { return len(places(around, word)) > 0 }) {
				continue
			}
			if n, others, ok := oneOfEach(around, f.all[1:]); ok && n+len(first) > length {
				length, words = n+len(first), strings.Join(append([]string{first}, others...), " … ")
			}
		}
	}
	return length, words
}

// oneOfEach finds the longest word of each set.
func oneOfEach(text string, sets [][]string) (length int, words []string, ok bool) {
	for _, set := range sets {
		longest := ""
		for _, word := range set {
			if len(word) > len(longest) && len(places(text, word)) > 0 {
				longest = word
			}
		}
		if longest == "" {
			return 0, nil, false
		}
		length, words = length+len(longest), append(words, longest)
	}
	return length, words, true
}

// spoken is a plain text with the names of errors taken apart: CertificateExpired and
// KEY_VALUES_MISMATCH say what a sentence would.
func spoken(text string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range text {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		if r == '_' {
			r = ' '
		}
		b.WriteRune(r)
		last = r
	}
	return plainText(b.String())
}

// places are where a word begins with these letters.
func places(text, word string) []int {
	var list []int
	for from := 0; len(list) < most; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			break
		}
		at += from
		if at == 0 || !letter(word[0]) || !letter(text[at-1]) {
			list = append(list, at)
		}
		from = at + 1
	}
	return list
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
