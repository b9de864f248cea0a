package sandbox

import (
	"net/http"

	"anywhere/awsapi/policy"
)

// Tags, instance profiles, users and the service-linked role.

func tagRole(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	tags := withTag(r.Tags, c.tags()...)
	if len(tags) > maxTags {
		return nil, refuse(http.StatusConflict, "LimitExceeded", "The number of tags has reached the maximum limit.")
	}
	r.Tags = tags
	return nil, nil
}

func untagRole(c *call) (any, *refusal) {
	r, no := c.ownRole()
	if no != nil {
		return nil, no
	}
	r.Tags = withoutTags(r.Tags, c.list("TagKeys"))
	return nil, nil
}

func listRoleTags(c *call) (any, *refusal) {
	r, no := c.wantedRole()
	if no != nil {
		return nil, no
	}
	here, more := iamPageOf(c, r.Tags)
	out := tagsAnswer{page: more}
	for _, t := range here {
		out.Tags.Member = append(out.Tags.Member, tagXML(t))
	}
	return out, nil
}

// listInstanceProfiles answers truly that there are none: the sandbox has no EC2.
func listInstanceProfiles(c *call) (any, *refusal) {
	if _, no := c.wantedRole(); no != nil {
		return nil, no
	}
	return instanceProfilesAnswer{}, nil
}

// listUsers shows the one user that there is.
func listUsers(c *call) (any, *refusal) {
	var out usersAnswer
	out.Users.Member = []userXML{{"/", adminName, c.state.AdminID, arn("iam", "", "user/"+adminName), stamp(c.state.CreatedAt)}}
	return out, nil
}

// The role that Roles Anywhere makes for itself with the first trust anchor.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/using-service-linked-roles.html
const (
	linkedRoleName = "AWSServiceRoleForRolesAnywhere"
	linkedRolePath = "/aws-service-role/rolesanywhere.amazonaws.com/"
	linkedTrust    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
)

func linkedRoleARN() string { return arn("iam", "", "role"+linkedRolePath+linkedRoleName) }

func (c *call) newLinkedRole() *role {
	return &role{Name: linkedRoleName, Path: linkedRolePath, ID: c.Sandbox.token("AROA", 21), TrustPolicy: linkedTrust,
		TrustChangedAt: c.now, MaxSession: defaultSeconds, CreatedAt: c.now}
}

func createLinkedRole(c *call) (any, *refusal) {
	if name := c.form.Get("AWSServiceName"); name != policy.Service {
		return nil, notHere("iam CreateServiceLinkedRole for " + name)
	}
	if c.findRole(linkedRoleName) != nil {
		return nil, refuse(http.StatusBadRequest, "InvalidInput", "Service role name %s has been taken in this account, please try a different suffix.", linkedRoleName)
	}
	r := c.newLinkedRole()
	r.Description = c.form.Get("Description")
	c.state.Roles = append(c.state.Roles, r)
	return roleAnswer{r.whole()}, nil
}
