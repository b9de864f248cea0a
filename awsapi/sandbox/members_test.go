package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// model is section 7 of what is known of Roles Anywhere, as the AWS SDKs' service
// model has it (API version 2018-05-10, botocore 1.43.11): operation, route,
// status, members; * is required.
const model = `
CreateProfile POST /profiles 201 name* requireInstanceProperties sessionPolicy roleArns* managedPolicyArns durationSeconds enabled tags acceptRoleSessionName
CreateTrustAnchor POST /trustanchors 201 name* source* enabled tags notificationSettings
DeleteAttributeMapping DELETE /profiles/{profileId}/mappings 200 profileId* certificateField* specifiers
DeleteCrl DELETE /crl/{crlId} 200 crlId*
DeleteProfile DELETE /profile/{profileId} 200 profileId*
DeleteTrustAnchor DELETE /trustanchor/{trustAnchorId} 200 trustAnchorId*
DisableCrl POST /crl/{crlId}/disable 200 crlId*
DisableProfile POST /profile/{profileId}/disable 200 profileId*
DisableTrustAnchor POST /trustanchor/{trustAnchorId}/disable 200 trustAnchorId*
EnableCrl POST /crl/{crlId}/enable 200 crlId*
EnableProfile POST /profile/{profileId}/enable 200 profileId*
EnableTrustAnchor POST /trustanchor/{trustAnchorId}/enable 200 trustAnchorId*
GetCrl GET /crl/{crlId} 200 crlId*
GetProfile GET /profile/{profileId} 200 profileId*
GetSubject GET /subject/{subjectId} 200 subjectId*
GetTrustAnchor GET /trustanchor/{trustAnchorId} 200 trustAnchorId*
ImportCrl POST /crls 201 name* crlData* enabled tags trustAnchorArn*
ListCrls GET /crls 200 nextToken pageSize
ListProfiles GET /profiles 200 nextToken pageSize
ListSubjects GET /subjects 200 nextToken pageSize
ListTagsForResource GET /ListTagsForResource 200 resourceArn*
ListTrustAnchors GET /trustanchors 200 nextToken pageSize
PutAttributeMapping PUT /profiles/{profileId}/mappings 200 profileId* certificateField* mappingRules*
PutNotificationSettings PATCH /put-notifications-settings 200 trustAnchorId* notificationSettings*
ResetNotificationSettings PATCH /reset-notifications-settings 200 trustAnchorId* notificationSettingKeys*
TagResource POST /TagResource 201 resourceArn* tags*
UntagResource POST /UntagResource 200 resourceArn* tagKeys*
UpdateCrl PATCH /crl/{crlId} 200 crlId* name crlData
UpdateProfile PATCH /profile/{profileId} 200 profileId* name sessionPolicy roleArns managedPolicyArns durationSeconds acceptRoleSessionName
UpdateTrustAnchor PATCH /trustanchor/{trustAnchorId} 200 trustAnchorId* name source
CreateSession POST /sessions 201 profileArn* roleArn* trustAnchorArn* durationSeconds roleSessionName`

func TestOperationsAreThoseOfTheServiceModel(t *testing.T) {
	have := map[string]string{}
	for _, op := range rolesAnywhere().operations {
		line := []string{op.name, op.route, fmt.Sprint(max(op.status, 200))}
		for _, m := range op.takes {
			name := m.name
			if m.required {
				name += "*"
			}
			line = append(line, name)
		}
		slices.Sort(line[3:])
		have[op.name] = strings.Join(line, " ")
	}
	lines := strings.Split(strings.TrimSpace(model), "\n")
	for _, line := range lines {
		words := strings.Fields(line)
		slices.Sort(words[4:])
		if want := strings.Join(words, " "); have[words[0]] != want {
			t.Errorf("got  %s\nwant %s", have[words[0]], want)
		}
	}
	if len(have) != len(lines) {
		t.Errorf("got %d operations, want %d", len(have), len(lines))
	}
}

// limit is one member's constraint: values that just hold and values that just
// do not, typed from section 7.1 and not read from the table under test.
type limit struct {
	inside, outside []any
}

func times(n int, s string) string { return strings.Repeat(s, n) }

func many(n int, v any) []any { return slices.Repeat([]any{v}, n) }

// padded is a PEM text or policy filled up with blanks to a length.
func padded(text string, length int) string { return text + times(length-len(text), "\n") }

func limits(l *lab, crl []byte) map[string]limit {
	const uuid = "00000000-0000-4000-8000-00000000000"
	pem, anchorARN, roleARN := l.ca.pem(), "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/", "arn:aws:iam::000000000000:role/"
	crlPEM := "-----BEGIN X509 CRL-----\n" + base64.StdEncoding.EncodeToString(crl) + "\n-----END X509 CRL-----\n"
	notice := map[string]any{"enabled": true, "event": "CA_CERTIFICATE_EXPIRY"}
	tag := map[string]any{"key": "k", "value": "v"}
	id := limit{[]any{uuid + "a", uuid + "z"}, []any{uuid, uuid + "ab", times(36, "x"), "0000000G-0000-4000-8000-000000000000"}}
	tagKey := limit{[]any{"k", times(128, "k"), "aZ9 _.:/=+@-"}, []any{"", times(129, "k"), "a(b", "ä", "a,b"}}
	return map[string]limit{
		"name":                                  {[]any{"n", times(255, "n"), "a Z9-_"}, []any{"", times(256, "n"), "a.b", "a/b", "ä"}},
		"trustAnchorId":                         id,
		"profileId":                             id,
		"crlId":                                 id,
		"subjectId":                             id,
		"roleArns":                              {[]any{[]any{}, many(250, roleARN+"r")}, []any{many(251, roleARN+"r")}},
		"roleArns[]":                            {[]any{roleARN + "r", roleARN + times(1011-len(roleARN), "r"), "arn:aws-cn:iam::0:role/r"}, []any{"", roleARN + times(1012-len(roleARN), "r"), "role", "arn:aws:iam::000000000000:user/u", "arn:aws:s3:::role/r"}},
		"managedPolicyArns":                     {[]any{[]any{}, many(50, "p")}, []any{many(51, "p")}},
		"managedPolicyArns[]":                   {[]any{"p", times(200, "p")}, []any{"", times(201, "p")}},
		"UpdateProfile sessionPolicy":           {[]any{mayListBuckets, padded(mayListBuckets, 100000)}, []any{"", padded(mayListBuckets, 100001)}},
		"durationSeconds":                       {[]any{900, 43200}, []any{899, 43201, 0, -1}},
		"ImportCrl trustAnchorArn":              {[]any{l.anchor}, []any{"", "arn:aws:rolesanywhere:us-east-1:000000000000:profile/x", "arn:aws:iam::0:trust-anchor/x", anchorARN + times(1012-len(anchorARN), "x")}},
		"crlData":                               {[]any{[]byte(padded(crlPEM, 300000)), crl}, []any{[]byte{}, []byte(padded(crlPEM, 300001))}},
		"source.sourceType":                     {[]any{"CERTIFICATE_BUNDLE"}, []any{"", "BUNDLE", "certificate_bundle"}},
		"source.sourceData.x509CertificateData": {[]any{padded(pem, 16000)}, []any{"", padded(pem, 16001)}},
		"notificationSettings":                  {[]any{[]any{}, many(50, notice)}, []any{many(51, notice)}},
		"notificationSettings[].event":          {[]any{"CA_CERTIFICATE_EXPIRY", "END_ENTITY_CERTIFICATE_EXPIRY"}, []any{"", "EXPIRY"}},
		"notificationSettings[].threshold":      {[]any{1, 360}, []any{0, 361}},
		"notificationSettings[].channel":        {[]any{"ALL"}, []any{"", "EMAIL"}},
		"notificationSettingKeys":               {[]any{[]any{}, many(50, map[string]any{"event": "CA_CERTIFICATE_EXPIRY"})}, []any{many(51, map[string]any{"event": "CA_CERTIFICATE_EXPIRY"})}},
		"notificationSettingKeys[].event":       {[]any{"CA_CERTIFICATE_EXPIRY"}, []any{"", "EXPIRY"}},
		"notificationSettingKeys[].channel":     {[]any{"ALL"}, []any{"EMAIL"}},
		"tags":                                  {[]any{[]any{}, many(200, tag)}, []any{many(201, tag)}},
		"tags[].key":                            tagKey,
		"tags[].value":                          {[]any{"", times(256, "v"), "aZ9 _.:/=+@-"}, []any{times(257, "v"), "a(b", "ä"}},
		"tagKeys":                               {[]any{[]any{}, many(200, "k")}, []any{many(201, "k")}},
		"tagKeys[]":                             tagKey,
		"certificateField":                      {[]any{"x509Subject", "x509Issuer", "x509SAN"}, []any{"", "x509", "x509subject"}},
		"mappingRules[].specifier":              {[]any{"", times(60, "s")}, []any{times(61, "s")}},
		"specifiers[]":                          {[]any{times(60, "s")}, []any{times(61, "s")}},
		"nextToken":                             {[]any{"t", times(10000, "t")}, []any{"", times(10001, "t")}},
		"resourceArn":                           {[]any{"r", times(1011, "r")}, []any{"", times(1012, "r")}},
	}
}

// constrained lists the members of an operation that the table under test
// constrains, by path.
func constrained(path string, s shape) []string {
	var out []string
	if s.min > 0 || s.max > 0 || s.pattern != "" || s.enum != nil {
		out = append(out, path)
	}
	if s.of != nil {
		out = append(out, constrained(path+"[]", *s.of)...)
	}
	for _, m := range s.members {
		out = append(out, constrained(path+"."+m.name, m.shape)...)
	}
	return out
}

func TestEveryConstraintHoldsAtItsEdge(t *testing.T) {
	l := newLab(t)
	all := limits(l, l.ca.revoke(t, 7))
	used := map[string]bool{}
	for _, op := range rolesAnywhere().operations {
		if op.byCertificate {
			continue
		}
		for _, m := range op.takes {
			for _, path := range constrained(m.name, m.shape) {
				key := path
				if _, own := all[op.name+" "+path]; own {
					key = op.name + " " + path
				}
				limit, known := all[key]
				if !known {
					t.Errorf("%s: no limit is known of %s", op.name, path)
				}
				used[key] = true
				for _, v := range limit.inside {
					if got := l.try(op, path, v); strings.Contains(got.message, "failed to satisfy constraint") || got.code == "SerializationException" || got.status >= 500 {
						t.Errorf("%s: %s inside: got %d %s", op.name, path, got.status, got.message)
					}
				}
				for _, v := range limit.outside {
					named := "at '" + strings.ReplaceAll(path, "[]", ".1.member") + "' failed to satisfy constraint: Member must "
					if got := l.try(op, path, v); got.status != 400 || got.code != "ValidationException" || !strings.Contains(got.message, named) {
						t.Errorf("%s: %s outside (%.40v): got %d %s %.200s", op.name, path, v, got.status, got.code, got.message)
					}
				}
			}
			if m.required && !strings.Contains(op.route, "{"+m.name+"}") {
				want := "Value null at '" + m.name + "' failed to satisfy constraint: Member must not be null"
				if got := l.try(op, m.name, nil); got.status != 400 || !strings.Contains(got.message, want) {
					t.Errorf("%s without %s: got %d %s", op.name, m.name, got.status, got.message)
				}
			}
		}
	}
	for key := range all {
		if !used[key] {
			t.Errorf("%s is constrained nowhere", key)
		}
	}
}

// try makes a call that would be in order with one member changed.
func (l *lab) try(op operation, path string, value any) reply {
	l.Helper()
	l.renew()
	base := map[string]any{
		"name": "n", "source": bundle(l.ca.pem()), "roleArns": []any{l.role}, "managedPolicyArns": []any{"p"}, "crlData": l.ca.revoke(l, 7), "trustAnchorArn": l.anchor,
		"trustAnchorId": id(l.anchor), "profileId": id(l.profile), "crlId": "00000000-0000-4000-8000-000000000000", "subjectId": "00000000-0000-4000-8000-000000000000",
		"notificationSettings":    []any{map[string]any{"enabled": true, "event": "CA_CERTIFICATE_EXPIRY"}},
		"notificationSettingKeys": []any{map[string]any{"event": "CA_CERTIFICATE_EXPIRY"}}, "certificateField": "x509SAN", "mappingRules": []any{map[string]any{"specifier": "URI"}},
		"specifiers": []any{"URI"}, "resourceArn": l.anchor, "tags": []any{map[string]any{"key": "k", "value": "v"}}, "tagKeys": []any{"k"}}
	body := map[string]any{}
	for _, m := range op.takes {
		if base[m.name] != nil {
			body[m.name] = base[m.name]
		}
	}
	set(body, path, value)
	method, route, _ := strings.Cut(op.route, " ")
	query := url.Values{}
	for name, v := range body {
		text := fmt.Sprint(v)
		switch {
		case strings.Contains(route, "{"+name+"}"):
			route = strings.Replace(route, "{"+name+"}", url.PathEscape(text), 1)
		case method != "GET" && method != "DELETE":
			continue
		case name == "specifiers":
			query[name] = []string{fmt.Sprint(v.([]any)[0])}
		case v != nil:
			query.Set(name, text)
		}
		delete(body, name)
	}
	if len(query) > 0 {
		route += "?" + query.Encode()
	}
	return l.ra(method, route, body)
}

// set puts a value at a path such as tags[].key.
func set(in map[string]any, path string, value any) {
	name, rest, deeper := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(name, "[]")
	switch {
	case isList && !deeper:
		in[name] = []any{value}
	case isList:
		set(in[name].([]any)[0].(map[string]any), rest, value)
	case deeper:
		set(in[name].(map[string]any), rest, value)
	case value == nil:
		delete(in, name)
	default:
		in[name] = value
	}
}

// renew keeps the lab's things as they were, whatever the last call did to them.
func (l *lab) renew() {
	s := l.box.state
	l.box.mu.Lock()
	defer l.box.mu.Unlock()
	s.CRLs, s.Events = nil, nil
	c := &call{Sandbox: l.box, account: &l.box.state.account, region: DefaultRegion, now: l.now}
	a := &anchor{thing: c.newThing("trust-anchor", "lab", true, nil), Source: source{"CERTIFICATE_BUNDLE", sourceData{X509CertificateData: l.ca.pem()}}}
	a.ID, a.ARN = id(l.anchor), l.anchor
	p := &profile{thing: c.newThing("profile", "lab", true, nil), RoleARNs: []string{l.role}, Seconds: 3600, Mappings: defaultMappings()}
	p.ID, p.ARN = id(l.profile), l.profile
	s.Anchors, s.Profiles = []*anchor{a}, []*profile{p}
}
