package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// role is an IAM role.
type role struct {
	holder
	Description    string    `json:"description,omitempty"`
	TrustPolicy    string    `json:"trustPolicy"`
	TrustChangedAt time.Time `json:"trustChangedAt"`
	MaxSession     int       `json:"maxSession"` // seconds
	LastUsed       time.Time `json:"lastUsed,omitzero"`
	LastRegion     string    `json:"lastRegion,omitempty"`
}

func (r *role) arn() string { return arnIn(r.number(), "iam", "", "role"+r.Path+r.Name) }

// linked says whether the role is a service's own.
func (r *role) linked() bool { return strings.HasPrefix(r.Path, "/aws-service-role/") }

func (c *call) findRole(name string) *role {
	return find(c.account.Roles, func(r *role) bool { return strings.EqualFold(r.Name, name) })
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
	if no == nil && r.linked() {
		return nil, refuse(http.StatusBadRequest, "UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.Name)
	}
	return r, no
}

// roleARN is the resource of a call about a role that may not exist.
func roleARN(c *call) string {
	name := c.form.Get("RoleName")
	r := c.findRole(name)
	if r == nil {
		return c.arn("iam", "", "role/"+name)
	}
	c.aboutHolder(&r.holder)
	return r.arn()
}

func newRoleARN(c *call) string {
	c.about = requestTags(c.tags())
	if boundary := c.form.Get("PermissionsBoundary"); boundary != "" {
		c.about["iam:PermissionsBoundary"] = []string{boundary}
	}
	return c.arn("iam", "", "role"+cmp.Or(c.form.Get("Path"), "/")+c.form.Get("RoleName"))
}

func allRoles(c *call) string { return c.arn("iam", "", "role/") }

func createRole(c *call) (any, *refusal) {
	name, trust := c.form.Get("RoleName"), c.form.Get("AssumeRolePolicyDocument")
	if no := checkTrust(trust); no != nil {
		return nil, no
	}
	boundary := c.form.Get("PermissionsBoundary")
	if boundary != "" {
		if no := c.attachable(boundary); no != nil {
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
		holder: holder{Account: c.account.Number, Name: name, Path: cmp.Or(c.form.Get("Path"), "/"), ID: c.Sandbox.token("AROA", 21), Boundary: boundary,
			Tags: withTag(nil, c.tags()...), CreatedAt: c.now},
		Description: c.form.Get("Description"), TrustPolicy: trust, TrustChangedAt: c.now,
		MaxSession: number(c.form.Get("MaxSessionDuration"), defaultSeconds),
	}
	c.account.Roles = append(c.account.Roles, r)
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
	fits := slices.DeleteFunc(slices.Clone(c.account.Roles), func(r *role) bool { return !strings.HasPrefix(r.Path, prefix) })
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
	if no != nil {
		return nil, no
	}
	if no := r.holds(); no != nil {
		return nil, no
	}
	c.account.Roles = without(c.account.Roles, r)
	return nil, nil
}

// listInstanceProfiles answers truly that there are none: the sandbox has no EC2.
func listInstanceProfiles(c *call) (any, *refusal) {
	if _, no := c.wantedRole(); no != nil {
		return nil, no
	}
	return instanceProfilesAnswer{}, nil
}
