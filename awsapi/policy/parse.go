package policy

import "fmt"

// MalformedError says why a text is no policy document. IAM answers such a text
// with the error code MalformedPolicyDocument.
type MalformedError struct {
	// Reason is IAM's own sentence where one is known for the fault.
	Reason string
}

func (e *MalformedError) Error() string { return "read policy document: " + e.Reason }

func malformed(format string, args ...any) error {
	return &MalformedError{Reason: fmt.Sprintf(format, args...)}
}

// Parse reads a policy document of any kind: trust, identity or session policy.
// It refuses what IAM's grammar refuses: unknown elements and operators,
// elements given twice or missing, pairs that exclude each other. What only one
// kind of policy forbids is for [CheckTrust] and [CheckIdentity].
//
// The error is a *[MalformedError].
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func Parse(data []byte) (Document, error) {
	root, err := parseTree(data)
	if err != nil {
		return Document{}, malformed("Syntax errors in policy. (%v)", err)
	}
	if root.kind != object {
		return Document{}, malformed("Syntax errors in policy. (not a JSON object)")
	}
	return documentOf(root)
}

func documentOf(root *node) (Document, error) {
	var d Document
	for _, m := range root.members {
		var err error
		switch m.name {
		case "Version":
			d.Version, err = textOf(m)
			if err == nil && d.Version != Version && d.Version != "2008-10-17" {
				err = malformed("The policy must contain a valid version string")
			}
		case "Id":
			d.ID, err = textOf(m)
		case "Statement":
			d.Statements, err = statementsOf(m.value)
		default:
			err = malformed("Unknown field %s", m.name)
		}
		if err != nil {
			return Document{}, err
		}
	}
	if len(d.Statements) == 0 {
		return Document{}, malformed("Missing required field Statement")
	}
	return d, nil
}

// statementsOf takes one statement or a list of them: IAM allows both.
func statementsOf(n *node) ([]Statement, error) {
	items := n.items
	if n.kind == object {
		items = []*node{n}
	}
	var list []Statement
	for _, item := range items {
		s, err := statementOf(item)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func statementOf(n *node) (Statement, error) {
	var s Statement
	if n.kind != object {
		return s, malformed("Syntax errors in policy. (a statement is not an object)")
	}
	for _, m := range n.members {
		if err := s.take(m); err != nil {
			return s, err
		}
	}
	return s, s.check()
}

func (s *Statement) take(m member) (err error) {
	switch m.name {
	case "Sid":
		s.Sid, err = textOf(m)
	case "Effect":
		var effect string
		effect, err = textOf(m)
		s.Effect = Effect(effect)
	case "Principal":
		s.Principal, err = principalsOf(m)
	case "NotPrincipal":
		s.NotPrincipal, err = principalsOf(m)
	case "Action":
		s.Actions, err = textsOf(m)
	case "NotAction":
		s.NotActions, err = textsOf(m)
	case "Resource":
		s.Resources, err = textsOf(m)
	case "NotResource":
		s.NotResources, err = textsOf(m)
	case "Condition":
		s.Conditions, err = conditionsOf(m)
	default:
		err = malformed("Unknown field %s", m.name)
	}
	return err
}

func principalsOf(m member) (*Principals, error) {
	if m.value.kind == str && m.value.text == "*" {
		return &Principals{Everyone: true}, nil
	}
	if m.value.kind != object || len(m.value.members) == 0 {
		return nil, malformed("Invalid principal in policy: %s must be \"*\" or an object", m.name)
	}
	var p Principals
	for _, kind := range m.value.members {
		names, err := textsOf(kind)
		if err != nil {
			return nil, err
		}
		switch kind.name {
		case "AWS":
			p.AWS = names
		case "Service":
			p.Services = names
		case "Federated":
			p.Federated = names
		case "CanonicalUser":
			p.Canonical = names
		default:
			return nil, malformed("Invalid principal in policy: unknown kind %s", kind.name)
		}
	}
	return &p, nil
}

func conditionsOf(m member) ([]Condition, error) {
	if m.value.kind != object {
		return nil, malformed("Syntax errors in policy. (Condition is not an object)")
	}
	var list []Condition
	for _, operator := range m.value.members {
		if _, ok := operatorOf(operator.name); !ok {
			return nil, malformed("Invalid Condition type : %s", operator.name)
		}
		if operator.value.kind != object {
			return nil, malformed("Syntax errors in policy. (%s is not an object)", operator.name)
		}
		for _, key := range operator.value.members {
			values, err := scalarsOf(key)
			if err != nil {
				return nil, err
			}
			list = append(list, Condition{operator.name, key.name, values})
		}
	}
	return list, nil
}

func textOf(m member) (string, error) {
	if m.value.kind != str {
		return "", malformed("Syntax errors in policy. (%s is not a string)", m.name)
	}
	return m.value.text, nil
}

// textsOf takes one string or a list of them.
func textsOf(m member) ([]string, error) {
	items := []*node{m.value}
	if m.value.kind == array {
		items = m.value.items
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		if item.kind != str {
			return nil, malformed("Syntax errors in policy. (%s holds something that is not a string)", m.name)
		}
		list = append(list, item.text)
	}
	return list, nil
}

// scalarsOf takes one value or a list of values of a condition key. The grammar
// allows numbers and booleans without quotation marks.
func scalarsOf(m member) ([]string, error) {
	items := []*node{m.value}
	if m.value.kind == array {
		items = m.value.items
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		if item.kind != str && item.kind != number && item.kind != boolean {
			return nil, malformed("Syntax errors in policy. (%s holds something that is no value)", m.name)
		}
		list = append(list, item.text)
	}
	return list, nil
}
