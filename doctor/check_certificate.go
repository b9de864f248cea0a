package doctor

import (
	"fmt"
	"strings"
	"time"

	"anywhere/pki"
	"anywhere/pki/rules"
)

const rfc5280 = "https://www.rfc-editor.org/rfc/rfc5280"

// certificateChecks look at the certificate beyond the rules that stand by
// themselves.
func certificateChecks() []Check {
	return []Check{
		{
			Code: "RA109", Group: GroupCertificate, Title: "Certificate file is there and can be read", Needs: []Code{"RA100"}, Judge: certificateThere,
			Fault:  "The certificate file is missing or cannot be read",
			Why:    "AWS's helper says \"could not parse PEM data\" for a file that is missing, empty, or in DER.",
			Fix:    "Correct the path, or convert the file: openssl x509 -inform DER -in FILE -out NEW.",
			Source: "https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-troubleshooting.html",
		},
		{
			Code: "RA110", Group: GroupCertificate, Title: "Certificate is well formed", Needs: []Code{"RA109"}, Judge: wellFormed,
			Fault:  "The certificate is malformed",
			Why:    "Some programs write certificates that strict readers refuse whole: a negative serial, a character that its string type does not have, an extension twice.",
			Fix:    "Have the certificate issued again without the field that is named.",
			Source: rfc5280 + "#section-4.1",
		},
		{
			Code: "RA115", Group: GroupCertificate, Title: "Certificate is valid now", Needs: []Code{"RA128"}, Refuses: true, Judge: validNow,
			Fault:  "The certificate is not valid now",
			Why:    "A certificate works from its first to its last second, by AWS's clock. AWS has no word for an expired one: it says that it is untrusted. \"Not yet valid\" often means that the issuer's clock ran ahead.",
			Fix:    "Have the certificate renewed; for one that is not valid yet, compare the clocks first. Issue with a beginning some minutes back.",
			Source: rfc5280 + "#section-6.1.3",
		},
		{
			Code: "RA128", Group: GroupCertificate, Title: "First certificate of the file is the machine's", Needs: []Code{"RA109"}, Refuses: true, Judge: firstIsOurs,
			Fault:  "The first certificate of the file is not the machine's",
			Why:    "AWS's helper takes the first certificate of the file for the machine's, whatever it is.",
			Fix:    "Put the machine's certificate first, its issuer after it, and leave the root out.",
			Source: helperGuide,
		},
	}
}

func certificateThere(p *Patient) Finding {
	t := p.Certificate.Trouble
	switch {
	case p.Subject != nil, t == nil && len(p.Certificate.All) == 0:
		return skip("no certificate is named")
	case t == nil && p.Client == ClientHelper && p.Certificate.File.Form == FormDER:
		path := p.Certificate.File.Path
		return fail("the file is DER, and AWS's helper reads PEM alone", Seen{"file", path}).
			with("Convert it, and name the new file.", "openssl x509 -inform DER -in "+quoted(path)+" -out "+quoted(path+".pem"))
	case t == nil:
		return pass("it is there", p.certificateSeen()...)
	case t.Kind == NotAsked:
		return unknown("the certificate was not looked at: " + t.Says)
	}
	file := Seen{"file", p.Certificate.File.Path}
	switch holds := p.Certificate.File.Holds; {
	case p.swapped():
		found := fail("certificate and key are swapped: the certificate's file holds "+holds, file)
		found.follows = "RA106"
		return found
	case holds == "nothing":
		return fail("the file is empty", file).with("Write the certificate into it again, or correct the path.", "")
	case strings.HasPrefix(holds, "a certificate request"):
		return fail("the file holds "+holds+", not a certificate", file).with("Have the CA sign the request, and name the certificate that comes back.", "")
	case holds != "":
		return fail("the file holds "+holds+", not a certificate", file)
	}
	return p.ofLine(fail(t.Says, file))
}

func (p *Patient) certificateSeen() []Seen {
	if p.leaf == nil {
		return []Seen{{"file", p.Certificate.File.Path}}
	}
	seen := []Seen{
		{"subject", p.leaf.Subject.String()}, {"issuer", p.leaf.Issuer.String()},
		{"valid", stamp(p.leaf.NotBefore) + " to " + stamp(p.leaf.NotAfter)},
	}
	if p.Certificate.File.Path != "" {
		seen = append(seen, Seen{"file", p.Certificate.File.Path})
	}
	return seen
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func wellFormed(p *Patient) Finding {
	if len(p.Certificate.Leaf) == 0 {
		return skip("there is no certificate to look at")
	}
	if p.leaf != nil {
		return pass("every reader can read it")
	}
	facts, why := dissect(p.Certificate.Leaf)
	return fail(why, facts...)
}

// validNow goes by this machine's clock; if AWS's is known, by that.
func validNow(p *Patient) Finding {
	if p.leaf == nil {
		return skip("there is no certificate to look at")
	}
	now := p.At
	if offset, ok := p.offset(); ok {
		now = now.Add(offset)
	}
	for _, rule := range rules.At(now) {
		if rule.Subject != rules.Leaf {
			continue
		}
		if ok, saw := rule.Holds(p.leaf); !ok {
			found := fail(saw, Seen{"valid", stamp(p.leaf.NotBefore) + " to " + stamp(p.leaf.NotAfter)}, Seen{"now", stamp(now)})
			if now.After(p.leaf.NotAfter) {
				return p.renewed(found)
			}
			return found
		}
	}
	return pass("until "+stamp(p.leaf.NotAfter), Seen{"valid", stamp(p.leaf.NotBefore) + " to " + stamp(p.leaf.NotAfter)})
}

func firstIsOurs(p *Patient) Finding {
	if p.leaf == nil || p.Kind == KindSetup {
		return skip("the client takes the certificate of the key")
	}
	if len(p.Key.Public) > 0 {
		for _, other := range p.all {
			if sameKey(other, p.Key.Public) && !other.Equal(p.leaf) && !sameKey(p.leaf, p.Key.Public) {
				return fail("the machine's certificate stands further down", Seen{"first", p.leaf.Subject.String()},
					Seen{"the machine's", other.Subject.String()})
			}
		}
	}
	if p.leaf.IsCA && selfSigned(p.leaf) {
		return fail("the first certificate is a root CA", Seen{"first", p.leaf.Subject.String()})
	}
	return pass("it is")
}

// namesChecks say under which names this machine appears.
func namesChecks() []Check {
	return []Check{{
		Code: "RA411", Group: GroupSession, Title: "Session can be found by its names", Judge: names,
		Fault:  "The session cannot be found by its names",
		Why:    "The session name is the certificate's serial in hex, not its common name; the common name is in the source identity. CloudTrail has CreateSession (rolesanywhere.amazonaws.com) with the certificate, AssumeRole (sts.amazonaws.com) with the tags, and later calls with the session name as user name.",
		Fix:    "Look events up by the session name, and go back to the certificate with anywhere whois.",
		Source: "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/logging-using-cloudtrail.html",
	}}
}

func names(p *Patient) Finding {
	if p.leaf == nil {
		return skip("there is no certificate to look at")
	}
	serial := pki.SerialOf(p.leaf)
	return pass(fmt.Sprintf("sessions are named %s and act as %s", p.sessionName(), sourceIdentity(p.leaf)),
		Seen{"session name", p.sessionName()}, Seen{"openssl", serial.Colon()}, Seen{"decimal", serial.Decimal()},
		Seen{"source identity", sourceIdentity(p.leaf)}, Seen{"CloudTrail", "CreateSession, AssumeRole; then Username = " + p.sessionName()})
}
