package doctor

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
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
	if prefix, err := netip.ParsePrefix(value); err == nil {
		return l.network(prefix)
	}
	if address, err := netip.ParseAddr(value); err == nil {
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

// network is what stands for a range of addresses in a form that policies can be
// judged by: one of those for benchmarks (RFC 2544), apart from every other, or a
// private one for a private one.
func (l *labels) network(prefix netip.Prefix) string {
	at := slices.Index(l.networks, prefix)
	if at < 0 {
		at = len(l.networks)
		l.networks = append(l.networks, prefix)
	}
	n := at%250 + 1
	switch {
	case prefix.Addr().Is4() && prefix.Addr().IsPrivate():
		return fmt.Sprintf("10.%d.0.0/%d", n, max(prefix.Bits(), 16))
	case prefix.Addr().Is4():
		return fmt.Sprintf("198.18.%d.0/%d", n, max(prefix.Bits(), 24))
	case prefix.Addr().IsPrivate():
		return fmt.Sprintf("fd00:0:%x::/%d", n, max(prefix.Bits(), 48))
	}
	return fmt.Sprintf("2001:2:%x::/%d", n, max(prefix.Bits(), 48))
}

// address is the same for a single one: inside of the first network that holds it.
func (l *labels) address(address netip.Addr) string {
	for _, prefix := range l.networks {
		if prefix.Contains(address) {
			inside, err := netip.ParsePrefix(l.network(prefix))
			if err == nil {
				return inside.Addr().Next().String()
			}
		}
	}
	if address.IsLoopback() {
		return address.String()
	}
	whole, err := netip.ParsePrefix(l.network(netip.PrefixFrom(address, address.BitLen())))
	if err != nil {
		return l.label("IP", address.String())
	}
	return whole.Addr().String()
}

// record keeps of an event in CloudTrail whence it came, and which of the names that
// are known it holds.
func (l *labels) record(text string) string {
	var event struct {
		Name   string   `json:"eventName,omitempty"`
		Error  string   `json:"errorCode,omitempty"`
		Source string   `json:"sourceIPAddress,omitempty"`
		Names  []string `json:"names,omitempty"`
	}
	if json.Unmarshal([]byte(text), &event) != nil {
		return ""
	}
	event.Names = nil
	for _, name := range l.order {
		if len(name) >= 4 && strings.Contains(text, name) {
			event.Names = append(event.Names, l.names[name])
		}
	}
	if address, err := netip.ParseAddr(event.Source); err == nil {
		event.Source = l.address(address)
	} else {
		event.Source = l.patterns(event.Source)
	}
	event.Name, event.Error = l.patterns(event.Name), l.patterns(event.Error)
	return string(encode(event))
}
