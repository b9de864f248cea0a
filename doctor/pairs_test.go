package doctor

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"testing"
	"time"

	"anywhere/awsapi/policy"
	"anywhere/signer/refusals"
)

// harm is a fault that can stand beside others: it changes one thing, and the
// certificate only through its template.
type harm struct {
	code    Code
	refusal refusals.ID // what AWS says of it; empty if a session is given all the same
	leaf    func(*x509.Certificate)
	brk     func(*lab)
}

func harms() []harm {
	trust := func(change func(*policy.Statement)) func(*lab) { return func(l *lab) { l.statement(change) } }
	config := func(change func(*ConfigSeen)) func(*lab) { return func(l *lab) { change(&l.e.Config) } }
	return []harm{
		{"RA102", "", nil, func(l *lab) { l.e.Key.File.Mode = 0o644 }},
		{"RA104", refusals.BadSignature, nil, func(l *lab) {
			l.e.Key.Public = sign(l.t, leafTemplate(), nil, newKey(l.t).Public(), newKey(l.t)).RawSubjectPublicKeyInfo
		}},
		{"RA112", refusals.InsufficientCertificate, func(c *x509.Certificate) { c.IsCA = true }, nil},
		{"RA113", refusals.InsufficientCertificate, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, nil},
		{"RA115", refusals.UntrustedCertificate, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) }, nil},
		{"RA123", refusals.InsufficientCertificate, func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 3, 6, 1, 4, 1, 99999, 1}, Critical: true, Value: []byte{5, 0}}}
		}, nil},
		{"RA201", refusals.AnchorDisabled, nil, func(l *lab) { l.e.AWS.Anchor.Value.Enabled = false }},
		{"RA203", refusals.ProfileDisabled, nil, func(l *lab) { l.e.AWS.Profile.Value.Enabled = false }},
		{"RA204", refusals.RoleNotListed, nil, func(l *lab) { l.e.AWS.Profile.Value.RoleARNs = []string{labRole + "x"} }},
		{"RA205", refusals.DurationOverRole, nil, func(l *lab) { l.e.AWS.Profile.Value.DurationSeconds, l.e.Target.Duration = 43200, 12*time.Hour }},
		{"RA206", refusals.Revoked, nil, func(l *lab) { l.revoke(l.leaf.SerialNumber, noon.Add(time.Hour), true) }},
		{"RA207", refusals.SessionNameRefused, nil, func(l *lab) { l.e.Target.SessionName = "pod-1" }},
		{"RA212", "", nil, func(l *lab) {
			l.e.AWS.Profile.Value.SessionPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}`
		}},
		{"RA301", refusals.RoleRefused, nil, trust(func(s *policy.Statement) { s.Actions = s.Actions[:2] })},
		{"RA302", refusals.RoleRefused, nil, trust(func(s *policy.Statement) { s.Conditions[2].Values = []string{"build-box-8"} })},
		{"RA303", refusals.RoleRefused, nil, trust(func(s *policy.Statement) { s.Conditions[0].Values = []string{labAnchor + "2"} })},
		{"RA304", refusals.RoleRefused, nil, trust(func(s *policy.Statement) { s.Principal = &policy.Principals{Services: []string{"ec2.amazonaws.com"}} })},
		{"RA307", refusals.RoleRefused, nil, func(l *lab) {
			l.trust.Statements = append(l.trust.Statements, policy.Statement{Effect: policy.Deny, Principal: &policy.Principals{Everyone: true}, Actions: []string{"sts:*"}})
		}},
		{"RA311", "", nil, func(l *lab) {
			l.e.AWS.Policies.Value["inline"] = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}`
		}},
		{"RA401", refusals.BadSignature, nil, func(l *lab) { l.e.Exchange.Probe.Value.Date = noon.Add(time.Hour) }},
		{"RA150", "", nil, func(l *lab) { l.e.CAKey = &FileSeen{Path: "/ca.key", Mode: 0o644} }},
		{"RA502", "", nil, func(l *lab) {
			l.e.Environment = []Variable{{Name: "AWS_ACCESS_KEY_ID"}, {Name: "AWS_PROFILE", Value: "lab"}}
		}},
		{"RA503", "", nil, config(func(c *ConfigSeen) { c.Program.Executable = false })},
		{"RA505", "", nil, config(func(c *ConfigSeen) { c.Twice = 2 })},
		{"RA506", "", nil, config(func(c *ConfigSeen) { c.Shadow = []string{"aws_access_key_id"} })},
		{"RA511", "", nil, config(func(c *ConfigSeen) { c.Program.Machine = "EM_AARCH64" })},
		{"RA513", "", nil, config(func(c *ConfigSeen) { c.Program.NoExec = true })},
	}
}

// broken makes both faults and lets AWS say what it would say first.
func broken(t *testing.T, both ...harm) Report {
	l := newLab(t)
	l.issue(func(c *x509.Certificate) {
		for _, p := range both {
			if p.leaf != nil {
				p.leaf(c)
			}
		}
	})
	says := refusals.Refusal{}
	for _, r := range refusals.All() { // in the order in which AWS checks
		if says.ID == "" && slices.ContainsFunc(both, func(p harm) bool { return p.refusal == r.ID }) {
			says = r
		}
	}
	for _, p := range both {
		if p.brk != nil {
			p.brk(l)
		}
	}
	if says.ID != "" {
		l.refuse(says.Sentence)
	}
	return Diagnose(l.evidence())
}

// explains says that a failure of one check is explained by one of another.
func explains(a, b Code) bool {
	c, _ := Entry(b)
	return slices.Contains(c.Needs, a) || slices.ContainsFunc(c.Needs, func(need Code) bool { return explains(a, need) })
}

// Any two faults at once are both causes, in the order in which to repair them;
// one that the other explains is folded under it.
func TestAnyTwoFaultsAreBothCauses(t *testing.T) {
	order := map[Code]int{}
	for i, c := range Catalogue() {
		order[c.Code] = i
	}
	all := harms()
	for _, a := range all {
		if r := broken(t, a); !slices.Equal(r.Causes, []Code{a.code}) {
			t.Errorf("%s alone: got %v: %s", a.code, r.Causes, r.Summary)
		}
	}
	for i, first := range all {
		for _, b := range all[i+1:] {
			a := first
			if order[b.code] < order[a.code] {
				a, b = b, a
			}
			want := []Code{a.code, b.code}
			if explains(a.code, b.code) {
				want = want[:1]
			}
			if r := broken(t, a, b); !slices.Equal(r.Causes, want) {
				t.Errorf("%s with %s: got %v, want %v: %s", a.code, b.code, r.Causes, want, r.Summary)
			}
		}
	}
}
