package sandbox

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"anywhere/awsapi/policy"
)

// holderOperations are the calls about policies, boundary and tags that roles
// and users have alike.
func holderOperations(k holders) []operation {
	of := must(k.word()+"Name", iamRoleName)
	name, managed, document := must("policyName", iamPolicyName), must("policyArn", iamARN), must("policyDocument", iamDocument)
	list := append([]member{of}, iamPage...)
	return []operation{
		{name: "Put" + k.title + "Policy", resource: k.resource, writes: true, do: k.putPolicy, takes: []member{of, name, document}},
		{name: "Get" + k.title + "Policy", resource: k.resource, do: k.getPolicy, takes: []member{of, name}},
		{name: "List" + k.title + "Policies", resource: k.resource, do: k.listPolicies, takes: list},
		{name: "Delete" + k.title + "Policy", resource: k.resource, writes: true, do: k.deletePolicy, takes: []member{of, name}},
		{name: "Attach" + k.title + "Policy", resource: k.resource, writes: true, do: k.attach, takes: []member{of, managed}},
		{name: "Detach" + k.title + "Policy", resource: k.resource, writes: true, do: k.detach, takes: []member{of, managed}},
		{name: "ListAttached" + k.title + "Policies", resource: k.resource, do: k.listAttached, takes: list},
		{name: "Put" + k.title + "PermissionsBoundary", resource: k.resource, writes: true, do: k.putBoundary, takes: []member{of, must("permissionsBoundary", iamARN)}},
		{name: "Delete" + k.title + "PermissionsBoundary", resource: k.resource, writes: true, do: k.deleteBoundary, takes: []member{of}},
		{name: "Tag" + k.title, resource: k.resource, writes: true, do: k.tag, takes: []member{of, must("tags", iamTags)}},
		{name: "Untag" + k.title, resource: k.resource, writes: true, do: k.untag, takes: []member{of, must("tagKeys", iamTagKeys)}},
		{name: "List" + k.title + "Tags", resource: k.resource, do: k.listTags, takes: list},
	}
}

// size counts as IAM does: without blanks.
func size(document string) int {
	return utf8.RuneCountInString(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, document))
}

func checkTrust(document string) *refusal {
	if size(document) > maxTrust {
		return limited("Cannot exceed quota for ACLSizePerRole: %d", maxTrust)
	}
	return checkDocument(document, policy.CheckTrust)
}

// limited is IAM's LimitExceeded.
func limited(format string, args ...any) *refusal {
	return refuse(http.StatusConflict, "LimitExceeded", format, args...)
}

func checkDocument(document string, of func(policy.Document) error) *refusal {
	d, err := policy.Parse([]byte(document))
	if err == nil {
		err = of(d)
	}
	if bad, ok := errors.AsType[*policy.MalformedError](err); ok {
		return refuse(http.StatusBadRequest, "MalformedPolicyDocument", "%s", bad.Reason)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "MalformedPolicyDocument", "%v", err)
	}
	return nil
}

func (h *holder) inline(name string) int {
	return slices.IndexFunc(h.Inline, func(p inline) bool { return strings.EqualFold(p.Name, name) })
}

func (k holders) putPolicy(c *call) (any, *refusal) {
	h, no := k.own(c)
	if no != nil {
		return nil, no
	}
	name, document := c.form.Get("PolicyName"), c.form.Get("PolicyDocument")
	if no := checkDocument(document, policy.CheckIdentity); no != nil {
		return nil, no
	}
	total, at := size(document), h.inline(name)
	for i, p := range h.Inline {
		if i != at {
			total += size(p.Document)
		}
	}
	if total > k.maxInline {
		return nil, limited("Maximum policy size of %d bytes exceeded for %s %s", k.maxInline, k.word(), h.Name)
	}
	if at < 0 {
		h.Inline = append(h.Inline, inline{name, document})
	} else {
		h.Inline[at].Document = document
	}
	return nil, nil
}

func (k holders) getPolicy(c *call) (any, *refusal) {
	h, at, no := k.wantedInline(c, k.find)
	if no != nil {
		return nil, no
	}
	out := inlineAnswer{Name: h.Inline[at].Name, Document: encode(h.Inline[at].Document)}
	if k.title == "User" {
		out.User = h.Name
	} else {
		out.Role = h.Name
	}
	return out, nil
}

func (k holders) wantedInline(c *call, find func(*call) (*holder, *refusal)) (*holder, int, *refusal) {
	h, no := find(c)
	if no != nil {
		return nil, 0, no
	}
	at := h.inline(c.form.Get("PolicyName"))
	if at < 0 {
		return nil, 0, noEntity("The %s policy with name %s cannot be found.", k.word(), c.form.Get("PolicyName"))
	}
	return h, at, nil
}

func (k holders) listPolicies(c *call) (any, *refusal) {
	h, no := k.find(c)
	if no != nil {
		return nil, no
	}
	here, more := iamPageOf(c, h.Inline)
	out := policyNamesAnswer{page: more}
	for _, p := range here {
		out.PolicyNames.Member = append(out.PolicyNames.Member, p.Name)
	}
	return out, nil
}

func (k holders) deletePolicy(c *call) (any, *refusal) {
	h, at, no := k.wantedInline(c, k.own)
	if no != nil {
		return nil, no
	}
	h.Inline = slices.Delete(h.Inline, at, at+1)
	return nil, nil
}

func (k holders) attach(c *call) (any, *refusal) {
	h, no := k.own(c)
	if no != nil {
		return nil, no
	}
	wanted := c.form.Get("PolicyArn")
	if no := c.attachable(wanted); no != nil {
		return nil, no
	}
	if slices.Contains(h.Attached, wanted) {
		return nil, nil
	}
	if len(h.Attached) >= maxAttached {
		return nil, limited("Cannot exceed quota for PoliciesPer%s: %d", k.title, maxAttached)
	}
	h.Attached = append(h.Attached, wanted)
	return nil, nil
}

func (k holders) detach(c *call) (any, *refusal) {
	h, no := k.own(c)
	if no != nil {
		return nil, no
	}
	at := slices.Index(h.Attached, c.form.Get("PolicyArn"))
	if at < 0 {
		return nil, noEntity("Policy %s was not found.", c.form.Get("PolicyArn"))
	}
	h.Attached = slices.Delete(h.Attached, at, at+1)
	return nil, nil
}

func (k holders) listAttached(c *call) (any, *refusal) {
	h, no := k.find(c)
	if no != nil {
		return nil, no
	}
	here, more := iamPageOf(c, h.Attached)
	out := attachedAnswer{page: more}
	for _, a := range here {
		out.Policies.Member = append(out.Policies.Member, attachedXML{a[strings.LastIndex(a, "/")+1:], a})
	}
	return out, nil
}
