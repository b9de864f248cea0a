package doctor

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"
)

// policy relabels a policy document: the values of its conditions, and everything
// in its ARNs. What is no document is relabelled as text.
func (l *labels) policy(text string) string {
	var doc map[string]any
	if json.Unmarshal([]byte(text), &doc) != nil {
		return l.text(text)
	}
	for key, value := range doc {
		if key != "Statement" {
			continue
		}
		statements, many := value.([]any)
		if !many {
			statements = []any{value}
		}
		for _, s := range statements {
			if statement, ok := s.(map[string]any); ok {
				l.statement(statement)
			}
		}
	}
	if id, ok := doc["Id"].(string); ok {
		doc["Id"] = l.label("SID", id)
	}
	return string(encode(doc))
}

func (l *labels) statement(s map[string]any) {
	for key, value := range s {
		switch key {
		case "Condition":
			operators, _ := value.(map[string]any)
			for _, keys := range operators {
				values, _ := keys.(map[string]any)
				for name, wanted := range values {
					values[name] = walk(wanted, "", func(_, v string) string { return l.wanted(v) })
				}
			}
		case "Sid":
			if sid, ok := value.(string); ok && !strings.HasPrefix(sid, "Anywhere") {
				s[key] = l.label("SID", sid)
			}
		default:
			s[key] = walk(value, "", func(_, v string) string { return l.arns(v) })
		}
	}
}

// wanted relabels the value of a condition: names that are known keep their label,
// others get one that differs.
func (l *labels) wanted(value string) string {
	if known, ok := l.names[value]; ok {
		return known
	}
	before, size, network := strings.Cut(value, "/")
	if address, err := netip.ParseAddr(before); err == nil && (!network || regexp.MustCompile(`^[0-9]{1,3}$`).MatchString(size)) {
		if network {
			return l.address(address) + "/" + size
		}
		return l.address(address)
	}
	for _, prefix := range []string{"CN=", "ID="} {
		if name, ok := strings.CutPrefix(value, prefix); ok {
			return prefix + l.wanted(name)
		}
	}
	switch {
	case strings.Contains(value, "arn:"), regexp.MustCompile(`^[0-9]{12}$`).MatchString(value):
		return l.arns(value)
	case regexp.MustCompile(`^(true|false|[0-9.:TZ+-]*|(o|vpc|vpce)-[a-z0-9]+)$`).MatchString(value), strings.HasPrefix(value, "${"):
		return l.patterns(value)
	}
	if parts := strings.Split(value, "/"); len(parts) > 1 { // several values of one kind are joined
		for i, part := range parts {
			text, known := l.names[part]
			if !known {
				return l.like("NAME", value)
			}
			parts[i] = text
		}
		return strings.Join(parts, "/")
	}
	return l.like("NAME", value)
}

// address is the label of an address in a form that policies can be judged by: one
// for documentation (RFC 5737, RFC 3849), or a private one for a private one.
func (l *labels) address(address netip.Addr) string {
	_, number, _ := strings.Cut(l.label("IP", address.String()), "-")
	for _, to := range []struct {
		is     bool
		prefix string
	}{
		{address.IsLoopback(), ""}, {address.Is4() && address.IsPrivate(), "10.0.0."}, {address.Is4(), "198.51.100."}, {address.IsPrivate(), "fd00::"}, {true, "2001:db8::"},
	} {
		if to.is && to.prefix != "" {
			return to.prefix + number
		}
		if to.is {
			break
		}
	}
	return address.String()
}
