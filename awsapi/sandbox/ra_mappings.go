package sandbox

import (
	"slices"
	"strings"
)

// mapping says which parts of one certificate field become session tags.
type mapping struct {
	CertificateField string `json:"certificateField"`
	MappingRules     []rule `json:"mappingRules"`
}

type rule struct {
	Specifier string `json:"specifier"`
}

// defaultMappings are those of a fresh Roles Anywhere profile.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
func defaultMappings() []mapping {
	return []mapping{
		{"x509Issuer", []rule{{"*"}}},
		{"x509SAN", []rule{{"DNS"}, {"URI"}, {"Name/*"}}},
		{"x509Subject", []rule{{"*"}}},
	}
}

// maps tells whether an attribute of a field becomes a tag. The attribute of
// x509Subject/CN is CN, that of x509SAN/Name/CN is Name/CN.
func (p *profile) maps(field, attribute string) bool {
	for _, m := range p.Mappings {
		if m.CertificateField != field {
			continue
		}
		for _, r := range m.MappingRules {
			stem, all := strings.CutSuffix(r.Specifier, "*")
			if r.Specifier == attribute || all && strings.HasPrefix(attribute, stem) && (stem != "" || field != "x509SAN") {
				return true
			}
		}
	}
	return false
}

// normal writes the two short forms of Name/* in full.
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
func normal(specifier string) string {
	if specifier == "Name" || specifier == "Name/" {
		return "Name/*"
	}
	return specifier
}

func (p *profile) setMapping(field string, rules []rule) {
	p.Mappings = slices.DeleteFunc(p.Mappings, func(m mapping) bool { return m.CertificateField == field })
	if len(rules) > 0 {
		p.Mappings = append(p.Mappings, mapping{field, rules})
		slices.SortFunc(p.Mappings, func(a, b mapping) int { return strings.Compare(a.CertificateField, b.CertificateField) })
	}
}

func putMapping(c *call) (any, *refusal) {
	in, p, no := c.wantedProfile()
	if no != nil {
		return nil, no
	}
	for i, r := range in.MappingRules {
		in.MappingRules[i].Specifier = normal(r.Specifier)
	}
	p.setMapping(in.CertificateField, in.MappingRules)
	p.UpdatedAt = c.now
	return c.answerProfile(p)
}

// deleteMapping removes some rules of a field or, if none is named, all.
func deleteMapping(c *call) (any, *refusal) {
	in, p, no := c.wantedProfile()
	if no != nil {
		return nil, no
	}
	var left []rule
	for _, m := range p.Mappings {
		if m.CertificateField != in.CertificateField || len(in.Specifiers) == 0 {
			continue
		}
		for _, r := range m.MappingRules {
			if !slices.ContainsFunc(in.Specifiers, func(s string) bool { return normal(s) == r.Specifier }) {
				left = append(left, r)
			}
		}
	}
	p.setMapping(in.CertificateField, left)
	p.UpdatedAt = c.now
	return c.answerProfile(p)
}

// freshMappings are the defaults or, under the fault that stands for what was
// once seen of AWS, none.
func (c *call) freshMappings() []mapping {
	if c.has("mapping-null") {
		return nil
	}
	return defaultMappings()
}
