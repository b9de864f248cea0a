// Package awsapi is the part of AWS that the road and the doctor need, in our
// own nouns.
//
// Everything behind it is aws-sdk-go-v2; no type of the SDK leaves the package.
// What only looks at AWS takes a [Reader], so it cannot write; what changes AWS
// takes an [API]. The package decides nothing, retries what the SDK retries, and
// keeps AWS's own words and request ID in every error it returns.
//
// Every method's errors: a [*Refusal] for an answer of AWS ([ErrNotFound] and
// [ErrDenied] match by errors.Is), anything else when no answer came.
package awsapi

import "context"

// Identity says who is asking.
type Identity interface {
	// WhoAmI is sts:GetCallerIdentity.
	WhoAmI(ctx context.Context) (Caller, error)
}

// AnchorReader reads trust anchors.
type AnchorReader interface {
	Anchors(ctx context.Context) ([]Anchor, error)
	// Anchor takes an ARN or the ID at its end.
	Anchor(ctx context.Context, id string) (Anchor, error)
}

// AnchorWriter changes trust anchors. id is an ARN or the ID at its end.
type AnchorWriter interface {
	CreateAnchor(ctx context.Context, spec AnchorSpec) (Anchor, error)
	UpdateAnchorSource(ctx context.Context, id string, source AnchorSource) (Anchor, error)
	PutAnchorNotices(ctx context.Context, id string, notices []Notice) error
	EnableAnchor(ctx context.Context, id string) error
	DisableAnchor(ctx context.Context, id string) error
	DeleteAnchor(ctx context.Context, id string) error
}

// ProfileReader reads Roles Anywhere profiles.
type ProfileReader interface {
	Profiles(ctx context.Context) ([]Profile, error)
	Profile(ctx context.Context, id string) (Profile, error)
}

// ProfileWriter changes Roles Anywhere profiles. id is an ARN or the ID at its
// end.
type ProfileWriter interface {
	CreateProfile(ctx context.Context, spec ProfileSpec) (Profile, error)
	// UpdateProfileRoles replaces the list of roles and nothing else.
	UpdateProfileRoles(ctx context.Context, id string, roleARNs []string) (Profile, error)
	// PutAttributeMapping replaces the rules of one certificate field.
	PutAttributeMapping(ctx context.Context, id string, mapping AttributeMapping) (Profile, error)
	EnableProfile(ctx context.Context, id string) error
	DisableProfile(ctx context.Context, id string) error
	DeleteProfile(ctx context.Context, id string) error
}

// CRLReader reads the certificate revocation lists of trust anchors.
type CRLReader interface {
	CRLs(ctx context.Context) ([]CRL, error)
}

// CRLWriter changes certificate revocation lists. id is an ARN or the ID at its
// end.
type CRLWriter interface {
	// ImportCRL makes a list; a trust anchor has at most two.
	ImportCRL(ctx context.Context, spec CRLSpec) (CRL, error)
	// UpdateCRL replaces the data of a list and nothing else.
	UpdateCRL(ctx context.Context, id string, data []byte) (CRL, error)
	EnableCRL(ctx context.Context, id string) error
	DisableCRL(ctx context.Context, id string) error
	DeleteCRL(ctx context.Context, id string) error
}

// SubjectReader reads whom Roles Anywhere has seen; AWS allows about one such call
// a second.
type SubjectReader interface {
	// Subjects lists everybody, without their attempts.
	Subjects(ctx context.Context) ([]Subject, error)
	// Subject takes an ARN or the ID at its end, and has the attempts.
	Subject(ctx context.Context, id string) (Subject, error)
}

// PrivateCAReader reads the certificate of an AWS Private CA.
type PrivateCAReader interface {
	PrivateCA(ctx context.Context, arn string) (PrivateCA, error)
}

// Tags reads the tags of a Roles Anywhere resource; AWS allows about one such
// call a second. The tags of a role come with [RoleReader.Role].
type Tags interface {
	Tags(ctx context.Context, arn string) (map[string]string, error)
}

// RoleReader reads IAM roles. name is the role's name, without path.
type RoleReader interface {
	// Role is complete: trust policy, tags, permissions boundary, last use.
	Role(ctx context.Context, name string) (Role, error)
	// Roles lists every role of the account, without tags and last use, as
	// iam:ListRoles does.
	Roles(ctx context.Context) ([]Role, error)
	// InlinePolicies returns the documents of the role's own policies by name.
	InlinePolicies(ctx context.Context, name string) (map[string]string, error)
	// AttachedPolicies returns the ARNs of the managed policies of the role.
	AttachedPolicies(ctx context.Context, name string) ([]string, error)
	// ManagedPolicy returns the default version's document.
	ManagedPolicy(ctx context.Context, arn string) (string, error)
	// InstanceProfiles returns the names of the instance profiles that hold the
	// role; IAM refuses to delete the role while there are any.
	InstanceProfiles(ctx context.Context, name string) ([]string, error)
}

// RoleWriter changes IAM roles.
type RoleWriter interface {
	CreateRole(ctx context.Context, spec RoleSpec) (Role, error)
	UpdateTrustPolicy(ctx context.Context, name, document string) error
	// UpdateMaxSession sets MaxSessionDuration, in seconds, 3600 to 43200.
	UpdateMaxSession(ctx context.Context, name string, seconds int) error
	PutRolePolicy(ctx context.Context, name, policy, document string) error
	DeleteRolePolicy(ctx context.Context, name, policy string) error
	AttachRolePolicy(ctx context.Context, name, policyARN string) error
	DetachRolePolicy(ctx context.Context, name, policyARN string) error
	DeleteRole(ctx context.Context, name string) error
}

// Trail reads CloudTrail's event history (the last 90 days, two calls a second).
type Trail interface {
	Events(ctx context.Context, query EventQuery) ([]Event, error)
}

// Buckets is the probe of a session that may list buckets.
type Buckets interface {
	Buckets(ctx context.Context) ([]string, error)
}

// Reader is everything that can be asked without changing anything.
type Reader interface {
	Identity
	AnchorReader
	ProfileReader
	CRLReader
	SubjectReader
	PrivateCAReader
	RoleReader
	Tags
	Trail
	Buckets
}

// Writer is everything that changes something.
type Writer interface {
	AnchorWriter
	ProfileWriter
	CRLWriter
	RoleWriter
}

// API is the whole.
type API interface {
	Reader
	Writer
}
