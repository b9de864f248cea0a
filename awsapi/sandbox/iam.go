package sandbox

import "slices"

// iam is as much of IAM as roles, users and their policies need.
// Source: service model of the AWS SDKs (iam, 2010-05-08)
func iam() *service {
	return &service{
		name: "iam", title: "iam", talk: query, namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		pick: pickByName(formAction), operations: slices.Concat(roleOperations(), holderOperations(roles()),
			userOperations(), holderOperations(users()), managedOperations(), linkedOperations()),
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
		{name: "ListInstanceProfilesForRole", resource: roleARN, do: listInstanceProfiles, takes: list},
	}
}
