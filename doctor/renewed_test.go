package doctor

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"
)

// The doctor said that a certificate was over or nearly so and named no command,
// though one brings the next.
func TestTheCommandThatRenewsIsNamed(t *testing.T) {
	const renew = "anywhere cert renew --setup lab"
	for name, tt := range map[string]struct {
		code Code
		life [2]time.Duration // from noon
		kind Kind
		want string
	}{
		"its life is over":          {"RA115", [2]time.Duration{-9 * time.Hour, -time.Hour}, KindSetup, renew},
		"it has not begun":          {"RA115", [2]time.Duration{time.Hour, 9 * time.Hour}, KindSetup, ""},
		"a tenth is left":           {"RA601", [2]time.Duration{-90 * time.Hour, 10 * time.Hour}, KindSetup, renew},
		"over, and none of ours":    {"RA115", [2]time.Duration{-9 * time.Hour, -time.Hour}, KindFiles, ""},
		"a tenth, and none of ours": {"RA601", [2]time.Duration{-90 * time.Hour, 10 * time.Hour}, KindFiles, ""},
	} {
		l := newLab(t)
		l.issue(func(c *x509.Certificate) { c.NotBefore, c.NotAfter = noon.Add(tt.life[0]), noon.Add(tt.life[1]) })
		seen := l.evidence()
		seen.Kind = tt.kind
		all := Diagnose(seen).Findings
		i := slices.IndexFunc(all, func(f Result) bool { return f.Code == tt.code })
		if i < 0 {
			t.Fatalf("%s: no finding %s", name, tt.code)
		}
		found := all[i]
		if found.Fix.Command != tt.want {
			t.Errorf("%s: got %+v, want %q", name, found, tt.want)
		}
	}
}
