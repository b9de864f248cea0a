// Package policy reads, writes and judges IAM policy documents: the trust policy
// of a role, its permissions and the session policy of a Roles Anywhere profile.
//
// [Parse] makes a [Document] of JSON, [Evaluate] says whether documents allow a
// request and why, [TrustPolicy] and [Least] build the documents that a set-up
// needs, [WithStatement] and [WithoutStatement] edit a document that belongs to
// somebody else without touching the rest of it.
//
// It is a model of IAM's documented language, not of IAM: it knows no service
// control policies, no resource policies other than those it is given, and it
// asks nobody. What the caller does not put into the request's context is absent.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html
package policy

// Version is the version of the policy language in which variables work. A
// document without a version counts as 2008-10-17.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const Version = "2012-10-17"

// Effect is Allow or Deny.
type Effect string

// The effects; their case matters.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Document is one policy document.
type Document struct {
	Version    string // 2012-10-17, 2008-10-17 or empty
	ID         string
	Statements []Statement
}

// Statement is one statement of a document. Of each pair X and NotX at most one
// is set.
type Statement struct {
	Sid          string
	Effect       Effect
	Principal    *Principals // nil in identity policies
	NotPrincipal *Principals
	Actions      []string
	NotActions   []string
	Resources    []string // nil in trust policies
	NotResources []string
	Conditions   []Condition // all must hold
}

// Principals are the principals of a statement, any of which may match.
type Principals struct {
	Everyone  bool     // "Principal": "*"
	AWS       []string // ARNs, account numbers or *
	Services  []string // service principals such as rolesanywhere.amazonaws.com
	Federated []string
	Canonical []string // canonical user IDs of S3
}

// Condition is one key under one operator. Any of Values may match; for a
// negated operator none may.
type Condition struct {
	Operator string // with its prefix and suffix: ForAnyValue:StringLikeIfExists
	Key      string // as written; keys are compared without regard to case
	Values   []string
}

// Statement returns the statement with the given Sid.
func (d Document) Statement(sid string) (Statement, bool) {
	for _, s := range d.Statements {
		if s.Sid == sid {
			return s, true
		}
	}
	return Statement{}, false
}
