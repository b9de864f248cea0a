package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"anywhere/awsapi/policy"
)

// documents parses policies; empty ones and what is no policy are left out.
func documents(texts []string) []policy.Document {
	var docs []policy.Document
	for _, text := range texts {
		if doc, err := policy.Parse([]byte(text)); text != "" && err == nil {
			docs = append(docs, doc)
		}
	}
	return docs
}

// leaves asks a limiting layer about each thing that the role's policies name.
// It fails if nothing of it is left: part of it is what such layers are for.
// Conditions that the certificate does not decide count as met.
func (p *Patient) leaves(layer string, limit []policy.Document) Finding {
	if !p.AWS.Policies.Known() {
		return p.untoldQuietly()
	}
	role, limit := p.decidable(p.permissions(), nil), p.decidable(limit, nil)
	var blocked []string
	for _, want := range requests(role, role, p.sessionFacts()) {
		if policy.Evaluate(want, role...).Allowed && !policy.Evaluate(want, limit...).Allowed && !slices.Contains(blocked, want.Action) {
			blocked = append(blocked, want.Action)
		}
	}
	switch {
	case closed(limit):
		return fail("nothing at all is left by " + layer + ": every session may do nothing")
	case len(blocked) > 0 && !p.anyAllowed(role, limit):
		return fail("nothing that the role allows is left by "+layer, Seen{"blocked", strings.Join(blocked, ", ")})
	case len(blocked) > 0:
		return pass("the role is narrowed by "+layer, Seen{"not wholly left", strings.Join(blocked, ", ")})
	}
	return pass("it does")
}

// anyAllowed tries everything that either side names on both.
func (p *Patient) anyAllowed(role, limit []policy.Document) bool {
	both := slices.Concat(role, limit)
	return slices.ContainsFunc(requests(both, both, p.sessionFacts()), func(want policy.Request) bool {
		return policy.Evaluate(want, role...).Allowed && policy.Evaluate(want, limit...).Allowed
	})
}

// permissions are the role's own policies.
func (p *Patient) permissions() []policy.Document {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(p.AWS.Policies.Value)) {
		texts = append(texts, p.AWS.Policies.Value[name])
	}
	return documents(texts)
}

// sessionFacts are the condition keys of a session that its certificate decides.
func (p *Patient) sessionFacts() policy.Context {
	ctx := policy.Context{}
	if p.leaf == nil {
		return ctx
	}
	for name, value := range p.trust.tagging.tags {
		ctx["aws:PrincipalTag/"+name] = []string{value}
	}
	ctx["sts:SourceIdentity"] = []string{sourceIdentity(p.leaf)}
	ctx["aws:SourceIdentity"] = []string{sourceIdentity(p.leaf)}
	return ctx
}

// decidable leaves out what only the single request decides: other conditions of an
// Allow, and a Deny that has one. more are keys that are known, too.
func (p *Patient) decidable(docs []policy.Document, more []string) []policy.Document {
	known := func(key string) bool {
		lower := strings.ToLower(key)
		return strings.HasPrefix(lower, "aws:principaltag/x509") && p.leaf != nil || strings.HasSuffix(lower, ":sourceidentity") && p.leaf != nil ||
			slices.ContainsFunc(more, func(name string) bool { return strings.EqualFold(name, key) })
	}
	var list []policy.Document
	for _, doc := range docs {
		var kept []policy.Statement
		for _, s := range doc.Statements {
			var conditions []policy.Condition
			for _, c := range s.Conditions {
				if known(c.Key) {
					conditions = append(conditions, c)
				}
			}
			if s.Effect == policy.Deny && len(conditions) < len(s.Conditions) {
				continue
			}
			s.Conditions = conditions
			kept = append(kept, s)
		}
		doc.Statements = kept
		list = append(list, doc)
	}
	return list
}

// closed says that a layer allows nothing, whatever is asked: no Allow, or a Deny
// of everything without condition.
func closed(limit []policy.Document) bool {
	allows := false
	for _, doc := range limit {
		for _, s := range doc.Statements {
			if s.Effect == policy.Deny && slices.Contains(s.Actions, "*") && slices.Contains(s.Resources, "*") && len(s.Conditions) == 0 {
				return true
			}
			allows = allows || s.Effect == policy.Allow
		}
	}
	return !allows
}

// requests are what the Allow statements name: every action of the one on every
// resource of the other. A wildcard is tried as a letter, which any pattern that
// covers it covers. Large policies are tried in part.
func requests(actions, resources []policy.Document, ctx policy.Context) []policy.Request {
	const most = 40
	var verbs, things []string
	gather := func(docs []policy.Document, of func(policy.Statement) []string) (list []string) {
		for _, doc := range docs {
			for _, s := range doc.Statements {
				for _, name := range of(s) {
					if name = strings.ReplaceAll(name, "*", "x"); s.Effect == policy.Allow && len(list) < most && !slices.Contains(list, name) {
						list = append(list, name)
					}
				}
			}
		}
		return list
	}
	verbs = gather(actions, func(s policy.Statement) []string { return s.Actions })
	things = gather(resources, func(s policy.Statement) []string { return s.Resources })
	var list []policy.Request
	for _, verb := range verbs {
		for _, thing := range things {
			list = append(list, policy.Request{Action: verb, Resource: thing, Context: ctx})
		}
	}
	return list
}

// otherRoles only tells: whose they are, the doctor cannot know.
func otherRoles(p *Patient) Finding {
	if !p.AWS.Roles.Known() || !p.AWS.Profiles.Known() {
		return p.untoldQuietly()
	}
	listed := map[string]bool{}
	for _, profile := range p.AWS.Profiles.Value {
		for _, arn := range profile.RoleARNs {
			listed[arn] = arn != p.Target.RoleARN
		}
	}
	var open []Seen
	for _, role := range p.AWS.Roles.Value {
		doc, err := policy.Parse([]byte(role.TrustPolicy))
		if !listed[role.ARN] || err != nil {
			continue
		}
		if why, is := policy.OpenTo(doc, p.Target.TrustAnchorARN); is {
			open = append(open, Seen{role.ARN, why})
		}
	}
	if len(open) == 0 {
		return pass("there are none")
	}
	return pass(fmt.Sprintf("certificates of this anchor open %d other roles, too", len(open)), open...)
}
