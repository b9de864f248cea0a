package doctor

import (
	"slices"
	"testing"
)

// Attribute mappings that were missing were said to make "a policy above the
// account deny it" and "the role not known everywhere yet": what is blamed because
// nothing else is left was shown as a consequence of what was found.
func TestWhatRemainsIsNoConsequence(t *testing.T) {
	all := append(faults(), fault{"RA210", "no mappings at all, and the role is new", "", func(l *lab) {
		l.e.AWS.Profile.Value.AttributeMappings = nil
		l.e.AWS.Role.Value.CreatedAt = noon
		l.refuse(cannotAssume)
	}})
	for _, f := range all {
		t.Run(string(f.code)+" "+f.name, func(t *testing.T) {
			l := newLab(t)
			f.brk(l)
			r := Diagnose(l.evidence())
			for _, found := range r.Findings {
				if found.BecauseOf != nil && slices.Contains([]Code{"RA309", "RA310"}, found.Code) {
					t.Errorf("%s is said to follow from %s", found.Code, *found.BecauseOf)
				}
			}
			if !slices.Contains(r.Causes, f.code) && f.verdict == "" {
				t.Errorf("got %v, want %s", r.Causes, f.code)
			}
		})
	}
}

// A list that another CA signed was said to revoke nothing, beside the certificate
// that AWS refused because it is on it.
func TestAListThatRevokesIsNotSaidToRevokeNothing(t *testing.T) {
	for sentence, want := range map[string]Verdict{"": Warn, "Certificate revoked": Pass} {
		l := newLab(t)
		right := l.caKey
		l.caKey = newKey(t)
		l.revoke(l.leaf.SerialNumber, noon.AddDate(0, 0, 5), true)
		l.caKey = right
		l.refuse(sentence)
		if found, _ := Diagnose(l.evidence()).Finding("RA216"); found.Verdict != want {
			t.Errorf("AWS says %q: got %s (%s), want %s", sentence, found.Verdict, found.Says, want)
		}
	}
}
