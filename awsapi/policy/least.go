package policy

import "fmt"

// Purpose is what somebody needs permissions for.
type Purpose string

// The purposes.
const (
	ForSetup    Purpose = "setup"
	ForTeardown Purpose = "teardown"
	ForDoctor   Purpose = "doctor"
)

// Purposes lists them.
func Purposes() []Purpose { return []Purpose{ForSetup, ForTeardown, ForDoctor} }

// Least returns the least identity policy for a purpose. Roles are limited to
// those whose name begins with anywhere-; a role, Roles Anywhere profile or trust
// anchor that somebody else made and that a set-up is to change needs more.
//
// Create and List calls of Roles Anywhere cannot be limited to a resource. Tags
// given at creation need TagResource; PassRole is asked for by CreateProfile,
// UpdateProfile and EnableProfile alike; the first anchor of an account needs the
// service-linked role.
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementrolesanywhere.html
func Least(purpose Purpose, account, region, partition string) (Document, error) {
	p := scope{account, region, partition}
	d := Document{Version: Version}
	switch purpose {
	case ForSetup:
		d.Statements = p.setup()
	case ForTeardown:
		d.Statements = p.teardown()
	case ForDoctor:
		d.Statements = p.doctor()
	default:
		return d, fmt.Errorf("print policy: no such purpose: %s", purpose)
	}
	return d, nil
}

// scope is where the permissions are for.
type scope struct{ account, region, partition string }

func (p scope) setup() []Statement {
	return []Statement{
		allow("WhoAmI", []string{"*"}, "sts:GetCallerIdentity"),
		allow("Create", []string{"*"}, actions("rolesanywhere", "CreateTrustAnchor", "CreateProfile",
			"ListTrustAnchors", "ListProfiles", "ListCrls")...),
		allow("Manage", p.objects(), actions("rolesanywhere", "GetTrustAnchor", "UpdateTrustAnchor",
			"EnableTrustAnchor", "PutNotificationSettings", "GetProfile", "UpdateProfile", "EnableProfile",
			"PutAttributeMapping", "TagResource", "ListTagsForResource")...),
		allow("Role", p.roles(), actions("iam", "CreateRole", "GetRole", "UpdateRole", "UpdateAssumeRolePolicy", "TagRole",
			"PutRolePolicy", "GetRolePolicy", "ListRolePolicies", "AttachRolePolicy", "ListAttachedRolePolicies")...),
		p.passRole(),
		p.serviceLinkedRole(),
		allow("LookAround", []string{"*"}, "iam:ListRoles", "iam:GetPolicy", "iam:GetPolicyVersion", "cloudtrail:LookupEvents"),
	}
}

func (p scope) teardown() []Statement {
	return []Statement{
		allow("WhoAmI", []string{"*"}, "sts:GetCallerIdentity"),
		allow("List", []string{"*"}, actions("rolesanywhere", "ListTrustAnchors", "ListProfiles", "ListCrls")...),
		allow("Remove", p.objects(), actions("rolesanywhere", "GetProfile", "DisableProfile", "DeleteProfile",
			"GetCrl", "DisableCrl", "DeleteCrl", "GetTrustAnchor", "DisableTrustAnchor", "DeleteTrustAnchor",
			"ListTagsForResource")...),
		allow("Role", p.roles(), actions("iam", "GetRole", "ListRolePolicies", "GetRolePolicy", "DeleteRolePolicy",
			"ListAttachedRolePolicies", "DetachRolePolicy", "ListInstanceProfilesForRole", "DeleteRole")...),
		allow("LookAround", []string{"*"}, "iam:ListRoles"),
	}
}

func (p scope) doctor() []Statement {
	return []Statement{
		allow("WhoAmI", []string{"*"}, "sts:GetCallerIdentity"),
		allow("RolesAnywhere", []string{"*"}, "rolesanywhere:Get*", "rolesanywhere:List*"),
		allow("Role", []string{fmt.Sprintf("arn:%s:iam::%s:role/*", p.partition, p.account)}, actions("iam", "GetRole",
			"GetRolePolicy", "ListRolePolicies", "ListAttachedRolePolicies")...),
		allow("LookAround", []string{"*"}, "iam:ListRoles", "iam:GetPolicy", "iam:GetPolicyVersion", "cloudtrail:LookupEvents"),
		allow("PrivateCA", []string{fmt.Sprintf("arn:%s:acm-pca:*:%s:certificate-authority/*", p.partition, p.account)},
			actions("acm-pca", "GetCertificateAuthorityCertificate", "DescribeCertificateAuthority")...),
	}
}

func (p scope) passRole() Statement {
	s := allow("Pass", p.roles(), "iam:PassRole")
	s.Conditions = []Condition{{"StringEquals", "iam:PassedToService", []string{Service}}}
	return s
}

func (p scope) serviceLinkedRole() Statement {
	s := allow("ServiceLinkedRole", []string{fmt.Sprintf("arn:%s:iam::%s:role/aws-service-role/%s/AWSServiceRoleForRolesAnywhere",
		p.partition, p.account, Service)}, "iam:CreateServiceLinkedRole")
	s.Conditions = []Condition{{"StringEquals", "iam:AWSServiceName", []string{Service}}}
	return s
}

// objects are the trust anchors, Roles Anywhere profiles and CRLs of the Region.
func (p scope) objects() []string {
	return []string{fmt.Sprintf("arn:%s:rolesanywhere:%s:%s:*", p.partition, p.region, p.account)}
}

// roles are those that a set-up makes, with and without a path.
func (p scope) roles() []string {
	base := fmt.Sprintf("arn:%s:iam::%s:role/", p.partition, p.account)
	return []string{base + "anywhere-*", base + "*/anywhere-*"}
}

func allow(sid string, resources []string, actions ...string) Statement {
	return Statement{Sid: sid, Effect: Allow, Actions: actions, Resources: resources}
}

func actions(service string, names ...string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = service + ":" + name
	}
	return list
}
