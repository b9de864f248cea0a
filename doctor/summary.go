package doctor

import (
	"fmt"
	"strings"
)

// summary is the verdict in one sentence.
func summary(p *Patient, r Report) string {
	name := p.Name
	switch {
	case len(r.Causes) == 1:
		c, _ := r.Finding(*r.Cause)
		return fmt.Sprintf("%s: %s (%s): %s", name, lower(c.Headline()), c.Code, c.Says)
	case len(r.Causes) > 1:
		c, _ := r.Finding(*r.Cause)
		return fmt.Sprintf("%s: %d causes, repair first: %s (%s): %s", name, len(r.Causes), lower(c.Headline()), c.Code, c.Says)
	case r.Verdict == CannotTell:
		return name + ": no session could be tried, so it cannot be told"
	}
	passed := r.count(Pass)
	text := fmt.Sprintf("%s works: %d checks", name, passed)
	if !p.got() {
		text = fmt.Sprintf("%s: nothing is wrong, as far as %d checks can tell without a session", name, passed)
	}
	if p.leaf != nil && p.leaf.NotAfter.After(p.At) {
		text += fmt.Sprintf(", certificate good for %s", span(p.leaf.NotAfter.Sub(p.At)))
	}
	if p.got() && p.leaf != nil {
		text += ", sessions as " + sourceIdentity(p.leaf)
	}
	if n := r.Warnings(); n == 1 {
		text += "; one warning"
	} else if n > 1 {
		text += fmt.Sprintf("; %d warnings", n)
	}
	return text
}

// lower begins a title in the middle of a sentence, leaving abbreviations alone.
func lower(title string) string {
	if len(title) > 1 && !strings.HasPrefix(title, "Roles Anywhere") && (title[1] >= 'a' && title[1] <= 'z' || title[1] == ' ') {
		return string(title[0]|0x20) + title[1:]
	}
	return title
}
