package doctor

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"anywhere/awsapi"
)

// Redact returns evidence that can be shown to somebody else: accounts, hosts,
// addresses, e-mails, role names and paths become labels, the same everywhere, so
// that differences stay visible. Certificates and policies stay, since they are
// what is judged; so names in certificates stay as well, and lists of other
// things of the account go.
func Redact(e *Evidence) *Evidence {
	var out Evidence
	data, err := json.Marshal(e)
	if err != nil {
		panic("redact evidence: " + err.Error()) // strings, numbers and times always encode
	}
	l := &labels{seen: map[string]string{}, count: map[string]int{}}
	text := l.replace(string(data))
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		panic("redact evidence: " + err.Error())
	}
	out.AWS.Anchors.Value, out.AWS.Profiles.Value = nil, nil
	out.AWS.Roles = Answer[[]awsapi.Role]{}
	out.AWS.Disabled, out.AWS.Trail = Answer[[]awsapi.Event]{}, Answer[[]awsapi.Event]{}
	out.Exchange.Session.Value.AccessKeyID = ""
	for i := range out.Environment {
		if out.Environment[i].Name != "AWS_PROFILE" {
			out.Environment[i].Value = ""
		}
	}
	return &out
}

// labels replaces what identifies somebody.
type labels struct {
	seen  map[string]string
	count map[string]int
}

func (l *labels) label(kind, value string) string {
	if known, ok := l.seen[kind+value]; ok {
		return known
	}
	l.count[kind]++
	l.seen[kind+value] = fmt.Sprintf("%s-%d", kind, l.count[kind])
	return l.seen[kind+value]
}

// replace works on the JSON text: every pattern stops at a quote.
func (l *labels) replace(text string) string {
	for _, p := range []struct{ kind, pattern string }{
		{"ROLE", `:role/([^"\\,\s]+)`}, {"ROLE", `:assumed-role/([^"\\/,\s]+)`}, {"USER", `:user/([^"\\,\s]+)`},
		{"EMAIL", `([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,})`},
		{"HOME", `((?:/home|/Users)/[^"\\/\s]+)`},
		{"ACCOUNT", `(?:\b)([0-9]{12})\b`},
		{"IP", `\b((?:[0-9]{1,3}\.){3}[0-9]{1,3})\b`},
	} {
		re := regexp.MustCompile(p.pattern)
		text = re.ReplaceAllStringFunc(text, func(found string) string {
			sub := re.FindStringSubmatch(found)[1]
			if sub == "127.0.0.1" {
				return found
			}
			return strings.Replace(found, sub, l.label(p.kind, sub), 1)
		})
	}
	// A role's name also stands alone. Very short ones are parts of other words.
	for _, key := range slices.Sorted(maps.Keys(l.seen)) {
		if name, ok := strings.CutPrefix(key, "ROLE"); ok && len(name) > 5 {
			text = strings.ReplaceAll(text, `"`+name+`"`, `"`+l.seen[key]+`"`)
		}
	}
	return text
}

// DecodeEvidence reads evidence that somebody saved. It is hostile: sizes are
// bounded by the caller, no path in it is followed, and nothing of it is run.
func DecodeEvidence(data []byte) (*Evidence, error) {
	var e Evidence
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("decode evidence: %w", err)
	}
	if e.SchemaVersion != SchemaVersion {
		return nil, fmt.Errorf("decode evidence: schemaVersion %d, this program knows %d", e.SchemaVersion, SchemaVersion)
	}
	e.Ours = nil // repairs are for the machine itself
	return &e, nil
}
