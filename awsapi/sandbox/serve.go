package sandbox

import (
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// maxBody is more than the largest request: a revocation list of 300 000 bytes
// in base64.
const maxBody = 1 << 20

// maxObject is the largest object, or part of one, that the sandbox's S3 takes at
// a time. The AWS CLI sends parts of 8 MiB.
const maxObject = 64 << 20

func bodyLimit(r *http.Request) int64 {
	if strings.Contains(r.Header.Get("Authorization"), "/s3/aws4_request") || r.URL.Query().Has("X-Amz-Signature") {
		return maxObject
	}
	return maxBody
}

// formType is the content type of the query protocol.
const formType = "application/x-www-form-urlencoded"

// ServeHTTP answers one request.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	now := s.now()
	s.mu.Unlock()
	w.Header().Set("Date", now.Format(http.TimeFormat)) // the sandbox's clock, not the machine's
	if !loopback(r.Host) {
		// A page in a browser can make its own name resolve to 127.0.0.1; the
		// Host header gives it away.
		http.Error(w, "the sandbox answers only to 127.0.0.1, localhost and [::1]", http.StatusForbidden)
		return
	}
	if strings.HasPrefix(r.URL.Path, statusPath) {
		s.control(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit(r)))
	c := s.receive(r, body, now)
	if err != nil {
		c.service.talk.refuse(w, c, refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "read request: %v", err))
		return
	}
	c.serve(w)
}

// receive makes a call of a request.
func (s *Sandbox) receive(r *http.Request, body []byte, now time.Time) *call {
	c := &call{Sandbox: s, request: r, body: body, now: now, region: s.cfg.Region}
	if strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-X509-") {
		c.proof = prove(r, body) // the dear part of a session, outside the lock
	}
	s.mu.Lock()
	defer s.mu.Unlock() // the source of randomness is shared
	c.id, c.account = s.uuid(), &s.state.account
	c.service = c.addressed()
	return c
}

// serve finds the operation, carries it out and answers; the weather has its
// say before or after.
func (c *call) serve(w http.ResponseWriter) {
	if no := c.choose(); no != nil {
		c.service.talk.refuse(w, c, no)
		return
	}
	c.fault = c.strike()
	if no := c.fault.before(c); no != nil {
		c.service.talk.refuse(w, c, no)
		return
	}
	v, no := c.carryOut()
	if lost := c.fault.after(c); lost != nil {
		no = lost
	}
	if no != nil {
		c.service.talk.refuse(w, c, no)
		return
	}
	c.service.talk.answer(w, c, max(c.op.status, http.StatusOK), v)
}

// choose finds the operation that the request asks for.
func (c *call) choose() *refusal {
	op, labels, name := c.service.pick(c.service, c.request, c.body)
	c.op, c.labels = op, labels
	switch {
	case op != nil:
		return nil
	case name == "GET /":
		// AWS documents this 404 as the test of the network path:
		// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/ip-access.html
		return refuse(http.StatusNotFound, "UnknownOperationException", "")
	}
	return notHere(c.service.title + " " + name)
}

// carryOut does the call and has its outcome on the disk before it returns.
func (c *call) carryOut() (any, *refusal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, no := c.attempt()
	c.record(no)
	if !c.op.writes {
		return v, no
	}
	save := c.save
	if c.op.often {
		save = c.saveSoon
	}
	if err := save(); err != nil {
		return nil, refuse(http.StatusInternalServerError, "InternalFailure", "keep the sandbox's state: %v", err)
	}
	for _, name := range c.gone {
		// The state no longer names it; a file that stays is only space.
		_ = c.cfg.Disk.Remove(c.blobPath(name))
	}
	return v, no
}

// attempt authenticates, checks the parameters, authorizes and does the call.
// A handler that refuses has changed nothing.
func (c *call) attempt() (any, *refusal) {
	if c.op.byCertificate {
		return c.op.do(c)
	}
	if no := c.authenticate(); no != nil {
		return nil, no
	}
	if no := c.read(); no != nil {
		return nil, no
	}
	if action := c.op.permission(c.service); action != "" {
		on := "*"
		if c.op.resource != nil {
			on = c.op.resource(c)
		}
		if no := c.allow(action, on, nil); no != nil {
			return nil, no
		}
	}
	return c.op.do(c)
}

// addressed tells the service: by the scope of the signature or, where there is
// none, by what the request looks like.
func (c *call) addressed() *service {
	h, name := c.request.Header, "rolesanywhere"
	if auth, ok := parseAuthorization(h.Get("Authorization")); ok {
		name, c.region = auth.service, auth.region
	} else if auth, _, ok := presignedIn(c.request); ok {
		name, c.region = auth.service, auth.region
	} else if h.Get("X-Amz-Target") != "" {
		name = "cloudtrail"
	} else if strings.HasPrefix(h.Get("Content-Type"), formType) {
		name = "sts"
	}
	for _, s := range c.services {
		if s.name == name {
			return s
		}
	}
	return unknownService(name, c.request)
}

// unknownService answers for a service that is not here, in the protocol that
// the request seems to speak.
func unknownService(name string, r *http.Request) *service {
	s := &service{name: name, title: name, talk: restJSON, pick: pickByRoute}
	if r.Header.Get("X-Amz-Target") != "" {
		s.talk, s.pick = targetJSON, pickByName(target)
	} else if strings.HasPrefix(r.Header.Get("Content-Type"), formType) {
		s.talk, s.pick = query, pickByName(formAction)
	}
	return s
}

func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	return host == "127.0.0.1" || host == "::1" || strings.EqualFold(host, "localhost")
}

// stamp is AWS's ISO 8601 to the second, in UTC.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
