package doctor

import (
	"encoding/json"
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
	if before, network, is := strings.Cut(value, "/"); is && regexp.MustCompile(`^[0-9.]+$|^[0-9a-fA-F:]+$`).MatchString(before) {
		return l.patterns(before) + "/" + network
	}
	for _, prefix := range []string{"CN=", "ID="} {
		if name, ok := strings.CutPrefix(value, prefix); ok {
			return prefix + l.wanted(name)
		}
	}
	switch {
	case strings.Contains(value, "arn:"), regexp.MustCompile(`^[0-9]{12}$`).MatchString(value):
		return l.arns(value)
	case regexp.MustCompile(`^(true|false|[0-9.:TZ+-]*|o-[a-z0-9]+)$`).MatchString(value), strings.HasPrefix(value, "${"):
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
