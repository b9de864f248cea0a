package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Request is one thing that somebody wants to do.
type Request struct {
	Principal Principal
	Action    string // sts:AssumeRole
	Resource  string // ARN, or * for actions without one
	Context   Context
}

// Decision is the answer to a [Request], with its reason.
type Decision struct {
	Allowed  bool
	Explicit bool   // a Deny statement decided; otherwise a denial is for want of an Allow
	Reason   string // one sentence, lower case, without full stop
	// Document, Statement and Sid name the statement that decided, counted from 0;
	// -1 if none did.
	Document, Statement int
	Sid                 string
	// Missed says, for each statement that did not apply, what in it did not fit.
	Missed []Miss
}

// Miss is one part of a statement that did not fit the request.
type Miss struct {
	Document, Statement int // counted from 0
	Sid                 string
	Effect              Effect
	Element             string // Principal, Action, Resource, one of these with Not before it, or Condition
	Operator, Key       string // of a Condition
	Want                []string
	Have                []string
	Absent              bool // the request has no such key
}

// Evaluate says whether the documents together allow a request: one Deny that
// applies beats every Allow, and without an Allow that applies the answer is no.
// A statement without Principal applies to everybody, so identity policies are
// those of the request's principal.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func Evaluate(req Request, docs ...Document) Decision {
	answer := Decision{Document: -1, Statement: -1}
	for i, doc := range docs {
		for j, s := range doc.Statements {
			misses := s.misses(req, doc.Version)
			switch {
			case len(misses) > 0:
				for _, miss := range misses {
					miss.Document, miss.Statement, miss.Sid, miss.Effect = i, j, s.Sid, s.Effect
					answer.Missed = append(answer.Missed, miss)
				}
			case s.Effect == Deny:
				return decided(Decision{Explicit: true, Document: i, Statement: j, Sid: s.Sid, Missed: answer.Missed}, req)
			case !answer.Allowed:
				answer.Allowed, answer.Document, answer.Statement, answer.Sid = true, i, j, s.Sid
			}
		}
	}
	return decided(answer, req)
}

// Within evaluates layers that must each allow the request, such as a role's
// permissions, its boundary and the session's policies. The first layer that
// does not allow it decides; a layer without documents limits nothing.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
func Within(req Request, layers ...[]Document) Decision {
	answer := Decision{Document: -1, Statement: -1, Reason: "no policy was given"}
	for _, layer := range layers {
		if len(layer) == 0 {
			continue
		}
		if answer = Evaluate(req, layer...); !answer.Allowed {
			return answer
		}
	}
	return answer
}

// misses lists what keeps the statement from applying. If the action is another
// one, nothing else is of interest.
func (s Statement) misses(req Request, version string) []Miss {
	if element, want, ok := s.coversAction(req.Action); !ok {
		return []Miss{{Element: element, Want: want, Have: []string{req.Action}}}
	}
	var list []Miss
	if s.Principal != nil && !s.Principal.matches(req.Principal) {
		list = append(list, Miss{Element: "Principal", Want: s.Principal.names(), Have: req.Principal.names()})
	}
	if s.NotPrincipal != nil && s.NotPrincipal.matches(req.Principal) {
		list = append(list, Miss{Element: "NotPrincipal", Want: s.NotPrincipal.names(), Have: req.Principal.names()})
	}
	if element, want, ok := s.coversResource(req, version); !ok {
		list = append(list, Miss{Element: element, Want: want, Have: []string{req.Resource}})
	}
	for _, c := range s.Conditions {
		if c.holds(req.Context, version) {
			continue
		}
		have, present := req.Context.values(c.Key)
		list = append(list, Miss{Element: "Condition", Operator: c.Operator, Key: c.Key,
			Want: c.Values, Have: have, Absent: !present})
	}
	return list
}

func (s Statement) coversAction(action string) (element string, want []string, ok bool) {
	covers := func(want string) bool { return actionMatches(want, action) }
	if s.NotActions != nil {
		return "NotAction", s.NotActions, !slices.ContainsFunc(s.NotActions, covers)
	}
	return "Action", s.Actions, slices.ContainsFunc(s.Actions, covers)
}

// coversResource holds for a statement without resources: a trust policy's
// resource is the role that carries it.
func (s Statement) coversResource(req Request, version string) (element string, want []string, ok bool) {
	covers := func(want string) bool {
		p, ok := req.Context.expand(want, version)
		return ok && p.asResource().matches(req.Resource)
	}
	switch {
	case s.NotResources != nil:
		return "NotResource", s.NotResources, !slices.ContainsFunc(s.NotResources, covers)
	case s.Resources != nil:
		return "Resource", s.Resources, slices.ContainsFunc(s.Resources, covers)
	}
	return "Resource", nil, true
}

// decided fills in the reason.
func decided(d Decision, req Request) Decision {
	asked := req.Action
	if req.Resource != "" && req.Resource != "*" {
		asked += " on " + req.Resource
	}
	switch {
	case d.Explicit:
		d.Reason = fmt.Sprintf("%s denies %s", place(d.Document, d.Statement, d.Sid), asked)
	case d.Allowed:
		d.Reason = fmt.Sprintf("%s allows %s", place(d.Document, d.Statement, d.Sid), asked)
	default:
		d.Reason = "no statement allows " + asked
		if near, ok := d.nearest(); ok {
			d.Reason += ": " + near.String()
		}
	}
	return d
}

// nearest is the first miss of an Allow statement whose action did fit: what a
// reader would look at first.
func (d Decision) nearest() (Miss, bool) {
	at := slices.IndexFunc(d.Missed, func(m Miss) bool {
		return m.Effect == Allow && m.Element != "Action" && m.Element != "NotAction"
	})
	if at < 0 {
		return Miss{}, false
	}
	return d.Missed[at], true
}

// String says in words what did not fit. It holds values of the policy and of
// the request as they are.
func (m Miss) String() string {
	what := m.Element
	if m.Element == "Condition" {
		what = m.Operator + " " + m.Key
	}
	have := strings.Join(m.Have, ", ")
	if m.Absent {
		have = "absent"
	}
	return fmt.Sprintf("%s wants %s %s; it is %s", place(m.Document, m.Statement, m.Sid), what, strings.Join(m.Want, ", "), have)
}

func place(document, statement int, sid string) string {
	text := fmt.Sprintf("statement %d", statement+1)
	if document > 0 {
		text += fmt.Sprintf(" of document %d", document+1)
	}
	if sid != "" {
		text += " (" + sid + ")"
	}
	return text
}
