package doctor

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"anywhere/awsapi/policy"
)

// trust is how the role's trust policy judges this certificate, as far as it can
// be told here.
type trust struct {
	known   bool
	err     error
	doc     policy.Document
	tagging tagging
	// allowed says that all three actions are.
	allowed bool
	// noService: no statement that allows anything is for Roles Anywhere.
	noService bool
	missing   []string      // actions that no statement for Roles Anywhere allows
	misses    []policy.Miss // of the nearest statements, without repetitions
	denied    *policy.Decision
}

// readTrust judges every action that Roles Anywhere asks for.
func (p *Patient) readTrust() trust {
	t := trust{}
	t.tagging = tagsOf(p.leaf, p.AWS.Profile.Value.AttributeMappings)
	if !p.AWS.Role.Known() {
		return t
	}
	t.known = true
	if t.doc, t.err = policy.Parse([]byte(p.AWS.Role.Value.TrustPolicy)); t.err != nil {
		return t
	}
	t.allowed = true
	services := 0
	allows := policy.Document{Version: t.doc.Version}
	for _, s := range t.doc.Statements {
		if s.Effect == policy.Allow {
			allows.Statements = append(allows.Statements, s)
		}
	}
	for _, action := range policy.TrustActions() {
		request := policy.Request{Principal: policy.Principal{Service: policy.Service}, Action: action, Resource: p.Target.RoleARN, Context: p.facts(t.tagging)}
		if whole := policy.Evaluate(request, t.doc); whole.Explicit {
			t.denied, t.allowed = &whole, false
		}
		// A Deny hides nothing of what the others lack: that is a fault of its own.
		decision := policy.Evaluate(request, allows)
		if decision.Allowed {
			services++
			continue
		}
		t.allowed = false
		near, covers := nearest(allows, decision, action)
		switch {
		case !covers:
			t.missing = append(t.missing, action)
		case !slices.ContainsFunc(near, func(m policy.Miss) bool { return strings.HasSuffix(m.Element, "Principal") }):
			services++
		}
		for _, m := range near {
			if !slices.ContainsFunc(t.misses, func(o policy.Miss) bool { return o.Element == m.Element && o.Operator == m.Operator && o.Key == m.Key }) {
				t.misses = append(t.misses, m)
			}
		}
	}
	t.noService = services == 0
	if t.noService && len(t.missing) == len(policy.TrustActions()) {
		t.missing = nil // no statement of the kind at all
	}
	return t
}

// nearest is what keeps the Allow statement that comes closest from applying,
// and whether any covers the action. Statements for Roles Anywhere come first.
func nearest(doc policy.Document, d policy.Decision, action string) (best []policy.Miss, covers bool) {
	by := map[int][]policy.Miss{}
	for _, m := range d.Missed {
		if m.Effect == policy.Allow {
			by[m.Statement] = append(by[m.Statement], m)
		}
	}
	score := 1 << 20
	for i := range doc.Statements {
		misses, there := by[i]
		if !there || misses[0].Element == "Action" || misses[0].Element == "NotAction" {
			continue
		}
		n := len(misses)
		if strings.HasSuffix(misses[0].Element, "Principal") {
			n += 1000
		}
		if n < score {
			score, best, covers = n, misses, true
		}
	}
	// Where Roles Anywhere is trusted for something else, a statement for others
	// does not count as one for this action.
	if covers && score >= 1000 && trustsService(doc) {
		return nil, false
	}
	return best, covers
}

// trustsService says whether some statement allows Roles Anywhere anything.
func trustsService(doc policy.Document) bool {
	return slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool {
		return s.Effect == policy.Allow && s.Principal != nil && (s.Principal.Everyone || slices.Contains(s.Principal.Services, policy.Service))
	})
}

// facts are the condition keys of an AssumeRole by Roles Anywhere.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (p *Patient) facts(t tagging) policy.Context {
	ctx := policy.Context{
		"aws:SourceArn":             {p.Target.TrustAnchorARN},
		"aws:SourceAccount":         {account(p.Target.TrustAnchorARN)},
		"sts:SourceIdentity":        {sourceIdentity(p.leaf)},
		"sts:RoleSessionName":       {p.sessionName()},
		"aws:PrincipalIsAWSService": {"true"},
		"aws:PrincipalServiceName":  {policy.Service},
		"aws:RequestedRegion":       {region(p.Target.TrustAnchorARN)},
		"aws:SecureTransport":       {"true"},
		"aws:CurrentTime":           {p.At.UTC().Format(time.RFC3339)},
		"aws:EpochTime":             {strconv.FormatInt(p.At.Unix(), 10)},
	}
	for name, value := range t.tags {
		ctx["aws:PrincipalTag/"+name] = []string{value}
		ctx["aws:RequestTag/"+name] = []string{value}
		ctx["aws:TagKeys"] = append(ctx["aws:TagKeys"], name)
	}
	return ctx
}

// missKind says which check a miss belongs to.
type missKind string

const (
	missPrincipal missKind = "principal"
	missAnchor    missKind = "anchor"
	missUnmapped  missKind = "unmapped"
	missDropped   missKind = "dropped"
	missUnknown   missKind = "unknown" // a key whose value only AWS knows
	missValue     missKind = "value"
)

// kind sorts a miss.
func (t trust) kind(m policy.Miss) missKind {
	if strings.HasSuffix(m.Element, "Principal") {
		return missPrincipal
	}
	key := strings.ToLower(m.Key)
	if key == "aws:sourcearn" || key == "aws:sourceaccount" {
		return missAnchor
	}
	if tag, ok := tagOf(key); ok {
		for name := range t.tagging.unmapped {
			if strings.EqualFold(name, tag) {
				return missUnmapped
			}
		}
		for name := range t.tagging.dropped {
			if strings.EqualFold(name, tag) {
				return missDropped
			}
		}
		return missValue
	}
	if m.Absent {
		return missUnknown
	}
	return missValue
}

// tagOf takes the name of a session tag out of a condition key.
func tagOf(key string) (string, bool) {
	lower := strings.ToLower(key)
	for _, prefix := range []string{"aws:principaltag/", "aws:requesttag/"} {
		if strings.HasPrefix(lower, prefix) {
			return key[len(prefix):], true
		}
	}
	return "", false
}

// of are the misses of one kind.
func (t trust) of(kinds ...missKind) []policy.Miss {
	var list []policy.Miss
	for _, m := range t.misses {
		if slices.Contains(kinds, t.kind(m)) {
			list = append(list, m)
		}
	}
	return list
}

// compared shows what a condition wants beside what there is.
func compared(m policy.Miss) []Seen {
	have := strings.Join(m.Have, ", ")
	if m.Absent || have == "" {
		have = "(absent)"
	}
	what := m.Key
	if m.Operator != "" {
		what += "  " + m.Operator
	}
	if what == "" {
		what = m.Element
	}
	return []Seen{{"policy wants", what + "  " + strings.Join(m.Want, ", ")}, {"there is", have}}
}
