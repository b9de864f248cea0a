package doctor

import (
	"fmt"
	"strings"
	"time"

	"anywhere/awsapi/policy"
	"anywhere/signer/refusals"
)

// roleChecks look at the role's trust policy.
func roleChecks() []Check {
	return []Check{
		{
			Code: "RA300", Group: GroupRole, Title: "Role exists", Needs: []Code{"RA100", "RA209"}, Refuses: true, Judge: roleThere,
			Fault:  "The role does not exist, or was made again",
			Why:    "A role that was deleted and made again has the same ARN and another ID: policies that named the old one no longer fit. AWS says of a missing role only \"Unable to assume role\".",
			Fix:    "Correct the ARN with its path, or let anywhere setup make the role.",
			Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids",
		},
		{
			Code: "RA304", Group: GroupRole, Title: "Role trusts Roles Anywhere", Needs: []Code{"RA300"}, Refuses: true, Judge: trustsRolesAnywhere,
			Fault:  "The role does not trust Roles Anywhere",
			Why:    "The trust policy must name the principal rolesanywhere.amazonaws.com. The console shows a role for a Roles Anywhere profile only if it does.",
			Fix:    "Add a statement with \"Principal\": {\"Service\": \"rolesanywhere.amazonaws.com\"} to the role's trust policy.",
			Source: trustModel,
		},
		{
			Code: "RA301", Group: GroupRole, Title: "Role allows AssumeRole, TagSession and SetSourceIdentity", Needs: []Code{"RA300", "RA304"}, Refuses: true, Judge: threeActions,
			Fault:  "The role does not allow AssumeRole, TagSession and SetSourceIdentity",
			Why:    "Roles Anywhere always passes session tags and a source identity, so the trust policy must allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity. If one is missing AWS says only \"Unable to assume role\".",
			Fix:    "Add the missing actions to the statement for Roles Anywhere: aws iam update-assume-role-policy.",
			Source: trustModel,
		},
		{
			Code: "RA303", Group: GroupRole, Title: "Role trusts this trust anchor, and names it", Needs: []Code{"RA300", "RA304"}, Refuses: true, Judge: trustsAnchor,
			Fault:  "The role does not trust this trust anchor, or names none",
			Why:    "aws:SourceArn and aws:SourceAccount in the trust policy say which trust anchors may use the role. Without aws:SourceArn every certificate of every trust anchor of the account gets in.",
			Fix:    "Write this anchor's ARN into the condition: \"ArnEquals\": {\"aws:SourceArn\": ANCHOR}.",
			Source: trustModel,
		},
		{
			Code: "RA305", Group: GroupRole, Title: "Role's conditions hold on tags that are there", Needs: []Code{"RA300"}, Judge: absentTags,
			Fault:  "A condition of the role holds on a tag that may be absent",
			Why:    "StringNotEquals on a tag that is absent is true, so it lets in every certificate without that name. Names can be dropped in silence.",
			Fix:    "Compare with StringEquals, or add a Null condition that wants the tag to be there.",
			Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
		},
		{
			Code: "RA307", Group: GroupRole, Title: "No statement of the trust policy denies it", Needs: []Code{"RA300"}, Refuses: true, Judge: notDenied,
			Fault:  "A statement of the trust policy denies it",
			Why:    "A Deny that applies beats every Allow.",
			Fix:    "Narrow or remove the Deny statement of the role's trust policy.",
			Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
		},
		{
			Code: "RA302", Group: GroupRole, Title: "Role's conditions match this certificate", Refuses: true, Judge: conditionsMatch,
			Fault:  "A condition of the role does not match this certificate",
			Needs:  []Code{"RA300", "RA304", "RA116", "RA117", "RA119", "RA120", "RA159", "RA128"},
			Why:    "The trust policy compares session tags that are made from the certificate: aws:PrincipalTag/x509Subject/CN and the like. If one does not fit AWS says only \"Unable to assume role\".",
			Fix:    "Issue the certificate with the name that the role asks for, use the role that is for this certificate, or change the condition.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping-and-trust-policy.html",
		},
		{
			Code: "RA306", Group: GroupRole, Title: "Other roles that this trust anchor opens are known", Needs: []Code{"RA201"}, Judge: otherRoles,
			Fault:  "This trust anchor opens other roles too",
			Why:    "A Roles Anywhere profile is tied to no trust anchor: each role that some Roles Anywhere profile of the Region lists, and whose trust policy lets this anchor in, is open to its certificates, too.",
			Fix:    "Name the trust anchor in the trust policy of every role: \"ArnEquals\": {\"aws:SourceArn\": ANCHOR}.",
			Source: trustModel,
		},
		{
			Code: "RA308", Group: GroupRole, Title: "Permissions boundary leaves the role something", Needs: []Code{"RA300"}, Judge: boundaryLeaves,
			Fault:  "The permissions boundary leaves the role nothing",
			Why:    "A role may do what both its policies and its permissions boundary allow. AWS says \"no permissions boundary allows\" the action.",
			Fix:    "Widen the permissions boundary, or take it off the role.",
			Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
		},
		{
			Code: "RA310", Group: GroupRole, Title: "Role is known everywhere", Needs: []Code{"RA300", "RA210"}, Refuses: true, Judge: spread,
			Fault:  "The role is not known everywhere yet",
			Why:    "IAM takes some seconds to spread a new role or a changed policy: the first sessions after it may fail.",
			Fix:    "Wait 10 to 30 seconds and try again.",
			Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency",
		},
		{
			Code: "RA309", Group: GroupRole, Title: "Nothing above the account denies it", Refuses: true, Judge: nothingAbove,
			Fault:  "A policy above the account denies it",
			Needs:  []Code{"RA300", "RA301", "RA302", "RA303", "RA304", "RA307", "RA210", "RA310", "RA117", "RA120"},
			Why:    "Policies of the organisation are above the account, and the account cannot read them. A resource control policy can deny sts:AssumeRole to Roles Anywhere itself, for instance one that lets only the organisation's principals in and forgets aws:PrincipalIsAWSService. AWS says only \"Unable to assume role\"; CloudTrail may have \"with an explicit deny in a resource control policy\".",
			Fix:    "Look the failed AssumeRole up in CloudTrail (anywhere doctor --cloudtrail), and ask who keeps the organisation's policies: Deny statements on sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity.",
			Source: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html",
		},
	}
}

func roleThere(p *Patient) Finding {
	a := p.AWS.Role
	seen := []Seen{{"role", p.Target.RoleARN}}
	switch {
	case p.Target.RoleARN == "":
		return skip("no role is named")
	case a.is(Missing):
		return fail("there is no such role", seen...)
	case a.Known() && a.Value.ARN != p.Target.RoleARN:
		found := fail("the role has another path, or other upper and lower case, which count", append(seen, Seen{"there is", a.Value.ARN})...)
		if p.listedElse() {
			found.follows = "RA204"
		}
		return found
	case a.Known() && p.Ours != nil && p.Ours.RoleID != "" && p.Ours.RoleID != a.Value.ID:
		return warn("it was deleted and made again", append(seen, Seen{"made as", p.Ours.RoleID}, Seen{"is now", a.Value.ID})...)
	case a.Known():
		return pass("it is there", append(seen, Seen{"ID", a.Value.ID})...)
	}
	return p.untold("the role could not be read: " + a.why())
}

// untrusted is the finding where the trust policy cannot be judged.
func (p *Patient) untrusted() (Finding, bool) {
	switch {
	case p.leaf == nil:
		return skip("there is no certificate to look at"), true
	case p.AWS.Role.is(Missing):
		return skip("there is no role"), true
	case !p.trust.known:
		return p.untold("the role's trust policy could not be read"), true
	case p.trust.err != nil:
		return unknown("the trust policy is not understood: " + p.trust.err.Error()), true
	}
	return Finding{}, false
}

func trustsRolesAnywhere(p *Patient) Finding {
	if f, done := p.untrusted(); done {
		return f
	}
	if p.trust.noService {
		var who []string
		for _, s := range p.trust.doc.Statements {
			if s.Principal != nil {
				who = append(append(who, s.Principal.Services...), s.Principal.AWS...)
			}
		}
		return fail("the trust policy does not name rolesanywhere.amazonaws.com", Seen{"policy wants", strings.Join(who, ", ")},
			Seen{"there is", policy.Service})
	}
	return pass("it does")
}

func threeActions(p *Patient) Finding {
	if f, done := p.untrusted(); done {
		return f
	}
	if len(p.trust.missing) == 0 {
		return pass("it does")
	}
	found := fail("not allowed: "+strings.Join(p.trust.missing, ", "), Seen{"role", p.Target.RoleARN}, Seen{"missing", strings.Join(p.trust.missing, ", ")})
	now, ok := p.withActions()
	if !ok {
		return found
	}
	name := roleName(p.Target.RoleARN)
	found = found.with("Add the missing actions to our own statement of the trust policy; this wants its own yes.", "anywhere doctor "+quoted(p.Name)+" --fix=RA301")
	found.Fix.Automatic = true
	found.Fix.Edit = &Edit{TrustActions: &TrustActions{Role: name, Sid: p.Ours.Sid, Was: p.AWS.Role.Value.TrustPolicy, Now: now}}
	return found
}

// withActions is the trust policy with our own statement made whole.
func (p *Patient) withActions() (string, bool) {
	if p.Ours == nil || p.Ours.Sid == "" || p.Kind != KindSetup {
		return "", false
	}
	s, ours := p.trust.doc.Statement(p.Ours.Sid)
	if !ours || s.Actions == nil {
		return "", false
	}
	s.Actions = append(append([]string{}, s.Actions...), p.trust.missing...)
	if len(p.trust.doc.Statements) == 1 {
		return policy.Document{Version: p.trust.doc.Version, ID: p.trust.doc.ID, Statements: []policy.Statement{s}}.JSON(), true
	}
	without, found, err := policy.WithoutStatement(p.AWS.Role.Value.TrustPolicy, p.Ours.Sid)
	if err != nil || !found {
		return "", false
	}
	whole, err := policy.WithStatement(without, s)
	return whole, err == nil
}

func trustsAnchor(p *Patient) Finding {
	if f, done := p.untrusted(); done {
		return f
	}
	if misses := p.trust.of(missAnchor); len(misses) > 0 {
		found := fail("the trust policy is for another trust anchor or account", compared(misses[0])...).but(p.nearMiss(misses[0]))
		if p.AWS.Anchor.is(Missing) {
			found.follows = "RA201" // the ARN is wrong, not the policy
		}
		return found
	}
	if p.trust.allowed && !policy.NamesAnchor(p.trust.doc, p.Target.TrustAnchorARN) {
		return warn("the trust policy names no trust anchor: every certificate of every anchor of the account gets in", Seen{"this anchor", p.Target.TrustAnchorARN})
	}
	return pass("it does", Seen{"trust anchor", p.Target.TrustAnchorARN})
}

func notDenied(p *Patient) Finding {
	if f, done := p.untrusted(); done {
		return f
	}
	if p.trust.denied != nil {
		found := fail(p.trust.denied.Reason, Seen{"statement", fmt.Sprint(p.trust.denied.Statement + 1)}, Seen{"Sid", p.trust.denied.Sid})
		have := p.facts(p.trust.tagging)
		for _, c := range p.trust.doc.Statements[p.trust.denied.Statement].Conditions {
			miss := policy.Miss{Operator: c.Operator, Key: c.Key, Want: c.Values}
			for key, values := range have {
				if strings.EqualFold(key, c.Key) {
					miss.Have = values
				}
			}
			seen := compared(miss)
			seen[0].Label = "policy denies"
			found.Evidence = append(found.Evidence, seen...)
		}
		return found
	}
	return pass("none does")
}

func conditionsMatch(p *Patient) Finding {
	if f, done := p.untrusted(); done {
		return f
	}
	if misses := p.trust.of(missValue); len(misses) > 0 {
		found := fail("the role wants another value of " + misses[0].Key)
		for _, m := range misses {
			found.Evidence = append(found.Evidence, compared(m)...)
		}
		return found.but(p.nearMiss(misses[0]))
	}
	if misses := p.trust.of(missUnknown); len(misses) > 0 {
		if p.refused(refusals.RoleRefused) {
			if isNetwork(misses[0].Key) {
				return fail("the role asks where the request comes from, and that is Roles Anywhere, not this machine", compared(misses[0])...).
					with("Take "+misses[0].Key+" out of the trust policy; in the role's permissions it can limit where the session is used from.", "")
			}
			return fail("the role asks for "+misses[0].Key+", which only AWS knows, and AWS refused", compared(misses[0])...)
		}
		return p.untold("the role asks for " + misses[0].Key + ", which only AWS knows")
	}
	return pass("they do", Seen{"source identity", sourceIdentity(p.leaf)})
}

// absentTags warns of negated comparisons with tags that this certificate does
// not give.
func absentTags(p *Patient) Finding {
	if f, done := p.untrusted(); done {
		return f
	}
	for _, s := range p.trust.doc.Statements {
		for _, c := range s.Conditions {
			tag, isTag := tagOf(c.Key)
			if s.Effect != policy.Allow || !isTag || !strings.Contains(c.Operator, "Not") || mustBeThere(s, c.Key) {
				continue
			}
			return warn(c.Operator+" lets every certificate in that has no "+tag, Seen{"policy wants", c.Operator + " " + c.Key + " " + strings.Join(c.Values, ", ")})
		}
	}
	return pass("they do")
}

// mustBeThere says that the statement wants the tag to be present, too.
func mustBeThere(s policy.Statement, key string) bool {
	for _, c := range s.Conditions {
		if !strings.EqualFold(c.Key, key) {
			continue
		}
		null := c.Operator == "Null" && len(c.Values) == 1 && strings.EqualFold(c.Values[0], "false")
		if null || !strings.Contains(c.Operator, "Not") && !strings.HasSuffix(c.Operator, "IfExists") && c.Operator != "Null" {
			return true
		}
	}
	return false
}

// spread blames the time since the role was made, if nothing else is wrong.
func spread(p *Patient) Finding {
	if f, done := p.untrusted(); done {
		return f
	}
	age := p.At.Sub(p.AWS.Role.Value.CreatedAt)
	if p.trust.allowed && p.refused(refusals.RoleRefused) && age.Abs() < 2*time.Minute { // the clocks need not agree
		found := fail(fmt.Sprintf("it was made %s ago", max(age, 0).Round(time.Second)), p.words())
		found.remains = true
		return found
	}
	return pass("it was made " + stamp(p.AWS.Role.Value.CreatedAt))
}

// above finds the kind of policy that AWS names: in its refusal, or in the events
// that CloudTrail has of this session's name.
func (p *Patient) above() (kind, words string) {
	texts := []string{}
	if p.Exchange.Refused != nil {
		texts = append(texts, p.Exchange.Refused.Message)
	}
	for _, event := range p.AWS.Trail.Value {
		if p.leaf != nil && strings.Contains(event.Record, p.sessionName()) {
			texts = append(texts, event.Record)
		}
	}
	for _, text := range texts {
		for _, kind := range []string{"resource control policy", "service control policy"} {
			if strings.Contains(text, kind) {
				return kind, text
			}
		}
	}
	return "", ""
}

func nothingAbove(p *Patient) Finding {
	if kind, words := p.above(); kind != "" && !p.got() {
		return fail("AWS names a "+kind, Seen{"AWS says", words})
	}
	if f, done := p.untrusted(); done {
		return f
	}
	if p.trust.allowed && p.refused(refusals.RoleRefused) {
		found := fail("the trust policy lets this certificate in, yet AWS says no; what is left is a policy of the organisation, or a role that is still spreading", p.words())
		found.remains = true
		return found
	}
	return pass("nothing is known to")
}

func boundaryLeaves(p *Patient) Finding {
	boundary := p.AWS.Role.Value.PermissionsBoundary
	if !p.AWS.Role.Known() || boundary == "" {
		return skip("there is no permissions boundary")
	}
	text, known := p.AWS.Limits.Value[boundary]
	if !known {
		return unknown("the permissions boundary could not be read", Seen{"policy", boundary})
	}
	return p.leaves("the permissions boundary", documents([]string{text}))
}
