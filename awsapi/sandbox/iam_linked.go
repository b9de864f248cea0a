package sandbox

import (
	"net/http"
	"strings"

	"anywhere/awsapi/policy"
)

// The role that Roles Anywhere makes for itself with the first trust anchor.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/using-service-linked-roles.html
const (
	linkedRoleName = "AWSServiceRoleForRolesAnywhere"
	linkedRolePath = "/aws-service-role/rolesanywhere.amazonaws.com/"
	linkedTrust    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"rolesanywhere.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	linkedTask     = "task" + linkedRolePath + linkedRoleName + "/"
)

func (c *call) linkedRoleARN() string { return c.arn("iam", "", "role"+linkedRolePath+linkedRoleName) }

func linkedOperations() []operation {
	linked := (*call).linkedRoleARN
	return []operation{
		{name: "CreateServiceLinkedRole", resource: linked, writes: true, do: createLinkedRole, takes: []member{
			must("aWSServiceName", shape{kind: text, min: 1, max: 128}), may("description", shape{kind: text, max: 1000}), may("customSuffix", shape{kind: text, min: 1, max: 64})}},
		{name: "DeleteServiceLinkedRole", resource: roleARN, writes: true, do: deleteLinkedRole, takes: []member{must("roleName", iamRoleName)}},
		{name: "GetServiceLinkedRoleDeletionStatus", resource: linked, do: linkedDeletion, takes: []member{must("deletionTaskId", shape{kind: text, min: 1, max: 1000})}},
	}
}

func (c *call) newLinkedRole() *role {
	return &role{holder: holder{Account: c.account.Number, Name: linkedRoleName, Path: linkedRolePath, ID: c.Sandbox.token("AROA", 21), CreatedAt: c.now},
		TrustPolicy: linkedTrust, TrustChangedAt: c.now, MaxSession: defaultSeconds}
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
	c.account.Roles = append(c.account.Roles, r)
	return roleAnswer{r.whole()}, nil
}

type deletionAnswer struct {
	TaskID string `xml:"DeletionTaskId"`
}

type deletionStatus struct {
	Status string          `xml:"Status"`
	Reason *deletionReason `xml:"Reason"`
}

type deletionReason struct {
	Reason string `xml:"Reason"`
}

// deleteLinkedRole hands out a task, as AWS does; the sandbox has done it by
// then, or will never, because trust anchors still use the role.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html
func deleteLinkedRole(c *call) (any, *refusal) {
	r, no := c.wantedRole()
	if no != nil {
		return nil, no
	}
	if !r.linked() {
		return nil, refuse(http.StatusBadRequest, "InvalidInput", "Role %s is not a service-linked role.", r.Name)
	}
	if len(c.account.Anchors) == 0 {
		c.account.Roles = without(c.account.Roles, r)
	}
	return deletionAnswer{linkedTask + c.uuid()}, nil
}

func linkedDeletion(c *call) (any, *refusal) {
	task := c.form.Get("DeletionTaskId")
	if !strings.HasPrefix(task, linkedTask) {
		return nil, noEntity("Deletion task %s cannot be found.", task)
	}
	if c.findRole(linkedRoleName) != nil {
		return deletionStatus{"FAILED", &deletionReason{"A service-linked role cannot be deleted as long as trust anchors exist."}}, nil
	}
	return deletionStatus{Status: "SUCCEEDED"}, nil
}
