package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// user is an IAM user that somebody made. The sandbox's administrator is none of
// them: nobody can delete or limit him.
type user struct {
	holder
	Keys []accessKey `json:"keys,omitempty"`
}

func (u *user) arn() string { return arnIn(u.number(), "iam", "", "user"+u.Path+u.Name) }

func userOperations() []operation {
	name, optional := must("userName", iamRoleName), may("userName", iamRoleName)
	list := append([]member{name}, iamPage...)
	return []operation{
		{name: "CreateUser", resource: newUserARN, writes: true, do: createUser,
			takes: []member{name, may("path", iamPath), may("permissionsBoundary", iamARN), may("tags", iamTags)}},
		{name: "GetUser", resource: userARN, do: getUser, takes: []member{optional}},
		{name: "ListUsers", resource: func(c *call) string { return c.arn("iam", "", "user/") }, do: listUsers,
			takes: append([]member{may("pathPrefix", shape{kind: text, min: 1, max: 512})}, iamPage...)},
		{name: "DeleteUser", resource: userARN, writes: true, do: deleteUser, takes: []member{name}},
		{name: "ListGroupsForUser", resource: userARN, do: listGroups, takes: list},
		{name: "CreateAccessKey", resource: userARN, writes: true, do: createKey, takes: []member{optional}},
		{name: "ListAccessKeys", resource: userARN, do: listKeys, takes: append([]member{optional}, iamPage...)},
		{name: "UpdateAccessKey", resource: userARN, writes: true, do: updateKey,
			takes: []member{optional, must("accessKeyId", iamKeyID), must("status", shape{kind: text, enum: []string{"Active", "Inactive"}})}},
		{name: "DeleteAccessKey", resource: userARN, writes: true, do: deleteKey, takes: []member{optional, must("accessKeyId", iamKeyID)}},
	}
}

func (c *call) findUser(name string) *user {
	return find(c.account.Users, func(u *user) bool { return strings.EqualFold(u.Name, name) })
}

// wantedUser finds the user that the call names or, if it names none, who calls.
func (c *call) wantedUser() (*user, *refusal) {
	name := c.form.Get("UserName")
	switch {
	case name == "" && c.caller.session != nil:
		return nil, refuse(http.StatusBadRequest, "ValidationError", "Must specify userName when calling with non-User credentials")
	case name == "" && c.caller.user != nil:
		return c.caller.user, nil
	case name == "" || strings.EqualFold(name, adminName):
		return &user{holder: holder{Account: c.account.Number, Name: adminName, Path: "/", ID: c.account.AdminID, CreatedAt: c.state.CreatedAt}}, nil
	}
	if u := c.findUser(name); u != nil {
		return u, nil
	}
	return nil, noEntity("The user with name %s cannot be found.", name)
}

// changedUser is wantedUser for changes, which the administrator refuses.
func (c *call) changedUser() (*user, *refusal) {
	u, no := c.wantedUser()
	if no == nil && u.Name == adminName {
		return nil, refuse(http.StatusBadRequest, "UnmodifiableEntity", "The sandbox's administrator %s cannot be changed", adminName)
	}
	return u, no
}

// userARN is the resource of a call about a user who may not exist.
func userARN(c *call) string {
	u, no := c.wantedUser()
	if no != nil {
		return c.arn("iam", "", "user/"+c.form.Get("UserName"))
	}
	c.aboutHolder(&u.holder)
	return u.arn()
}

func newUserARN(c *call) string {
	c.about = requestTags(c.tags())
	if boundary := c.form.Get("PermissionsBoundary"); boundary != "" {
		c.about["iam:PermissionsBoundary"] = []string{boundary}
	}
	return c.arn("iam", "", "user"+cmp.Or(c.form.Get("Path"), "/")+c.form.Get("UserName"))
}

func createUser(c *call) (any, *refusal) {
	name, boundary := c.form.Get("UserName"), c.form.Get("PermissionsBoundary")
	if boundary != "" {
		if no := c.attachable(boundary); no != nil {
			return nil, no
		}
	}
	if len(c.tags()) > 0 {
		if no := c.allow("iam:TagUser", newUserARN(c), nil); no != nil {
			return nil, no
		}
	}
	if strings.EqualFold(name, adminName) || c.findUser(name) != nil {
		return nil, refuse(http.StatusConflict, "EntityAlreadyExists", "User with name %s already exists.", name)
	}
	u := &user{holder: holder{Account: c.account.Number, Name: name, Path: cmp.Or(c.form.Get("Path"), "/"), ID: c.Sandbox.token("AIDA", 21), Boundary: boundary,
		Tags: withTag(nil, c.tags()...), CreatedAt: c.now}}
	c.account.Users = append(c.account.Users, u)
	return userAnswer{u.whole()}, nil
}

func getUser(c *call) (any, *refusal) {
	u, no := c.wantedUser()
	if no != nil {
		return nil, no
	}
	return userAnswer{u.whole()}, nil
}

func listUsers(c *call) (any, *refusal) {
	all := append([]*user{{holder: holder{Account: c.account.Number, Name: adminName, Path: "/", ID: c.account.AdminID, CreatedAt: c.state.CreatedAt}}}, c.account.Users...)
	prefix := c.form.Get("PathPrefix")
	all = slices.DeleteFunc(all, func(u *user) bool { return !strings.HasPrefix(u.Path, prefix) })
	here, more := iamPageOf(c, all)
	out := usersAnswer{page: more}
	for _, u := range here {
		one := u.whole()
		one.Tags, one.Boundary = nil, nil // ListUsers returns neither
		out.Users.Member = append(out.Users.Member, one)
	}
	return out, nil
}

// deleteUser refuses as long as something hangs on the user.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
func deleteUser(c *call) (any, *refusal) {
	u, no := c.changedUser()
	switch {
	case no != nil:
		return nil, no
	case len(u.Keys) > 0:
		return nil, refuse(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must delete access keys first.")
	}
	if no := u.holds(); no != nil {
		return nil, no
	}
	c.account.Users = without(c.account.Users, u)
	return nil, nil
}

// holds refuses to delete a holder that still has policies.
func (h *holder) holds() *refusal {
	switch {
	case len(h.Attached) > 0:
		return refuse(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	case len(h.Inline) > 0:
		return refuse(http.StatusConflict, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	}
	return nil
}

// listGroups answers truly that there are none: the sandbox has no groups.
func listGroups(c *call) (any, *refusal) {
	if _, no := c.wantedUser(); no != nil {
		return nil, no
	}
	return groupsAnswer{}, nil
}

type userAnswer struct {
	User userXML `xml:"User"`
}

type usersAnswer struct {
	Users members[userXML] `xml:"Users"`
	page
}

type groupsAnswer struct {
	Groups members[struct{}] `xml:"Groups"`
	page
}

type userXML struct {
	Path       string           `xml:"Path"`
	Name       string           `xml:"UserName"`
	ID         string           `xml:"UserId"`
	ARN        string           `xml:"Arn"`
	CreateDate string           `xml:"CreateDate"`
	Boundary   *boundaryXML     `xml:"PermissionsBoundary"`
	Tags       *members[tagXML] `xml:"Tags"`
}

func (u *user) whole() userXML {
	return userXML{u.Path, u.Name, u.ID, u.arn(), stamp(u.CreatedAt), boundaryOf(u.Boundary), tagList(u.Tags)}
}

func boundaryOf(arn string) *boundaryXML {
	if arn == "" {
		return nil
	}
	return &boundaryXML{"Policy", arn}
}

func tagList(tags []tag) *members[tagXML] {
	if len(tags) == 0 {
		return nil
	}
	out := &members[tagXML]{}
	for _, t := range tags {
		out.Member = append(out.Member, tagXML(t))
	}
	return out
}

// accessKey is a long-lived key of a user.
type accessKey struct {
	ID        string    `json:"id"` // AKIA...
	Secret    string    `json:"secret"`
	Inactive  bool      `json:"inactive,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
}
