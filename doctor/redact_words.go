package doctor

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// arns relabels accounts, roles, users, policies and resources of ARNs, and what
// else has AWS's forms.
func (l *labels) arns(text string) string {
	text = regexp.MustCompile(`arn:[a-z0-9*?-]*:[^\s"',\\)]+`).ReplaceAllStringFunc(text, func(found string) string {
		arn := strings.TrimRight(found, ".;") // the end of a sentence
		parts := strings.SplitN(arn, ":", 6)
		if len(parts) < 6 || parts[4] == "aws" {
			return found
		}
		service, resource := parts[2], parts[5]
		switch service {
		case "rolesanywhere", "acm-pca": // numbers of AWS
		case "iam", "sts":
			parts[5] = l.identity(resource)
		default:
			parts[5] = l.resource(resource)
		}
		return strings.Join(parts, ":") + found[len(arn):]
	})
	return l.patterns(text)
}

// identity relabels role/path/name and its like; the session's name is told apart.
func (l *labels) identity(resource string) string {
	words := strings.Split(resource, "/")
	if len(words) > 1 && words[1] == "aws-service-role" {
		return resource // the same in every account
	}
	for i := 1; i < len(words); i++ {
		switch {
		case words[0] == "assumed-role" && i == 1, words[0] == "role" && i == len(words)-1:
			words[i] = l.like("ROLE", words[i])
		case words[0] == "assumed-role":
			words[i] = l.name(words[i])
		case i == len(words)-1:
			words[i] = l.like(strings.ToUpper(words[0]), words[i])
		default:
			words[i] = l.like("PATH", words[i])
		}
	}
	return strings.Join(words, "/")
}

// resource relabels the parts of the name of a resource.
func (l *labels) resource(resource string) string {
	return regexp.MustCompile(`[^/:]+`).ReplaceAllStringFunc(resource, func(part string) string { return l.like("RESOURCE", part) })
}

// like relabels a name or a pattern. A pattern that covers a name that is known
// covers its label.
func (l *labels) like(kind, value string) string {
	switch {
	case strings.Trim(value, "*?") == "", strings.HasPrefix(value, "${"):
		return value
	case !strings.ContainsAny(value, "*?"):
		if known, ok := l.names[value]; ok {
			return known
		}
		return l.know(value, l.label(kind, value))
	}
	pattern := "^" + strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(value)) + "$"
	re := regexp.MustCompile("(?s)" + pattern)
	for _, name := range l.order {
		if re.MatchString(name) {
			return l.names[name] + "*"
		}
	}
	return l.label(kind, value) + "*"
}

// policyName is what stands for the name of a policy, or for its ARN.
func (l *labels) policyName(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return l.arns(name)
	}
	return l.label("POLICY", name)
}

// path relabels the parts of a file's name that are not everybody's. Quotes,
// blanks, tildes and separators stay, since they are judged.
func (l *labels) path(value string) string {
	before := ""
	return regexp.MustCompile(`[^/\\"'\s:~$=]+`).ReplaceAllStringFunc(value, func(part string) string {
		last := before
		before = part
		if last == "home" || last == "Users" {
			return l.label("HOME", part)
		}
		if everybodys(part) {
			return part
		}
		extension := filepath.Ext(part)
		if !slices.Contains([]string{".pem", ".key", ".crt", ".cer", ".der", ".p12", ".pfx", ".exe", ".sh"}, extension) {
			extension = ""
		}
		return l.label("PATH", part) + extension
	})
}

// everybodys are parts of paths that tell nothing; a serial is in the certificate
// as well.
func everybodys(part string) bool {
	known := []string{
		"etc", "opt", "usr", "var", "home", "Users", "root", "lib", "lib64", "bin", "sbin", "local", "share", "run", "secrets", "tmp", "srv", "mnt", "nowhere", "nonexistent",
		".aws", ".anywhere", "config", "credentials", "setups", "pairs", "ca", "cache", "sandbox", "session.json", "answers", "key.pem", "certificate.pem", "cert.pem",
		"leaf.pem", "chain.pem", "ca.pem", "ca.key", "anywhere", "anywhere-signer", "aws_signing_helper", "aws_signing_helper.exe", "Program", "Files", "C", ".", "..",
		"ld-linux-x86-64.so.2", "ld-musl-x86_64.so.1", "pkcs11", "ssl", "pki", "private", "certs", "kubernetes",
	}
	return slices.Contains(known, part) || regexp.MustCompile(`^[0-9a-f]{1,40}$`).MatchString(part)
}

// keyRef relabels a file, or the values of a URI (RFC 7512 section 2.3).
func (l *labels) keyRef(value string) string {
	scheme, rest, is := strings.Cut(value, ":")
	if !is || len(scheme) < 3 {
		return l.path(value)
	}
	rest, _, _ = strings.Cut(rest, "?")
	return scheme + ":" + regexp.MustCompile(`=[^;]+`).ReplaceAllStringFunc(rest, func(v string) string { return "=" + l.name(v[1:]) })
}

// line relabels a credential_process line, word by word; blanks stay.
func (l *labels) line(value string) string {
	return regexp.MustCompile(`\S+`).ReplaceAllStringFunc(value, l.word)
}

// word relabels a word of such a line. Flags that are known stay, and what has no
// letters.
func (l *labels) word(value string) string {
	flag, rest, inline := strings.Cut(value, "=")
	name := strings.TrimLeft(flag, "-")
	known := takes(name) != unknownFlag
	switch {
	case strings.HasPrefix(value, "-") && known && inline:
		return flag + "=" + l.word(rest)
	case strings.HasPrefix(value, "-") && known:
		return value
	case strings.HasPrefix(value, "-"):
		return strings.Repeat("-", len(flag)-len(name)) + l.label("FLAG", name)
	case strings.Contains(value, "arn:"):
		return l.arns(value)
	case strings.Contains(value, "://"):
		return l.urls(value)
	case strings.HasPrefix(value, "pkcs11:"):
		return l.keyRef(value)
	case strings.ContainsAny(value, `/\`), everybodys(value):
		return l.path(value)
	case slices.Contains([]string{"credential-process", "serve", "update", "true", "false", "(not", "shown)", "(not shown)"}, value),
		regexp.MustCompile(`^[0-9]+$|^(us|eu|ap|ca|sa|af|me|il|mx|cn)-[a-z-]+-[0-9]$|^[^A-Za-z0-9]+$`).MatchString(value):
		return value
	}
	return l.name(value)
}
