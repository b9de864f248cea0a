package sandbox

import (
	"net"
	"time"
)

// rate is how often a group of calls may come. Calls that are in no published
// group have none.
type rate struct {
	name      string
	perSecond float64
	key       func(*call) string // what AWS counts by, besides account and Region; nil if nothing
}

// rates are AWS's own.
// Sources: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/load-balancer-limits.html
// and https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
func rateOf(operation string) (rate, bool) {
	one := func(name string) (rate, bool) { return rate{name: name, perSecond: 1}, true }
	switch operation {
	case createSession:
		return rate{operation, 10, func(c *call) string {
			host, _, _ := net.SplitHostPort(c.request.RemoteAddr)
			return c.request.Header.Get("X-Amz-X509") + " " + host
		}}, true
	case "LookupEvents":
		return rate{name: operation, perSecond: 2}, true
	case "CreateTrustAnchor", "GetTrustAnchor", "ListTrustAnchors", "UpdateTrustAnchor", "DeleteTrustAnchor", "EnableTrustAnchor", "DisableTrustAnchor":
		return one("trust anchors")
	case "CreateProfile", "GetProfile", "ListProfiles", "UpdateProfile", "DeleteProfile", "EnableProfile", "DisableProfile":
		return one("profiles")
	case "GetSubject", "ListSubjects":
		return one("subjects")
	case "TagResource", "UntagResource", "ListTagsForResource":
		return one("tagging")
	case "ImportCrl", "GetCrl", "ListCrls", "UpdateCrl", "DeleteCrl", "EnableCrl", "DisableCrl":
		return one("CRLs")
	}
	return rate{}, false
}

// pail is a token bucket as it was at a time.
type pail struct {
	left float64
	at   time.Time
}

// inTime takes the call out of its group's bucket; false if the bucket is empty.
// A bucket holds one second's worth, since AWS publishes no burst.
func (c *call) inTime() bool {
	r, ok := rateOf(c.op.name)
	if !ok {
		return true
	}
	key := r.name + " " + c.countsFor() + " " + c.region
	if r.key != nil {
		key += " " + r.key(c)
	}
	p, seen := c.pails[key]
	if !seen {
		p = pail{r.perSecond, c.now}
	}
	p.left = min(r.perSecond, p.left+max(0, c.now.Sub(p.at).Seconds())*r.perSecond)
	p.at = c.now
	good := p.left >= 1
	if good {
		p.left--
	}
	if len(c.pails) >= mostKept {
		clear(c.pails)
	}
	c.pails[key] = p
	return good
}

// countsFor is the account whose limits the call counts against, before anybody has
// looked at its signature.
func (c *call) countsFor() string {
	if c.op.byCertificate {
		if no := c.readJSON(); no != nil {
			return ""
		}
		arn, _ := c.input["trustAnchorArn"].(string)
		c.input = nil // whether it is read into the events is decided later
		return accountOf(arn)
	}
	auth, ok := parseAuthorization(c.request.Header.Get("Authorization"))
	if !ok {
		return ""
	}
	who, _, _ := c.lookUp(auth.keyID, c.request.Header.Get("X-Amz-Security-Token"))
	return who.number()
}
