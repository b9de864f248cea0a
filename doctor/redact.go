package doctor

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"

	"anywhere/awsapi"
)

// Redact returns evidence that can be shown to somebody else. It holds what
// [savedFields] lists and nothing else. Accounts, hosts, addresses, e-mails, paths
// and names, those in certificates and policies as well, become labels, the same
// wherever they stand, so that differences stay visible. Keys and dates of
// certificates stay; in place of a signature stands whose it is.
func Redact(e *Evidence) *Evidence {
	var out Evidence
	reread(encode(redacted(e)), &out)
	return &out
}

// Saved is redacted evidence as it is written to a file: JSON, without what is empty.
func Saved(e *Evidence) []byte {
	data, err := json.MarshalIndent(redacted(e), "", "  ")
	if err != nil {
		panic("save evidence: " + err.Error()) // it was read from JSON
	}
	return append(data, '\n')
}

// redacted is the document of evidence, relabelled and with the listed fields only.
func redacted(e *Evidence) any {
	one := *e
	one.AWS.Roles.Value = slices.DeleteFunc(slices.Clone(e.AWS.Roles.Value), func(r awsapi.Role) bool { // the account's other roles
		return r.ARN != e.Target.RoleARN && !strings.HasSuffix(r.ARN, "/"+linkedRole)
	})
	one.Environment = slices.Clone(e.Environment)
	for i, v := range one.Environment {
		if v.Name != "AWS_PROFILE" { // whose label shows whether it is the one in question
			one.Environment[i].Value = ""
		}
	}
	var tree any
	reread(encode(one), &tree)
	l := newLabels(e)
	fields := savedFields()
	for how := asCertificate; how <= asIs; how++ {
		tree = walk(tree, "", func(path, value string) string {
			if fields[path] == how {
				return l.treat(how, value)
			}
			return value
		})
	}
	return prune(tree, "", fields, l)
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("redact evidence: " + err.Error()) // strings, numbers and times always encode
	}
	return data
}

func reread(data []byte, v any) {
	if err := json.Unmarshal(data, v); err != nil {
		panic("redact evidence: " + err.Error())
	}
}

// walk replaces every string of a document by what change makes of it.
func walk(node any, path string, change func(path, value string) string) any {
	switch node := node.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(node)) {
			node[key] = walk(node[key], below(path, key), change)
		}
	case []any:
		for i := range node {
			node[i] = walk(node[i], path+"[]", change)
		}
	case string:
		return change(path, node)
	}
	return node
}

// below is the path of a member; all members of a map have one.
func below(path, key string) string {
	switch path {
	case "":
		return key
	case "aws.policies.value", "aws.limits.value", "config.helper.flags":
		return path + ".{}"
	}
	return path + "." + key
}

// prune takes out what is not listed, and relabels the keys of maps.
func prune(node any, path string, fields map[string]treatment, l *labels) any {
	switch node := node.(type) {
	case map[string]any:
		kept := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			at := below(path, key)
			if value := prune(node[key], at, fields, l); value != nil {
				if strings.HasSuffix(at, "value.{}") {
					key = l.policyName(key)
				}
				kept[key] = value
			}
		}
		if len(kept) == 0 && len(node) > 0 {
			return nil
		}
		return kept
	case []any:
		kept := []any{}
		for _, value := range node {
			if value := prune(value, path+"[]", fields, l); value != nil {
				kept = append(kept, value)
			}
		}
		if len(kept) == 0 && len(node) > 0 {
			return nil
		}
		return kept
	case nil:
		return nil
	}
	if _, listed := fields[path]; !listed || node == "" || node == "0001-01-01T00:00:00Z" {
		return nil
	}
	return node
}

// treat relabels one value.
func (l *labels) treat(how treatment, value string) string {
	if value == "" {
		return value
	}
	switch how {
	case asCertificate:
		der, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return ""
		}
		return base64.StdEncoding.EncodeToString(l.certificate(der))
	case asBundle:
		return l.bundle(value)
	case asList:
		return l.list(value)
	case asARN:
		return l.arns(value)
	case asName:
		return l.chosen(value)
	case asSection:
		return l.section(value)
	case asSubject:
		return l.subject(value)
	case asPath:
		return l.path(value)
	case asKeyRef:
		return l.keyRef(value)
	case asAddress:
		return l.label("IP", value)
	case asURL:
		return l.urls(value)
	case asWord:
		return l.word(value)
	case asLine:
		return l.line(value)
	case asConfigKey:
		return configKey(value)
	case asPolicy:
		return l.policy(value)
	case asRecord:
		return l.record(value)
	case asText:
		return l.text(value)
	}
	return value
}

// bundle relabels certificates in PEM. What stands between them goes.
func (l *labels) bundle(text string) string {
	var b strings.Builder
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.certificate(block.Bytes)}))
	}
	return b.String()
}

// list relabels a revocation list, base64 of PEM or DER.
func (l *labels) list(text string) string {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	}
	return base64.StdEncoding.EncodeToString(l.revocations(der))
}

// DecodeEvidence reads evidence that somebody saved. It is hostile: sizes are
// bounded by the caller, no path in it is followed, and nothing of it is run or
// shown as a command; what it says of repairs does not count.
func DecodeEvidence(data []byte) (*Evidence, error) {
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, fmt.Errorf("decode evidence: %w", err)
	}
	tree = walk(tree, "", func(path, value string) string {
		if strings.HasSuffix(path, ".fix") {
			return ""
		}
		return value
	})
	var e Evidence
	if err := json.Unmarshal(encode(tree), &e); err != nil {
		return nil, fmt.Errorf("decode evidence: %w", err)
	}
	if e.SchemaVersion != SchemaVersion {
		return nil, fmt.Errorf("decode evidence: schemaVersion %d, this program knows %d", e.SchemaVersion, SchemaVersion)
	}
	if e.Ours != nil {
		e.Ours = &Ours{RoleID: e.Ours.RoleID, Permits: e.Ours.Permits}
	}
	e.saved = true
	return &e, nil
}
