package policy

// Service is the service principal that a role must trust.
const Service = "rolesanywhere.amazonaws.com"

// Restriction says which certificates of an anchor may use a role.
type Restriction string

// The restrictions. ByCA is none: every certificate of the anchor may.
const (
	ByCN     Restriction = "cn"
	ByOU     Restriction = "ou"
	BySANDNS Restriction = "san-dns"
	BySANURI Restriction = "san-uri"
	ByCA     Restriction = "ca"
)

// Restrictions lists them, the default first.
func Restrictions() []Restriction {
	return []Restriction{ByCN, ByOU, BySANDNS, BySANURI, ByCA}
}

// Tag returns the session tag that the restriction looks at, and the attribute
// mapping that makes Roles Anywhere set it: the certificate field and its
// specifier. All are empty for ByCA and for what is no restriction.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
func (r Restriction) Tag() (tag, field, specifier string) {
	switch r {
	case ByCN:
		return "x509Subject/CN", "x509Subject", "CN"
	case ByOU:
		return "x509Subject/OU", "x509Subject", "OU"
	case BySANDNS:
		return "x509SAN/DNS", "x509SAN", "DNS"
	case BySANURI:
		return "x509SAN/URI", "x509SAN", "URI"
	}
	return "", "", ""
}

// TrustSpec says whom a role is to trust.
type TrustSpec struct {
	Sid       string // as made by [Sid]
	AnchorARN string
	Account   string // twelve digits
	Restrict  Restriction
	Value     string // of the restricted attribute; unused for ByCA
}

// Sid is the Sid of the one statement that the set-up with this id owns: the
// word Anywhere and the id's first eight characters.
func Sid(id string) string { return "Anywhere" + id[:min(8, len(id))] }

// TrustPolicy is the trust policy of a new role: one statement.
func TrustPolicy(spec TrustSpec) Document {
	return Document{Version: Version, Statements: []Statement{TrustStatement(spec)}}
}

// TrustStatement lets Roles Anywhere use a role for one trust anchor.
//
// All three actions are needed, since the service always passes session tags and
// a source identity. The anchor and the account are named because Roles Anywhere
// acts for every customer and every anchor; names are compared for equality,
// because a pattern would let a certificate choose its name to fit.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func TrustStatement(spec TrustSpec) Statement {
	s := Statement{
		Sid:       spec.Sid,
		Effect:    Allow,
		Principal: &Principals{Services: []string{Service}},
		Actions:   TrustActions(),
		Conditions: []Condition{
			{"ArnEquals", "aws:SourceArn", []string{spec.AnchorARN}},
			{"StringEquals", "aws:SourceAccount", []string{spec.Account}},
		},
	}
	if tag, _, _ := spec.Restrict.Tag(); tag != "" {
		s.Conditions = append(s.Conditions, Condition{"StringEquals", "aws:PrincipalTag/" + tag, []string{literal(spec.Value)}})
	}
	return s
}

// TrustActions are the actions that Roles Anywhere asks of a role's trust policy
// for every session.
func TrustActions() []string {
	return []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}
}

// literal keeps a value from being read as a policy variable.
func literal(value string) string {
	var out []rune
	for _, r := range value {
		if r == '$' {
			out = append(out, []rune("${$}")...)
			continue
		}
		out = append(out, r)
	}
	return string(out)
}
