package doctor

import (
	"slices"

	"anywhere/pki/rules"
)

// Catalogue returns every check, in the order in which faults are to be repaired:
// what a check needs stands before it.
func Catalogue() []Check {
	checks := inOrder(slices.Concat(
		keyChecks(), certificateChecks(), ruleChecks(rules.Leaf), profileChecks()[:1], anchorChecks(), caAgeChecks(),
		ruleChecks(rules.CA), chainChecks(), crlChecks(), profileChecks()[1:], accountChecks(), roleChecks(), permitChecks(), fenceChecks(), networkChecks(),
	))
	session := sessionChecks()
	// Whatever makes AWS refuse explains the refusal.
	for _, c := range checks {
		if c.Refuses || c.Code == "RA118" {
			session[0].Needs = append(session[0].Needs, c.Code)
		}
	}
	session[0].Needs = append(session[0].Needs, "RA116", "RA119", "RA120", "RA159", "RA405", "RA408", "RA409")
	return inOrder(slices.Concat(checks, session, namesChecks(), configChecks(), lineChecks(), ageChecks(), caLifeChecks(), seenChecks()))
}

// inOrder moves a check behind those that it needs, and leaves all else as it
// is. Needs that are not in the list do not matter.
func inOrder(checks []Check) []Check {
	here := map[Code]bool{}
	for _, c := range checks {
		here[c.Code] = true
	}
	var list []Check
	done := map[Code]bool{}
	ready := func(c Check) bool {
		return !done[c.Code] && !slices.ContainsFunc(c.Needs, func(need Code) bool { return here[need] && !done[need] })
	}
	for len(list) < len(checks) {
		at := slices.IndexFunc(checks, ready)
		if at < 0 {
			return checks // a circle, which a test finds
		}
		list = append(list, checks[at])
		done[checks[at].Code] = true
	}
	return list
}

// Entry returns a check or a topic by its code.
func Entry(code Code) (Check, bool) {
	for _, c := range slices.Concat(Catalogue(), Topics()) {
		if c.Code == code {
			return c, true
		}
	}
	return Check{}, false
}
