package policy

import (
	"bytes"
	"encoding/json"
	"strings"
)

// JSON returns the document as JSON, indented by two blanks and ending without a
// newline. The same document always gives the same bytes: elements in the order
// of the grammar, conditions and lists in their own, a list of one as a string.
func (d Document) JSON() string {
	var out bytes.Buffer
	// Indent cannot refuse what the lines below build.
	_ = json.Indent(&out, []byte(d.compact()), "", "  ")
	return out.String()
}

// Compact returns the document as JSON without blanks: IAM counts no blanks
// against its limits, but shells and header fields do.
func (d Document) Compact() string { return d.compact() }

func (d Document) compact() string {
	var doc fields
	doc.text("Version", d.Version)
	doc.text("Id", d.ID)
	list := make([]string, len(d.Statements))
	for i, s := range d.Statements {
		list[i] = s.compact()
	}
	doc.raw("Statement", "["+strings.Join(list, ",")+"]")
	return doc.object()
}

// JSON returns the statement alone, without blanks.
func (s Statement) JSON() string { return s.compact() }

func (s Statement) compact() string {
	var f fields
	f.text("Sid", s.Sid)
	f.text("Effect", string(s.Effect))
	f.principals("Principal", s.Principal)
	f.principals("NotPrincipal", s.NotPrincipal)
	f.list("Action", s.Actions)
	f.list("NotAction", s.NotActions)
	f.list("Resource", s.Resources)
	f.list("NotResource", s.NotResources)
	if len(s.Conditions) > 0 {
		f.raw("Condition", compactConditions(s.Conditions))
	}
	return f.object()
}

// compactConditions brings the keys of one operator together, since an operator
// may stand only once in a Condition.
func compactConditions(conditions []Condition) string {
	var operators []string
	keys := map[string]*fields{}
	for _, c := range conditions {
		if keys[c.Operator] == nil {
			operators = append(operators, c.Operator)
			keys[c.Operator] = &fields{}
		}
		keys[c.Operator].list(c.Key, c.Values)
	}
	var f fields
	for _, operator := range operators {
		f.raw(operator, keys[operator].object())
	}
	return f.object()
}

// fields are the members of a JSON object in their order.
type fields []string

func (f *fields) raw(name, value string) { *f = append(*f, quote(name)+":"+value) }

func (f *fields) text(name, value string) {
	if value != "" {
		f.raw(name, quote(value))
	}
}

func (f *fields) list(name string, values []string) {
	if values == nil {
		return
	}
	if len(values) == 1 {
		f.raw(name, quote(values[0]))
		return
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	f.raw(name, "["+strings.Join(quoted, ",")+"]")
}

func (f *fields) principals(name string, p *Principals) {
	switch {
	case p == nil:
	case p.Everyone:
		f.raw(name, `"*"`)
	default:
		var kinds fields
		kinds.list("AWS", p.AWS)
		kinds.list("Service", p.Services)
		kinds.list("Federated", p.Federated)
		kinds.list("CanonicalUser", p.Canonical)
		f.raw(name, kinds.object())
	}
}

func (f fields) object() string { return "{" + strings.Join(f, ",") + "}" }

// quote is a JSON string in which < > and & stay readable.
func quote(s string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string always encodes
	return strings.TrimSuffix(out.String(), "\n")
}
