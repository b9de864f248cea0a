package doctor

import (
	"slices"
	"strings"
)

// byWords is the last resort of Explain: entries that share rare words with the
// text. It is never sure.
func byWords(text string) map[Code]hit {
	entries := slices.Concat(Catalogue(), Topics())
	texts := make([]map[string]bool, len(entries))
	count := map[string]int{}
	for i, c := range entries {
		texts[i] = map[string]bool{}
		for _, word := range rootsOf(plainText(c.Title + " " + c.Why + " " + c.Fix)) {
			if !texts[i][word] {
				texts[i][word] = true
				count[word]++
			}
		}
	}
	hits := map[Code]hit{}
	asked := rootsOf(text)
	slices.Sort(asked)
	asked = slices.Compact(asked)
	for i, c := range entries {
		score, shared := 0.0, 0
		for _, word := range asked {
			if texts[i][word] && count[word] <= 8 {
				score += 1 / float64(count[word])
				shared++
			}
		}
		if shared >= 2 && score >= 1 {
			keep(hits, c.Code, hit{min(0.3, 0.1+score/20), "", ""})
		}
	}
	return hits
}

// rootsOf are the words of a text that may mean something, roughly without their
// endings.
func rootsOf(text string) []string {
	var words []string
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_')
	}) {
		for _, ending := range []string{"ies", "es", "s", "ed", "ing"} {
			if len(word) > len(ending)+3 && strings.HasSuffix(word, ending) {
				word = strings.TrimSuffix(word, ending)
				break
			}
		}
		if len(word) >= 4 && !slices.Contains([]string{"that", "with", "from", "this", "have", "been", "error", "when", "will", "cannot", "anywhere", "role", "certificate", "credential"}, word) {
			words = append(words, word)
		}
	}
	return words
}
