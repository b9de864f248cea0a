package steps

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Answers is the state of the wizard: what was answered, by key.
type Answers struct {
	given map[string]string // in advance, by flag or file, or saved by an earlier run
	saved []string          // keys whose answer came from an earlier run
	said  []string          // keys answered in this run, in order, for Back
	last  map[string]string // what Back took away; becomes the default

	here    bool     // something was answered in this run
	changed []string // keys that were answered in it, asked or not
}

// NewAnswers begins with what an earlier run saved, which may be nil.
func NewAnswers(saved map[string]string) *Answers {
	a := &Answers{given: map[string]string{}, last: map[string]string{}}
	maps.Copy(a.given, saved)
	return a
}

// Encode renders answers as key = value lines, sorted. Secrets are left out by
// the caller.
func encodeAnswers(values map[string]string) []byte {
	var b bytes.Buffer
	b.WriteString("# The answers of this set-up. anywhere setup reads them again.\n")
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "%s = %s\n", key, values[key])
	}
	return b.Bytes()
}

// ParseAnswers reads key = value lines; # begins a comment line. The error
// names the line.
func ParseAnswers(data []byte) (map[string]string, error) {
	values := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("read answers: line %d is not key = value", n)
		}
		key = strings.TrimSpace(key)
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("read answers: line %d: %s is answered twice", n, key)
		}
		values[key] = strings.TrimSpace(value)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	return values, nil
}

// splitPairs reads k=v,k2=v2.
func splitPairs(list string) map[string]string {
	pairs := map[string]string{}
	for _, item := range splitList(list) {
		key, value, _ := strings.Cut(item, "=")
		pairs[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return pairs
}

// splitList reads a,b,c and leaves out what is empty.
func splitList(list string) []string {
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
