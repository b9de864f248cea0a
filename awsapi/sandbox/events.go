package sandbox

import (
	"encoding/json"
	"maps"
	"net"
	"slices"
	"time"

	"anywhere/awsapi/policy"
)

// maxEvents keeps state.json small; AWS keeps 90 days.
const maxEvents = 200

// iamRegion is where the events of global services are.
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
const iamRegion = "us-east-1"

// fields are a part of a CloudTrail record.
type fields map[string]any

// record writes down what happened. Calls that nobody is known to have made
// leave no event.
func (c *call) record(no *refusal) {
	switch {
	case c.account == nil: // of a trust anchor in an account that is not there
		return
	case c.op.byCertificate:
		c.recordSession(no)
		return
	case c.caller.keyID == "" || c.op.data:
		return
	}
	e := &event{Name: c.op.name, Source: c.service.name + ".amazonaws.com", Region: c.region, AccessKeyID: c.caller.keyID,
		ReadOnly: !c.op.writes || c.op.name == "AssumeRole", Username: c.caller.name(), Resources: c.concerned()}
	if c.service.name == "iam" {
		e.Region = iamRegion
	}
	f := c.common(no)
	f["userIdentity"] = c.identity()
	f["requestParameters"] = c.requestParameters()
	f["responseElements"] = c.responseElements(no)
	if s := c.issued; s != nil && no == nil && s.Account != c.account.Number {
		c.recordThere(*e, f, s.Account)
	}
	c.keep(e, f)
}

// recordThere writes the twin of an event into the account of the role that was
// assumed from another one.
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html (sharedEventID)
func (c *call) recordThere(e event, f fields, number string) {
	f["sharedEventID"] = c.uuid()
	twin := maps.Clone(f)
	twin["recipientAccountId"] = number
	twin["userIdentity"] = fields{"type": "AWSAccount", "principalId": c.userID(), "accountId": c.caller.number()}
	here := c.account
	c.account, e.Username, e.AccessKeyID = c.accountNamed(number), "", ""
	c.keep(&e, twin)
	c.account = here
}

// recordSession writes CreateSession and, if credentials were issued, the
// AssumeRole that Roles Anywhere made for it.
func (c *call) recordSession(no *refusal) {
	if c.input == nil {
		return
	}
	service := fields{"type": "AWSService", "invokedBy": policy.Service}
	f := c.common(no)
	f["userIdentity"] = service
	params := c.requestParameters()
	params["cert"] = c.request.Header.Get("X-Amz-X509")
	f["requestParameters"], f["responseElements"] = params, c.responseElements(no)
	c.keep(&event{Name: createSession, Source: policy.Service, Region: c.region, Resources: c.concerned()}, f)
	s := c.issued
	if s == nil || no != nil {
		return
	}
	role := find(c.account.Roles, func(r *role) bool { return r.ID == s.RoleID })
	who := caller{session: s, role: role}
	f = c.common(nil)
	f["userIdentity"], f["sourceIPAddress"], f["userAgent"] = service, policy.Service, policy.Service
	seconds := int(s.Expiration.Sub(s.IssuedAt.Truncate(time.Second)).Seconds())
	f["requestParameters"] = fields{"roleArn": role.arn(), "roleSessionName": s.Name, "durationSeconds": seconds,
		"sourceIdentity": s.SourceIdentity, "tags": s.Tags}
	f["responseElements"] = fields{"sourceIdentity": s.SourceIdentity,
		"credentials":     fields{"accessKeyId": s.AccessKeyID, "sessionToken": hidden, "expiration": stamp(s.Expiration)},
		"assumedRoleUser": fields{"assumedRoleId": role.ID + ":" + s.Name, "arn": who.arn()}}
	f["resources"] = []fields{{"accountId": role.number(), "type": "AWS::IAM::Role", "ARN": role.arn()}}
	c.keep(&event{Name: "AssumeRole", Source: "sts.amazonaws.com", Region: c.region, ReadOnly: true, Resources: []eventResource{
		{"AWS::IAM::AccessKey", s.AccessKeyID}, {"AWS::STS::AssumedRole", s.Name}, {"AWS::IAM::Role", role.arn()}}}, f)
}

// common is what every record has.
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
func (c *call) common(no *refusal) fields {
	from := c.request.RemoteAddr
	if host, _, err := net.SplitHostPort(from); err == nil {
		from = host
	}
	f := fields{
		"eventVersion": "1.08", "sourceIPAddress": from, "userAgent": c.request.UserAgent(), "requestID": c.id,
		"eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": c.account.Number, "eventCategory": "Management",
		"tlsDetails": fields{"clientProvidedHostHeader": c.request.Host},
	}
	if no != nil {
		f["errorCode"], f["errorMessage"] = no.Code, no.Message
	}
	return f
}

// keep adds an event and forgets the oldest.
func (c *call) keep(e *event, f fields) {
	e.ID, e.Time = c.uuid(), c.now
	f["eventID"], f["eventTime"], f["eventName"], f["eventSource"] = e.ID, stamp(e.Time), e.Name, e.Source
	f["awsRegion"], f["readOnly"] = e.Region, e.ReadOnly
	data, err := json.Marshal(f)
	if err != nil {
		return // only unencodable values could do that, and all came from JSON or text
	}
	e.Record = data
	c.account.Events = append(c.account.Events, e)
	if extra := len(c.account.Events) - maxEvents; extra > 0 {
		c.account.Events = slices.Delete(c.account.Events, 0, extra)
	}
}

// identity is the userIdentity of a signed call.
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
func (c *call) identity() fields {
	f := fields{"principalId": c.userID(), "arn": c.caller.arn(), "accountId": c.caller.number(), "accessKeyId": c.caller.keyID}
	s := c.caller.session
	if s == nil {
		f["type"], f["userName"] = "IAMUser", c.caller.name()
		return f
	}
	r := c.caller.role
	context := fields{
		"sessionIssuer": fields{"type": "Role", "principalId": r.ID, "arn": r.arn(), "accountId": r.number(), "userName": r.Name},
		"attributes":    fields{"creationDate": stamp(s.IssuedAt), "mfaAuthenticated": "false"},
	}
	if s.SourceIdentity != "" {
		context["sourceIdentity"] = s.SourceIdentity
	}
	f["type"], f["sessionContext"] = "AssumedRole", context
	return f
}

// requestParameters are the parameters as they came. A revocation list and the
// like are long and say nothing here.
func (c *call) requestParameters() fields {
	f := fields{}
	for name, value := range c.input {
		if name == "crlData" {
			value = "HIDDEN_DUE_TO_SIZE"
		}
		f[name] = value
	}
	return f
}

// responseElements are null for calls that only read and for refusals.
func (c *call) responseElements(no *refusal) any {
	if no != nil || !c.op.writes {
		return nil
	}
	return c.output
}
