package doctor

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// pieces are the parts of a certificate as they stand in it, with their headers
// (RFC 5280 section 4.1).
type pieces struct {
	version, serial, algorithm, issuer, validity, subject, key []byte
	extensions                                                 [][]byte
	outer                                                      []byte // the algorithm beside the signature
}

// cut takes a certificate apart; false if even its outline cannot be read.
func cut(data []byte) (p pieces, ok bool) {
	in := cryptobyte.String(data)
	var certificate, tbs, all, list cryptobyte.String
	if !in.ReadASN1(&certificate, der.SEQUENCE) || !certificate.ReadASN1(&tbs, der.SEQUENCE) {
		return p, false
	}
	var outer cryptobyte.String
	if certificate.ReadASN1Element(&outer, der.SEQUENCE) {
		p.outer = outer
	}
	var version cryptobyte.String
	if tbs.PeekASN1Tag(der.Tag(0).Constructed().ContextSpecific()) && tbs.ReadASN1Element(&version, der.Tag(0).Constructed().ContextSpecific()) {
		p.version = version
	}
	for _, part := range []*[]byte{&p.serial, &p.algorithm, &p.issuer, &p.validity, &p.subject, &p.key} {
		var element cryptobyte.String
		var tag der.Tag
		if !tbs.ReadAnyASN1Element(&element, &tag) {
			return p, false
		}
		*part = element
	}
	for !tbs.Empty() {
		var tag der.Tag
		if !tbs.ReadAnyASN1(&all, &tag) {
			break
		}
		if tag != der.Tag(3).Constructed().ContextSpecific() || !all.ReadASN1(&list, der.SEQUENCE) {
			continue
		}
		for !list.Empty() {
			var one cryptobyte.String
			if !list.ReadASN1Element(&one, der.SEQUENCE) {
				break
			}
			p.extensions = append(p.extensions, one)
		}
	}
	return p, true
}

// sound are pieces that every reader takes: what one piece of a certificate does
// to them shows what a strict reader thinks of that piece. The key is P-256's base
// point (SEC 2 section 2.4.2).
func sound() pieces {
	const key = "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
		"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
	read := func(text string) []byte {
		data, err := hex.DecodeString(text)
		if err != nil {
			panic("doctor: " + err.Error()) // a constant
		}
		return data
	}
	algorithm := read("300a06082a8648ce3d040302") // ecdsa-with-SHA256
	return pieces{
		version: read("a003020102"), serial: read("020101"), algorithm: algorithm, issuer: read("3000"), subject: read("3000"), key: read(key), outer: algorithm,
		validity: read("301e170d3330303130313030303030305a170d3331303130313030303030305a"), // 2030
	}
}

// join makes a certificate of pieces; its signature is none.
func (p pieces) join() []byte {
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, part := range [][]byte{p.version, p.serial, p.algorithm, p.issuer, p.validity, p.subject, p.key} {
				b.AddBytes(part)
			}
			if len(p.extensions) == 0 {
				return
			}
			b.AddASN1(der.Tag(3).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					for _, one := range p.extensions {
						b.AddBytes(one)
					}
				})
			})
		})
		b.AddBytes(p.outer)
		b.AddASN1BitString([]byte{0})
	})
	return b.BytesOrPanic()
}

// culprits are the pieces that a strict reader refuses, and its words about each.
func culprits(data []byte) []Seen {
	p, ok := cut(data)
	if !ok {
		return nil
	}
	var found []Seen
	try := func(label string, change func(*pieces)) {
		good := sound()
		change(&good)
		if _, err := x509.ParseCertificate(good.join()); err != nil {
			found = append(found, Seen{label, strings.TrimPrefix(strings.TrimPrefix(err.Error(), "x509: "), "asn1: ")})
		}
	}
	if len(p.version) > 0 {
		try("version", func(g *pieces) { g.version = p.version })
	}
	try("serial", func(g *pieces) { g.serial = p.serial })
	try("signature algorithm", func(g *pieces) { g.algorithm, g.outer = p.algorithm, p.outer })
	try("issuer", func(g *pieces) { g.issuer = p.issuer })
	try("validity", func(g *pieces) { g.validity = p.validity })
	try("subject", func(g *pieces) { g.subject = p.subject })
	try("key", func(g *pieces) { g.key = p.key })
	for _, one := range p.extensions {
		try("extension "+extensionName(one), func(g *pieces) { g.extensions = [][]byte{one} })
	}
	return found
}

// extensionName is the name of an extension as RFC 5280 section 4.2 has it, or its
// OID.
func extensionName(element []byte) string {
	in := cryptobyte.String(element)
	var one cryptobyte.String
	var id asn1.ObjectIdentifier
	if !in.ReadASN1(&one, der.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&id) {
		return "without a name"
	}
	names := map[string]string{
		"2.5.29.14": "subject key identifier", "2.5.29.15": "key usage", "2.5.29.17": "subject alternative name", "2.5.29.18": "issuer alternative name",
		"2.5.29.19": "basic constraints", "2.5.29.30": "name constraints", "2.5.29.31": "CRL distribution points", "2.5.29.32": "certificate policies",
		"2.5.29.33": "policy mappings", "2.5.29.35": "authority key identifier", "2.5.29.36": "policy constraints", "2.5.29.37": "extended key usage",
		"2.5.29.54": "inhibit anyPolicy", "1.3.6.1.5.5.7.1.1": "authority information access",
	}
	if name, known := names[id.String()]; known {
		return name
	}
	return id.String()
}
