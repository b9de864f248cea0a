package doctor

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"anywhere/awsapi"
	"anywhere/pki"
)

// tagging is what a certificate becomes in a session.
type tagging struct {
	tags     map[string]string // by name: x509Subject/CN
	dropped  map[string]string // values with characters that no tag may have
	unmapped map[string]string // values that the Roles Anywhere profile leaves out
}

// tagsOf maps the certificate as the Roles Anywhere profile says; without
// mappings the documented defaults hold: every part of subject and issuer, and
// the first DNS name, URI and directory name.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
func tagsOf(cert *x509.Certificate, mappings []awsapi.AttributeMapping) tagging {
	t := tagging{map[string]string{}, map[string]string{}, map[string]string{}}
	values := attributesOf(cert)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch value := values[name]; {
		case !mapped(name, mappings):
			t.unmapped[name] = value
		case !tagValue(value):
			t.dropped[name] = value
		default:
			t.tags[name] = value
		}
	}
	return t
}

// attributesOf names everything in a certificate that can become a tag. Values
// of one kind are joined with slashes in the order of the certificate.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func attributesOf(cert *x509.Certificate) map[string]string {
	values := map[string]string{}
	add := func(prefix string, names []pkix.AttributeTypeAndValue) {
		for _, n := range names {
			value, ok := n.Value.(string)
			if !ok {
				continue
			}
			key := prefix + typeName(n.Type)
			if before, there := values[key]; there {
				value = before + "/" + value
			}
			values[key] = value
		}
	}
	add("x509Subject/", cert.Subject.Names)
	add("x509Issuer/", cert.Issuer.Names)
	if len(cert.DNSNames) > 0 {
		values["x509SAN/DNS"] = cert.DNSNames[0]
	}
	if len(cert.URIs) > 0 {
		values["x509SAN/URI"] = cert.URIs[0].String()
	}
	return values
}

// typeName is the short name of a part of a subject (RFC 4514 section 3, RFC 4519
// section 2), or its OID.
func typeName(oid asn1.ObjectIdentifier) string {
	names := map[string]string{
		"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
		"2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "T", "2.5.4.42": "GN",
		"0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC", "1.2.840.113549.1.9.1": "E",
	}
	if name, known := names[oid.String()]; known {
		return name
	}
	return oid.String()
}

// mapped says whether the rules let an attribute become a tag.
func mapped(name string, mappings []awsapi.AttributeMapping) bool {
	if mappings == nil {
		return true
	}
	field, attribute, _ := strings.Cut(name, "/")
	for _, m := range mappings {
		if m.Field != field {
			continue
		}
		for _, s := range m.Specifiers {
			if s == attribute || s == "*" && field != "x509SAN" {
				return true
			}
		}
	}
	return false
}

// tagValue is STS's pattern of a session tag: [\p{L}\p{Z}\p{N}_.:/=+\-@]*, at most
// 256 characters.
//
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
func tagValue(value string) bool {
	return utf8.ValidString(value) && utf8.RuneCountInString(value) <= 256 &&
		!strings.ContainsFunc(value, notInTag)
}

func notInTag(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r)
}

// sourceIdentity is what Roles Anywhere makes of the subject: CN= and the common
// name up to 61 characters, the name alone up to 64, ID= and the serial without
// one.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
func sourceIdentity(cert *x509.Certificate) string {
	cn := strings.Map(func(r rune) rune {
		if notInTag(r) {
			return -1
		}
		return r
	}, attributesOf(cert)["x509Subject/CN"])
	switch n := utf8.RuneCountInString(cn); {
	case n == 0:
		return "ID=" + pki.SerialOf(cert).Hex()
	case n <= 61:
		return "CN=" + cn
	}
	return cn
}

// sessionName is the name that the session will have.
func (p *Patient) sessionName() string {
	if p.Target.SessionName != "" {
		return p.Target.SessionName
	}
	return pki.SerialOf(p.leaf).Hex()
}
