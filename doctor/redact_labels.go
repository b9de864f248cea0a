package doctor

import (
	"crypto/x509"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// labels replaces what identifies somebody.
type labels struct {
	seen  map[string]string // by kind and value
	count map[string]int
	// names are all values that certificates, ARNs and config bring, with what
	// stands for them. A value that names nobody stands for itself.
	names map[string]string
	order []string
	// networks are the ranges of addresses in policies, in the order in which they came.
	networks []netip.Prefix
	// signers are all certificates, to find whose signature one has.
	signers []*x509.Certificate
}

func newLabels(e *Evidence) *labels {
	l := &labels{seen: map[string]string{}, count: map[string]int{}, names: map[string]string{}}
	l.signers = slices.Concat(parsedAll(e.KnownCAs), parsedAll(e.Certificate.Sent), parsedAll(e.Certificate.All), bundle(e.AWS.Anchor.Value.Source.Bundle),
		bundle(e.AWS.PrivateCA.Value.Certificate), bundle(e.AWS.PrivateCA.Value.Chain))
	for _, other := range e.AWS.Anchors.Value {
		l.signers = append(l.signers, bundle(other.Source.Bundle)...)
	}
	l.certificate(e.Certificate.Leaf) // its names come first
	return l
}

// label is what stands for a value: the same each time.
func (l *labels) label(kind, value string) string {
	if known, ok := l.seen[kind+" "+value]; ok {
		return known
	}
	l.count[kind]++
	l.seen[kind+" "+value] = fmt.Sprintf("%s-%d", kind, l.count[kind])
	return l.seen[kind+" "+value]
}

// name is what stands for a name wherever it is. It is as long as a long one, and
// has the characters that no session tag may have, since both are judged.
func (l *labels) name(value string) string {
	if known, ok := l.names[value]; ok || value == "" {
		return known
	}
	text := l.label("NAME", value)
	for _, r := range value {
		if notInTag(r) && !strings.ContainsRune(text, r) && len(text) < 24 {
			text += string(r)
		}
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r > 0x7f }) {
		text += "é" // not every type of string may hold it
	}
	if long := utf8.RuneCountInString(value) - utf8.RuneCountInString(text); utf8.RuneCountInString(value) > 40 {
		text += strings.Repeat("x", max(0, long))
	}
	return l.know(value, text)
}

func (l *labels) know(value, text string) string {
	if _, known := l.names[value]; !known {
		l.names[value] = text
		l.order = append(l.order, value)
	}
	return l.names[value]
}

// chosen is a name with what Roles Anywhere or a path puts before it.
func (l *labels) chosen(value string) string {
	switch {
	case strings.ContainsAny(value, `/\`):
		return l.path(value)
	case strings.HasPrefix(value, "CN="), strings.HasPrefix(value, "ID="):
		return value[:3] + l.name(value[3:])
	}
	return l.name(value)
}

// section is the name of an AWS config profile; default is nobody's.
func (l *labels) section(value string) string {
	name, prefixed := strings.CutPrefix(value, "profile ")
	if name != "default" {
		name = l.know(name, l.label("NAME", name))
	}
	if prefixed {
		return "profile " + name
	}
	return name
}

// subject relabels a distinguished name as text. A public CA is nobody's secret.
func (l *labels) subject(value string) string {
	if strings.Contains(value, "Amazon") {
		return value
	}
	return regexp.MustCompile(`(=|^)([^=,+]+)`).ReplaceAllStringFunc(value, func(part string) string {
		if text, ok := strings.CutPrefix(part, "="); ok {
			return "=" + l.name(text)
		}
		return part
	})
}

// text relabels whatever is found in sentences.
func (l *labels) text(value string) string {
	value = l.arns(l.urls(value))
	for _, name := range slices.SortedFunc(slices.Values(l.order), func(a, b string) int { return len(b) - len(a) }) {
		value = replaceWord(value, name, l.names[name])
	}
	value = regexp.MustCompile(`(^|[\s"'=(])((?:~|[A-Za-z]:)?[/\\][^\s"':,;)]+)`).ReplaceAllStringFunc(value, func(found string) string {
		at := strings.IndexAny(found, `~/\`)
		if drive := strings.Index(found, `:\`); drive > 0 {
			at = drive - 1
		}
		return found[:at] + l.path(found[at:])
	})
	return l.patterns(value)
}

// patterns relabels what can be told by its form.
func (l *labels) patterns(text string) string {
	for _, p := range []struct{ kind, pattern string }{
		{"EMAIL", `[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`},
		{"KEY", `\bA[KS]IA[A-Z0-9]{12,}\b`},
		{"ID", `\bA(?:ROA|IDA|GPA|NPA|SCA)[A-Z0-9]{12,}\b`},
		{"ACCOUNT", `\b[0-9]{12}\b`},
		{"IP", `\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b`},
		{"IP", `\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}`},
		{"HOST", `\b(?:[A-Za-z0-9-]+\.)+(?:com|net|org|io|dev|local|internal|lan|corp|home|cloud|example|test|invalid|[a-z]{2})\b`},
	} {
		text = regexp.MustCompile(p.pattern).ReplaceAllStringFunc(text, func(found string) string {
			if found == "127.0.0.1" || p.kind == "HOST" && nobodys(found) {
				return found
			}
			return l.label(p.kind, found)
		})
	}
	return text
}

// nobodys are hosts that tell nothing of who asks.
func nobodys(host string) bool {
	addr, err := netip.ParseAddr(host)
	for _, known := range []string{"amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "aws.amazon.com", "github.com", "api.aws", "rfc-editor.org"} {
		if host == known || strings.HasSuffix(host, "."+known) {
			return true
		}
	}
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// urls relabels the hosts of addresses of the web, and drops users and queries.
func (l *labels) urls(text string) string {
	return regexp.MustCompile(`(https?)://([^\s"'/?#<>]+)([^\s"'<>]*)`).ReplaceAllStringFunc(text, func(found string) string {
		scheme, rest, _ := strings.Cut(found, "://")
		host, path := rest, ""
		if at := strings.IndexAny(rest, "/?#"); at >= 0 {
			host, path = rest[:at], rest[at:]
		}
		host = host[strings.LastIndex(host, "@")+1:]
		name, port := host, ""
		if at := strings.LastIndex(host, ":"); at > strings.LastIndex(host, "]") {
			name, port = host[:at], host[at:]
		}
		if nobodys(name) {
			path, _, _ = strings.Cut(path, "?")
			return scheme + "://" + name + port + path
		}
		return scheme + "://" + l.label("HOST", name) + port
	})
}

// replaceWord replaces a name where it is not a part of a longer word.
func replaceWord(text, name, by string) string {
	if name == "" || name == by {
		return text
	}
	var b strings.Builder
	for {
		at := strings.Index(text, name)
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := at + len(name)
		whole := (at == 0 || !inWord(text[at-1])) && (end == len(text) || !inWord(text[end]))
		b.WriteString(text[:at])
		if whole {
			b.WriteString(by)
		} else {
			b.WriteString(name)
		}
		text = text[end:]
	}
}

func inWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// configKey keeps the names that SDKs know.
func configKey(name string) string {
	known := map[string]bool{
		"credential_process": true, "region": true, "output": true, "aws_access_key_id": true, "aws_secret_access_key": true, "aws_session_token": true,
		"role_arn": true, "source_profile": true, "credential_source": true, "web_identity_token_file": true, "role_session_name": true, "external_id": true,
		"duration_seconds": true, "mfa_serial": true, "sso_session": true, "sso_start_url": true, "sso_account_id": true, "sso_role_name": true, "sso_region": true,
		"endpoint_url": true, "ca_bundle": true, "services": true, "aws_security_token": true, "aws_account_id": true,
	}
	if slices.Contains(slices.Collect(maps.Keys(known)), name) {
		return name
	}
	return "other"
}
