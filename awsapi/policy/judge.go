package policy

// Policies are all that IAM looks at when somebody of an account asks for
// something in the same account.
type Policies struct {
	Identity []Document // of the user, or of the session's role
	Resource []Document // of the thing asked for: a bucket policy
	// Boundary and Session limit what the others allow. nil means that there is
	// none; one without a document that allows anything allows nothing.
	Boundary, Session []Document
}

// Kind is one kind of policy, as IAM's refusals call it.
type Kind string

// The kinds.
const (
	IdentityPolicy Kind = "identity-based policy"
	ResourcePolicy Kind = "resource-based policy"
	Boundary       Kind = "permissions boundary"
	SessionPolicy  Kind = "session policy"
)

// Verdict is a [Decision] and the kind of policy that made it.
type Verdict struct {
	Decision
	Kind Kind
}

// Judge decides as IAM does within one account: a Deny anywhere decides; then an
// Allow must come from the identity's or the resource's policies, and every limit
// must allow it too. A resource's policy that names the user or the session
// itself needs no other Allow and is not limited; one that names the session's
// role is limited but needs no other Allow; one that names the whole account only
// leaves the decision to the identity's policies.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func (p Policies) Judge(req Request) Verdict {
	layers := []struct {
		kind Kind
		docs []Document
	}{{IdentityPolicy, p.Identity}, {ResourcePolicy, p.Resource}, {Boundary, p.Boundary}, {SessionPolicy, p.Session}}
	decisions := map[Kind]Decision{}
	for _, l := range layers {
		d := Evaluate(req, l.docs...)
		if d.Explicit {
			return Verdict{d, l.kind}
		}
		decisions[l.kind] = d
	}
	self := req
	self.Principal.Account, self.Principal.Role = "", ""
	if d := Evaluate(self, named(p.Resource)...); d.Allowed {
		return Verdict{d, ResourcePolicy}
	}
	role := req
	role.Principal.Account = ""
	allowed, by := decisions[IdentityPolicy], IdentityPolicy
	if d := Evaluate(role, p.Resource...); !allowed.Allowed && d.Allowed {
		allowed, by = d, ResourcePolicy
	}
	if !allowed.Allowed {
		return Verdict{allowed, IdentityPolicy}
	}
	if p.Boundary != nil && !decisions[Boundary].Allowed {
		return Verdict{decisions[Boundary], Boundary}
	}
	if p.Session != nil && !decisions[SessionPolicy].Allowed {
		return Verdict{decisions[SessionPolicy], SessionPolicy}
	}
	return Verdict{allowed, by}
}

// named leaves out of documents the statements that allow everybody, which do
// not lift limits: only naming somebody does.
func named(docs []Document) []Document {
	out := make([]Document, len(docs))
	for i, d := range docs {
		out[i] = Document{Version: d.Version, ID: d.ID}
		for _, s := range d.Statements {
			if s.Principal != nil && !s.Principal.Everyone {
				narrow := *s.Principal
				narrow.AWS = nil
				for _, name := range s.Principal.AWS {
					if name != "*" {
						narrow.AWS = append(narrow.AWS, name)
					}
				}
				s.Principal = &narrow
				out[i].Statements = append(out[i].Statements, s)
			}
		}
	}
	return out
}
