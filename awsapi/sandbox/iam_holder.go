package sandbox

import (
	"cmp"
	"strings"
	"time"

	"anywhere/awsapi/policy"
)

// holder is who can hold policies: a role or a user.
type holder struct {
	Account   string    `json:"account,omitempty"` // number; empty is the first's
	Name      string    `json:"name"`
	Path      string    `json:"path"` // / or begins and ends with it
	ID        string    `json:"id"`   // AROA... or AIDA...
	Boundary  string    `json:"boundary,omitempty"`
	Tags      []tag     `json:"tags,omitempty"`
	Inline    []inline  `json:"inline,omitempty"`
	Attached  []string  `json:"attached,omitempty"` // ARNs of managed policies
	CreatedAt time.Time `json:"createdAt"`
}

func (h *holder) number() string { return cmp.Or(h.Account, Account) }

// inline is a policy of one holder's own.
type inline struct {
	Name     string `json:"name"`
	Document string `json:"document"`
}

// permissions are the policies that say what the holder may do.
func (c *call) permissions(h *holder) []policy.Document {
	out := []policy.Document{}
	for _, p := range h.Inline {
		out = append(out, c.documents(p.Document)...)
	}
	return append(out, c.managedDocuments(h.Attached...)...)
}

// holders is one kind of holder, for the calls that both kinds have.
type holders struct {
	title     string // Role, User: as in the names of calls and parameters
	maxInline int    // characters of all inline policies together, without blanks
	resource  func(*call) string
	find      func(*call) (*holder, *refusal) // to read
	own       func(*call) (*holder, *refusal) // to change
}

func (k holders) word() string { return strings.ToLower(k.title) }

// IAM's limits, in characters without blanks.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxTrust      = 2048
	maxRoleInline = 10240
	maxUserInline = 2048
	maxManaged    = 6144
	maxAttached   = 10
	maxVersions   = 5
	maxKeys       = 2
)

func roles() holders {
	of := func(r *role, no *refusal) (*holder, *refusal) {
		if no != nil {
			return nil, no
		}
		return &r.holder, nil
	}
	return holders{
		title: "Role", maxInline: maxRoleInline, resource: roleARN,
		find: func(c *call) (*holder, *refusal) { return of(c.wantedRole()) },
		own:  func(c *call) (*holder, *refusal) { return of(c.ownRole()) },
	}
}

func users() holders {
	of := func(u *user, no *refusal) (*holder, *refusal) {
		if no != nil {
			return nil, no
		}
		return &u.holder, nil
	}
	return holders{
		title: "User", maxInline: maxUserInline, resource: userARN,
		find: func(c *call) (*holder, *refusal) { return of(c.wantedUser()) },
		own:  func(c *call) (*holder, *refusal) { return of(c.changedUser()) },
	}
}

// aboutHolder sets the condition keys that a call about a holder has.
func (c *call) aboutHolder(h *holder) {
	c.about = requestTags(c.tags())
	if managed := c.form.Get("PolicyArn"); managed != "" {
		c.about["iam:PolicyARN"] = []string{managed}
	}
	if h.Boundary != "" {
		c.about["iam:PermissionsBoundary"] = []string{h.Boundary}
	}
	for _, t := range h.Tags {
		c.about["iam:ResourceTag/"+t.Key] = []string{t.Value}
		c.about["aws:ResourceTag/"+t.Key] = []string{t.Value}
	}
}
