package sandbox

import (
	"cmp"
	"time"

	"anywhere/awsapi/policy"
)

// adminName is the sandbox's administrator: an IAM user, since the account's
// root should not be used for anything and is warned of.
const adminName = "sandbox-admin"

// caller is who signed a request: an administrator, a user or a session.
type caller struct {
	keyID   string
	account string   // number; empty is the first's
	user    *user    // nil for the administrator and for sessions
	session *session // nil for the administrator and for users
	role    *role    // the session's
}

// session is a set of temporary credentials with all that it was issued under.
// The sandbox does not keep it: the session token is the session, sealed.
type session struct {
	AccessKeyID     string    `json:"accessKeyId"`
	SecretAccessKey string    `json:"secretAccessKey"`
	Token           string    `json:"-"`
	Account         string    `json:"account,omitempty"` // the role's; empty is the first
	RoleID          string    `json:"roleId"`            // a role made again under its name has another
	Name            string    `json:"name"`
	SourceIdentity  string    `json:"sourceIdentity,omitempty"`
	Tags            []tag     `json:"tags,omitempty"`
	Transitive      []string  `json:"transitive,omitempty"` // keys of tags that the next role's session inherits
	Policy          string    `json:"policy,omitempty"`     // inline session policy
	PolicyARNs      []string  `json:"policyArns,omitempty"` // managed session policies
	IssuedAt        time.Time `json:"issuedAt"`
	Expiration      time.Time `json:"expiration"`
}

// tag is a key and its value, on a resource or in a session.
type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// lookUp finds whose an access key is. A session's key counts only with its
// token, and only as long as its role is there.
func (c *call) lookUp(keyID, token string) (who caller, secret string, ok bool) {
	for _, a := range c.state.accounts() {
		if keyID == a.Admin.AccessKeyID {
			return caller{keyID: keyID, account: a.Number}, a.Admin.SecretAccessKey, token == ""
		}
		for _, u := range a.Users {
			for _, k := range u.Keys {
				if k.ID == keyID {
					return caller{keyID: keyID, account: a.Number, user: u}, k.Secret, token == "" && !k.Inactive
				}
			}
		}
	}
	s, ok := c.unseal(token)
	home := c.accountNamed(cmp.Or(s.Account, Account))
	if !ok || s.AccessKeyID != keyID || home == nil {
		return caller{}, "", false
	}
	of := find(home.Roles, func(r *role) bool { return r.ID == s.RoleID })
	return caller{keyID: keyID, account: home.Number, session: s, role: of}, s.SecretAccessKey, of != nil
}

// calls sets who calls, and so in which account.
func (c *call) calls(who caller) {
	c.caller, c.account = who, c.accountNamed(who.number())
}

func (w caller) number() string { return cmp.Or(w.account, Account) }

// isAdmin says whether it is the administrator of an account.
func (w caller) isAdmin() bool { return w.session == nil && w.user == nil }

// arn is the caller's own ARN, as GetCallerIdentity prints it.
func (w caller) arn() string {
	switch {
	case w.session != nil:
		return arnIn(w.role.number(), "sts", "", "assumed-role/"+w.role.Name+"/"+w.session.Name)
	case w.user != nil:
		return w.user.arn()
	}
	return arnIn(w.number(), "iam", "", "user/"+adminName)
}

// name is what CloudTrail calls Username.
func (w caller) name() string {
	switch {
	case w.session != nil:
		return w.session.Name
	case w.user != nil:
		return w.user.Name
	}
	return adminName
}

// userID is the unique ID that goes with the ARN.
func (c *call) userID() string {
	switch w := c.caller; {
	case w.session != nil:
		return w.role.ID + ":" + w.session.Name
	case w.user != nil:
		return w.user.ID
	}
	return c.account.AdminID
}

func (w caller) principal() policy.Principal {
	p := policy.Principal{ARN: w.arn(), Account: w.number()}
	if w.role != nil {
		p.Role = w.role.arn()
	}
	return p
}

// facts are the condition keys that tell about the caller and the moment.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (c *call) facts() policy.Context {
	facts := policy.Context{
		"aws:CurrentTime":           {stamp(c.now)},
		"aws:EpochTime":             {epoch(c.now)},
		"aws:PrincipalAccount":      {c.account.Number},
		"aws:PrincipalIsAWSService": {"false"},
		"aws:RequestedRegion":       {c.region},
		"aws:SecureTransport":       {"false"},
		"aws:SourceIp":              {"127.0.0.1"},
		"aws:UserAgent":             {c.request.UserAgent()},
		"aws:userid":                {c.userID()},
	}
	s := c.caller.session
	if s == nil {
		facts["aws:PrincipalArn"] = []string{c.caller.arn()}
		facts["aws:PrincipalType"] = []string{"User"}
		facts["aws:username"] = []string{c.caller.name()}
		if u := c.caller.user; u != nil {
			for _, t := range u.Tags {
				facts["aws:PrincipalTag/"+t.Key] = []string{t.Value}
			}
		}
		return facts
	}
	facts["aws:PrincipalArn"] = []string{c.caller.role.arn()} // of a session: its role's
	facts["aws:PrincipalType"] = []string{"AssumedRole"}
	facts["aws:TokenIssueTime"] = []string{stamp(s.IssuedAt)}
	if s.SourceIdentity != "" {
		facts["aws:SourceIdentity"] = []string{s.SourceIdentity}
	}
	// A session tag hides the role's tag of the same key, whatever its case.
	for _, t := range append(append([]tag{}, c.caller.role.Tags...), s.Tags...) {
		facts["aws:PrincipalTag/"+t.Key] = []string{t.Value}
	}
	return facts
}
