package sandbox

import (
	"maps"
	"net/http"

	"anywhere/awsapi/policy"
)

// sts is as much of STS as proves who somebody is and changes roles.
// Source: service model of the AWS SDKs (sts, 2011-06-15)
func sts() *service {
	return &service{
		name: "sts", title: "sts", talk: query, namespace: "https://sts.amazonaws.com/doc/2011-06-15/", pick: pickByName(formAction),
		operations: []operation{
			{name: "GetCallerIdentity", action: "-", do: getCallerIdentity}, // needs no permission
			{name: "AssumeRole", action: "-", writes: true, often: true, do: assumeRole, takes: []member{
				must("roleArn", shape{kind: text, min: 20, max: 2048}), must("roleSessionName", sessionName),
				may("durationSeconds", shape{kind: whole, min: 900, max: 43200}), may("policy", shape{kind: text, min: 1, max: 2048}),
				may("policyArns", listOf(object(may("arn", iamARN)), 0, 10)), may("tags", iamTags), may("transitiveTagKeys", iamTagKeys), may("sourceIdentity", sessionName),
				may("externalId", shape{kind: text, min: 2, max: 1224}),
			}},
		},
	}
}

type identityAnswer struct {
	ARN     string `xml:"Arn"`
	UserID  string `xml:"UserId"`
	Account string `xml:"Account"`
}

func getCallerIdentity(c *call) (any, *refusal) {
	return identityAnswer{c.caller.arn(), c.userID(), c.account.Number}, nil
}

type assumeAnswer struct {
	User struct {
		ID  string `xml:"AssumedRoleId"`
		ARN string `xml:"Arn"`
	} `xml:"AssumedRoleUser"`
	Credentials struct {
		AccessKeyID  string `xml:"AccessKeyId"`
		Secret       string `xml:"SecretAccessKey"`
		Token        string `xml:"SessionToken"`
		ExpirationAt string `xml:"Expiration"`
	} `xml:"Credentials"`
	PackedPolicySize int    `xml:"PackedPolicySize"`
	SourceIdentity   string `xml:"SourceIdentity,omitempty"`
}

// maxChained is the longest session that a session of a role can get.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
const maxChained = 3600

func assumeRole(c *call) (any, *refusal) {
	wanted := c.form.Get("RoleArn")
	r := c.roleByARN(wanted)
	identity, no := c.sourceIdentity()
	if no != nil {
		return nil, no
	}
	tags, transitive, no := c.chain()
	if no != nil {
		return nil, no
	}
	if lacks := c.lacksToAssume(r, identity); lacks != "" {
		no := c.complain(denied)
		no.Message = "User: " + c.caller.arn() + " is not authorized to perform: " + lacks + " on resource: " + wanted
		return nil, no
	}
	seconds := number(c.form.Get("DurationSeconds"), defaultSeconds)
	switch {
	case seconds > r.MaxSession:
		return nil, refuse(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	case c.caller.session != nil && seconds > maxChained:
		return nil, refuse(http.StatusBadRequest, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	if text := c.form.Get("Policy"); text != "" {
		if no := checkDocument(text, policy.CheckIdentity); no != nil {
			return nil, no
		}
	}
	s := c.newCredentials(r, c.form.Get("RoleSessionName"), seconds)
	s.SourceIdentity, s.Tags, s.Transitive = identity, tags, transitive
	s.Policy, s.PolicyARNs = c.form.Get("Policy"), c.policyARNs()
	c.seal(s)
	c.issued = s
	r.LastUsed, r.LastRegion = c.now, c.region
	var out assumeAnswer
	out.User.ID, out.User.ARN = r.ID+":"+s.Name, caller{session: s, role: r}.arn()
	out.Credentials.AccessKeyID, out.Credentials.Secret, out.Credentials.Token = s.AccessKeyID, s.SecretAccessKey, s.Token
	out.Credentials.ExpirationAt, out.SourceIdentity = stamp(s.Expiration), identity
	c.output = fields{"assumedRoleUser": fields{"assumedRoleId": out.User.ID, "arn": out.User.ARN}, "sourceIdentity": identity,
		"credentials": fields{"accessKeyId": s.AccessKeyID, "sessionToken": hidden, "expiration": stamp(s.Expiration)}}
	return out, nil
}

func (c *call) policyARNs() []string {
	var out []string
	for i := 1; ; i++ {
		a := c.form.Get("PolicyArns.member." + itoa(i) + ".arn")
		if a == "" {
			return out
		}
		out = append(out, a)
	}
}

// lacksToAssume is the action that the caller may not do to the role, or "". He
// may if the role trusts him by name, or trusts the account and his own policies
// allow it; a caller of another account needs both. The same goes for the tags and
// the source identity that go along.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (c *call) lacksToAssume(r *role, identity string) string {
	if r == nil || r.linked() {
		return "sts:AssumeRole"
	}
	about := requestTags(c.tags())
	about["sts:RoleSessionName"] = []string{c.form.Get("RoleSessionName")}
	actions := []string{"sts:AssumeRole"}
	if id := c.form.Get("ExternalId"); id != "" {
		about["sts:ExternalId"] = []string{id}
	}
	// Tags that the calling session passes on need the permission too.
	if len(c.tags()) > 0 || len(c.inherited()) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if keys := c.list("TransitiveTagKeys"); len(keys) > 0 {
		about["sts:TransitiveTagKeys"] = keys
	}
	if identity != "" {
		about["sts:SourceIdentity"] = []string{identity}
		actions = append(actions, "sts:SetSourceIdentity")
	}
	facts := c.facts()
	maps.Copy(facts, about)
	trust := c.documents(r.TrustPolicy)
	for _, action := range actions {
		who := c.caller.principal()
		req := policy.Request{Principal: who, Action: action, Resource: r.arn(), Context: facts}
		if !policy.Evaluate(req, trust...).Allowed {
			return action
		}
		req.Principal.Account = "" // does it name the caller, not only the account?
		byName := policy.Evaluate(req, trust...).Allowed && r.number() == c.account.Number
		if !byName && (c.denied(action) || c.mayBy(c.policies(r.arn()), action, r.arn(), about) != nil) {
			return action
		}
	}
	return ""
}
