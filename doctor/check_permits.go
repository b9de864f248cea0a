package doctor

import (
	"maps"
	"slices"
	"strings"

	"anywhere/awsapi/policy"
)

// permitChecks look at what a session may do once it is there.
func permitChecks() []Check {
	return []Check{{
		Code: "RA312", Group: GroupRole, Title: "Role may do something", Needs: []Code{"RA300", "RA308", "RA212"}, Judge: mayDoSomething,
		Fault:  "The role may do nothing",
		Why:    "Whatever no policy allows is denied. A session of a role without permissions is given all the same, and may ask who it is; everything else is \"not authorized to perform\".",
		Fix:    "Give the role its permissions: aws iam attach-role-policy --role-name ROLE --policy-arn POLICY, or aws iam put-role-policy.",
		Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html",
	}}
}

// mayDoSomething knows of our own roles whether they were given permissions: to
// have none is the wizard's default. Of other roles without policies it cannot
// know, since the policy of a resource may name them.
func mayDoSomething(p *Patient) Finding {
	if !p.AWS.Role.Known() || !p.AWS.Policies.Known() {
		return p.untoldQuietly()
	}
	names := slices.Sorted(maps.Keys(p.AWS.Policies.Value))
	docs := p.permissions()
	if len(docs) < len(names) {
		return skip("a policy of the role is not understood")
	}
	seen := []Seen{{"role", p.Target.RoleARN}, {"policies", strings.Join(names, ", ")}}
	switch {
	case len(names) == 0 && p.Ours != nil && p.Ours.Permits != "":
		return p.permitsGone()
	case len(names) == 0 && p.Ours != nil && p.Ours.RoleID != "":
		return pass("no more than ask who it is, as it was set up")
	case len(names) == 0:
		return skip("the role has no policy: it may do what policies of resources let it do, and they are not looked at")
	case closed(docs):
		return fail("its policies allow nothing", seen...)
	case p.nothingInCommon():
		return fail("nothing is allowed by its policies, its permissions boundary and the session policies at once", seen...)
	}
	return pass("it may", seen[1:]...)
}

func (p *Patient) permitsGone() Finding {
	role, given := roleName(p.Target.RoleARN), p.Ours.Permits
	command := "aws iam put-role-policy --role-name " + quoted(role) + " --policy-name " + quoted(given) + " --policy-document file://policy.json"
	if strings.HasPrefix(given, "arn:") {
		command = "aws iam attach-role-policy --role-name " + quoted(role) + " --policy-arn " + quoted(given)
	}
	return fail("the permissions that it was set up with are gone", Seen{"role", p.Target.RoleARN}, Seen{"it had", given}, Seen{"policies", "none"}).
		with("Find out who took them away, then give the role its policy again.", command)
}

// nothingInCommon says that three layers, of which any two leave something, leave
// nothing together.
func (p *Patient) nothingInCommon() bool {
	boundary, session := p.AWS.Role.Value.PermissionsBoundary, p.AWS.Profile.Value
	layers := p.layers()
	if len(layers) < 3 || boundary == "" || !p.limitsKnown(append(slices.Clone(session.ManagedPolicyARNs), boundary)) {
		return false
	}
	all := slices.Concat(layers...)
	return !slices.ContainsFunc(requests(all, all, p.sessionFacts()), func(want policy.Request) bool {
		return !slices.ContainsFunc(layers, func(layer []policy.Document) bool { return !policy.Evaluate(want, layer...).Allowed })
	})
}

func (p *Patient) limitsKnown(arns []string) bool {
	return !slices.ContainsFunc(arns, func(arn string) bool { _, known := p.AWS.Limits.Value[arn]; return !known })
}
