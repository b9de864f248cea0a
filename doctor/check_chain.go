package doctor

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"anywhere/pki/rules"
	"anywhere/signer"
	"anywhere/signer/refusals"
)

// chainChecks look at the way from the certificate to the trust anchor.
func chainChecks() []Check {
	return []Check{
		{
			Code: "RA125", Group: GroupChain, Title: "Client sends the whole chain", Needs: []Code{"RA109", "RA128"}, Refuses: true, Judge: wholeChain,
			Fault:  "The client does not send the whole chain",
			Why:    "AWS's helper reads only the first certificate of --certificate; intermediates behind it in the same file are dropped without a word. They go into a file of their own.",
			Fix:    "Put the intermediates into a file of their own and add --intermediates FILE, or use anywhere credential-process, which sends what stands behind the certificate.",
			Source: helperGuide,
		},
		{
			Code: "RA126", Group: GroupChain, Title: "Chain holds nothing else", Judge: nothingElse,
			Fault:  "The chain holds certificates that do not belong there",
			Why:    "Certificates that do not lead to the trust anchor make the request longer and hide what matters.",
			Fix:    "Leave in the file only the intermediates, issuer of the certificate first, each once.",
			Source: signProcess,
		},
		{
			Code: "RA129", Group: GroupChain, Title: "Chain stands in order", Needs: []Code{"RA128"}, Refuses: true, Judge: chainInOrder,
			Fault:  "The chain stands in the wrong order",
			Why:    "Each certificate of a chain should be followed by its issuer, as TLS has it. AWS's helper sends the file as it is; whether AWS sorts a chain, nobody has published. Our own signer sorts what stands in files.",
			Fix:    "Put the issuer of the machine's certificate first, then its issuer, and leave the root out.",
			Source: "https://www.rfc-editor.org/rfc/rfc5246#section-7.4.2",
		},
		{
			Code: "RA127", Group: GroupChain, Title: "Chain has five certificates at most", Refuses: true, Judge: shortChain,
			Fault:  "The chain is too long",
			Why:    "The header X-Amz-X509-Chain takes five certificates. A long one comes from smart cards whose every certificate AWS's helper takes for an issuer.",
			Fix:    "Send only the intermediates that lead to the trust anchor.",
			Source: signProcess,
		},
		{
			Code: "RA130", Group: GroupChain, Title: "Intermediates may issue, and are valid now", Refuses: true, Judge: soundIntermediates,
			Fault:  "An intermediate may not issue, or is not valid now",
			Why:    "Every certificate between the machine's and the anchor's must be a valid CA certificate.",
			Fix:    "Get the present intermediate certificates from the CA.",
			Source: rfc5280 + "#section-6.1",
		},
		{
			Code: "RA160", Group: GroupChain, Title: "Path length leaves room for the chain", Refuses: true, Judge: pathLength,
			Fault:  "A path length forbids a chain of this length",
			Why:    "A CA may say how many further CAs can stand below it. step's root says one; a CA with pathlen 0 issues machines' certificates only.",
			Fix:    "Use the CA that issued the certificate as trust anchor, or make the upper CA again with a larger path length.",
			Source: rfc5280 + "#section-4.2.1.9",
		},
		{
			Code: "RA121", Group: GroupChain, Title: "Chain reaches the trust anchor", Needs: []Code{"RA125", "RA128", "RA103", "RA161"}, Refuses: true, Judge: reaches,
			Fault:  "The chain does not reach the trust anchor",
			Why:    "AWS must be able to go from the certificate to the anchor's CA, one issuer after the other. If an intermediate is not sent, or the certificate comes from another CA, it says \"Untrusted signing certificate\"; openssl says \"unable to get local issuer certificate\".",
			Fix:    "Send the intermediates (--intermediates FILE), name the trust anchor that holds the CA, or put the CA into the anchor.",
			Source: helperIssue + "108",
		},
	}
}

// wholeChain compares what is sent with what stands in the file.
func wholeChain(p *Patient) Finding {
	if p.leaf == nil || p.Client != ClientHelper {
		return skip("the client sends all that it is given")
	}
	if p.path.reached != nil || p.anchors == nil && len(p.sent) > 0 {
		return pass("it does")
	}
	full := climb(p.leaf, append(append([]*x509.Certificate{}, p.sent...), p.all...), p.anchors)
	if len(p.all) > 1 && (full.reached != nil || p.anchors == nil && len(full.steps) > len(p.path.steps)) {
		found := fail("the intermediates stand behind the certificate in its own file, where the client does not look",
			Seen{"file", p.Certificate.File.Path}, Seen{"certificates in it", fmt.Sprint(len(p.all))}, Seen{"--intermediates", "not given"})
		if p.anchors == nil && !p.refused(refusals.UntrustedCertificate) {
			found.Verdict = Warn
		}
		return found
	}
	return pass("it does")
}

// nothingElse tolerates a root, which AWS does too.
func nothingElse(p *Patient) Finding {
	if p.leaf == nil || len(p.sent) == 0 {
		return skip("no chain is sent")
	}
	seen := map[string]bool{}
	var odd []Seen
	for _, cert := range p.sent {
		key := string(cert.Raw)
		switch {
		case seen[key]:
			odd = append(odd, Seen{"twice", cert.Subject.String()})
		case cert.Equal(p.leaf):
			odd = append(odd, Seen{"the certificate itself", cert.Subject.String()})
		case !selfSigned(cert) && !onPath(p.path, cert) && p.path.reached != nil:
			odd = append(odd, Seen{"leads nowhere", cert.Subject.String()})
		}
		seen[key] = true
	}
	if len(odd) == 0 || p.got() {
		return pass("it holds what is needed", odd...)
	}
	return warn(fmt.Sprintf("%d certificates of it are not needed", len(odd)), odd...)
}

// chainInOrder compares the order of what is sent with that of the path.
func chainInOrder(p *Patient) Finding {
	if len(p.path.steps) < 2 {
		return skip("there are no two intermediates")
	}
	last := -1
	for _, step := range p.path.steps {
		at := slices.IndexFunc(p.sent, step.Equal)
		if at < last {
			return p.outOfOrder()
		}
		last = at
	}
	return pass("it does")
}

func (p *Patient) outOfOrder() Finding {
	var seen []Seen
	for i, cert := range p.sent {
		seen = append(seen, Seen{fmt.Sprintf("sent as %d", i+1), cert.Subject.String()})
	}
	found := warn("an issuer stands before what it issued", seen...)
	switch {
	case p.got():
		return pass("it does not, and AWS took it all the same", seen...)
	case p.refused(refusals.UntrustedCertificate):
		found.Verdict = Fail
	}
	if p.Kind == KindSetup {
		found = found.with("Write the chain into session.json in order.", "anywhere doctor "+quoted(p.Name)+" --fix=RA129")
		found.Fix.Automatic, found.Fix.Edit = true, &Edit{ChainOrder: true}
	}
	return found
}

func onPath(way path, cert *x509.Certificate) bool {
	for _, step := range way.steps {
		if step.Equal(cert) {
			return true
		}
	}
	return false
}

func shortChain(p *Patient) Finding {
	if len(p.Certificate.Sent) == 0 {
		return skip("no chain is sent")
	}
	n := len(p.Certificate.Sent)
	if n > signer.MaxChain {
		return fail(fmt.Sprintf("it has %d", n))
	}
	return pass(fmt.Sprintf("it has %d", n))
}

func soundIntermediates(p *Patient) Finding {
	if len(p.path.steps) == 0 {
		return skip("there are none")
	}
	for _, cert := range p.path.steps {
		for _, b := range rules.BreachesAt(rules.CA, cert, p.At) {
			if b.Rule.Severity == rules.Must {
				return fail("not so: "+b.Rule.Says+": "+b.Saw, Seen{"intermediate", cert.Subject.String()})
			}
		}
	}
	return pass(fmt.Sprintf("all %d do", len(p.path.steps)))
}

// pathLength counts the CAs below each CA of the path.
func pathLength(p *Patient) Finding {
	if p.leaf == nil {
		return skip("there is no certificate to look at")
	}
	cas := append([]*x509.Certificate{}, p.path.steps...)
	if p.path.reached != nil {
		cas = append(cas, p.path.reached)
	}
	for below, ca := range cas {
		limit := ca.MaxPathLen
		if limit < 0 || limit == 0 && !ca.MaxPathLenZero {
			continue
		}
		if below > limit {
			return fail(fmt.Sprintf("%d CAs stand below it, %d may", below, limit), Seen{"CA", ca.Subject.String()})
		}
	}
	return pass("it does")
}

// reaches fails where RA202 has no better word for it.
func reaches(p *Patient) Finding {
	switch {
	case p.leaf == nil:
		return skip("there is no certificate to look at")
	case p.anchors == nil && p.refused(refusals.UntrustedCertificate):
		if found := anchorHoldsCA(p); found.Verdict == Fail {
			return unknown(namedElsewhere)
		}
		return fail("AWS does not get from the certificate to the anchor's CA", p.words(), Seen{"issuer", p.leaf.Issuer.String()},
			Seen{"certificates sent with it", fmt.Sprint(len(p.sent))})
	case p.anchors == nil:
		return p.untold("the trust anchor's certificates are not known")
	case p.path.reached != nil:
		return pass("it does", Seen{"anchor's CA", p.path.reached.Subject.String()}, Seen{"intermediates", fmt.Sprint(len(p.path.steps))})
	case anchorHoldsCA(p).Verdict == Fail, anchorHoldsOther(p):
		return unknown(namedElsewhere)
	}
	var held []string
	for _, ca := range p.anchors {
		held = append(held, ca.Subject.String())
	}
	return fail("the issuer of "+p.path.stuck.Subject.String()+" is neither sent nor in the trust anchor",
		Seen{"issuer wanted", p.path.stuck.Issuer.String()}, Seen{"trust anchor holds", strings.Join(held, "; ")},
		Seen{"certificates sent with it", fmt.Sprint(len(p.sent))})
}

// untold is the finding where AWS could not be read: a session that was got
// proves the check all the same.
func (p *Patient) untold(says string) Finding {
	switch {
	case p.got():
		return pass("AWS gave a session, so it does")
	case p.Offline:
		return skip("not asked: offline")
	}
	return unknown(says)
}
