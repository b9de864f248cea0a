package policy

import "strings"

// piece is one character of a pattern. Characters that came out of a policy
// variable are never wild: ${*} is an asterisk.
type piece struct {
	r      rune
	wild   bool // * or ?
	within bool // a wildcard that stays inside its segment of an ARN
}

type pattern []piece

// literal returns the pattern as text, for operators without wildcards.
func (p pattern) literal() string {
	var out strings.Builder
	for _, c := range p {
		out.WriteRune(c.r)
	}
	return out.String()
}

// matches compares the whole of s with the pattern. It keeps, for every prefix
// of s, whether the pieces so far match it, so that no pattern takes longer than
// its length times that of s.
func (p pattern) matches(s string) bool {
	text := []rune(s)
	now := make([]bool, len(text)+1)
	next := make([]bool, len(text)+1)
	now[0] = true
	for _, c := range p {
		clear(next)
		for i := range next {
			switch {
			case c.wild && c.r == '*':
				next[i] = now[i] || i > 0 && next[i-1] && c.takes(text[i-1])
			case i > 0:
				next[i] = now[i-1] && c.takes(text[i-1])
			}
		}
		now, next = next, now
	}
	return now[len(text)]
}

func (c piece) takes(r rune) bool {
	if !c.wild {
		return c.r == r
	}
	return !c.within || r != ':'
}

// segments is how many colon-separated segments an ARN has; colons after that
// belong to the resource.
const segments = 6

// asResource bounds the wildcards of a Resource element: they stay within their
// segment of the ARN, except that an asterisk at the end of a segment may run on
// past the colon.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (p pattern) asResource() pattern {
	return p.bounded(func(i int) bool { return i+1 == len(p) || p[i+1].r == ':' && !p[i+1].wild })
}

// asARN bounds the wildcards of an ARN operator: the six segments are compared
// one by one. An asterisk at the very end covers the rest.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (p pattern) asARN() pattern {
	return p.bounded(func(i int) bool { return i+1 == len(p) })
}

func (p pattern) bounded(runsOn func(i int) bool) pattern {
	out := make(pattern, len(p))
	segment := 1
	for i, c := range p {
		if c.r == ':' {
			segment++
		}
		c.within = c.wild && segment < segments && !(c.r == '*' && runsOn(i))
		out[i] = c
	}
	return out
}

// plain reads text without policy variables.
func plain(text string) pattern {
	p := make(pattern, 0, len(text))
	for _, r := range text {
		p = append(p, piece{r: r, wild: r == '*' || r == '?'})
	}
	return p
}

// actionMatches compares an action with a pattern; case does not matter.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func actionMatches(want, action string) bool {
	return plain(strings.ToLower(want)).matches(strings.ToLower(action))
}
