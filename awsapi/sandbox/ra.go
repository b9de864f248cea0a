package sandbox

import "net/http"

// rolesAnywhere is the control plane of IAM Roles Anywhere and CreateSession.
// Source: service model of the AWS SDKs (rolesanywhere, 2018-05-10) and, for
// CreateSession, https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
func rolesAnywhere() *service {
	ops := anchorOperations()
	ops = append(ops, profileOperations()...)
	ops = append(ops, crlOperations()...)
	ops = append(ops, raOtherOperations()...)
	return &service{name: "rolesanywhere", title: "rolesanywhere", talk: restJSON, pick: pickByRoute, operations: ops}
}

func anchorOperations() []operation {
	id := must("trustAnchorId", raID)
	return []operation{
		{name: "CreateTrustAnchor", route: "POST /trustanchors", resource: newTagged, status: http.StatusCreated, writes: true, do: createAnchor,
			takes: []member{must("name", raName), must("source", raSource), may("enabled", shape{kind: truth}), may("tags", raTags), may("notificationSettings", raNotices)}},
		{name: "GetTrustAnchor", route: "GET /trustanchor/{trustAnchorId}", resource: anchorInPath, do: getAnchor, takes: []member{id}},
		{name: "ListTrustAnchors", route: "GET /trustanchors", do: listAnchors, takes: raPage},
		{name: "UpdateTrustAnchor", route: "PATCH /trustanchor/{trustAnchorId}", resource: anchorInPath, writes: true, do: updateAnchor,
			takes: []member{id, may("name", raName), may("source", raSource)}},
		{name: "DeleteTrustAnchor", route: "DELETE /trustanchor/{trustAnchorId}", resource: anchorInPath, writes: true, do: deleteAnchor, takes: []member{id}},
		{name: "EnableTrustAnchor", route: "POST /trustanchor/{trustAnchorId}/enable", resource: anchorInPath, writes: true, do: switchAnchor(true), takes: []member{id}},
		{name: "DisableTrustAnchor", route: "POST /trustanchor/{trustAnchorId}/disable", resource: anchorInPath, writes: true, do: switchAnchor(false), takes: []member{id}},
		{name: "PutNotificationSettings", route: "PATCH /put-notifications-settings", resource: anchorInPath, writes: true, do: putNotices,
			takes: []member{id, must("notificationSettings", raNotices)}},
		{name: "ResetNotificationSettings", route: "PATCH /reset-notifications-settings", resource: anchorInPath, writes: true, do: resetNotices,
			takes: []member{id, must("notificationSettingKeys", raNoticeNames)}},
	}
}

func profileOperations() []operation {
	id := must("profileId", raID)
	return []operation{
		{name: "CreateProfile", route: "POST /profiles", resource: newTagged, status: http.StatusCreated, writes: true, do: createProfile,
			takes: []member{must("name", raName), may("requireInstanceProperties", shape{kind: truth}), may("sessionPolicy", shape{kind: text}), must("roleArns", raRoleARNs),
				may("managedPolicyArns", raPolicyARNs), may("durationSeconds", raSeconds), may("enabled", shape{kind: truth}), may("tags", raTags), may("acceptRoleSessionName", shape{kind: truth})}},
		{name: "GetProfile", route: "GET /profile/{profileId}", resource: profileInPath, do: getProfile, takes: []member{id}},
		{name: "ListProfiles", route: "GET /profiles", do: listProfiles, takes: raPage},
		{name: "UpdateProfile", route: "PATCH /profile/{profileId}", resource: profileInPath, writes: true, do: updateProfile,
			takes: []member{id, may("name", raName), may("sessionPolicy", shape{kind: text, min: 1, max: 100000}), may("roleArns", raRoleARNs),
				may("managedPolicyArns", raPolicyARNs), may("durationSeconds", raSeconds), may("acceptRoleSessionName", shape{kind: truth})}},
		{name: "DeleteProfile", route: "DELETE /profile/{profileId}", resource: profileInPath, writes: true, do: deleteProfile, takes: []member{id}},
		{name: "EnableProfile", route: "POST /profile/{profileId}/enable", resource: profileInPath, writes: true, do: switchProfile(true), takes: []member{id}},
		{name: "DisableProfile", route: "POST /profile/{profileId}/disable", resource: profileInPath, writes: true, do: switchProfile(false), takes: []member{id}},
		{name: "PutAttributeMapping", route: "PUT /profiles/{profileId}/mappings", resource: profileInPath, writes: true, do: putMapping,
			takes: []member{id, must("certificateField", raField), must("mappingRules", raRules)}},
		{name: "DeleteAttributeMapping", route: "DELETE /profiles/{profileId}/mappings", resource: profileInPath, writes: true, do: deleteMapping,
			takes: []member{id, must("certificateField", raField), may("specifiers", raSpecifiers)}},
	}
}

func crlOperations() []operation {
	id := must("crlId", raID)
	return []operation{
		{name: "ImportCrl", route: "POST /crls", resource: newTagged, status: http.StatusCreated, writes: true, do: importCRL,
			takes: []member{must("name", raName), must("crlData", raCRL), may("enabled", shape{kind: truth}), may("tags", raTags), must("trustAnchorArn", raAnchor)}},
		{name: "GetCrl", route: "GET /crl/{crlId}", resource: crlInPath, do: getCRL, takes: []member{id}},
		{name: "ListCrls", route: "GET /crls", do: listCRLs, takes: raPage},
		{name: "UpdateCrl", route: "PATCH /crl/{crlId}", resource: crlInPath, writes: true, do: updateCRL,
			takes: []member{id, may("name", raName), may("crlData", raCRL)}},
		{name: "DeleteCrl", route: "DELETE /crl/{crlId}", resource: crlInPath, writes: true, do: deleteCRL, takes: []member{id}},
		{name: "EnableCrl", route: "POST /crl/{crlId}/enable", resource: crlInPath, writes: true, do: switchCRL(true), takes: []member{id}},
		{name: "DisableCrl", route: "POST /crl/{crlId}/disable", resource: crlInPath, writes: true, do: switchCRL(false), takes: []member{id}},
	}
}

func raOtherOperations() []operation {
	return []operation{
		{name: "GetSubject", route: "GET /subject/{subjectId}", resource: subjectInPath, do: getSubject, takes: []member{must("subjectId", raID)}},
		{name: "ListSubjects", route: "GET /subjects", do: listSubjects, takes: raPage},
		{name: "ListTagsForResource", route: "GET /ListTagsForResource", resource: taggedResource, do: listTags, takes: []member{must("resourceArn", raAny)}},
		{name: "TagResource", route: "POST /TagResource", resource: taggedResource, status: http.StatusCreated, writes: true, do: tagResource,
			takes: []member{must("resourceArn", raAny), must("tags", raTags)}},
		{name: "UntagResource", route: "POST /UntagResource", resource: taggedResource, writes: true, do: untagResource,
			takes: []member{must("resourceArn", raAny), must("tagKeys", raTagKeys)}},
		{name: createSession, route: "POST /sessions", status: http.StatusCreated, writes: true, often: true, byCertificate: true, do: newSession, takes: sessionMembers()},
	}
}
