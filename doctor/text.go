package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"anywhere/pki/foreign"
)

// Glyphs mark verdicts; meaning is never in a colour alone.
type Glyphs struct{ Pass, Fail, Warn, Unknown, Skip string }

// Unicode and ASCII are the two sets.
func Unicode() Glyphs { return Glyphs{"✓", "✗", "!", "?", "·"} }

// ASCII is for terminals that know no more.
func ASCII() Glyphs { return Glyphs{"ok", "x", "!", "?", "."} }

// Of is the glyph of a verdict.
func (g Glyphs) Of(v Verdict) string {
	return map[Verdict]string{Pass: g.Pass, Fail: g.Fail, Warn: g.Warn, Unknown: g.Unknown, Skip: g.Skip}[v]
}

// Text writes the report for people: the cause first and whole, then warnings,
// then one line of what was looked at. A healthy one is a single line. Foreign
// text in it cannot act on a terminal.
func (r Report) Text(w io.Writer, g Glyphs) {
	head := g.Pass
	switch r.Verdict {
	case Unhealthy:
		head = g.Fail
	case CannotTell:
		head = g.Unknown
	}
	fmt.Fprintf(w, "%s %s\n", head, foreign.Text(r.Summary))
	for _, code := range r.Causes {
		if f, ok := r.Finding(code); ok {
			f.text(w, g)
			r.consequences(w, code)
		}
	}
	for _, f := range r.Findings {
		if f.Verdict == Warn && f.BecauseOf == nil {
			f.text(w, g)
		}
	}
	if r.Verdict == Healthy && r.Warnings() == 0 && r.Unknowns() == 0 {
		return
	}
	fmt.Fprintln(w)
	r.unknowns(w, g)
	fmt.Fprintf(w, "  %s\n", r.counts(g))
}

// text writes one finding with its evidence and its way out.
func (f Result) text(w io.Writer, g Glyphs) {
	fmt.Fprintf(w, "\n%s %s  %s\n", g.Of(f.Verdict), f.Headline(), f.Code)
	fmt.Fprintf(w, "  %s\n\n", foreign.Text(f.Says))
	width := 0
	for _, s := range f.Evidence {
		width = max(width, len([]rune(s.Label)))
	}
	for _, s := range f.Evidence {
		fmt.Fprintf(w, "    %-*s  %s\n", width, foreign.Text(s.Label), foreign.Short(s.Value, 200))
	}
	if len(f.Evidence) > 0 {
		fmt.Fprintln(w)
	}
	wrap(w, "  ", f.Why)
	wrap(w, "  fix: ", f.Fix.Text)
	if f.Fix.Command != "" {
		fmt.Fprintf(w, "       %s\n", foreign.Text(f.Fix.Command))
	}
}

// consequences names what follows from a cause, in one line.
func (r Report) consequences(w io.Writer, cause Code) {
	var titles []string
	for _, f := range r.Findings {
		if f.BecauseOf != nil && *f.BecauseOf == cause {
			titles = append(titles, fmt.Sprintf("%s (%s)", lower(f.Headline()), f.Code))
		}
	}
	if len(titles) > 0 {
		wrap(w, "  because of it: ", strings.Join(titles, "; "))
	}
}

func (r Report) unknowns(w io.Writer, g Glyphs) {
	var behind []string
	plane, _ := r.Finding(controlPlane)
	for _, f := range r.Findings {
		switch {
		case f.Verdict != Unknown:
		case plane.Verdict == Unknown && f.Code != controlPlane && (f.Group == GroupAnchor || f.Group == GroupProfile || f.Group == GroupRole || f.Group == GroupChain):
			behind = append(behind, string(f.Code))
		default:
			fmt.Fprintf(w, "  %s %s  %s: %s\n", g.Unknown, f.Code, lower(f.Title), foreign.Short(f.Says, 160))
			if f.Fix.Command != "" {
				fmt.Fprintf(w, "      %s\n", foreign.Text(f.Fix.Command))
			}
		}
	}
	if len(behind) > 0 {
		wrap(w, "      ", "and, because of that: "+strings.Join(behind, ", "))
	}
}

// controlPlane is the check whose failure leaves open what AWS holds.
const controlPlane = "RA412"

// counts says how many checks of each group passed.
func (r Report) counts(g Glyphs) string {
	var parts []string
	for _, group := range Groups() {
		passed, judged, worst := 0, 0, Pass
		for _, f := range r.Findings {
			if f.Group != group || f.Verdict == Skip {
				continue
			}
			judged++
			if f.Verdict == Pass {
				passed++
			}
			worst = worse(worst, f.Verdict)
		}
		switch {
		case judged == 0:
		case passed == judged:
			parts = append(parts, fmt.Sprintf("%s %s %d", g.Pass, group, passed))
		default:
			parts = append(parts, fmt.Sprintf("%s %s %d of %d", g.Of(worst), group, passed, judged))
		}
	}
	return strings.Join(parts, "   ")
}

func worse(a, b Verdict) Verdict {
	order := []Verdict{Skip, Pass, Unknown, Warn, Fail}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// wrap breaks our own sentences at 78 columns; text that foreign values have no
// part in.
func wrap(w io.Writer, indent, text string) {
	line, first := indent, true
	for word := range strings.FieldsSeq(foreign.Text(text)) {
		if !first && len([]rune(line))+1+len([]rune(word)) > 78 {
			fmt.Fprintln(w, line)
			line, first = strings.Repeat(" ", len(indent)), true
		}
		if !first {
			line += " "
		}
		line += word
		first = false
	}
	fmt.Fprintln(w, line)
}
