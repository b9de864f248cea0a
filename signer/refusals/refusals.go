// Package refusals knows the sentences with which CreateSession says no, and what
// each can mean.
//
// AWS answers almost every fault with one of a handful of sentences. The table
// holds them with the causes that are known, as codes of the doctor, likeliest
// first. It is data: it serves the signer's hints, the doctor and explain, and it
// is what tests hold the sandbox's answers against. Nothing here reads a file or
// the network.
package refusals

import "strings"

// ID names a refusal. It never changes.
type ID string

// Refusal is one sentence of AWS and what is known of it.
type Refusal struct {
	ID       ID
	Type     string   // the exception: AccessDeniedException, ...
	Status   int      // of HTTP
	Sentence string   // AWS's words; * stands for what varies; further forms on further lines
	Means    string   // in one sentence, for somebody who never saw it
	Causes   []string // codes of the doctor, likeliest first
	// Confirmed says that somebody saw this sentence from AWS for this reason.
	// Otherwise the reason is documented and the wording is not.
	Confirmed bool
	Source    string // https address
}

// Match is a refusal found in a text.
type Match struct {
	Refusal    Refusal
	Confidence float64 // 1 for the whole sentence, at most 0.9 with words around it
}

// Find returns the refusal of an ID.
func Find(id ID) (Refusal, bool) {
	for _, r := range All() {
		if r.ID == id {
			return r, true
		}
	}
	return Refusal{}, false
}

// Matches returns the refusals whose sentence text holds, best first: a longer
// sentence before one that is a part of it. Case, a final full stop and what
// stands around the sentence do not matter.
func Matches(text string) []Match {
	text = normal(text)
	var found []Match
	for _, r := range All() {
		for sentence := range strings.SplitSeq(r.Sentence, "\n") {
			if m, ok := match(r, normal(sentence), text); ok {
				found = insert(found, m)
				break
			}
		}
	}
	return found
}

// match compares one sentence. The shares of its fixed words must stand in text
// in their order.
func match(r Refusal, sentence, text string) (Match, bool) {
	rest, fixed := text, 0
	for part := range strings.SplitSeq(sentence, "*") {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			return Match{}, false
		}
		rest = after
		fixed += len(part)
	}
	if sentence == text {
		return Match{r, 1}, true
	}
	return Match{r, min(0.9, 0.5+float64(fixed)/200)}, true
}

// insert keeps the list sorted, the earlier of equals first.
func insert(list []Match, m Match) []Match {
	at := len(list)
	for at > 0 && list[at-1].Confidence < m.Confidence {
		at--
	}
	list = append(list, Match{})
	copy(list[at+1:], list[at:])
	list[at] = m
	return list
}

// normal is text in lower case, blanks squeezed, without a final full stop.
func normal(text string) string {
	return strings.TrimSuffix(strings.Join(strings.Fields(strings.ToLower(text)), " "), ".")
}
