package sandbox

import (
	"net/http"
	"strings"
)

// service is one AWS service: how it talks and what it can do.
type service struct {
	name       string // as in the signature's scope, in IAM actions and in <name>.amazonaws.com
	title      string // as AWS's error texts and our 501 call it
	namespace  string // of XML answers
	talk       protocol
	operations []operation
	// pick finds the operation that a request asks for. name is what to call the
	// request when there is no such operation.
	pick func(s *service, r *http.Request, body []byte) (op *operation, labels map[string]string, name string)
}

// operation is one API call.
type operation struct {
	name   string
	route  string // METHOD /path/{label}, for REST; empty elsewhere
	action string // what IAM must allow; empty means service:name, "-" means nothing
	// resource is what IAM must allow it on; nil means *.
	resource func(*call) string
	status   int  // of success; 0 means 200
	writes   bool // the state is on the disk before the answer goes out
	often    bool // it comes so often that what it records may wait a moment
	raw      bool // its body is no list of parameters
	data     bool // an event of data, which the event history does not hold
	// byCertificate marks the one call whose caller shows a certificate instead
	// of a key; it checks everything itself.
	byCertificate bool
	takes         []member // its parameters
	do            func(*call) (any, *refusal)
}

// permission returns the IAM action that the operation needs, or "".
func (o *operation) permission(s *service) string {
	switch o.action {
	case "":
		return s.name + ":" + o.name
	case "-":
		return ""
	}
	return o.action
}

// services lists all that is here.
func services() []*service {
	return []*service{rolesAnywhere(), iam(), sts(), s3(), cloudTrail()}
}

// pickByRoute is the way of REST: method and path.
func pickByRoute(s *service, r *http.Request, _ []byte) (*operation, map[string]string, string) {
	for i := range s.operations {
		op := &s.operations[i]
		method, pattern, _ := strings.Cut(op.route, " ")
		if method != r.Method {
			continue
		}
		if labels, ok := match(pattern, r.URL.Path); ok {
			return op, labels, op.name
		}
	}
	return nil, nil, r.Method + " " + r.URL.Path
}

// pickByName is the way of the other protocols; name says where the name is.
func pickByName(name func(*http.Request, []byte) string) func(*service, *http.Request, []byte) (*operation, map[string]string, string) {
	return func(s *service, r *http.Request, body []byte) (*operation, map[string]string, string) {
		wanted := name(r, body)
		for i := range s.operations {
			if s.operations[i].name == wanted {
				return &s.operations[i], nil, wanted
			}
		}
		return nil, nil, wanted
	}
}

// match compares a path with a pattern such as /profile/{profileId}/enable.
func match(pattern, path string) (labels map[string]string, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	labels = map[string]string{}
	for i, part := range want {
		if name, isLabel := strings.CutPrefix(part, "{"); isLabel {
			labels[strings.TrimSuffix(name, "}")] = got[i]
		} else if part != got[i] {
			return nil, false
		}
	}
	return labels, true
}
