package sandbox

import (
	"strings"
	"time"
	"unicode/utf8"

	"anywhere/awsapi/policy"
	"anywhere/pki"
)

// The part of CreateSession that AWS leaves to sts:AssumeRole.

// cannotAssume is STS's refusal in Roles Anywhere's words, which tell nothing
// but, where there are such, which attributes did not become tags.
func (k *claim) cannotAssume() *refusal {
	if lost := k.attributes().lost; len(lost["x509Issuer"])+len(lost["x509Subject"])+len(lost["x509SAN"]) > 0 {
		names := func(field string) string { return strings.Join(lost[field], ", ") }
		return deniedSession(saysUnmapped, k.RoleARN, names("x509Issuer"), names("x509Subject"), names("x509SAN"))
	}
	return deniedSession(saysCannotAssume, k.RoleARN)
}

func (k *claim) roleThere() *refusal {
	k.role = find(k.account.Roles, func(r *role) bool { return r.arn() == k.RoleARN })
	if k.role == nil || len(k.cert.Subject.Names) == 0 || k.now.Sub(k.role.TrustChangedAt) < k.settles() {
		return k.cannotAssume()
	}
	return nil
}

// trusted asks the role's trust policy for the three actions that Roles Anywhere
// always needs, since it always passes tags and a source identity.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (k *claim) trusted() *refusal {
	trust := k.documents(k.role.TrustPolicy)
	for _, action := range policy.TrustActions() {
		req := policy.Request{Principal: policy.Principal{Service: policy.Service}, Action: action, Resource: k.role.arn(), Context: k.trustFacts()}
		if !policy.Evaluate(req, trust...).Allowed {
			return k.cannotAssume()
		}
	}
	switch {
	case k.seconds() > k.role.MaxSession:
		return deniedSession(saysTooLong, k.RoleARN)
	case k.packed() > 100:
		return deniedSession(saysPacked, k.RoleARN)
	}
	return nil
}

// trustFacts are the condition keys that a trust policy can ask for.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (k *claim) trustFacts() policy.Context {
	facts := policy.Context{
		"aws:CurrentTime":           {stamp(k.now)},
		"aws:EpochTime":             {epoch(k.now)},
		"aws:PrincipalIsAWSService": {"true"},
		"aws:RequestedRegion":       {k.region},
		"aws:SecureTransport":       {"true"}, // between the two services
		"aws:SourceAccount":         {k.account.Number},
		"aws:SourceArn":             {k.anchor.ARN},
		"sts:RoleSessionName":       {k.sessionName()},
		"sts:SourceIdentity":        {k.sourceIdentity()},
	}
	for _, t := range k.attributes().tags {
		facts["aws:PrincipalTag/"+t.Key] = []string{t.Value}
		facts["aws:RequestTag/"+t.Key] = []string{t.Value}
		facts["aws:TagKeys"] = append(facts["aws:TagKeys"], t.Key)
	}
	return facts
}

// sessionName is the name asked for or the certificate's serial in hex.
func (k *claim) sessionName() string {
	if k.RoleSessionName != "" {
		return k.RoleSessionName
	}
	return pki.SerialOf(k.cert).Hex()
}

// sourceIdentity is made of the common name: CN=<cn> up to 61 characters, then
// the name alone, and the serial where there is no name. Characters that STS
// does not take are left out; what AWS does with them is not documented.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func (k *claim) sourceIdentity() string {
	cn := strings.Map(func(r rune) rune {
		if !taggable(r) {
			return -1
		}
		return r
	}, joined(k.cert.Subject.Names, "CN"))
	switch n := utf8.RuneCountInString(cn); {
	case n == 0:
		return "ID=" + pki.SerialOf(k.cert).Hex()
	case n <= 61:
		return "CN=" + cn
	default:
		return cn
	}
}

// seconds is the life of the session: the shorter of what the Roles Anywhere
// profile gives and what was asked for.
func (k *claim) seconds() int {
	if k.DurationSeconds > 0 {
		return min(k.DurationSeconds, k.profile.Seconds)
	}
	return k.profile.Seconds
}

// packed is the share, in percent, of the size that STS allows for session
// policies and tags. STS publishes two of its limits, which are the ones that
// refuse here: 2048 characters of policies and 10 managed policies. How it packs
// is not published, so the figure below the limit is an estimate.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func (k *claim) packed() int {
	chars := utf8.RuneCountInString(k.profile.SessionPolicy)
	for _, a := range k.profile.ManagedPolicyARNs {
		chars += len(a)
	}
	if chars > 2048 || len(k.profile.ManagedPolicyARNs) > 10 || len(k.attributes().tags) > maxTags {
		return 101
	}
	for _, t := range k.attributes().tags {
		chars += len(t.Key) + len(t.Value)
	}
	return min(100, chars*100/8192)
}

// issue makes the credentials and the answer.
func (k *claim) issue() (any, *refusal) {
	s := k.newCredentials(k.role, k.sessionName(), k.seconds())
	s.SourceIdentity, s.Tags = k.sourceIdentity(), k.attributes().tags
	s.Policy, s.PolicyARNs = k.profile.SessionPolicy, k.profile.ManagedPolicyARNs
	k.seal(s)
	k.role.LastUsed, k.role.LastRegion = k.now, k.region
	answer := sessionAnswer{
		CredentialSet: []credentialSet{{
			AssumedRoleUser:  assumedRoleUser{caller{session: s, role: k.role}.arn(), k.role.ID + ":" + s.Name},
			Credentials:      sessionKeys{s.AccessKeyID, s.SecretAccessKey, s.Token, stamp(s.Expiration)},
			PackedPolicySize: k.packed(),
			RoleARN:          k.role.arn(),
			SourceIdentity:   s.SourceIdentity,
		}},
		SubjectARN: k.subject.ARN,
	}
	k.issued = s
	k.output = answer.masked()
	return answer, nil
}

// newCredentials makes temporary credentials. They count once they are sealed.
func (c *call) newCredentials(of *role, name string, seconds int) *session {
	return &session{
		AccessKeyID: c.token("ASIASANDBOX", 20), SecretAccessKey: c.secret(),
		Account: of.number(), RoleID: of.ID, Name: name, IssuedAt: c.now, Expiration: c.now.Truncate(time.Second).Add(time.Duration(seconds) * time.Second),
	}
}

type sessionAnswer struct {
	CredentialSet []credentialSet `json:"credentialSet"`
	SubjectARN    string          `json:"subjectArn"`
}

type credentialSet struct {
	AssumedRoleUser  assumedRoleUser `json:"assumedRoleUser"`
	Credentials      sessionKeys     `json:"credentials"`
	PackedPolicySize int             `json:"packedPolicySize"`
	RoleARN          string          `json:"roleArn"`
	SourceIdentity   string          `json:"sourceIdentity"`
}

type assumedRoleUser struct {
	ARN           string `json:"arn"`
	AssumedRoleID string `json:"assumedRoleId"`
}

type sessionKeys struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SessionToken    string `json:"sessionToken"`
	Expiration      string `json:"expiration"`
}

// hidden is what CloudTrail prints instead of a secret.
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// masked is the answer as it may stand in an event. AWS hides the secret key;
// the sandbox hides the token as well.
func (a sessionAnswer) masked() sessionAnswer {
	set := a.CredentialSet[0]
	set.Credentials.SecretAccessKey, set.Credentials.SessionToken = hidden, hidden
	a.CredentialSet = []credentialSet{set}
	return a
}

func regionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 {
		return parts[3]
	}
	return ""
}
