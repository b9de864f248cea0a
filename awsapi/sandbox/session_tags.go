package sandbox

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// attributes are what of a certificate becomes session tags.
type attributes struct {
	tags []tag
	lost map[string][]string // by field: attributes that are no legal tag value
}

// attributes maps the certificate as the Roles Anywhere profile says. Values
// that STS does not take as tags are left out; the certificate stays good.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
func (k *claim) attributes() attributes {
	if k.known == nil {
		out := k.mapAttributes()
		k.known = &out
	}
	return *k.known
}

func (k *claim) mapAttributes() attributes {
	out := attributes{lost: map[string][]string{}}
	add := func(field, attribute, value string) {
		switch {
		case !k.profile.maps(field, attribute):
		case !legalTag(value):
			out.lost[field] = append(out.lost[field], attribute)
		default:
			out.tags = append(out.tags, tag{field + "/" + attribute, value})
		}
	}
	for _, name := range attributeNames(k.cert.Subject.Names) {
		add("x509Subject", name, joined(k.cert.Subject.Names, name))
	}
	for _, name := range attributeNames(k.cert.Issuer.Names) {
		add("x509Issuer", name, joined(k.cert.Issuer.Names, name))
	}
	for i, dns := range k.cert.DNSNames {
		if i == 0 {
			add("x509SAN", "DNS", dns)
		} else if k.profile.maps("x509SAN", "DNS") && !legalTag(dns) {
			// Only the first name of a kind counts; AWS reports the others too.
			out.lost["x509SAN"] = append(out.lost["x509SAN"], "DNS/"+strconv.Itoa(i+1))
		}
	}
	if len(k.cert.URIs) > 0 {
		add("x509SAN", "URI", k.cert.URIs[0].String())
	}
	directory := directoryName(k.cert.Extensions)
	for _, name := range attributeNames(directory) {
		add("x509SAN", "Name/"+name, joined(directory, name))
	}
	return out
}

// legalTag is STS's alphabet and length of a session tag's value.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
func legalTag(value string) bool {
	return utf8.RuneCountInString(value) <= 256 && strings.IndexFunc(value, func(r rune) bool { return !taggable(r) }) < 0
}

func taggable(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Z, unicode.N) || strings.ContainsRune("_.:/=+-@", r)
}

// attributeNames are the kinds of attributes in a name, in its order.
func attributeNames(names []pkix.AttributeTypeAndValue) []string {
	var out []string
	for _, n := range names {
		if name := shortName(n.Type); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// joined is the value of one kind of attribute; several of a kind are joined
// with slashes in the order of the certificate.
func joined(names []pkix.AttributeTypeAndValue, name string) string {
	var values []string
	for _, n := range names {
		if value, ok := n.Value.(string); ok && shortName(n.Type) == name {
			values = append(values, value)
		}
	}
	return strings.Join(values, "/")
}

// shortName is the short name of an attribute type, or its OID.
// Source: RFC 4514, section 3, and RFC 4519, section 2
func shortName(oid asn1.ObjectIdentifier) string {
	switch id := oid.String(); id {
	case "2.5.4.3":
		return "CN"
	case "2.5.4.4":
		return "SN"
	case "2.5.4.5":
		return "serialNumber"
	case "2.5.4.6":
		return "C"
	case "2.5.4.7":
		return "L"
	case "2.5.4.8":
		return "ST"
	case "2.5.4.9":
		return "STREET"
	case "2.5.4.10":
		return "O"
	case "2.5.4.11":
		return "OU"
	case "2.5.4.12":
		return "T"
	case "2.5.4.42":
		return "GN"
	case "0.9.2342.19200300.100.1.1":
		return "UID"
	case "0.9.2342.19200300.100.1.25":
		return "DC"
	case "1.2.840.113549.1.9.1":
		return "E"
	default:
		return id
	}
}

// directoryName reads the first directory name of the subject alternative names,
// which the standard library leaves out.
// Source: RFC 5280, section 4.2.1.6
func directoryName(extensions []pkix.Extension) []pkix.AttributeTypeAndValue {
	const tagDirectoryName = 4
	for _, e := range extensions {
		if !e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17}) {
			continue
		}
		var names []asn1.RawValue
		if _, err := asn1.Unmarshal(e.Value, &names); err != nil {
			return nil
		}
		for _, n := range names {
			var rdns pkix.RDNSequence
			if n.Class != asn1.ClassContextSpecific || n.Tag != tagDirectoryName {
				continue
			}
			if _, err := asn1.Unmarshal(n.Bytes, &rdns); err != nil {
				return nil
			}
			var name pkix.Name
			name.FillFromRDNSequence(&rdns)
			return name.Names
		}
	}
	return nil
}
