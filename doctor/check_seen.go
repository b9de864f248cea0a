package doctor

import (
	"crypto/x509"
	"encoding/pem"
	"time"

	"anywhere/awsapi"
)

// seenChecks look at what was noted before this moment: by AWS, and by our signer.
func seenChecks() []Check {
	return []Check{
		{
			Code: "RA414", Group: GroupSession, Title: "Last attempt that AWS saw succeeded", Needs: []Code{"RA403"}, Judge: lastAttempt,
			Fault:  "The last attempt that AWS saw failed",
			Why:    "Roles Anywhere keeps a subject for each name in certificates, and marks a certificate whose last request for a session failed. It does not say why.",
			Fix:    "Ask for a session now, which tells the reason: anywhere doctor without --no-live. Or look CreateSession up in CloudTrail.",
			Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/monitoring-subjects.html",
		},
		{
			Code: "RA605", Group: GroupAge, Title: "Signer had nothing to warn of", Needs: []Code{"RA401", "RA601", "RA115"}, Judge: nothingNoted,
			Fault:  "The signer warned of something while it gave credentials",
			Why:    "SDKs throw away what a credential_process says on standard error when it succeeds, so the signer keeps its warnings for the doctor and for anywhere status.",
			Fix:    "Follow the code that the warning names: anywhere explain CODE.",
			Source: sourcing,
		},
	}
}

// attempts are those with a certificate of this subject, the last success and the
// last failure after it.
func (p *Patient) attempts() (success time.Time, failed *awsapi.Attempt) {
	for _, s := range p.AWS.Subjects.Value {
		for _, a := range s.Attempts {
			if !a.Failed && a.SeenAt.After(success) {
				success = a.SeenAt
			}
		}
	}
	for _, s := range p.AWS.Subjects.Value {
		for i, a := range s.Attempts {
			if a.Failed && a.SeenAt.After(success) && (failed == nil || a.SeenAt.After(failed.SeenAt)) {
				failed = &s.Attempts[i]
			}
		}
	}
	return success, failed
}

// lastAttempt is silent where a session is got now, and where a later attempt of
// the same subject succeeded.
func lastAttempt(p *Patient) Finding {
	switch {
	case p.leaf == nil || !p.AWS.Subjects.Known():
		return p.untoldQuietly()
	case p.got():
		return pass("it did, just now")
	case p.Exchange.Refused != nil:
		// Subjects are read while that is asked: they may show it, or not yet.
		return skip("AWS refused a session just now, which tells more")
	}
	success, failed := p.attempts()
	if failed == nil {
		if success.IsZero() {
			return skip("AWS has seen no attempt")
		}
		return pass("it did, at " + stamp(success))
	}
	seen := []Seen{{"failed at", stamp(failed.SeenAt)}, {"serial", failed.Serial}, {"issuer", failed.Issuer}}
	if !success.IsZero() {
		seen = append(seen, Seen{"last success", stamp(success)})
	}
	if block, _ := pem.Decode([]byte(failed.Certificate)); block != nil {
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil && !cert.Equal(p.leaf) {
			return warn("an attempt with another certificate of this name failed, and none has succeeded since", seen...)
		}
	}
	return warn("the last attempt with this certificate failed", seen...)
}

// nothingNoted tells what the signer noted about the certificate in use, unless it
// is over: a clock that agrees by now.
func nothingNoted(p *Patient) Finding {
	if p.Kind != KindSetup {
		return skip("only the signer of a set-up keeps warnings")
	}
	var seen []Seen
	for _, n := range p.Noted {
		offset, known := p.offset()
		switch {
		case p.leaf != nil && n.At.Before(p.leaf.NotBefore), n.At.After(p.At.Add(time.Minute)):
			continue // about a certificate that was replaced; or another clock's
		case n.Code == "RA401" && known && offset.Abs() < 2*time.Minute:
			continue
		}
		seen = append(seen, Seen{string(n.Code) + ", " + stamp(n.At), n.Says})
	}
	if len(seen) > 0 {
		return warn(seen[len(seen)-1].Value, seen...)
	}
	return pass("nothing")
}
