package main

import (
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"anywhere/pki/rules"
	"anywhere/tui"
)

// paper is a certificate in words, for the screen and for lines.
func (i inspected) paper() tui.Paper {
	p := tui.Paper{Name: i.name(), NotBefore: i.NotBefore, NotAfter: i.NotAfter}
	p.Says, p.Mark = i.verdict()
	p.Sections = []tui.Section{{Title: "In the certificate", Facts: i.fields()}}
	if !i.CA {
		p.Sections = append(p.Sections, tui.Section{Title: "What AWS makes of it", Facts: i.becomes()})
	}
	p.Sections = append(p.Sections, tui.Section{Title: "What Roles Anywhere asks of it", Facts: i.asked()})
	return p
}

// verdict is one sentence.
func (i inspected) verdict() (string, tui.Mark) {
	var broken, later []string
	for _, r := range i.Rules {
		switch {
		case r.Holds:
		case r.Severity == rules.Must:
			broken = append(broken, r.ID)
		default:
			later = append(later, r.ID)
		}
	}
	what := "as the certificate of a machine"
	if i.CA {
		what = "in a trust anchor"
	}
	switch {
	case len(broken) > 0:
		return fmt.Sprintf("AWS would refuse it %s: %s", what, strings.Join(broken, ", ")), tui.Bad
	case len(later) > 0:
		return fmt.Sprintf("AWS would take it %s; something would not work later: %s", what, strings.Join(later, ", ")), tui.Warned
	}
	return fmt.Sprintf("AWS would take it %s, if its chain and the account agree", what), tui.Good
}

// fields are what stands in the certificate.
func (i inspected) fields() []tui.Fact {
	c := i.cert
	is := "a machine's (end entity)"
	if i.CA {
		is = "a certificate authority's"
		if c.MaxPathLen > 0 || c.MaxPathLenZero {
			is += fmt.Sprintf(", path length %d", c.MaxPathLen)
		}
	}
	facts := []tui.Fact{
		{Label: "whose", Value: is},
		{Label: "subject", Value: i.Subject},
		{Label: "issuer", Value: i.Issuer, Note: selfIssued(c)},
		{Label: "serial", Value: i.Colon},
		{Label: "valid", Value: stampOf(i.NotBefore) + " to " + stampOf(i.NotAfter)},
		{Label: "key", Value: keyKind(c)},
		{Label: "signed with", Value: c.SignatureAlgorithm.String()},
		{Label: "may be used for", Value: strings.Join(usages(c), ", ")},
	}
	var names []string
	names = append(names, c.DNSNames...)
	for _, u := range c.URIs {
		names = append(names, u.String())
	}
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if names = append(names, c.EmailAddresses...); len(names) > 0 {
		facts = append(facts, tui.Fact{Label: "other names", Value: strings.Join(names, ", ")})
	}
	return append(facts, tui.Fact{Label: "SHA-256", Value: fmt.Sprintf("%x", sha256.Sum256(c.Raw))})
}

// selfIssued says that a certificate names itself as issuer.
func selfIssued(c *x509.Certificate) string {
	if c.CheckSignatureFrom(c) == nil {
		return "signed by itself"
	}
	return ""
}

func stampOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// usages are the key usages in words.
func usages(c *x509.Certificate) []string {
	var list []string
	for _, u := range []struct {
		bit  x509.KeyUsage
		word string
	}{
		{x509.KeyUsageDigitalSignature, "digitalSignature"}, {x509.KeyUsageContentCommitment, "contentCommitment"},
		{x509.KeyUsageKeyEncipherment, "keyEncipherment"}, {x509.KeyUsageDataEncipherment, "dataEncipherment"},
		{x509.KeyUsageKeyAgreement, "keyAgreement"}, {x509.KeyUsageCertSign, "keyCertSign"}, {x509.KeyUsageCRLSign, "cRLSign"},
	} {
		if c.KeyUsage&u.bit != 0 {
			list = append(list, u.word)
		}
	}
	for _, u := range c.ExtKeyUsage {
		if u == x509.ExtKeyUsageClientAuth {
			list = append(list, "clientAuth")
		}
		if u == x509.ExtKeyUsageServerAuth {
			list = append(list, "serverAuth")
		}
	}
	if len(list) == 0 {
		return []string{"it does not say"}
	}
	return list
}

// becomes is what a session with it would be.
func (i inspected) becomes() []tui.Fact {
	facts := []tui.Fact{
		{Label: "session name", Value: i.SessionName, Note: "the serial, in CloudTrail and in the ARN"},
		{Label: "source identity", Value: i.SourceIdentity, Note: "stays through every role it takes"},
	}
	for _, name := range slices.Sorted(maps.Keys(i.Tags)) {
		facts = append(facts, tui.Fact{Label: name, Value: i.Tags[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(i.Dropped)) {
		facts = append(facts, tui.Fact{Mark: tui.Warned, Label: name, Value: i.Dropped[name], Note: "dropped: no tag may hold these characters"})
	}
	return facts
}

// asked are the rules, those that are broken first.
func (i inspected) asked() []tui.Fact {
	var broken, kept []tui.Fact
	for _, r := range i.Rules {
		f := tui.Fact{Mark: tui.Good, Label: r.ID, Value: r.Says, Note: r.Saw}
		switch {
		case r.Holds:
			f.Note = ""
			kept = append(kept, f)
			continue
		case r.Severity == rules.Must:
			f.Mark, f.Note = tui.Bad, "fails: "+r.Saw
		default:
			f.Mark, f.Note = tui.Warned, "not so: "+r.Saw
		}
		broken = append(broken, f)
	}
	return append(broken, kept...)
}
