package doctor

import (
	"fmt"
	"slices"
	"strings"

	"anywhere/awsapi"
)

const linkedRole = "AWSServiceRoleForRolesAnywhere"

// accountChecks look at what stands around the set-up in its account.
func accountChecks() []Check {
	return []Check{
		{
			Code: "RA214", Group: GroupProfile, Title: "Quotas leave room", Judge: roomLeft,
			Fault:  "A quota is nearly used up",
			Why:    "An account has 50 trust anchors and 250 Roles Anywhere profiles a Region, if it never asked for more; a Roles Anywhere profile lists 250 roles, which cannot be raised.",
			Fix:    "Remove what is not used, or ask for a higher quota.",
			Source: quotas,
		},
		{
			Code: "RA218", Group: GroupAnchor, Title: "Private CA behind the trust anchor is active", Needs: []Code{"RA201"}, Judge: privateCAActive,
			Fault:  "The Private CA behind the trust anchor is not active",
			Why:    "The trust anchor keeps the certificate that it read when it was made or updated, so that sessions go on; but a Private CA that is disabled, expired or deleted issues no certificate any more, and a renewed one needs update-trust-anchor.",
			Fix:    "Enable or restore the Private CA (aws acm-pca update-certificate-authority --status ACTIVE, restore-certificate-authority), or move the trust anchor to another CA.",
			Source: trustModel,
		},
		{
			Code: "RA219", Group: GroupAnchor, Title: "Each CA has one revocation list", Needs: []Code{"RA201"}, Judge: oneListEach,
			Fault:  "A CA has more than one revocation list",
			Why:    "A trust anchor takes two lists, so that both CAs of a change have one. Importing instead of updating leaves stale lists, and the third import is refused: from then on nobody new is revoked.",
			Fix:    "Give new data to the list that is there: aws rolesanywhere update-crl --crl-id ID --crl-data fileb://crl.pem; delete the other.",
			Source: quotas,
		},
		{
			Code: "RA220", Group: GroupAnchor, Title: "Service-linked role is there", Needs: []Code{"RA201"}, Judge: linkedRoleThere,
			Fault:  "The service-linked role is missing",
			Why:    "Roles Anywhere reads Private CAs and writes metrics through the role " + linkedRole + ", which comes with the first trust anchor. Without it sessions go on; metrics, notices and Private CAs do not.",
			Fix:    "Make it again: aws iam create-service-linked-role --aws-service-name rolesanywhere.amazonaws.com.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/using-service-linked-roles.html",
		},
	}
}

// roomLeft is silent beyond a quota: then it was raised.
func roomLeft(p *Patient) Finding {
	if !p.AWS.Anchors.Known() {
		return p.untoldQuietly()
	}
	var seen, tight []Seen
	for _, q := range []struct {
		what             string
		used, all, least int
	}{
		{"trust anchors", len(p.AWS.Anchors.Value), 50, 2},
		{"Roles Anywhere profiles", len(p.AWS.Profiles.Value), 250, 5},
		{"roles of the Roles Anywhere profile", len(p.AWS.Profile.Value.RoleARNs), 250, 5},
	} {
		row := Seen{q.what, fmt.Sprintf("%d of %d", q.used, q.all)}
		seen = append(seen, row)
		if left := q.all - q.used; left >= 0 && left <= q.least {
			tight = append(tight, row)
		}
	}
	if len(tight) > 0 {
		return warn("little is left", tight...)
	}
	return pass("they do", seen...)
}

func privateCAActive(p *Patient) Finding {
	ca := p.AWS.PrivateCA
	switch {
	case p.AWS.Anchor.Value.Source.PrivateCA == "":
		return skip("the trust anchor is no Private CA")
	case ca.is(Missing):
		return warn("there is no such Private CA any more", Seen{"Private CA", p.AWS.Anchor.Value.Source.PrivateCA})
	case !ca.Known():
		return unknown("the Private CA could not be read: "+ca.why(), Seen{"Private CA", p.AWS.Anchor.Value.Source.PrivateCA})
	case ca.Value.Status != "" && ca.Value.Status != "ACTIVE":
		return warn("it is "+ca.Value.Status, Seen{"Private CA", ca.Value.ARN})
	}
	return pass("it is", Seen{"Private CA", ca.Value.ARN})
}

// oneListEach finds lists of one issuer, by its name.
func oneListEach(p *Patient) Finding {
	lists := p.lists()
	if len(lists) == 0 {
		return skip("there is no revocation list")
	}
	by := map[string][]Seen{}
	for _, l := range lists {
		if l.data == nil {
			continue
		}
		next := "next update " + stamp(l.data.NextUpdate)
		if l.data.Number != nil {
			next = "number " + l.data.Number.String() + ", " + next
		}
		by[string(l.data.RawIssuer)] = append(by[string(l.data.RawIssuer)], Seen{l.Name + " " + l.ARN, next})
	}
	for _, seen := range by {
		if len(seen) > 1 {
			return warn(fmt.Sprintf("%d lists are of one CA; the trust anchor takes two in all", len(seen)), seen...)
		}
	}
	return pass(fmt.Sprintf("%d of 2 lists", len(lists)))
}

func linkedRoleThere(p *Patient) Finding {
	if !p.AWS.Roles.Known() || !p.AWS.Anchor.Known() {
		return p.untoldQuietly()
	}
	if !slices.ContainsFunc(p.AWS.Roles.Value, func(r awsapi.Role) bool { return strings.HasSuffix(r.ARN, "/"+linkedRole) }) {
		return warn("there is no role " + linkedRole)
	}
	return pass("it is")
}

// caLifeChecks look at the life of the CA itself.
func caLifeChecks() []Check {
	return []Check{{
		Code: "RA604", Group: GroupAge, Title: "CA has a tenth of its life left", Needs: []Code{"RA155"}, Judge: caLifeLeft,
		Fault:  "The CA ends soon",
		Why:    "With the CA every certificate under it ends. A new CA must stand in the trust anchor, and every machine have a certificate of it, before that.",
		Fix:    "Make the successor now and put it beside the old one into the trust anchor: anywhere ca rotate.",
		Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/customize-notification-settings.html",
	}}
}

// caLifeLeft goes by the share of the life, as [lifeLeft] does: some CAs live for
// a day.
func caLifeLeft(p *Patient) Finding {
	ca := p.issuingCA()
	if ca == nil {
		return skip("the CA is not known")
	}
	if p.leaf != nil && p.leaf.NotAfter.After(ca.NotAfter) {
		return skip("the certificate ends after its CA, which is told by itself")
	}
	life, left := ca.NotAfter.Sub(ca.NotBefore), ca.NotAfter.Sub(p.At)
	if life <= 0 || left <= 0 {
		return skip("it has ended")
	}
	seen := []Seen{{"CA", ca.Subject.String()}, {"ends", stamp(ca.NotAfter)}}
	says := fmt.Sprintf("%d %% of it, %s", int(left*100/life), span(left))
	if left < life/10 {
		return warn(says, seen...)
	}
	return pass(says, seen...)
}
