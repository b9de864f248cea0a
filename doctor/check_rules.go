package doctor

import (
	"bytes"
	"crypto/x509"
	"strings"
	"unicode"
	"unicode/utf8"

	"anywhere/pki/rules"
	"anywhere/signer/refusals"
)

// ruleText is what the doctor says of a rule of pki/rules.
type ruleText struct {
	fault, why, fix string
	needs           []Code
	judge           func(*Patient, rules.Rule) Finding // nil: a must refuses, a should warns
}

// ruleChecks turns the certificate rules into checks: one set of rules, told
// twice.
func ruleChecks(subject rules.Subject) []Check {
	group := GroupCertificate
	texts := leafTexts()
	if subject == rules.CA {
		group, texts = GroupAnchor, caTexts()
	}
	var list []Check
	for _, rule := range rules.All() {
		if rule.Subject != subject {
			continue
		}
		text := texts[rule.ID]
		list = append(list, Check{
			Code: Code(rule.ID), Group: group, Title: sentence(rule.Says), Fault: text.fault, Why: text.why, Fix: text.fix, Source: rule.Source,
			Needs: text.needs, Refuses: rule.Severity == rules.Must,
			Judge: func(p *Patient) Finding {
				if text.judge != nil {
					return text.judge(p, rule)
				}
				return p.byRule(rule)
			},
		})
	}
	return list
}

// sentence begins with a capital letter.
func sentence(says string) string {
	r, n := utf8.DecodeRuneInString(says)
	return string(unicode.ToUpper(r)) + says[n:]
}

// under are the certificates that a rule is about: the machine's own, or those of
// the trust anchor and, where that is not known, the authority that is.
func (p *Patient) under(subject rules.Subject) []*x509.Certificate {
	switch {
	case subject == rules.CA && p.anchors != nil:
		return p.anchors
	case subject == rules.CA && p.leaf != nil:
		var list []*x509.Certificate
		for _, ca := range p.known {
			if signed(ca, p.leaf) {
				list = append(list, ca)
			}
		}
		return list
	case subject == rules.Leaf && p.leaf != nil:
		return []*x509.Certificate{p.leaf}
	}
	return nil
}

// breach is the first certificate that breaks a rule, and what was seen of it.
func (p *Patient) breach(rule rules.Rule) (saw string, broken bool) {
	for _, cert := range p.under(rule.Subject) {
		ok, says := rule.Holds(cert)
		if !ok {
			return says, true
		}
		saw = says
	}
	return saw, false
}

// byRule judges by the rule alone. What AWS is only said to want warns where no
// session works, and is silent where one does.
func (p *Patient) byRule(rule rules.Rule) Finding {
	if len(p.under(rule.Subject)) == 0 {
		return skip("there is no certificate to look at")
	}
	saw, broken := p.breach(rule)
	seen := Seen{"certificate", p.under(rule.Subject)[0].Subject.String()}
	switch {
	case !broken:
		return pass(saw)
	case rule.Severity == rules.Must:
		return fail(saw, seen)
	case p.got():
		return pass(saw + "; sessions work all the same")
	}
	return warn(saw, seen)
}

// quiet is for what harms only where a condition depends on it, which other
// checks look at.
func (p *Patient) quiet(rule rules.Rule) Finding {
	if len(p.under(rule.Subject)) == 0 {
		return skip("there is no certificate to look at")
	}
	saw, _ := p.breach(rule)
	return pass(saw)
}

// nameNeeded fails a certificate without common name if the role asks for one.
func nameNeeded(p *Patient, rule rules.Rule) Finding {
	saw, broken := p.breach(rule)
	if !broken || p.leaf == nil {
		return p.quiet(rule)
	}
	for _, m := range p.trust.misses {
		tag, _ := tagOf(m.Key)
		if strings.EqualFold(tag, "x509Subject/CN") && m.Absent || wantsCN(m.Key, m.Want) {
			return fail(saw+", and the role asks for one", compared(m)...)
		}
	}
	return pass(saw + "; the source identity is " + sourceIdentity(p.leaf))
}

// wantsCN says that a condition on the source identity names a common name.
func wantsCN(key string, want []string) bool {
	return strings.EqualFold(key, "sts:SourceIdentity") && len(want) > 0 && strings.HasPrefix(want[0], "CN=")
}

// prefixLost fails a long common name if the role asks for CN= and the name.
func prefixLost(p *Patient, rule rules.Rule) Finding {
	saw, broken := p.breach(rule)
	if !broken || p.leaf == nil {
		return p.quiet(rule)
	}
	for _, m := range p.trust.misses {
		if wantsCN(m.Key, m.Want) {
			return fail(saw+", so the source identity has no CN= before it", compared(m)...)
		}
	}
	if n := utf8.RuneCountInString(sourceIdentity(p.leaf)); n > 64 && !p.got() {
		found := warn(saw+"; a source identity has 64 at most", Seen{"common name", p.leaf.Subject.CommonName}) // STS, AssumeRole
		if p.trust.allowed && p.refused(refusals.RoleRefused) {
			found.Verdict, found.Evidence = Fail, append(found.Evidence, p.words())
		}
		return found
	}
	return pass(saw + "; the source identity is the name without CN=")
}

// taggable fails if the role asks for a tag that AWS drops.
func taggable(p *Patient, rule rules.Rule) Finding {
	if p.leaf == nil {
		return skip("there is no certificate to look at")
	}
	prefix := map[rules.Subject]bool{rules.CA: true}[rule.Subject]
	ours := func(tag string) bool { return strings.HasPrefix(strings.ToLower(tag), "x509issuer/") == prefix }
	for _, m := range p.trust.of(missDropped) {
		if tag, _ := tagOf(m.Key); ours(tag) {
			seen := append(compared(m), Seen{"certificate has", attributesOf(p.leaf)[canonical(p, tag)]})
			return fail("the role asks for "+tag+", which AWS drops because of its characters", seen...)
		}
	}
	var lost []Seen
	for tag, value := range p.trust.tagging.dropped {
		if ours(tag) {
			lost = append(lost, Seen{"no tag " + tag, value})
		}
	}
	if len(lost) > 0 && p.refused(refusals.AttributesDropped) && !p.AWS.Role.Known() {
		return fail("AWS could not make session tags of every name", append(lost, p.words())...)
	}
	if len(lost) > 0 {
		return pass("some names become no session tag; no condition needs them", lost...)
	}
	return pass("every name fits")
}

// canonical is the tag in the spelling of the certificate.
func canonical(p *Patient, tag string) string {
	for name := range attributesOf(p.leaf) {
		if strings.EqualFold(name, tag) {
			return name
		}
	}
	return tag
}

// purposes names the extended key usage whenever AWS refuses the certificate and
// nothing else explains it, with what is known: no AWS page asks for one, reports
// do.
func purposes(p *Patient, rule rules.Rule) Finding {
	if p.leaf == nil {
		return skip("there is no certificate to look at")
	}
	none := len(p.leaf.ExtKeyUsage)+len(p.leaf.UnknownExtKeyUsage) == 0
	saw, broken := p.breach(rule)
	switch {
	case p.got():
		return pass(saw)
	case p.refused(refusals.InsufficientCertificate) && (none || broken):
		return fail(saw+"; AWS documents no need of clientAuth, but people report this very refusal without it", p.words())
	case broken:
		return warn(saw + "; whether AWS takes that, nobody has published")
	}
	return pass(saw)
}

// mayRevoke matters once there is a revocation list of that very CA: another CA of
// the trust anchor may sign its own.
func mayRevoke(p *Patient, rule rules.Rule) Finding {
	for _, ca := range p.under(rule.Subject) {
		ok, saw := rule.Holds(ca)
		for _, l := range p.lists() {
			if !ok && (l.data == nil || bytes.Equal(l.data.RawIssuer, ca.RawSubject)) {
				return warn(saw+", and there is a revocation list of it", Seen{"CA", ca.Subject.String()}, Seen{"list", l.Name + " " + l.ARN})
			}
		}
	}
	return p.quiet(rule)
}
