package policy

import "strings"

// Context is what is known of a request, by condition key. Keys are compared
// without regard to case. A key that is missing is absent; a key with no value,
// or only empty ones, is null.
type Context map[string][]string

// values returns the values of a key and whether the key is there.
func (c Context) values(key string) ([]string, bool) {
	if values, ok := c[key]; ok {
		return values, true
	}
	for name, values := range c {
		if strings.EqualFold(name, key) {
			return values, true
		}
	}
	return nil, false
}

// expand reads text as a pattern and puts the request's values in the place of
// its policy variables. It reports false if a variable has no value: such a text
// matches nothing. Variables need a single-valued key, and version 2012-10-17;
// before it they are plain text.
//
// ${*}, ${?} and ${$} are the characters themselves, and ${key, 'default'}
// stands for the default if the key is absent.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (c Context) expand(text, version string) (pattern, bool) {
	if version != Version {
		return plain(text), true
	}
	var p pattern
	for {
		before, rest, found := strings.Cut(text, "${")
		p = append(p, plain(before)...)
		if !found {
			return p, true
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return append(p, plain("${"+rest)...), true
		}
		value, ok := c.variable(name)
		if !ok {
			return nil, false
		}
		for _, r := range value {
			p = append(p, piece{r: r})
		}
		text = after
	}
}

func (c Context) variable(name string) (string, bool) {
	if name == "*" || name == "?" || name == "$" {
		return name, true
	}
	key, fallback, hasFallback := strings.Cut(name, ",")
	values, _ := c.values(strings.TrimSpace(key))
	if len(values) == 1 && values[0] != "" {
		return values[0], true
	}
	fallback = strings.TrimSpace(fallback)
	if !hasFallback || len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
		return "", false
	}
	return fallback[1 : len(fallback)-1], true
}
