package doctor

import (
	"fmt"
	"strings"
	"time"

	"anywhere/signer/refusals"
)

// networkChecks look at the way to AWS and at the clock.
func networkChecks() []Check {
	return []Check{
		{
			Code: "RA409", Group: GroupSession, Title: "Endpoint is of the anchor's Region", Needs: []Code{"RA209"}, Judge: endpointFits,
			Fault:  "The endpoint is not of the anchor's Region",
			Why:    "An endpoint of another Region or partition does not know the trust anchor. Endpoints end in amazonaws.com, in China in amazonaws.com.cn. An AWS_ENDPOINT_URL that was set for something else wins over the Region.",
			Fix:    "Take the endpoint away (AWS_ENDPOINT_URL_ROLESANYWHERE, AWS_ENDPOINT_URL, endpoint_url), or correct it.",
			Source: quotas,
		},
		{
			Code: "RA406", Group: GroupSession, Title: "Endpoint's name is known", Needs: []Code{"RA409"}, Judge: nameKnown,
			Fault:  "The endpoint's name is not known",
			Why:    "The host name rolesanywhere.REGION.amazonaws.com must resolve: \"no such host\" means a wrong Region in an ARN, no DNS on the way out, or an interface endpoint without private DNS.",
			Fix:    "Check the Region in the ARNs, then the name: nslookup rolesanywhere.REGION.amazonaws.com.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/vpc-interface-endpoints.html",
		},
		{
			Code: "RA407", Group: GroupSession, Title: "TLS goes through to AWS", Needs: []Code{"RA409", "RA406"}, Judge: tlsThrough,
			Fault:  "TLS does not go through to AWS",
			Why:    "A proxy that opens TLS shows a certificate of its own: \"self signed certificate in certificate chain\", \"unable to get local issuer certificate\", \"x509: certificate signed by unknown authority\", \"x509: OSStatus -26276\".",
			Fix:    "Give the company's CA to the program: AWS_CA_BUNDLE=FILE, or leave the endpoint out of the inspection.",
			Source: helperIssue + "71",
		},
		{
			Code: "RA413", Group: GroupSession, Title: "Interface endpoint, if any, lets this machine in", Needs: []Code{"RA409", "RA406", "RA407"}, Judge: endpointLetsIn,
			Fault:  "The interface endpoint does not let this machine in",
			Why:    "The endpoint's name leads to an address of a private network: an interface endpoint of a VPC with private DNS. It answers only to machines that have a way into the VPC, and that its security group lets in on port 443. Its endpoint policy does not concern CreateSession.",
			Fix:    "Let this machine's network in: security group of the endpoint, port 443; VPN or Direct Connect and its routes. Or have the name resolved publicly.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/vpc-interface-endpoints.html",
		},
		{
			Code: "RA402", Group: GroupSession, Title: "Endpoint answers", Needs: []Code{"RA406", "RA407", "RA413"}, Judge: endpointAnswers,
			Fault:  "The endpoint does not answer",
			Why:    "Without a way out to port 443 of the endpoint no session can be had. Firewalls drop in silence, so that programs hang.",
			Fix:    "Open the way to the endpoint, or set HTTPS_PROXY for this program and for the SDK; look at NO_PROXY, too.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/vpc-interface-endpoints.html",
		},
		{
			Code: "RA408", Group: GroupSession, Title: "It is AWS that answers", Needs: []Code{"RA402"}, Judge: awsAnswers,
			Fault:  "It is not AWS that answers",
			Why:    "A proxy or a captive portal answers with a page of its own. AWS's helper then says UnknownError, or \"invalid character '<' looking for beginning of value\".",
			Fix:    "Log in to the network or correct the proxy: curl -sI ENDPOINT should say 404 with x-amzn-RequestId.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/vpc-interface-endpoints.html",
		},
		{
			Code: "RA401", Group: GroupSession, Title: "Clock agrees with AWS", Refuses: true, Judge: clockAgrees,
			Fault:  "The clock disagrees with AWS",
			Why:    "The signature carries this machine's time. A clock that is some minutes off gives \"Invalid signature\", with no word about time; a time zone that is wrong is the same.",
			Fix:    "Set the clock: timedatectl set-ntp true, chronyc makestep; Windows: w32tm /resync.",
			Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html",
		},
		{
			Code: "RA405", Group: GroupSession, Title: "AWS is not asked too often", Judge: notThrottled,
			Fault:  "AWS is asked too often",
			Why:    "CreateSession may be called 10 times a second. The AWS CLI starts a credential_process at every command, so that scripts get \"Rate exceeded\" (ThrottlingException).",
			Fix:    "Keep sessions: anywhere serve, or a cache; add jitter; ask for a higher quota.",
			Source: quotas,
		},
	}
}

// sessionChecks look at the live attempt.
func sessionChecks() []Check {
	return []Check{
		{
			Code: "RA403", Group: GroupSession, Title: "AWS gives a session", Judge: sessionGiven,
			Fault:  "AWS refuses a session",
			Why:    "This is what everything is for: one CreateSession with this key and certificate. If nothing else explains a refusal, something on the way may change the request, such as a proxy.",
			Fix:    "Read AWS's sentence with anywhere explain; look at proxies that change headers.",
			Source: sessionsAPI,
		},
		{
			Code: "RA404", Group: GroupSession, Title: "Credentials are the expected role's", Needs: []Code{"RA403"}, Judge: expectedRole,
			Fault:  "The credentials are not those that were meant",
			Why:    "The session should be of the role and have the name and source identity that were meant.",
			Fix:    "Compare the role's ARN and the certificate with what was meant.",
			Source: sessionsAPI,
		},
		{
			Code: "RA412", Group: GroupSession, Title: "Control plane can be read", Judge: planeRead,
			Fault:  "The control plane cannot be read",
			Why:    "Trust anchor, Roles Anywhere profile and role are read with your AWS credentials, never with the session under test. Without permission the report is narrower.",
			Fix:    "Let the caller read: anywhere setup --print-policy doctor prints the least policy.",
			Source: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementrolesanywhere.html",
		},
	}
}

// network is the trouble of the way to AWS, of the attempt or of the probe.
func (p *Patient) network(kinds ...string) *Trouble {
	for _, t := range []*Trouble{p.Exchange.Session.Trouble, p.Exchange.Probe.Trouble} {
		for _, kind := range kinds {
			if t != nil && t.Kind == kind {
				return t
			}
		}
	}
	return nil
}

func (p *Patient) silent() bool { return !p.Exchange.Probe.Asked && !p.Exchange.Session.Asked }

func endpointFits(p *Patient) Finding {
	host := p.Exchange.Endpoint
	want := region(p.Target.TrustAnchorARN)
	if host == "" || want == "" {
		return skip("no endpoint is known")
	}
	_, after, amazon := strings.Cut(host, "rolesanywhere")
	if !amazon || !strings.Contains(host, ".amazonaws.") && !strings.Contains(host, ".api.aws") {
		return pass("it is not Amazon's own", Seen{"endpoint", host})
	}
	china := strings.HasPrefix(want, "cn-")
	switch {
	case !strings.Contains(after, "."+want+"."):
		return fail("it is of another Region", Seen{"endpoint", host}, Seen{"trust anchor's Region", want})
	case china != strings.Contains(after, ".com.cn"):
		return fail("it is of another partition", Seen{"endpoint", host}, Seen{"trust anchor's Region", want})
	}
	return pass("it is", Seen{"endpoint", host})
}

// reached judges one kind of trouble on the way.
func (p *Patient) onTheWay(healthy string, kinds ...string) Finding {
	if p.silent() {
		return skip("AWS was not asked")
	}
	if t := p.network(kinds...); t != nil && !p.got() {
		return fail(t.Says, Seen{"endpoint", p.Exchange.Endpoint}).with("", t.Fix)
	}
	if !p.Exchange.Probe.Asked && p.network(BadTLS) != nil {
		return skip("AWS was not asked")
	}
	return pass(healthy, Seen{"endpoint", p.Exchange.Endpoint})
}

func nameKnown(p *Patient) Finding { return p.onTheWay("it is", NameUnknown) }

func tlsThrough(p *Patient) Finding { return p.onTheWay("it does", BadTLS) }

func endpointAnswers(p *Patient) Finding {
	return p.onTheWay("it does", Unreachable, TimedOut)
}

// endpointLetsIn blames the private network that the name leads into.
func endpointLetsIn(p *Patient) Finding {
	if !p.Exchange.Private {
		return skip("the endpoint's name leads to no private network")
	}
	f := p.onTheWay("it does", Unreachable, TimedOut)
	f.Evidence = append(f.Evidence, Seen{"addresses", strings.Join(p.Exchange.Addresses, ", ")})
	return f
}

func awsAnswers(p *Patient) Finding {
	f := p.onTheWay("it does", NotAWS)
	probe := p.Exchange.Probe
	switch {
	case f.Verdict != Pass || p.got():
		return f
	case p.Exchange.Refused != nil && p.Exchange.Refused.Type == "" && p.Exchange.Refused.Message == "":
		return fail(fmt.Sprintf("an answer of HTTP %d is not in AWS's form", p.Exchange.Refused.Status), Seen{"endpoint", p.Exchange.Endpoint})
	case probe.Known() && !probe.Value.AWS && p.Exchange.Refused == nil:
		return fail("the answer is not in AWS's form", Seen{"HTTP status", fmt.Sprint(probe.Value.Status)}, Seen{"content type", probe.Value.Type})
	case !probe.Known() && p.Exchange.Refused == nil:
		return skip("nothing answered")
	}
	return f
}

// offset is AWS's clock minus ours. The Date header has whole seconds.
func (p *Patient) offset() (time.Duration, bool) {
	probe := p.Exchange.Probe
	if !probe.Known() || probe.Value.Date.IsZero() || probe.Value.Sent.IsZero() {
		return 0, false
	}
	return probe.Value.Date.Sub(probe.Value.Sent.Truncate(time.Second)), true
}

// clockAgrees allows what SigV4 allows, 5 minutes: nobody has published what
// Roles Anywhere does.
func clockAgrees(p *Patient) Finding {
	offset, known := p.offset()
	if !known {
		return p.untold("AWS's clock is not known")
	}
	how := "behind"
	if offset < 0 {
		how = "ahead"
	}
	seen := []Seen{{"AWS", stamp(p.Exchange.Probe.Value.Date)}, {"this machine", stamp(p.Exchange.Probe.Value.Sent)}}
	switch off := offset.Abs().Round(time.Second); {
	case off > 5*time.Minute:
		return fail(fmt.Sprintf("this machine's clock is %s %s", off, how), seen...)
	case off > 2*time.Minute:
		return warn(fmt.Sprintf("this machine's clock is %s %s; at 5 minutes AWS refuses", off, how), seen...)
	default:
		return pass(fmt.Sprintf("to %s", off), seen...)
	}
}

func notThrottled(p *Patient) Finding {
	if r := p.Exchange.Refused; r != nil && (p.refused(refusals.Throttled) || r.Status == 429 || strings.Contains(r.Type, "Throttling")) {
		return fail("AWS answers that the rate is exceeded", p.words())
	}
	if p.silent() {
		return skip("AWS was not asked")
	}
	return pass("it is not")
}

func sessionGiven(p *Patient) Finding {
	s := p.Exchange.Session
	switch {
	case s.Known():
		return pass("until "+stamp(s.Value.Expiration), Seen{"you are", s.Value.ARN}, Seen{"source identity", s.Value.SourceIdentity})
	case p.Offline || p.NoLive:
		return skip("no session was asked for")
	case p.Exchange.Refused != nil:
		r := p.Exchange.Refused
		seen := []Seen{p.words(), {"exception", r.Type}, {"HTTP status", fmt.Sprint(r.Status)}}
		if r.RequestID != "" {
			seen = append(seen, Seen{"request ID", r.RequestID})
		}
		if found := refusals.Matches(r.Message); len(found) > 0 {
			seen = append(seen, Seen{"means", found[0].Refusal.Means}, Seen{"can be", strings.Join(found[0].Refusal.Causes, ", ")})
		}
		if r.Status >= 500 {
			return fail("AWS failed by itself: the request was not judged", seen...).with("Try again in a minute. If it stays, look at the AWS Health Dashboard, and whether the endpoint is AWS's.", "")
		}
		return fail("AWS refused it", seen...)
	case s.Trouble != nil:
		return unknown("none could be tried: " + s.Trouble.Says)
	}
	return unknown("none could be tried")
}

func expectedRole(p *Patient) Finding {
	s := p.Exchange.Session
	if !s.Known() || p.leaf == nil {
		return skip("there is no session")
	}
	parts := strings.Split(part(s.Value.ARN, 5), "/")
	seen := []Seen{{"session", s.Value.ARN}, {"role wanted", p.Target.RoleARN}}
	if len(parts) != 3 || parts[1] != roleName(p.Target.RoleARN) || account(s.Value.ARN) != account(p.Target.RoleARN) {
		return fail("they are another role's", seen...)
	}
	if parts[2] != p.sessionName() {
		return warn("the session has another name", append(seen, Seen{"name wanted", p.sessionName()})...)
	}
	if s.Value.SourceIdentity != "" && s.Value.SourceIdentity != sourceIdentity(p.leaf) {
		return pass("they are; the source identity differs", Seen{"source identity", s.Value.SourceIdentity}, Seen{"expected", sourceIdentity(p.leaf)})
	}
	return pass("they are", seen...)
}

// planeRead is never a failure: what could not be read is unknown.
func planeRead(p *Patient) Finding {
	if p.Offline {
		return skip("not asked: offline")
	}
	if t := p.AWS.Trouble; t != nil {
		return unknown(t.Says).with("", t.Fix)
	}
	var missing []string
	for _, t := range []*Trouble{p.AWS.Caller.Trouble, p.AWS.Anchor.Trouble, p.AWS.Profile.Trouble, p.AWS.CRLs.Trouble, p.AWS.Role.Trouble, p.AWS.Policies.Trouble} {
		if t != nil && t.Kind != Missing {
			what := t.Missing
			if what == "" {
				what = t.Says
			}
			missing = append(missing, what)
		}
	}
	if len(missing) > 0 {
		return unknown("not all of it: "+strings.Join(missing, ", "), Seen{"caller", p.AWS.Caller.Value.ARN})
	}
	return pass("as "+p.AWS.Caller.Value.ARN, Seen{"caller", p.AWS.Caller.Value.ARN}, Seen{"credentials from", p.AWS.Caller.Value.Source})
}
