package doctor

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// sameKey compares a certificate's key with one in PKIX form.
func sameKey(cert *x509.Certificate, pub []byte) bool {
	return bytes.Equal(cert.RawSubjectPublicKeyInfo, pub)
}

// dissect says of a certificate that crypto/x509 refuses what is in it and what
// it stumbled over, the field first. It walks the outline (RFC 5280 section 4.1)
// and never fails.
func dissect(data []byte) (facts []Seen, why string) {
	_, err := x509.ParseCertificate(data)
	if err == nil {
		return nil, "it can be read"
	}
	why = "a strict reader refuses it: " + err.Error()
	w := walker{in: cryptobyte.String(data)}
	w.walk()
	p, _ := cut(data)
	for i, c := range culprits(data) {
		says := c.Value
		if plain := oddity(c.Label, p); plain != "" {
			says = plain
		}
		facts = append(facts, Seen{"refused for its " + c.Label, says + " (" + c.Value + ")"})
		if i == 0 {
			why = "its " + c.Label + ": " + says
		}
	}
	if frame := oddFrame(data); frame != "" {
		facts, why = append(facts, Seen{"refused because", frame}), frame
	}
	return append(facts, w.seen...), why
}

// walker reads the parts of a certificate one after the other.
type walker struct {
	in   cryptobyte.String
	seen []Seen
}

func (w *walker) note(label, format string, args ...any) {
	w.seen = append(w.seen, Seen{label, fmt.Sprintf(format, args...)})
}

func (w *walker) walk() {
	var part cryptobyte.String
	outer, whole := opened(&w.in)
	tbs, _ := opened(&outer)
	if !whole && len(outer) > 0 {
		w.note("outline", "it is cut off, or says that it is longer than it is")
	}
	if len(tbs) == 0 {
		w.note("outline", "it is no certificate")
		return
	}
	if len(w.in) > 0 {
		w.note("behind it", "%d more bytes", len(w.in))
	}
	version := int64(0)
	if present := tbs.PeekASN1Tag(der.Tag(0).Constructed().ContextSpecific()); present {
		tbs.ReadOptionalASN1(&part, &present, der.Tag(0).Constructed().ContextSpecific())
		part.ReadASN1Integer(&version)
	}
	w.note("version", "%d", version+1)
	serial := new(big.Int)
	if number := tbs; number.ReadASN1Integer(serial) { // which takes the element away even if it fails
		tbs = number
		w.note("serial", "%s", serial.Text(16))
		if serial.Sign() < 0 {
			w.note("serial is", "negative")
		}
	} else if tbs.ReadASN1(&part, der.INTEGER) {
		w.note("serial", "not in DER: %s", hex.EncodeToString(part[:min(len(part), 24)]))
	}
	if tbs.ReadASN1(&part, der.SEQUENCE) {
		w.note("signed with", "%s", algorithm(part))
	}
	for _, field := range []string{"issuer", "validity", "subject"} {
		if !tbs.ReadASN1(&part, der.SEQUENCE) {
			w.note(field, "cannot be read")
			return
		}
		w.note(field, "%s", texts(part, 8))
	}
	if tbs.ReadASN1(&part, der.SEQUENCE) {
		var algo cryptobyte.String
		if part.ReadASN1(&algo, der.SEQUENCE) {
			w.note("key", "%s", algorithm(algo))
		}
	}
	w.extensions(tbs)
}

// opened takes what is in the SEQUENCE at the beginning; of one that is cut off,
// what is there.
func opened(in *cryptobyte.String) (inside cryptobyte.String, whole bool) {
	if in.ReadASN1(&inside, der.SEQUENCE) {
		return inside, true
	}
	if len(*in) < 2 || (*in)[0] != byte(der.SEQUENCE) {
		return nil, false
	}
	header := 2
	if long := (*in)[1]; long > 0x80 {
		header += int(long & 0x7f) // octets of the length (X.690 section 8.1.3.5)
	}
	inside = (*in)[min(header, len(*in)):]
	*in = nil
	return inside, false
}

func (w *walker) extensions(tbs cryptobyte.String) {
	var wrapped, list, one cryptobyte.String
	for !tbs.Empty() {
		var tag der.Tag
		if !tbs.ReadAnyASN1(&wrapped, &tag) {
			break
		}
		if tag == der.Tag(3).Constructed().ContextSpecific() {
			wrapped.ReadASN1(&list, der.SEQUENCE)
		}
	}
	count := map[string]int{}
	for !list.Empty() && list.ReadASN1(&one, der.SEQUENCE) {
		var id asn1.ObjectIdentifier
		if one.ReadASN1ObjectIdentifier(&id) {
			count[id.String()]++
			if count[id.String()] == 2 {
				w.note("extension twice", "%s", id)
			}
		}
	}
	w.note("extensions", "%d", len(count))
}

// algorithm is the OID at the head of an AlgorithmIdentifier, with a curve's.
func algorithm(in cryptobyte.String) string {
	var id, curve asn1.ObjectIdentifier
	if !in.ReadASN1ObjectIdentifier(&id) {
		return "an algorithm that cannot be read"
	}
	if in.PeekASN1Tag(der.OBJECT_IDENTIFIER) && in.ReadASN1ObjectIdentifier(&curve) {
		return id.String() + " " + curve.String()
	}
	return id.String()
}

// texts joins every string and time below an element, whatever its type.
func texts(in cryptobyte.String, depth int) string {
	var all []byte
	for n := 0; !in.Empty() && n < 64 && depth > 0; n++ {
		var part cryptobyte.String
		var tag der.Tag
		if !in.ReadAnyASN1(&part, &tag) {
			break
		}
		text := ""
		switch {
		case tag&0x20 != 0: // constructed
			text = texts(part, depth-1)
		case tag != der.OBJECT_IDENTIFIER:
			text = string(part)
		}
		if text != "" && len(all) > 0 {
			all = append(all, ", "...)
		}
		all = append(all, text...)
	}
	return string(all)
}
