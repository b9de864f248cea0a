package doctor

import (
	glob "path"
	"strings"

	"anywhere/awsapi/policy"
	"anywhere/pki"
)

// nearMiss says what somebody who wrote a condition most likely meant, if the two
// values differ only as people and consoles make them differ; else nothing.
func (p *Patient) nearMiss(m policy.Miss) string {
	for _, want := range m.Want {
		for _, have := range m.Have {
			if says := p.slip(m, want, have); says != "" {
				return says
			}
		}
		if m.Absent {
			if says := p.slip(m, want, ""); says != "" {
				return says
			}
		}
	}
	return ""
}

func (p *Patient) slip(m policy.Miss, want, have string) string {
	negated := strings.Contains(m.Operator, "Not")
	fits, _ := glob.Match(strings.ReplaceAll(want, "/", "\x00"), strings.ReplaceAll(have, "/", "\x00"))
	switch {
	case negated:
		return ""
	case have != "" && strings.EqualFold(want, have):
		return "they differ in upper and lower case alone; StringEqualsIgnoreCase would not mind"
	case have != "" && strings.Trim(want, " \t\"'") == strings.Trim(have, " \t\"'"):
		return "they differ in blanks or quotes alone"
	case strings.HasPrefix(m.Operator, "StringEquals") && strings.ContainsAny(want, "*?") && fits && have != "":
		return m.Operator + " takes * and ? for themselves; StringLike compares with a pattern"
	case strings.EqualFold(m.Key, "aws:SourceArn") && kindOfARN(want) != "" && kindOfARN(want) != "trust anchor":
		return "that is the ARN of " + article(kindOfARN(want)) + ", not of a trust anchor"
	case strings.EqualFold(m.Key, "sts:SourceIdentity") && have == "CN="+want:
		return "the source identity has CN= before the common name"
	case strings.EqualFold(m.Key, "sts:RoleSessionName") && p.leaf != nil && want == p.leaf.Subject.CommonName:
		return "the session name is the certificate's serial in hex, not its common name"
	case strings.EqualFold(m.Key, "sts:RoleSessionName") && sameSerial(want, have):
		return "the session name is the serial in lower-case hex without colons"
	case strings.HasPrefix(strings.ToLower(m.Key), "aws:principaltag/"):
		return p.otherTag(m.Key, want)
	}
	return ""
}

// otherTag finds the tag that has the wanted value.
func (p *Patient) otherTag(key, want string) string {
	for name, value := range p.trust.tagging.tags {
		if value == want && !strings.EqualFold("aws:PrincipalTag/"+name, key) {
			return "that is the value of aws:PrincipalTag/" + name
		}
	}
	return ""
}

func sameSerial(want, have string) bool {
	a, err := pki.ParseSerial(want)
	if err != nil {
		return false
	}
	b, err := pki.ParseSerial(have)
	return err == nil && a.Int().Cmp(b.Int()) == 0
}
