package sandbox

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// kind is what a parameter is in JSON.
type kind int

const (
	text kind = iota
	whole
	anyNumber
	truth
	blob // base64
	list
	structure
	union // a structure with exactly one member
)

// shape is what a parameter must be: the constraints of AWS's service model.
type shape struct {
	kind    kind
	min     int                   // characters, value, elements or bytes
	max     int                   // 0 means no limit
	pattern string                // for the whole string, as AWS prints it
	form    func() *regexp.Regexp // the pattern, compiled when first used, since most runs use none
	enum    []string
	of      *shape   // of a list's elements
	members []member // of a structure
	secret  bool     // AWS does not print the value
}

// member is a named parameter.
type member struct {
	name string
	shape
	required bool
}

// matching returns the shape restricted to strings that match the whole pattern.
func (s shape) matching(pattern string) shape {
	s.pattern = pattern
	s.form = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^(?:" + pattern + ")$") })
	return s
}

// wrong lists what breaks the shape, in the words of AWS's request validation.
// The error says that the value is not even of the right JSON type.
func (s *shape) wrong(path string, v any, required bool) ([]string, error) {
	if v == nil {
		if required {
			return []string{fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", path)}, nil
		}
		return nil, nil
	}
	switch s.kind {
	case list:
		return s.wrongList(path, v)
	case structure, union:
		return s.wrongStructure(path, v)
	}
	broken, err := s.broken(v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	shown := fmt.Sprintf("'%v'", v)
	if s.secret {
		shown = ""
	}
	var out []string
	for _, rule := range broken {
		out = append(out, strings.Replace(fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", shown, path, rule), "  ", " ", 1))
	}
	return out, nil
}

// broken lists the rules that a scalar breaks.
func (s *shape) broken(v any) ([]string, error) {
	switch s.kind {
	case whole:
		n, ok := v.(float64)
		if !ok || n != float64(int64(n)) {
			return nil, fmt.Errorf("%T cannot be converted to Integer", v)
		}
		return s.bounds(int(n), "value"), nil
	case anyNumber:
		if _, ok := v.(float64); !ok {
			return nil, fmt.Errorf("%T cannot be converted to Number", v)
		}
		return nil, nil
	case truth:
		if _, ok := v.(bool); !ok {
			return nil, fmt.Errorf("%T cannot be converted to Boolean", v)
		}
		return nil, nil
	}
	str, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("%T cannot be converted to String", v)
	}
	if s.kind == blob {
		data, err := base64.StdEncoding.DecodeString(str)
		if err != nil {
			return nil, fmt.Errorf("it is not base64")
		}
		return s.bounds(len(data), "length"), nil
	}
	out := s.bounds(utf8.RuneCountInString(str), "length")
	if s.pattern != "" && !s.form().MatchString(str) {
		out = append(out, "Member must satisfy regular expression pattern: "+s.pattern)
	}
	if s.enum != nil && !slices.Contains(s.enum, str) {
		out = append(out, "Member must satisfy enum value set: ["+strings.Join(s.enum, ", ")+"]")
	}
	return out, nil
}

func (s *shape) bounds(n int, of string) []string {
	switch {
	case n < s.min:
		return []string{fmt.Sprintf("Member must have %s greater than or equal to %d", of, s.min)}
	case s.max > 0 && n > s.max:
		return []string{fmt.Sprintf("Member must have %s less than or equal to %d", of, s.max)}
	}
	return nil
}

func (s *shape) wrongList(path string, v any) ([]string, error) {
	elements, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s: %T cannot be converted to List", path, v)
	}
	var out []string
	for _, rule := range s.bounds(len(elements), "length") {
		out = append(out, fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", path, rule))
	}
	for i, e := range elements {
		more, err := s.of.wrong(fmt.Sprintf("%s.%d.member", path, i+1), e, true)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

func (s *shape) wrongStructure(path string, v any) ([]string, error) {
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: %T cannot be converted to a structure", path, v)
	}
	set := 0
	var out []string
	for _, m := range s.members {
		if fields[m.name] != nil {
			set++
		}
		more, err := m.wrong(path+"."+m.name, fields[m.name], m.required)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	if s.kind == union && set != 1 {
		return nil, fmt.Errorf("%s: exactly one member of a union must be set", path)
	}
	return out, nil
}
