package doctor

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"time"

	"anywhere/pki/rules"
)

// ageChecks look at what works today and will not for ever.
func ageChecks() []Check {
	return []Check{
		{
			Code: "RA601", Group: GroupAge, Title: "Certificate has a third of its life left", Needs: []Code{"RA115"}, Judge: lifeLeft,
			Fault:  "The certificate ends soon",
			Why:    "A certificate that is renewed in its last third leaves time to repair what keeps it from being renewed.",
			Fix:    "Have the certificate renewed now.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/customize-notification-settings.html",
		},
		{
			Code: "RA602", Group: GroupAge, Title: "CA outlives what it issues", Needs: []Code{"RA155"}, Judge: caOutlives,
			Fault:  "The certificate ends after its CA",
			Why:    "A certificate that ends after its CA stops working with the CA.",
			Fix:    "Make a new CA certificate in time, and put it beside the old one into the trust anchor.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/customize-notification-settings.html",
		},
		{
			Code: "RA150", Group: GroupAge, Title: "CA's key is protected", Judge: caKeyProtected,
			Fault:  "The CA's key is not protected",
			Why:    "Whoever reads the CA's key can become any machine of this trust anchor.",
			Fix:    "chmod 600 the key; better, lock it with a passphrase (openssl pkcs8 -topk8) or keep it elsewhere.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/security-best-practices.html",
		},
		{
			Code: "RA603", Group: GroupAge, Title: "Session shows in CloudTrail", Needs: []Code{"RA403"}, Judge: inTrail,
			Fault:  "The session does not show in CloudTrail",
			Why:    "CloudTrail has each CreateSession as a management event, some minutes later.",
			Fix:    "Wait up to 15 minutes; look in the trust anchor's Region for EventSource rolesanywhere.amazonaws.com.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/logging-using-cloudtrail.html",
		},
	}
}

// lifeLeft goes by the share of the life, not by days: step issues for 24 hours.
func lifeLeft(p *Patient) Finding {
	if p.leaf == nil {
		return skip("there is no certificate to look at")
	}
	life, left := p.leaf.NotAfter.Sub(p.leaf.NotBefore), p.leaf.NotAfter.Sub(p.At)
	if life <= 0 || left <= 0 {
		return skip("it has ended")
	}
	seen := Seen{"ends", stamp(p.leaf.NotAfter)}
	says := fmt.Sprintf("%d %% of it, %s", int(left*100/life), span(left))
	if left < life/3 {
		return p.renewed(warn(says, seen))
	}
	return pass(says, seen)
}

// renewed names the command that replaces the certificate of a set-up of ours.
func (p *Patient) renewed(f Finding) Finding {
	if p.Kind != KindSetup {
		return f
	}
	return f.with("", "anywhere cert renew --setup "+quoted(p.Name))
}

// span is a duration as people say it.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d/(24*time.Hour)))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	}
	return fmt.Sprintf("%d minutes", int(d/time.Minute))
}

// issuingCA is the anchor's CA above the certificate, or one that is known to have
// signed it: another of the same name says nothing about it.
func (p *Patient) issuingCA() *x509.Certificate {
	if p.path.reached != nil {
		return p.path.reached
	}
	if p.leaf == nil {
		return nil
	}
	for _, ca := range p.under(rules.CA) {
		if p.leaf.CheckSignatureFrom(ca) == nil {
			return ca
		}
	}
	return nil
}

// namesake says that a CA has the name of the certificate's issuer and another key.
func (p *Patient) namesake(ca *x509.Certificate) bool {
	return p.leaf != nil && bytes.Equal(ca.RawSubject, p.leaf.RawIssuer) &&
		ca.CheckSignature(p.leaf.SignatureAlgorithm, p.leaf.RawTBSCertificate, p.leaf.Signature) != nil
}

func caOutlives(p *Patient) Finding {
	ca := p.issuingCA()
	if p.leaf == nil || ca == nil {
		return skip("the CA is not known")
	}
	if p.leaf.NotAfter.After(ca.NotAfter) {
		return warn("the certificate ends after its CA", Seen{"certificate", stamp(p.leaf.NotAfter)}, Seen{"CA", stamp(ca.NotAfter)})
	}
	return pass("until "+stamp(ca.NotAfter), Seen{"CA", ca.Subject.String()})
}

// caKeyProtected lets a plain key in a private file pass: the wizard has told
// what that means.
func caKeyProtected(p *Patient) Finding {
	f := p.CAKey
	switch {
	case f == nil || f.Path == "":
		return skip("the CA's key is not here")
	case f.Trouble != nil:
		return unknown(f.Trouble.Says)
	case f.Mode&0o077 != 0:
		found := fail(fmt.Sprintf("mode %s lets other users have it", mode(*f)), Seen{"key", f.Path})
		found = found.with("", "chmod 600 "+quoted(f.Path))
		found.Fix.Automatic = p.Kind == KindSetup
		found.Fix.Edit = &Edit{Chmod: &Chmod{f.Path, 0o600}}
		return found
	case !f.Locked:
		return pass("nobody else can read it; it has no passphrase", Seen{"key", f.Path})
	}
	return pass("it has a passphrase", Seen{"key", f.Path})
}

func inTrail(p *Patient) Finding {
	switch {
	case !p.AWS.Trail.Asked:
		return skip("CloudTrail was not asked")
	case p.AWS.Trail.Trouble != nil:
		return unknown(p.AWS.Trail.Trouble.Says)
	case len(p.AWS.Trail.Value) == 0:
		return unknown("no event yet; AWS takes up to 15 minutes")
	}
	e := p.AWS.Trail.Value[0]
	return pass(e.Name+" at "+stamp(e.Time), Seen{"event", e.ID})
}
