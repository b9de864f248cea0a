package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"anywhere/awsapi/policy"
	"anywhere/signer"
	"anywhere/signer/refusals"
)

const quotas = "https://docs.aws.amazon.com/general/latest/gr/rolesanywhere.html"

// profileChecks look at the Roles Anywhere profile and how the ARNs fit.
func profileChecks() []Check {
	return []Check{
		{
			Code: "RA209", Group: GroupProfile, Title: "ARNs share partition, account and Region", Needs: []Code{"RA100"}, Refuses: true, Judge: oneWorld,
			Fault:  "The ARNs do not fit together",
			Why:    "Trust anchor and Roles Anywhere profile lie in one Region of one account, the role in the same account and partition (aws, aws-cn, aws-us-gov). AWS's helper says \"trust anchor and profile regions don't match\"; AWS says \"Invalid or empty profile provided\".",
			Fix:    "Take all three ARNs from one account and Region; the Region of a bucket does not matter.",
			Source: sessionsAPI,
		},
		{
			Code: "RA203", Group: GroupProfile, Title: "Roles Anywhere profile exists and is enabled", Needs: []Code{"RA100", "RA209"}, Refuses: true, Judge: profileThere,
			Fault:  "The Roles Anywhere profile is missing or disabled",
			Why:    "AWS looks the Roles Anywhere profile up by its ARN, in the anchor's account and Region: one that is unknown, deleted, empty or in another Region is \"Invalid or empty profile provided\". The API and the CLI create it disabled.",
			Fix:    "Correct the ARN and its Region, or find out who disabled it and enable it: aws rolesanywhere enable-profile --profile-id ID.",
			Source: sessionsAPI,
		},
		{
			Code: "RA204", Group: GroupProfile, Title: "Roles Anywhere profile lists the role", Needs: []Code{"RA203", "RA209"}, Refuses: true, Judge: profileLists,
			Fault:  "The Roles Anywhere profile does not list the role",
			Why:    "A session can be had only for a role that the Roles Anywhere profile lists.",
			Fix:    "Add the role: aws rolesanywhere update-profile --profile-id ID --role-arns ..., or use the Roles Anywhere profile that has it.",
			Source: sessionsAPI,
		},
		{
			Code: "RA205", Group: GroupProfile, Title: "Session duration fits Roles Anywhere profile and role", Needs: []Code{"RA203"}, Refuses: true, Judge: durationFits,
			Fault:  "The session duration is too long or too short",
			Why:    "A session lasts as long as the shorter of what is asked for and what the Roles Anywhere profile says. If that is longer than the role's MaxSessionDuration, AWS refuses; it does not shorten it.",
			Fix:    "Ask for less (--session-duration), or raise the role's maximum: aws iam update-role --role-name ROLE --max-session-duration SECONDS.",
			Source: sessionsAPI,
		},
		{
			Code: "RA207", Group: GroupProfile, Title: "Session name may be chosen", Needs: []Code{"RA203"}, Refuses: true, Judge: nameAccepted,
			Fault:  "The session name may not be chosen",
			Why:    "Only a Roles Anywhere profile with acceptRoleSessionName takes a session name; otherwise the certificate's serial is the name. A name has 2 to 64 letters, digits and _ + = , . @ -.",
			Fix:    "Leave --role-session-name out, or allow it: aws rolesanywhere update-profile --profile-id ID --accept-role-session-name.",
			Source: sessionsAPI,
		},
		{
			Code: "RA208", Group: GroupProfile, Title: "Policies and tags fit into a session", Needs: []Code{"RA203"}, Refuses: true, Judge: policiesFit,
			Fault:  "Policies and tags do not fit into a session",
			Why:    "STS takes 2048 characters of session policies and ten managed ones, and packs them with the tags into a limited size.",
			Fix:    "Shorten the session policy, or map fewer parts of the certificate: aws rolesanywhere put-attribute-mapping.",
			Source: "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
		},
		{
			Code: "RA210", Group: GroupProfile, Title: "Attribute mappings give what the role asks for", Needs: []Code{"RA203"}, Refuses: true, Judge: mappingsServe,
			Fault:  "The attribute mappings do not give what the role asks for",
			Why:    "Only what the Roles Anywhere profile maps becomes a session tag. A condition on a tag that is not set denies every request; profiles made by Terraform may have no mapping of the subject alternative names.",
			Fix:    "Map the field: aws rolesanywhere put-attribute-mapping --profile-id ID --certificate-field FIELD --mapping-rules specifier=NAME.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html",
		},
		{
			Code: "RA212", Group: GroupProfile, Title: "Session policy leaves the role something", Needs: []Code{"RA203"}, Judge: policyLeaves,
			Fault:  "The session policy leaves the role nothing",
			Why:    "A session may do what both the role and the session policies of the Roles Anywhere profile allow. AWS says \"no session policy allows\" the action.",
			Fix:    "Widen the session policy of the Roles Anywhere profile, or remove it.",
			Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session",
		},
	}
}

func oneWorld(p *Patient) Finding {
	t := p.Target
	if t.TrustAnchorARN+t.ProfileARN+t.RoleARN == "" {
		return skip("no ARN is named")
	}
	seen := []Seen{{"trust anchor", t.TrustAnchorARN}, {"Roles Anywhere profile", t.ProfileARN}, {"role", t.RoleARN}}
	if found, mixed := p.mixedUp(seen); mixed {
		return p.ofLine(found)
	}
	if t.Region != "" && t.Region[:len(t.Region)-1] == region(t.TrustAnchorARN) {
		return fail(t.Region+" is an Availability Zone, not a Region", seen...).with("Leave --region out: the trust anchor's ARN names the Region.", "")
	}
	t.Duration = 0 // RA205 looks at that
	if _, err := t.Check(); err != nil {
		return p.ofLine(fail(strings.TrimPrefix(err.Error(), "check "), seen...))
	}
	for _, arn := range []string{t.ProfileARN, t.RoleARN} {
		if account(arn) != account(t.TrustAnchorARN) {
			return fail("they are of different accounts", seen...)
		}
	}
	if t.Region != "" && t.Region != region(t.TrustAnchorARN) {
		return fail("the request goes to "+t.Region+", the trust anchor is in "+region(t.TrustAnchorARN), seen...)
	}
	return pass(partition(t.TrustAnchorARN) + ", " + account(t.TrustAnchorARN) + ", " + region(t.TrustAnchorARN))
}

func profileThere(p *Patient) Finding {
	a := p.AWS.Profile
	seen := []Seen{{"Roles Anywhere profile", p.Target.ProfileARN}}
	switch {
	case p.Target.ProfileARN == "":
		return skip("no Roles Anywhere profile is named")
	case a.is(Missing), !a.Known() && p.refused(refusals.ProfileUnknown):
		found := fail("no such Roles Anywhere profile is in account "+account(p.Target.ProfileARN)+", "+region(p.Target.ProfileARN), seen...)
		for _, other := range p.AWS.Profiles.Value {
			found.Evidence = append(found.Evidence, Seen{"there is", other.ARN + " (" + other.Name + ")"})
		}
		return found
	case a.Known() && !a.Value.Enabled, !a.Known() && p.refused(refusals.ProfileDisabled):
		seen = append(seen, p.switchedOff("DisableProfile", p.Target.ProfileARN)...)
		return fail("the Roles Anywhere profile is disabled", seen...).with(
			"It may be somebody's emergency brake: ask first, then enable it.", p.enable("profile", p.Target.ProfileARN))
	case a.Known():
		return pass("it is there", append(seen, Seen{"name", a.Value.Name})...)
	}
	return p.untold("the Roles Anywhere profile could not be read: " + a.why())
}

// listedElse says that the role is there and listed, under another ARN than the one
// that is asked for.
func (p *Patient) listedElse() bool {
	role, profile := p.AWS.Role, p.AWS.Profile
	return role.Known() && profile.Known() && role.Value.ARN != p.Target.RoleARN &&
		slices.Contains(profile.Value.RoleARNs, role.Value.ARN) && !slices.Contains(profile.Value.RoleARNs, p.Target.RoleARN)
}

func profileLists(p *Patient) Finding {
	a := p.AWS.Profile
	switch {
	case p.Target.RoleARN == "":
		return skip("no role is named")
	case p.listedElse():
		return fail("the role is listed with another path, or in other upper and lower case, which count", Seen{"role", p.Target.RoleARN}, Seen{"listed", p.AWS.Role.Value.ARN}).
			with("Write the role's ARN as it is listed: "+p.AWS.Role.Value.ARN, "")
	case a.Known() && !slices.Contains(a.Value.RoleARNs, p.Target.RoleARN):
		return fail("the role is not listed", Seen{"role", p.Target.RoleARN}, Seen{"listed", cmp.Or(strings.Join(a.Value.RoleARNs, ", "), "(none)")})
	case !a.Known() && p.refused(refusals.RoleNotListed):
		return fail("the role is not listed", Seen{"role", p.Target.RoleARN}, p.words())
	case a.Known():
		return pass(fmt.Sprintf("it lists it, among %d", len(a.Value.RoleARNs)))
	case a.is(Missing):
		return skip("there is no Roles Anywhere profile")
	}
	return p.untold("the Roles Anywhere profile could not be read")
}

func durationFits(p *Patient) Finding {
	asked := int(p.Target.Duration.Seconds())
	var seen []Seen
	if asked > 0 {
		seen = append(seen, Seen{"asked for", fmt.Sprintf("%d s", asked)})
	}
	profile, role := p.AWS.Profile, p.AWS.Role
	if profile.Known() {
		seen = append(seen, Seen{"Roles Anywhere profile", fmt.Sprintf("%d s", profile.Value.DurationSeconds)})
	}
	if role.Known() {
		seen = append(seen, Seen{"role's maximum", fmt.Sprintf("%d s", role.Value.MaxSessionDuration)})
	}
	if asked > 0 && (p.Target.Duration < signer.MinDuration || p.Target.Duration > signer.MaxDuration) {
		return fail("a session lasts from 900 to 43200 seconds", seen...)
	}
	if p.refused(refusals.DurationOverRole, refusals.DurationOutOfRange) {
		return fail("the session would be longer than it may be", append(seen, p.words())...)
	}
	if !profile.Known() || !role.Known() {
		return p.untold("Roles Anywhere profile or role could not be read")
	}
	length := profile.Value.DurationSeconds
	if asked > 0 {
		length = min(asked, length)
	}
	if length > role.Value.MaxSessionDuration {
		return fail(fmt.Sprintf("the session would last %d s, the role allows %d s", length, role.Value.MaxSessionDuration), seen...)
	}
	return pass(fmt.Sprintf("%d s", length), seen...)
}

func nameAccepted(p *Patient) Finding {
	name := p.Target.SessionName
	switch {
	case name == "":
		return skip("no session name is asked for")
	case p.refused(refusals.SessionNameIllegal), len(name) < 2 || len(name) > 64:
		return fail("the session name is not 2 to 64 legal characters", Seen{"asked for", name})
	case p.AWS.Profile.Known() && !p.AWS.Profile.Value.AcceptRoleSessionName, p.refused(refusals.SessionNameRefused):
		return fail("the Roles Anywhere profile takes no session name", Seen{"asked for", name})
	case p.AWS.Profile.Known():
		return pass("it may")
	}
	return p.untold("the Roles Anywhere profile could not be read")
}

func policiesFit(p *Patient) Finding {
	if p.refused(refusals.PolicyTooLarge) {
		return fail("they do not", p.words())
	}
	if !p.AWS.Profile.Known() {
		return p.untoldQuietly()
	}
	v := p.AWS.Profile.Value
	length := len([]rune(v.SessionPolicy))
	for _, arn := range v.ManagedPolicyARNs {
		length += len(arn)
	}
	seen := []Seen{{"characters", fmt.Sprintf("%d of 2048", length)}, {"managed policies", fmt.Sprintf("%d of 10", len(v.ManagedPolicyARNs))}}
	if length > 2048 || len(v.ManagedPolicyARNs) > 10 {
		return fail("the session policies are too long", seen...)
	}
	return pass("they do", seen...)
}

func mappingsServe(p *Patient) Finding {
	if p.leaf == nil {
		return skip("there is no certificate to look at")
	}
	for _, m := range p.trust.of(missUnmapped) {
		tag, _ := tagOf(m.Key)
		field, name, _ := strings.Cut(canonical(p, tag), "/")
		id := p.Target.ProfileARN[strings.LastIndex(p.Target.ProfileARN, "/")+1:]
		return fail("the role asks for "+tag+", which the Roles Anywhere profile does not map", compared(m)...).with("",
			fmt.Sprintf("aws rolesanywhere put-attribute-mapping --profile-id %s --certificate-field %s --mapping-rules specifier=%s", id, field, name))
	}
	profile := p.AWS.Profile
	if profile.Known() && profile.Value.AttributeMappings == nil && p.trust.allowed && p.refused(refusals.RoleRefused) {
		for _, c := range p.conditions() {
			if tag, ok := tagOf(c.Key); ok && strings.HasPrefix(strings.ToLower(tag), "x509") {
				return fail("the role asks for "+tag+" and the Roles Anywhere profile has no mappings at all", Seen{"mappings", "none"}, p.words())
			}
		}
	}
	if !profile.Known() {
		return p.untoldQuietly()
	}
	return pass("they do")
}

// conditions are those of every statement for Roles Anywhere.
func (p *Patient) conditions() []policy.Condition {
	var list []policy.Condition
	for _, s := range p.trust.doc.Statements {
		list = append(list, s.Conditions...)
	}
	return list
}

// policyLeaves fails only if nothing of what the role names is left.
func policyLeaves(p *Patient) Finding {
	if !p.AWS.Profile.Known() || p.AWS.Profile.Value.SessionPolicy == "" && len(p.AWS.Profile.Value.ManagedPolicyARNs) == 0 {
		return skip("there is no session policy")
	}
	session := documents([]string{p.AWS.Profile.Value.SessionPolicy})
	for _, arn := range p.AWS.Profile.Value.ManagedPolicyARNs {
		text, known := p.AWS.Limits.Value[arn]
		if !known {
			return unknown("a managed session policy could not be read", Seen{"policy", arn})
		}
		session = append(session, documents([]string{text})...)
	}
	return p.leaves("the session policies", session)
}
