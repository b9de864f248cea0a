package sandbox

// iam is as much of IAM as roles need.
// Source: service model of the AWS SDKs (iam, 2010-05-08)
func iam() *service {
	return &service{
		name: "iam", title: "iam", talk: query, namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		pick: pickByName(formAction), operations: append(roleOperations(), policyOperations()...),
	}
}

// The constraints of IAM's parameters, under the names that its error texts use.
var (
	iamRoleName   = shape{kind: text, min: 1, max: 64}.matching(`[\w+=,.@-]+`)
	iamPolicyName = shape{kind: text, min: 1, max: 128}.matching(`[\w+=,.@-]+`)
	iamPath       = shape{kind: text, min: 1, max: 512}.matching(`(\x{002F})|(\x{002F}[\x{0021}-\x{007E}]+\x{002F})`)
	iamARN        = shape{kind: text, min: 20, max: 2048}
	iamDocument   = shape{kind: text, min: 1, max: 131072}
	iamSeconds    = shape{kind: whole, min: 3600, max: 43200}
	iamTagKey     = shape{kind: text, min: 1, max: 128}.matching(`[\p{L}\p{Z}\p{N}_.:/=+\-@]+`)
	iamTagText    = shape{kind: text, max: 256}.matching(`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`)
	iamTags       = listOf(object(must("key", iamTagKey), must("value", iamTagText)), 0, maxTags)
	iamTagKeys    = listOf(iamTagKey, 0, maxTags)

	iamPage = []member{may("marker", shape{kind: text, min: 1}), may("maxItems", shape{kind: whole, min: 1, max: 1000})}
)

func roleOperations() []operation {
	name := must("roleName", iamRoleName)
	list := append([]member{name}, iamPage...)
	return []operation{
		{name: "CreateRole", resource: newRoleARN, writes: true, do: createRole, takes: []member{name, may("path", iamPath), must("assumeRolePolicyDocument", iamDocument),
			may("description", shape{kind: text, max: 1000}), may("maxSessionDuration", iamSeconds), may("permissionsBoundary", iamARN), may("tags", iamTags)}},
		{name: "GetRole", resource: roleARN, do: getRole, takes: []member{name}},
		{name: "ListRoles", resource: allRoles, do: listRoles, takes: append([]member{may("pathPrefix", shape{kind: text, min: 1, max: 512})}, iamPage...)},
		{name: "UpdateRole", resource: roleARN, writes: true, do: updateRole, takes: []member{name, may("description", shape{kind: text, max: 1000}), may("maxSessionDuration", iamSeconds)}},
		{name: "UpdateRoleDescription", resource: roleARN, writes: true, do: updateRoleDescription, takes: []member{name, must("description", shape{kind: text, max: 1000})}},
		{name: "UpdateAssumeRolePolicy", resource: roleARN, writes: true, do: updateTrust, takes: []member{name, must("policyDocument", iamDocument)}},
		{name: "DeleteRole", resource: roleARN, writes: true, do: deleteRole, takes: []member{name}},
		{name: "PutRolePermissionsBoundary", resource: roleARN, writes: true, do: putBoundary, takes: []member{name, must("permissionsBoundary", iamARN)}},
		{name: "DeleteRolePermissionsBoundary", resource: roleARN, writes: true, do: deleteBoundary, takes: []member{name}},
		{name: "TagRole", resource: roleARN, writes: true, do: tagRole, takes: []member{name, must("tags", iamTags)}},
		{name: "UntagRole", resource: roleARN, writes: true, do: untagRole, takes: []member{name, must("tagKeys", iamTagKeys)}},
		{name: "ListRoleTags", resource: roleARN, do: listRoleTags, takes: list},
		{name: "ListInstanceProfilesForRole", resource: roleARN, do: listInstanceProfiles, takes: list},
		{name: "CreateServiceLinkedRole", resource: func(*call) string { return linkedRoleARN() }, writes: true, do: createLinkedRole,
			takes: []member{must("aWSServiceName", shape{kind: text, min: 1, max: 128}), may("description", shape{kind: text, max: 1000}), may("customSuffix", shape{kind: text, min: 1, max: 64})}},
		{name: "ListUsers", resource: func(*call) string { return arn("iam", "", "user/") }, do: listUsers, takes: iamPage},
	}
}

func policyOperations() []operation {
	role, name, managed := must("roleName", iamRoleName), must("policyName", iamPolicyName), must("policyArn", iamARN)
	list := append([]member{role}, iamPage...)
	return []operation{
		{name: "PutRolePolicy", resource: roleARN, writes: true, do: putRolePolicy, takes: []member{role, name, must("policyDocument", iamDocument)}},
		{name: "GetRolePolicy", resource: roleARN, do: getRolePolicy, takes: []member{role, name}},
		{name: "ListRolePolicies", resource: roleARN, do: listRolePolicies, takes: list},
		{name: "DeleteRolePolicy", resource: roleARN, writes: true, do: deleteRolePolicy, takes: []member{role, name}},
		{name: "AttachRolePolicy", resource: roleARN, writes: true, do: attachRolePolicy, takes: []member{role, managed}},
		{name: "DetachRolePolicy", resource: roleARN, writes: true, do: detachRolePolicy, takes: []member{role, managed}},
		{name: "ListAttachedRolePolicies", resource: roleARN, do: listAttached, takes: list},
		{name: "GetPolicy", resource: policyARN, do: getPolicy, takes: []member{managed}},
		{name: "GetPolicyVersion", resource: policyARN, do: getPolicyVersion, takes: []member{managed, must("versionId", shape{kind: text})}},
	}
}
