package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"anywhere/awsapi/policy"
)

// role is an IAM role.
type role struct {
	Name           string    `json:"name"`
	Path           string    `json:"path"` // / or begins and ends with it
	ID             string    `json:"id"`   // AROA...
	Description    string    `json:"description,omitempty"`
	TrustPolicy    string    `json:"trustPolicy"`
	TrustChangedAt time.Time `json:"trustChangedAt"`
	MaxSession     int       `json:"maxSession"` // seconds
	Boundary       string    `json:"boundary,omitempty"`
	Tags           []tag     `json:"tags,omitempty"`
	Inline         []inline  `json:"inline,omitempty"`
	Attached       []string  `json:"attached,omitempty"` // ARNs of managed policies
	CreatedAt      time.Time `json:"createdAt"`
	LastUsed       time.Time `json:"lastUsed,omitzero"`
	LastRegion     string    `json:"lastRegion,omitempty"`
}

// inline is a policy of one role's own.
type inline struct {
	Name     string `json:"name"`
	Document string `json:"document"`
}

func (r *role) arn() string { return arn("iam", "", "role"+r.Path+r.Name) }

// permissions are the policies that say what the role may do.
func (r *role) permissions() []policy.Document {
	var out []policy.Document
	for _, p := range r.Inline {
		out = append(out, documents(p.Document)...)
	}
	return append(out, managedDocuments(r.Attached...)...)
}

func (c *call) findRole(name string) *role {
	return find(c.state.Roles, func(r *role) bool { return strings.EqualFold(r.Name, name) })
}

// wantedRole finds the role that the call names.
func (c *call) wantedRole() (*role, *refusal) {
	name := c.form.Get("RoleName")
	r := c.findRole(name)
	if r == nil {
		return nil, noEntity("The role with name %s cannot be found.", name)
	}
	return r, nil
}

// ownRole is wantedRole for changes, which a service-linked role refuses.
func (c *call) ownRole() (*role, *refusal) {
	r, no := c.wantedRole()
	if no == nil && strings.HasPrefix(r.Path, "/aws-service-role/") {
		return nil, refuse(http.StatusBadRequest, "UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.Name)
	}
	return r, no
}

// roleARN is the resource of a call about a role that may not exist.
func roleARN(c *call) string {
	name := c.form.Get("RoleName")
	r := c.findRole(name)
	if r == nil {
		return arn("iam", "", "role/"+name)
	}
	c.about = requestTags(c.tags())
	if managed := c.form.Get("PolicyArn"); managed != "" {
		c.about["iam:PolicyARN"] = []string{managed}
	}
	if r.Boundary != "" {
		c.about["iam:PermissionsBoundary"] = []string{r.Boundary}
	}
	for _, t := range r.Tags {
		c.about["iam:ResourceTag/"+t.Key] = []string{t.Value}
		c.about["aws:ResourceTag/"+t.Key] = []string{t.Value}
	}
	return r.arn()
}

func newRoleARN(c *call) string {
	c.about = requestTags(c.tags())
	if boundary := c.form.Get("PermissionsBoundary"); boundary != "" {
		c.about["iam:PermissionsBoundary"] = []string{boundary}
	}
	return arn("iam", "", "role"+cmp.Or(c.form.Get("Path"), "/")+c.form.Get("RoleName"))
}

func allRoles(*call) string { return arn("iam", "", "role/") }

func createRole(c *call) (any, *refusal) {
	name, trust := c.form.Get("RoleName"), c.form.Get("AssumeRolePolicyDocument")
	if no := checkTrust(trust); no != nil {
		return nil, no
	}
	boundary := c.form.Get("PermissionsBoundary")
	if boundary != "" {
		if no := attachable(boundary); no != nil {
			return nil, no
		}
	}
	if len(c.tags()) > 0 {
		if no := c.allow("iam:TagRole", newRoleARN(c), nil); no != nil {
			return nil, no
		}
	}
	if c.findRole(name) != nil {
		return nil, refuse(http.StatusConflict, "EntityAlreadyExists", "Role with name %s already exists.", name)
	}
	r := &role{
		Name: name, Path: cmp.Or(c.form.Get("Path"), "/"), ID: c.Sandbox.token("AROA", 21), Description: c.form.Get("Description"),
		TrustPolicy: trust, TrustChangedAt: c.now, MaxSession: number(c.form.Get("MaxSessionDuration"), defaultSeconds),
		Boundary: boundary, Tags: withTag(nil, c.tags()...), CreatedAt: c.now,
	}
	c.state.Roles = append(c.state.Roles, r)
	return roleAnswer{r.whole()}, nil
}

// number reads a number that was checked, or takes the default.
func number(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return otherwise
}

func getRole(c *call) (any, *refusal) {
	r, no := c.wantedRole()
	if no != nil {
		return nil, no
	}
	return roleAnswer{r.whole()}, nil
}

func listRoles(c *call) (any, *refusal) {
	prefix := c.form.Get("PathPrefix")
	fits := slices.DeleteFunc(slices.Clone(c.state.Roles), func(r *role) bool { return !strings.HasPrefix(r.Path, prefix) })
	slices.SortFunc(fits, func(a, b *role) int { return strings.Compare(a.Name, b.Name) })
	here, more := iamPageOf(c, fits)
	out := rolesAnswer{page: more}
	for _, r := range here {
		one := r.whole()
		one.Tags, one.LastUsed = nil, nil // ListRoles returns neither
		out.Roles.Member = append(out.Roles.Member, one)
	}
	return out, nil
}

func updateRole(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	r.MaxSession = number(c.form.Get("MaxSessionDuration"), defaultSeconds)
	if c.form.Has("Description") {
		r.Description = c.form.Get("Description")
	}
	return struct{}{}, nil
}

func updateRoleDescription(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	r.Description = c.form.Get("Description")
	return roleAnswer{r.whole()}, nil
}

func updateTrust(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	if no := checkTrust(c.form.Get("PolicyDocument")); no != nil {
		return nil, no
	}
	r.TrustPolicy, r.TrustChangedAt = c.form.Get("PolicyDocument"), c.now
	return nil, nil
}

// deleteRole refuses as long as policies hang on the role.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
func deleteRole(c *call) (any, *refusal) {
	r, no := c.ownRole()
	switch {
	case no != nil:
		return nil, no
	case len(r.Attached) > 0:
		return nil, refuse(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	case len(r.Inline) > 0:
		return nil, refuse(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	}
	c.state.Roles = without(c.state.Roles, r)
	return nil, nil
}

func putBoundary(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	if no := attachable(c.form.Get("PermissionsBoundary")); no != nil {
		return nil, no
	}
	r.Boundary = c.form.Get("PermissionsBoundary")
	return nil, nil
}

func deleteBoundary(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	r.Boundary = ""
	return nil, nil
}
