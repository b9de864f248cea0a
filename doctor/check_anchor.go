package doctor

import (
	"fmt"
	"strings"

	"anywhere/pki/rules"
	"anywhere/signer/refusals"
)

// anchorChecks look at the trust anchor.
func anchorChecks() []Check {
	return []Check{
		{
			Code: "RA201", Group: GroupAnchor, Title: "Trust anchor exists and is enabled", Needs: []Code{"RA100"}, Refuses: true, Judge: anchorThere,
			Fault:  "The trust anchor is missing or disabled",
			Why:    "AWS looks the trust anchor up by its ARN, in its account and Region. The API and the CLI create anchors disabled; somebody may also have switched it off as an emergency brake.",
			Fix:    "Correct the ARN, or find out who disabled the anchor and enable it: aws rolesanywhere enable-trust-anchor --trust-anchor-id ID.",
			Source: trustModel,
		},
		{
			Code: "RA202", Group: GroupAnchor, Title: "Trust anchor holds the CA that issued the certificate", Needs: []Code{"RA201", "RA128"}, Refuses: true, Judge: anchorHoldsCA,
			Fault:  "The trust anchor holds another CA than the one that issued the certificate",
			Why:    "A CA that was made again has the same name and another key: every certificate of the old one then fails until the anchor holds it, too. AWS says \"Untrusted signing certificate\", openssl \"unable to get local issuer certificate\".",
			Fix:    "Put the issuing CA into the trust anchor, which takes two certificates, or issue the certificate again with the CA that the anchor holds.",
			Source: trustModel,
		},
		{
			Code: "RA215", Group: GroupAnchor, Title: "Trust anchor has two certificates at most", Judge: twoCertificates,
			Fault:  "The trust anchor has more than two certificates",
			Why:    "A trust anchor takes two certificates, so that a CA can be changed without a gap.",
			Fix:    "Leave the CA in use and its successor in the bundle.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/load-balancer-limits.html",
		},
		{
			Code: "RA161", Group: GroupAnchor, Title: "Issuer is a private CA", Refuses: true, Judge: privateCA,
			Fault:  "The issuer is a public CA",
			Why:    "Everybody can get a certificate of a public web CA, so Roles Anywhere takes none for a trust anchor.",
			Fix:    "Issue the certificate with a CA of your own: anywhere setup makes one.",
			Source: trustModel,
		},
	}
}

func anchorThere(p *Patient) Finding {
	a := p.AWS.Anchor
	seen := []Seen{{"trust anchor", p.Target.TrustAnchorARN}}
	switch {
	case p.Target.TrustAnchorARN == "":
		return skip("no trust anchor is named")
	case a.is(Missing), !a.Known() && p.refused(refusals.AnchorUnknown):
		found := fail("no such trust anchor is in account "+account(p.Target.TrustAnchorARN)+", "+region(p.Target.TrustAnchorARN), seen...)
		for _, other := range p.AWS.Anchors.Value {
			found.Evidence = append(found.Evidence, Seen{"there is", other.ARN + " (" + other.Name + ")"})
		}
		return found
	case a.Known() && !a.Value.Enabled, !a.Known() && p.refused(refusals.AnchorDisabled):
		seen = append(seen, p.switchedOff("DisableTrustAnchor", p.Target.TrustAnchorARN)...)
		return fail("the trust anchor is disabled", seen...).with(
			"It may be somebody's emergency brake: ask first, then enable it.", p.enable("trust-anchor", p.Target.TrustAnchorARN))
	case a.Known():
		return pass("it is there", append(seen, Seen{"name", a.Value.Name})...)
	}
	return p.untold("the trust anchor could not be read: " + a.why())
}

// enable is the command that switches something on.
func (p *Patient) enable(what, arn string) string {
	command := fmt.Sprintf("aws rolesanywhere enable-%s --%s-id %s --region %s", what, what, arn[strings.LastIndex(arn, "/")+1:], region(arn))
	if p.Exchange.Endpoint != "" && p.Mode != "" && p.Mode != "aws" {
		command += " --endpoint-url " + p.Exchange.Endpoint
	}
	return command
}

// switchedOff says who disabled a thing, as far as CloudTrail tells.
func (p *Patient) switchedOff(event, arn string) []Seen {
	id := arn[strings.LastIndex(arn, "/")+1:]
	for _, e := range p.AWS.Disabled.Value {
		if e.Name == event && strings.Contains(e.Record, id) {
			return []Seen{{"disabled by", e.Username}, {"at", stamp(e.Time)}}
		}
	}
	return nil
}

func (a Answer[T]) why() string {
	if a.Trouble == nil {
		return "it was not asked for"
	}
	return a.Trouble.Says
}

// anchorHoldsCA names a CA that was made again, and one that stands elsewhere.
func anchorHoldsCA(p *Patient) Finding {
	switch {
	case p.leaf == nil:
		return skip("there is no certificate to look at")
	case p.anchors == nil && p.AWS.Anchor.Known() && p.AWS.Anchor.Value.Source.PrivateCA != "":
		return p.untold("the trust anchor is an AWS Private CA, whose certificate was not read")
	case p.anchors == nil:
		return p.untold("the trust anchor's certificates are not known")
	case p.path.reached != nil:
		return pass("it does", Seen{"anchor's CA", p.path.reached.Subject.String()})
	case p.path.namesake != nil:
		return fail("the trust anchor holds another CA of the same name", Seen{"name", p.path.namesake.Subject.String()},
			Seen{"anchor's CA", fingerprint(p.path.namesake)}, Seen{"certificate was signed by", signerOf(p)})
	}
	for _, ca := range append(append(p.known[:len(p.known):len(p.known)], p.sent...), p.all...) {
		if signed(ca, p.path.stuck) && selfSigned(ca) {
			return fail("the trust anchor holds another CA", Seen{"issuer", ca.Subject.String()}, Seen{"anchor holds", p.held()})
		}
	}
	for _, other := range p.AWS.Anchors.Value {
		for _, ca := range bundle(other.Source.Bundle) {
			if signed(ca, p.path.stuck) {
				return fail("another trust anchor holds the CA", Seen{"named", p.Target.TrustAnchorARN}, Seen{"holds the CA", other.ARN})
			}
		}
	}
	return unknown("the issuer is not known here")
}

// anchorHoldsOther says that RA202 fails for a reason that RA121 need not repeat.
func anchorHoldsOther(p *Patient) bool { return p.path.namesake != nil }

func (p *Patient) held() string {
	var names []string
	for _, ca := range p.anchors {
		names = append(names, ca.Subject.String())
	}
	return strings.Join(names, "; ")
}

// signerOf names the key that signed the certificate at which the path ends.
func signerOf(p *Patient) string {
	for _, ca := range p.known {
		if signed(ca, p.path.stuck) {
			return fingerprint(ca)
		}
	}
	if id := p.path.stuck.AuthorityKeyId; len(id) > 0 {
		return fmt.Sprintf("key %x", id)
	}
	return "another key"
}

func twoCertificates(p *Patient) Finding {
	if p.anchors == nil {
		return p.untoldQuietly()
	}
	if len(p.anchors) > 2 {
		return fail(fmt.Sprintf("it has %d", len(p.anchors)))
	}
	return pass(fmt.Sprintf("it has %d", len(p.anchors)))
}

// untoldQuietly is for what other checks say better.
func (p *Patient) untoldQuietly() Finding { return skip("it could not be read") }

// privateCA goes by a list of names that stand in no private CA by accident, and
// only where the certificate leads to no trust anchor.
func privateCA(p *Patient) Finding {
	if p.leaf == nil {
		return skip("there is no certificate to look at")
	}
	if p.path.reached == nil || p.Offline {
		top := p.path.stuck
		if top == nil {
			top = p.leaf
		}
		if name, public := publicCA(top.Issuer); public {
			return fail("the issuer is the public CA "+name, Seen{"issuer", top.Issuer.String()})
		}
	}
	return pass("it is")
}

// caAgeChecks judge the anchor's CA by the clock.
func caAgeChecks() []Check {
	return []Check{{
		Code: "RA155", Group: GroupAnchor, Title: "CA certificate is valid now", Needs: []Code{"RA201"}, Refuses: true, Judge: caValid,
		Fault:  "The CA certificate is not valid now",
		Why:    "When the CA's certificate ends, every certificate under it ends.",
		Fix:    "Make a new CA certificate, put it beside the old one into the trust anchor, and issue the machines' certificates again.",
		Source: rfc5280 + "#section-6.1.3",
	}}
}

func caValid(p *Patient) Finding {
	cas := p.under(rules.CA)
	if len(cas) == 0 {
		return skip("the CA is not known")
	}
	if p.path.reached != nil {
		cas = cas[:0:0]
		cas = append(cas, p.path.reached)
	}
	for _, rule := range rules.At(p.At) {
		if rule.Subject != rules.CA {
			continue
		}
		for _, ca := range cas {
			ok, saw := rule.Holds(ca)
			switch {
			case ok:
			case p.namesake(ca):
				return fail(saw+"; it did not issue this certificate, it has its issuer's name alone", Seen{"CA", ca.Subject.String()}).
					with("Take it out of the trust anchor once the CA that issued the certificate stands there.", "")
			default:
				return fail(saw, Seen{"CA", ca.Subject.String()})
			}
		}
	}
	return pass("until " + stamp(cas[0].NotAfter))
}
