package sandbox

import (
	"cmp"
	"slices"

	"anywhere/awsapi/policy"
)

// profile is a Roles Anywhere profile.
type profile struct {
	thing
	RequireInstanceProperties bool      `json:"requireInstanceProperties"`
	CreatedBy                 string    `json:"createdBy"`
	SessionPolicy             string    `json:"sessionPolicy,omitempty"`
	RoleARNs                  []string  `json:"roleArns"`
	ManagedPolicyARNs         []string  `json:"managedPolicyArns,omitempty"`
	Seconds                   int       `json:"durationSeconds"`
	AcceptRoleSessionName     bool      `json:"acceptRoleSessionName"`
	Mappings                  []mapping `json:"attributeMappings"`
}

// defaultSeconds is the duration of a Roles Anywhere profile that names none.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_CreateProfile.html
const defaultSeconds = 3600

type profileDetail struct {
	ProfileID                 string    `json:"profileId"`
	ProfileARN                string    `json:"profileArn"`
	Name                      string    `json:"name"`
	RequireInstanceProperties bool      `json:"requireInstanceProperties"`
	Enabled                   bool      `json:"enabled"`
	CreatedBy                 string    `json:"createdBy"`
	SessionPolicy             string    `json:"sessionPolicy,omitempty"`
	RoleARNs                  []string  `json:"roleArns"`
	ManagedPolicyARNs         []string  `json:"managedPolicyArns"`
	CreatedAt                 string    `json:"createdAt"`
	UpdatedAt                 string    `json:"updatedAt"`
	DurationSeconds           int       `json:"durationSeconds"`
	AcceptRoleSessionName     bool      `json:"acceptRoleSessionName"`
	AttributeMappings         []mapping `json:"attributeMappings"`
}

func (p *profile) detail() profileDetail {
	return profileDetail{p.ID, p.ARN, p.Name, p.RequireInstanceProperties, p.Enabled, p.CreatedBy, p.SessionPolicy, listed(p.RoleARNs),
		listed(p.ManagedPolicyARNs), iso(p.CreatedAt), iso(p.UpdatedAt), p.Seconds, p.AcceptRoleSessionName, p.Mappings}
}

// listed is a list that is [] in JSON when it is empty.
func listed(s []string) []string { return append([]string{}, s...) }

func (c *call) answerProfile(p *profile) (any, *refusal) {
	c.output = map[string]profileDetail{"profile": p.detail()}
	return c.output, nil
}

type profileInput struct {
	ProfileID                 string
	Name                      string
	RequireInstanceProperties bool
	SessionPolicy             *string
	RoleARNs                  []string
	ManagedPolicyARNs         []string
	DurationSeconds           int
	Enabled                   bool
	Tags                      []tag
	AcceptRoleSessionName     *bool
	CertificateField          string
	MappingRules              []rule
	Specifiers                []string
}

func (c *call) wantedProfile() (profileInput, *profile, *refusal) {
	in := take[profileInput](c)
	p := one(c, c.account.Profiles, in.ProfileID)
	if p == nil {
		return in, nil, missing("Profile with id %s does not exist.", in.ProfileID)
	}
	return in, p, nil
}

// mayPass asks for iam:PassRole on every role listed, as CreateProfile,
// UpdateProfile and EnableProfile do. No role is passed from one account to another.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementrolesanywhere.html
func (c *call) mayPass(roles []string) *refusal {
	for _, r := range roles {
		if accountOf(r) != c.account.Number {
			no := c.complain(denied)
			no.Message = saysForeignRole
			return no
		}
		if no := c.allow("iam:PassRole", r, policy.Context{"iam:PassedToService": {policy.Service}}); no != nil {
			return no
		}
	}
	return nil
}

// limits refuses what a session of the Roles Anywhere profile could not be limited by.
func (in *profileInput) limits() *refusal {
	if in.SessionPolicy == nil || *in.SessionPolicy == "" {
		return nil
	}
	if _, err := policy.Parse([]byte(*in.SessionPolicy)); err != nil {
		return invalid(saysBadPolicy, err)
	}
	return nil
}

func createProfile(c *call) (any, *refusal) {
	in := take[profileInput](c)
	if no := in.limits(); no != nil {
		return nil, no
	}
	if no := c.mayTag("profile", in.Tags); no != nil {
		return nil, no
	}
	if no := c.mayPass(in.RoleARNs); no != nil {
		return nil, no
	}
	here := 0
	for _, p := range c.account.Profiles {
		if c.inRegion(p.ARN) {
			here++
		}
	}
	if here >= maxProfiles {
		return nil, invalid(saysManyProfiles, maxProfiles)
	}
	p := &profile{
		thing: c.newThing("profile", in.Name, in.Enabled, in.Tags), CreatedBy: c.caller.arn(),
		RequireInstanceProperties: in.RequireInstanceProperties, Mappings: c.freshMappings(),
		Seconds: cmp.Or(in.DurationSeconds, defaultSeconds),
	}
	in.apply(p)
	c.account.Profiles = append(c.account.Profiles, p)
	return c.answerProfile(p)
}

// apply sets what the call gave and leaves the rest.
func (in *profileInput) apply(p *profile) {
	p.Name = cmp.Or(in.Name, p.Name)
	p.Seconds = cmp.Or(in.DurationSeconds, p.Seconds)
	if in.SessionPolicy != nil {
		p.SessionPolicy = *in.SessionPolicy
	}
	if in.RoleARNs != nil {
		p.RoleARNs = slices.Clone(in.RoleARNs)
	}
	if in.ManagedPolicyARNs != nil {
		p.ManagedPolicyARNs = slices.Clone(in.ManagedPolicyARNs)
	}
	if in.AcceptRoleSessionName != nil {
		p.AcceptRoleSessionName = *in.AcceptRoleSessionName
	}
}

func getProfile(c *call) (any, *refusal) {
	_, p, no := c.wantedProfile()
	if no != nil {
		return nil, no
	}
	return c.answerProfile(p)
}

func listProfiles(c *call) (any, *refusal) {
	page, next, no := pageOf(c, c.account.Profiles)
	if no != nil {
		return nil, no
	}
	out := struct {
		Profiles  []profileDetail `json:"profiles"`
		NextToken string          `json:"nextToken,omitempty"`
	}{[]profileDetail{}, next}
	for _, p := range page {
		out.Profiles = append(out.Profiles, p.detail())
	}
	return out, nil
}

func updateProfile(c *call) (any, *refusal) {
	in, p, no := c.wantedProfile()
	if no != nil {
		return nil, no
	}
	if no := in.limits(); no != nil {
		return nil, no
	}
	if no := c.mayPass(in.RoleARNs); no != nil {
		return nil, no
	}
	in.apply(p)
	p.UpdatedAt = c.now
	return c.answerProfile(p)
}

func deleteProfile(c *call) (any, *refusal) {
	_, p, no := c.wantedProfile()
	if no != nil {
		return nil, no
	}
	c.account.Profiles = without(c.account.Profiles, p)
	return c.answerProfile(p)
}

func switchProfile(on bool) func(*call) (any, *refusal) {
	return func(c *call) (any, *refusal) {
		_, p, no := c.wantedProfile()
		if no != nil {
			return nil, no
		}
		if on {
			if no := c.mayPass(p.RoleARNs); no != nil {
				return nil, no
			}
		}
		p.Enabled, p.UpdatedAt = on, c.now
		return c.answerProfile(p)
	}
}
