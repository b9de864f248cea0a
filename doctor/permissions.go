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
func (p *Patient) leaves(layer string, limit []policy.Document) Finding {
	if !p.AWS.Policies.Known() {
		return p.untoldQuietly()
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(p.AWS.Policies.Value)) {
		texts = append(texts, p.AWS.Policies.Value[name])
	}
	var blocked []string
	left := 0
	for _, want := range wishes(documents(texts)) {
		if policy.Evaluate(want, limit...).Allowed {
			left++
			continue
		}
		blocked = append(blocked, want.Action)
	}
	switch {
	case closed(limit):
		return fail(layer + " leave nothing at all: every session may do nothing")
	case left == 0 && len(blocked) > 0:
		return fail("nothing that the role allows is left by "+layer, Seen{"blocked", strings.Join(blocked, ", ")})
	case len(blocked) > 0:
		return pass(layer+" narrow the role", Seen{"blocked", strings.Join(blocked, ", ")})
	}
	return pass("it does")
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

// wishes are the requests that the role's own policies name. A wildcard in an
// action is tried as it stands, which any pattern that covers it covers.
func wishes(docs []policy.Document) []policy.Request {
	var list []policy.Request
	for _, doc := range docs {
		for _, s := range doc.Statements {
			if s.Effect != policy.Allow {
				continue
			}
			for _, action := range s.Actions {
				resource := "*"
				if len(s.Resources) > 0 {
					resource = s.Resources[0]
				}
				list = append(list, policy.Request{Action: strings.ReplaceAll(action, "*", "x"), Resource: strings.ReplaceAll(resource, "*", "x"), Context: policy.Context{}})
			}
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
