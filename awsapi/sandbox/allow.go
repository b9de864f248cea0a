package sandbox

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"anywhere/awsapi/policy"
)

// allow asks the caller's policies for one action on one resource. about are the
// condition keys that only this action has. The administrator may do everything
// that the weather does not take from him.
func (c *call) allow(action, resource string, about policy.Context) *refusal {
	if c.fault.denies(action) {
		return c.deny(action, resource, "no identity-based policy allows")
	}
	if c.caller.session == nil {
		return nil
	}
	facts := c.facts()
	maps.Copy(facts, c.about)
	maps.Copy(facts, about)
	req := policy.Request{Principal: c.caller.principal(), Action: action, Resource: resource, Context: facts}
	for _, layer := range c.layers() {
		d := policy.Evaluate(req, layer.documents...)
		switch {
		case d.Allowed:
		case d.Explicit:
			return c.denyExplicitly(action, resource, layer.name)
		default:
			return c.deny(action, resource, "no "+layer.name+" allows")
		}
	}
	return nil
}

// layer is one of the sets of policies that must each allow a request.
type layer struct {
	name      string // as in AWS's sentence: no <name> allows
	documents []policy.Document
}

// layers are the caller's: what the role may do, the boundary of that, and what
// the session was limited to.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func (c *call) layers() []layer {
	r, s := c.caller.role, c.caller.session
	out := []layer{{"identity-based policy", r.permissions()}}
	if r.Boundary != "" {
		out = append(out, layer{"permissions boundary", managedDocuments(r.Boundary)})
	}
	if s.Policy != "" || len(s.PolicyARNs) > 0 {
		out = append(out, layer{"session policy", append(documents(s.Policy), managedDocuments(s.PolicyARNs...)...)})
	}
	return out
}

// documents parses policies that were checked when they came in.
func documents(texts ...string) []policy.Document {
	var out []policy.Document
	for _, t := range texts {
		if d, err := policy.Parse([]byte(t)); t != "" && err == nil {
			out = append(out, d)
		}
	}
	return out
}

// deny words a denial for want of an Allow as IAM does.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func (c *call) deny(action, resource, why string) *refusal {
	no := c.complain(denied)
	no.Message = fmt.Sprintf("User: %s is not authorized to perform: %s%s because %s the %s action", c.caller.arn(), action, on(resource), why, action)
	return no
}

func (c *call) denyExplicitly(action, resource, kind string) *refusal {
	article := "a"
	if strings.HasPrefix(kind, "i") {
		article = "an"
	}
	no := c.complain(denied)
	no.Message = fmt.Sprintf("User: %s is not authorized to perform: %s%s with an explicit deny in %s %s", c.caller.arn(), action, on(resource), article, kind)
	return no
}

// on names the resource where there is one; AWS leaves it out for actions that
// have none.
func on(resource string) string {
	if resource == "*" {
		return ""
	}
	return " on resource: " + resource
}

func epoch(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
