package doctor

import (
	"slices"
	"strings"

	"anywhere/signer/refusals"
)

// Match is an entry of the catalogue that fits a text.
type Match struct {
	Code       Code    `json:"code"`
	Title      string  `json:"title"`
	Fault      string  `json:"fault,omitempty"` // the title's contrary: what is wrong
	Why        string  `json:"why"`
	Fix        string  `json:"fix"`
	Source     string  `json:"source"`
	Confidence float64 `json:"confidence"` // 0 to 1
	// Means is what the sentence that was found means, and how to tell its causes
	// apart; empty for a code.
	Means string `json:"means,omitempty"`
	Found string `json:"found,omitempty"` // the sentence
}

// maxGuessed is the longest text, in bytes, of which rare words say what it may be
// about: a long one has some of every kind.
const maxGuessed = 1000

// Guessed is the confidence up to which a match goes by words alone: no sentence is
// known.
const Guessed = 0.3

// maxMatches is how many possible causes are named.
const maxMatches = 8

// Explain finds what a code, or any pasted error output, can mean, likeliest
// first. It is offline and never fails; nothing found is an empty list. Time
// stamps, ARNs, request IDs and wrappers of SDKs around the sentence do not
// matter.
func Explain(text string) []Match {
	if c, ok := Entry(Code(strings.ToUpper(strings.TrimSpace(text)))); ok {
		return []Match{matchOf(c, 1, "", "")}
	}
	plain := plainText(text)
	hits := found(plain)
	kinds(text, hits)
	for code, h := range found(unwrapped(text)) { // a terminal may have broken the sentence within a word
		keep(hits, code, h)
	}
	if len(hits) == 0 && len(plain) <= maxGuessed {
		hits = byWords(plain)
	}
	return sorted(hits)
}

// found looks for every known sentence.
func found(plain string) map[Code]hit {
	hits := map[Code]hit{}
	for _, s := range symptoms() {
		s.look(plain, hits)
	}
	for _, m := range refusals.Matches(plain) {
		for i, code := range m.Refusal.Causes {
			keep(hits, Code(code), hit{m.Confidence - 0.1 - 0.06*float64(i), m.Refusal.Means, m.Refusal.Sentence})
		}
	}
	return hits
}

// hit is how well an entry fits.
type hit struct {
	confidence float64
	means      string
	found      string
}

func keep(hits map[Code]hit, code Code, h hit) {
	if h.confidence > hits[code].confidence {
		hits[code] = h
	}
}

func symptoms() []symptom {
	return slices.Concat(awsSymptoms(), accessSymptoms(), clientSymptoms(), startSymptoms(), lineSymptoms(), keySymptoms(), paperSymptoms(),
		networkSymptoms(), wireSymptoms(), topicSymptoms())
}

// look adds the symptom's causes if one of its sentences stands in the text. A
// longer sentence says more; a wrapper says least.
func (s symptom) look(text string, hits map[Code]hit) {
	best, found := 0.0, ""
	for _, sentence := range s.says {
		if fixed, ok := holds(text, sentence); ok {
			if c := min(0.95, 0.55+float64(fixed)/150); c > best {
				best, found = c, sentence
			}
		}
	}
	if found == "" {
		return
	}
	if s.wrapper {
		best = 0.35
	}
	for i, code := range s.codes {
		keep(hits, code, hit{max(0.05, best-0.06*float64(i)), s.means, found})
	}
}

// holds says whether the fixed parts of a sentence stand in the text in their
// order and not far apart, and how long they are together.
func holds(text, sentence string) (fixed int, ok bool) {
	parts := strings.Split(sentence, "*")
	for start := 0; ; {
		at := strings.Index(text[start:], parts[0])
		if at < 0 {
			return 0, false
		}
		rest, whole := text[start+at+len(parts[0]):], true
		for _, part := range parts[1:] {
			near := rest[:min(len(rest), 300)]
			next := strings.Index(near, part)
			if next < 0 {
				whole = false
				break
			}
			rest = rest[next+len(part):]
		}
		if whole {
			return len(sentence) - len(parts) + 1, true
		}
		start += at + 1
	}
}

func sorted(hits map[Code]hit) []Match {
	matches := []Match{}
	for _, c := range slices.Concat(Catalogue(), Topics()) {
		if h, ok := hits[c.Code]; ok {
			matches = append(matches, matchOf(c, h.confidence, h.means, h.found))
		}
	}
	slices.SortStableFunc(matches, func(a, b Match) int {
		switch {
		case a.Confidence > b.Confidence:
			return -1
		case a.Confidence < b.Confidence:
			return 1
		}
		return 0
	})
	return matches[:min(len(matches), maxMatches)]
}

func matchOf(c Check, confidence float64, means, found string) Match {
	return Match{c.Code, c.Title, c.Fault, c.Why, c.Fix, c.Source, float64(int(confidence*100)) / 100, means, found}
}

// ExplainFindings turns the faults of a report into matches, for a certificate
// file.
func ExplainFindings(r Report) []Match {
	matches := []Match{}
	for _, f := range r.Findings {
		if f.Verdict == Fail || f.Verdict == Warn {
			c, _ := Entry(f.Code)
			confidence := 0.95
			if f.Verdict == Warn || f.BecauseOf != nil {
				confidence = 0.5
			}
			matches = append(matches, matchOf(c, confidence, f.Says, ""))
		}
	}
	slices.SortStableFunc(matches, func(a, b Match) int { return int(100*b.Confidence) - int(100*a.Confidence) })
	return matches
}
