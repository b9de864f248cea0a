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
	if c.denied(action) {
		return c.deny(action, resource, "no identity-based policy allows")
	}
	if !c.foreign(action, resource) {
		return c.mayBy(c.policies(resource), action, resource, about)
	}
	own := c.policies(resource)
	own.Resource = nil
	if no := c.mayBy(own, action, resource, about); no != nil {
		return no
	}
	return c.allowedThere(action, resource, about)
}

// allowedThere is the other account's part in what somebody does to a thing of
// its: both accounts must allow it. Here only buckets have a policy of their own; the
// trust policy of a role has its say in AssumeRole.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (c *call) allowedThere(action, resource string, about policy.Context) *refusal {
	d := policy.Evaluate(c.asked(action, resource, about), c.bucketPolicy(resource)...)
	switch {
	case d.Allowed:
		return nil
	case d.Explicit:
		return c.denyExplicitly(action, resource, string(policy.ResourcePolicy))
	}
	return c.deny(action, resource, "no "+string(policy.ResourcePolicy)+" allows")
}

// asked is what policies are asked.
func (c *call) asked(action, resource string, about policy.Context) policy.Request {
	facts := c.facts()
	maps.Copy(facts, c.about)
	maps.Copy(facts, about)
	return policy.Request{Principal: c.caller.principal(), Action: action, Resource: resource, Context: facts}
}

// mayBy asks the caller's policies; an account's administrator has none.
func (c *call) mayBy(p policy.Policies, action, resource string, about policy.Context) *refusal {
	if c.caller.isAdmin() {
		return nil
	}
	d := p.Judge(c.asked(action, resource, about))
	switch {
	case d.Allowed:
		return nil
	case d.Explicit:
		return c.denyExplicitly(action, resource, string(d.Kind))
	}
	return c.deny(action, resource, "no "+string(d.Kind)+" allows")
}

// policies are the caller's: what the user or the role may do, the boundary of
// that, what the session was limited to, and what the resource says.
func (c *call) policies(resource string) policy.Policies {
	var h *holder
	if c.caller.isAdmin() {
		return policy.Policies{}
	}
	if c.caller.user != nil {
		h = &c.caller.user.holder
	} else {
		h = &c.caller.role.holder
	}
	p := policy.Policies{Identity: c.permissions(h), Resource: c.bucketPolicy(resource)}
	if h.Boundary != "" {
		p.Boundary = c.managedDocuments(h.Boundary)
	}
	if s := c.caller.session; s != nil && (s.Policy != "" || len(s.PolicyARNs) > 0) {
		p.Session = append(c.documents(s.Policy), c.managedDocuments(s.PolicyARNs...)...)
	}
	return p
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
