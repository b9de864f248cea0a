package doctor

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"strings"

	"anywhere/signer/refusals"
)

// Patient is evidence with what every check would otherwise work out again. It
// is made from evidence alone.
type Patient struct {
	*Evidence
	leaf    *x509.Certificate // nil if there is none that can be parsed
	sent    []*x509.Certificate
	all     []*x509.Certificate // of the certificate's file
	anchors []*x509.Certificate // of the trust anchor; nil if unknown
	known   []*x509.Certificate // authorities of this machine
	path    path
	trust   trust
}

// Examine prepares evidence for the checks.
func Examine(e *Evidence) *Patient {
	p := &Patient{Evidence: e}
	p.leaf = parsed(e.Certificate.Leaf)
	p.sent = parsedAll(e.Certificate.Sent)
	p.all = parsedAll(e.Certificate.All)
	p.known = parsedAll(e.KnownCAs)
	if e.AWS.Anchor.Known() {
		p.anchors = bundle(e.AWS.Anchor.Value.Source.Bundle)
		if e.AWS.PrivateCA.Known() {
			p.anchors = bundle(e.AWS.PrivateCA.Value.Certificate)
		}
	}
	if p.leaf != nil {
		p.path = climb(p.leaf, p.sent, p.anchors)
		p.trust = p.readTrust()
	}
	return p
}

// parsed is the certificate in DER, or nil.
func parsed(der []byte) *x509.Certificate {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return cert
}

func parsedAll(ders [][]byte) []*x509.Certificate {
	var certs []*x509.Certificate
	for _, der := range ders {
		if cert := parsed(der); cert != nil {
			certs = append(certs, cert)
		}
	}
	return certs
}

// bundle reads the certificates of a trust anchor. AWS has checked them.
func bundle(text string) []*x509.Certificate {
	var certs []*x509.Certificate
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		if cert := parsed(block.Bytes); cert != nil {
			certs = append(certs, cert)
		}
	}
	return certs
}

// got says that a session was got just now.
func (p *Patient) got() bool { return p.Exchange.Session.Known() }

// refused says whether AWS refused the session with that sentence.
func (p *Patient) refused(ids ...refusals.ID) bool {
	if p.Exchange.Refused == nil {
		return false
	}
	for _, m := range refusals.Matches(p.Exchange.Refused.Message) {
		for _, id := range ids {
			if m.Refusal.ID == id {
				return true
			}
		}
		return false // the best match counts
	}
	return false
}

// words is AWS's refusal as evidence.
func (p *Patient) words() Seen {
	if p.Exchange.Refused == nil {
		return Seen{"AWS", "no answer"}
	}
	return Seen{"AWS says", p.Exchange.Refused.Message}
}

// path is the way from the certificate to the trust anchor.
type path struct {
	steps   []*x509.Certificate // above the leaf, as far as it goes
	reached *x509.Certificate   // the anchor's certificate; nil if none
	// stuck is the certificate whose issuer is nowhere; namesake is one of the
	// anchor's that has the issuer's name and another key.
	stuck    *x509.Certificate
	namesake *x509.Certificate
}

// climb follows signatures from leaf upwards. It judges no dates, names apart
// from the issuer's, and no constraints: those have checks of their own.
func climb(leaf *x509.Certificate, sent, anchors []*x509.Certificate) path {
	var p path
	at := leaf
	for range len(sent) + 1 {
		for _, ca := range anchors {
			if signed(ca, at) || ca.Equal(at) {
				p.reached = ca
				return p
			}
		}
		next := issuerOf(at, sent)
		if next == nil || next == at {
			break
		}
		p.steps = append(p.steps, next)
		at = next
	}
	p.stuck = at
	for _, ca := range anchors {
		if bytes.Equal(ca.RawSubject, at.RawIssuer) {
			p.namesake = ca
		}
	}
	return p
}

func issuerOf(cert *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	for _, ca := range among {
		if !ca.Equal(cert) && signed(ca, cert) {
			return ca
		}
	}
	return nil
}

// signed says whether ca's key signed cert, however weak the hash.
func signed(ca, cert *x509.Certificate) bool {
	if !bytes.Equal(ca.RawSubject, cert.RawIssuer) {
		return false
	}
	if key, saved := signerNamed(cert.Signature); saved {
		return key == keyName(ca)
	}
	err := ca.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature)
	return err == nil || strings.Contains(err.Error(), "insecure algorithm")
}

// selfSigned says that a certificate is a root.
func selfSigned(cert *x509.Certificate) bool { return signed(cert, cert) }

// authorities are the certificates above the leaf that are known: of the chain
// and of the anchor.
func (p *Patient) authorities() []*x509.Certificate {
	return append(append([]*x509.Certificate{}, p.sent...), p.anchors...)
}

// region, account and partition of an ARN.
func region(arn string) string    { return part(arn, 3) }
func account(arn string) string   { return part(arn, 4) }
func partition(arn string) string { return part(arn, 1) }

func part(arn string, n int) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[n]
	}
	return ""
}

// roleName is the name at the end of a role's ARN, without its path.
func roleName(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
