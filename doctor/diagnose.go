package doctor

import (
	"cmp"
	"slices"
	"time"
)

// Health is the verdict on the whole.
type Health string

// The healths.
const (
	Healthy    Health = "healthy"
	Unhealthy  Health = "unhealthy"
	CannotTell Health = "unknown"
)

// Report is the result of a diagnosis.
type Report struct {
	SchemaVersion int       `json:"schemaVersion"`
	Name          string    `json:"name"`
	Kind          Kind      `json:"kind"`
	Mode          string    `json:"mode,omitempty"`
	Verdict       Health    `json:"verdict"`
	Cause         *Code     `json:"cause"`  // the first to repair; null if nothing is wrong
	Causes        []Code    `json:"causes"` // in the order to repair them
	Summary       string    `json:"summary"`
	Findings      []Result  `json:"findings"`
	ElapsedMs     int64     `json:"elapsedMs"`
	At            time.Time `json:"at"`
}

// Result is the finding of one check, with what the catalogue says.
type Result struct {
	Code      Code    `json:"code"`
	Group     Group   `json:"group"`
	Title     string  `json:"title"`
	Fault     string  `json:"fault"`
	Verdict   Verdict `json:"verdict"`
	Says      string  `json:"says"`
	Evidence  []Seen  `json:"evidence"`
	BecauseOf *Code   `json:"becauseOf"` // the cause that this follows from
	Why       string  `json:"why"`
	Fix       Fix     `json:"fix"`
	Source    string  `json:"source"`
}

// Headline is the title that the verdict asks for.
func (r Result) Headline() string { return Check{Title: r.Title, Fault: r.Fault}.Headline(r.Verdict) }

// Diagnose judges evidence. It is pure: the same evidence gives the same report.
func Diagnose(e *Evidence) Report { return diagnose(e, Catalogue()) }

func diagnose(e *Evidence, checks []Check) Report {
	p := Examine(e)
	r := Report{SchemaVersion: SchemaVersion, Name: e.Name, Kind: e.Kind, Mode: e.Mode, Causes: []Code{}, At: e.At}
	needs := map[Code][]Code{} // of each that failed: what would explain it
	for _, c := range checks {
		if c.Judge == nil {
			continue
		}
		result, f := p.judge(c)
		explains := c.Needs
		if f.follows != "" {
			explains = append([]Code{f.follows}, c.Needs...)
		}
		if f.remains && slices.ContainsFunc(explains, func(need Code) bool { _, failed := needs[need]; return failed }) {
			result.Verdict, result.Says, result.Evidence = Skip, namedElsewhere, []Seen{}
		}
		if result.Verdict == Fail {
			needs[c.Code] = explains
		} else if result.Verdict == Warn {
			needs[c.Code+warned] = explains
		}
		r.Findings = append(r.Findings, result)
	}
	for i, f := range r.Findings {
		code := f.Code
		if f.Verdict == Warn {
			code += warned
		}
		switch cause := causeOf(code, needs); {
		case f.Verdict != Fail && f.Verdict != Warn:
		case cause != code:
			r.Findings[i].BecauseOf = &cause
		case f.Verdict == Fail:
			r.Causes = append(r.Causes, code)
		}
	}
	if len(r.Causes) > 0 {
		r.Cause = &r.Causes[0]
	}
	r.Verdict = p.health(r)
	r.Summary = summary(p, r)
	return r
}

// warned marks a check that only warns: nothing follows from it.
const warned = " (warns)"

const namedElsewhere = "another check names the reason"

// judge runs one check. It also returns the finding as the check gave it.
func (p *Patient) judge(c Check) (Result, Finding) {
	f := c.Judge(p)
	if f.Verdict == Fail && c.Refuses && p.got() {
		f.Verdict = Unknown
		f.Says += "; but AWS gave a session just now, so this is not the whole story"
	}
	result := Result{Code: c.Code, Group: c.Group, Title: c.Title, Fault: c.Fault, Verdict: f.Verdict, Says: f.Says,
		Evidence: append([]Seen{}, f.Evidence...), Why: c.Why, Source: c.Source}
	result.Fix = Fix{Text: c.Fix}
	if f.Fix != nil {
		result.Fix = *f.Fix
		result.Fix.Text = cmp.Or(f.Fix.Text, c.Fix)
	}
	if p.saved {
		result.Fix.Automatic, result.Fix.Edit = false, nil // it is of another machine
	}
	return result, f
}

// causeOf goes from a check back to the first that explains it; to itself if none
// of what would explain it failed.
func causeOf(code Code, needs map[Code][]Code) Code {
	for range needs { // a bound: no way back is longer
		at := slices.IndexFunc(needs[code], func(need Code) bool { _, failed := needs[need]; return failed })
		if at < 0 {
			break
		}
		code = needs[code][at]
	}
	return code
}

// health is the verdict. Something that failed makes it unhealthy; a session that
// was wanted and could not be tried leaves it open.
func (p *Patient) health(r Report) Health {
	switch {
	case len(r.Causes) > 0:
		return Unhealthy
	case p.got() || p.Offline || p.NoLive:
		return Healthy
	}
	return CannotTell
}

// Unknowns counts what could not be told.
func (r Report) Unknowns() int { return r.count(Unknown) }

// Warnings counts what works and will not for ever.
func (r Report) Warnings() int { return r.count(Warn) }

func (r Report) count(v Verdict) int {
	n := 0
	for _, f := range r.Findings {
		if f.Verdict == v && f.BecauseOf == nil {
			n++
		}
	}
	return n
}

// Finding returns the result of a check.
func (r Report) Finding(code Code) (Result, bool) {
	at := slices.IndexFunc(r.Findings, func(f Result) bool { return f.Code == code })
	if at < 0 {
		return Result{}, false
	}
	return r.Findings[at], true
}
