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

// IAM's limits, in characters without blanks.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxTrust    = 2048
	maxInline   = 10240 // of all inline policies of a role together
	maxAttached = 10
)

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
		return refuse(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", maxTrust)
	}
	return checkDocument(document, policy.CheckTrust)
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

func (r *role) inline(name string) int {
	return slices.IndexFunc(r.Inline, func(p inline) bool { return strings.EqualFold(p.Name, name) })
}

func putRolePolicy(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	name, document := c.form.Get("PolicyName"), c.form.Get("PolicyDocument")
	if no := checkDocument(document, policy.CheckIdentity); no != nil {
		return nil, no
	}
	total, at := size(document), r.inline(name)
	for i, p := range r.Inline {
		if i != at {
			total += size(p.Document)
		}
	}
	if total > maxInline {
		return nil, refuse(http.StatusConflict, "LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInline, r.Name)
	}
	if at < 0 {
		r.Inline = append(r.Inline, inline{name, document})
	} else {
		r.Inline[at].Document = document
	}
	return nil, nil
}

func getRolePolicy(c *call) (any, *refusal) {
	r, at, no := c.wantedInline()
	if no != nil {
		return nil, no
	}
	return inlineAnswer{r.Name, r.Inline[at].Name, encode(r.Inline[at].Document)}, nil
}

func (c *call) wantedInline() (*role, int, *refusal) {
	r, no := c.wantedRole()
	if no != nil {
		return nil, 0, no
	}
	at := r.inline(c.form.Get("PolicyName"))
	if at < 0 {
		return nil, 0, noEntity("The role policy with name %s cannot be found.", c.form.Get("PolicyName"))
	}
	return r, at, nil
}

func listRolePolicies(c *call) (any, *refusal) {
	r, no := c.wantedRole()
	if no != nil {
		return nil, no
	}
	here, more := iamPageOf(c, r.Inline)
	out := policyNamesAnswer{page: more}
	for _, p := range here {
		out.PolicyNames.Member = append(out.PolicyNames.Member, p.Name)
	}
	return out, nil
}

func deleteRolePolicy(c *call) (any, *refusal) {
	if _, no := c.ownRole(); no != nil {
		return nil, no
	}
	r, at, no := c.wantedInline()
	if no != nil {
		return nil, no
	}
	r.Inline = slices.Delete(r.Inline, at, at+1)
	return nil, nil
}

func attachRolePolicy(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	wanted := c.form.Get("PolicyArn")
	if no := attachable(wanted); no != nil {
		return nil, no
	}
	if slices.Contains(r.Attached, wanted) {
		return nil, nil
	}
	if len(r.Attached) >= maxAttached {
		return nil, refuse(http.StatusConflict, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
	}
	r.Attached = append(r.Attached, wanted)
	return nil, nil
}

func detachRolePolicy(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	at := slices.Index(r.Attached, c.form.Get("PolicyArn"))
	if at < 0 {
		return nil, noEntity("Policy %s was not found.", c.form.Get("PolicyArn"))
	}
	r.Attached = slices.Delete(r.Attached, at, at+1)
	return nil, nil
}

func listAttached(c *call) (any, *refusal) {
	r, no := c.wantedRole()
	if no != nil {
		return nil, no
	}
	here, more := iamPageOf(c, r.Attached)
	out := attachedAnswer{page: more}
	for _, a := range here {
		out.Policies.Member = append(out.Policies.Member, attachedXML{a[strings.LastIndex(a, "/")+1:], a})
	}
	return out, nil
}
