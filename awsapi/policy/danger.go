package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Dangerous says whether an identity policy gives so much away that its name
// ought to be typed before it is attached: every action, all of IAM, a pattern
// that covers one of the calls with which a caller gives himself any permission,
// or every role that trusts the account. reason is one phrase.
//
// Conditions are not taken into account: they may or may not narrow it.
func Dangerous(d Document) (reason string, dangerous bool) {
	for _, s := range d.Statements {
		if s.Effect != Allow {
			continue
		}
		if s.NotActions != nil {
			return "it allows everything but " + strings.Join(s.NotActions, ", "), true
		}
		for _, action := range s.Actions {
			if reason := s.dangerOf(action); reason != "" {
				return reason, true
			}
		}
	}
	return "", false
}

func (s Statement) dangerOf(action string) string {
	switch strings.ToLower(strings.Trim(action, "*")) {
	case "", ":":
		return "it allows every action of every service"
	case "iam:":
		return "it allows every action of IAM"
	}
	if actionMatches(action, "sts:AssumeRole") && s.reachesAnyRole() {
		return "it allows sts:AssumeRole on every role that lets it in"
	}
	if !strings.ContainsAny(action, "*?") {
		return ""
	}
	for _, escalation := range escalations() {
		if actionMatches(action, escalation) {
			return fmt.Sprintf("%s covers %s, which gives any permission", action, escalation)
		}
	}
	return ""
}

// reachesAnyRole asks for a role that nobody has named.
func (s Statement) reachesAnyRole() bool {
	if s.NotResources != nil {
		return true
	}
	return slices.ContainsFunc(s.Resources, func(resource string) bool {
		if resource == "*" {
			return true
		}
		_, name, found := strings.Cut(resource, ":role/")
		return strings.HasSuffix(resource, ":*") || found && strings.Trim(name, "*") == ""
	})
}

// escalations are calls with which a principal raises its own permissions.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
// and https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
// (access level Permissions management)
func escalations() []string {
	return []string{
		"iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy",
		"iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:PassRole",
		"iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy", "iam:SetDefaultPolicyVersion",
		"iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile",
	}
}
