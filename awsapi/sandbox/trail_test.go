package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
)

type lookedUp struct {
	Events []struct {
		EventName, EventSource, Username, AccessKeyID, ReadOnly, CloudTrailEvent string
		EventTime                                                                float64
		Resources                                                                []eventResource
	}
	NextToken string
}

func (w *world) lookUp(key, value string) lookedUp {
	w.Helper()
	ask := map[string]any{}
	if key != "" {
		ask["LookupAttributes"] = []map[string]string{{"AttributeKey": key, "AttributeValue": value}}
	}
	var out lookedUp
	if err := json.Unmarshal(w.as(w.admin()).trail(ask).want(w, 200).body, &out); err != nil {
		w.Fatal(err)
	}
	return out
}

// record decodes the first event's record and reads a path in it.
func (l lookedUp) record(t testing.TB, path string) any {
	t.Helper()
	if len(l.Events) == 0 {
		t.Fatal("no event was found")
	}
	return reply{body: []byte(l.Events[0].CloudTrailEvent)}.field(path)
}

// The parts of the records are those of the CloudTrail user guide's reference
// ("userIdentity element", "Record contents").
func TestASessionLeavesItsTrail(t *testing.T) {
	l := newLab(t)
	l.iam("PutRolePolicy", "RoleName", "lab", "PolicyName", "p", "PolicyDocument", mayListBuckets).want(t, 200)
	k := l.session(l.host()).want(t, 201).keys()
	l.as(k).buckets().want(t, 200)

	tests := map[string]struct {
		key, value string
		want       map[string]any
	}{
		"CreateSession": {"EventName", "CreateSession", map[string]any{
			"eventSource": "rolesanywhere.amazonaws.com", "userIdentity.type": "AWSService", "userIdentity.invokedBy": "rolesanywhere.amazonaws.com", "readOnly": false,
			"requestParameters.trustAnchorArn": l.anchor, "requestParameters.roleArn": l.role, "eventTime": "2026-11-22T12:00:00Z",
			"responseElements.credentialSet.0.credentials.accessKeyId": k.id, "responseElements.credentialSet.0.sourceIdentity": "CN=host-01"}},
		"the AssumeRole that it made": {"EventName", "AssumeRole", map[string]any{
			"eventSource": "sts.amazonaws.com", "userIdentity.invokedBy": "rolesanywhere.amazonaws.com", "sourceIPAddress": "rolesanywhere.amazonaws.com",
			"requestParameters.roleSessionName": "1000", "requestParameters.sourceIdentity": "CN=host-01", "requestParameters.durationSeconds": 3600.0,
			"requestParameters.tags.0.key": "x509Subject/CN", "requestParameters.tags.0.value": "host-01"}},
		"what it did then": {"AccessKeyId", k.id, map[string]any{
			"eventName": "ListBuckets", "eventSource": "s3.amazonaws.com", "userIdentity.type": "AssumedRole", "userIdentity.arn": "arn:aws:sts::000000000000:assumed-role/lab/1000",
			"userIdentity.sessionContext.sourceIdentity": "CN=host-01", "userIdentity.sessionContext.sessionIssuer.userName": "lab", "readOnly": true}},
		"by the session's name": {"Username", "1000", map[string]any{"eventName": "ListBuckets"}},
		"by the source":         {"EventSource", "rolesanywhere.amazonaws.com", map[string]any{"eventName": "CreateSession"}},
		"by the role":           {"ResourceName", l.role, map[string]any{"eventName": "AssumeRole"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			found := l.lookUp(tt.key, tt.value)
			for path, want := range tt.want {
				if got := found.record(t, path); got != want {
					t.Errorf("got %s %v, want %v", path, got, want)
				}
			}
		})
	}
}

func TestRefusalsStandInTheTrail(t *testing.T) {
	l := newLab(t)
	l.session(l.host(), func(a *asked) { a.role = l.role + "x" }).want(t, 403)
	found := l.lookUp("EventName", "CreateSession")
	if got := found.record(t, "errorCode"); got != "AccessDeniedException" {
		t.Errorf("got errorCode %v", got)
	}
	if got := found.record(t, "errorMessage"); got != "Requested Role isn't one of those listed in the Profile." {
		t.Errorf("got errorMessage %v", got)
	}
	if got := found.record(t, "responseElements"); got != nil {
		t.Errorf("got responseElements %v, want null", got)
	}
	if got := l.lookUp("EventName", "AssumeRole").Events; len(got) != 0 {
		t.Errorf("got %d AssumeRole events, want none", len(got))
	}
}

func TestTheTrailHoldsNoSecret(t *testing.T) {
	l := newLab(t)
	k := l.session(l.host()).want(t, 201).keys()
	for _, e := range l.box.state.Events {
		if strings.Contains(string(e.Record), k.secret) || strings.Contains(string(e.Record), k.token) {
			t.Errorf("%s holds a secret", e.Name)
		}
	}
}

func TestTheTrailComesNewestFirstAndInPages(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		w.newRole(name, trustsRolesAnywhere)
	}
	ask := map[string]any{"MaxResults": 2, "LookupAttributes": []map[string]string{{"AttributeKey": "EventName", "AttributeValue": "CreateRole"}}}
	first := w.as(w.admin()).trail(ask).want(t, 200)
	if got := (lookedUp{}); json.Unmarshal(first.body, &got) != nil || len(got.Events) != 2 || got.record(t, "requestParameters.roleName") != "c" {
		t.Errorf("got %s, want c and b", first.body)
	}
	ask["NextToken"] = first.text("NextToken")
	rest := w.as(w.admin()).trail(ask).want(t, 200)
	if got := (lookedUp{}); json.Unmarshal(rest.body, &got) != nil || len(got.Events) != 1 || got.record(t, "requestParameters.roleName") != "a" || got.NextToken != "" {
		t.Errorf("got %s, want a and no more", rest.body)
	}
	ask["NextToken"] = "nonsense"
	w.as(w.admin()).trail(ask).refused(t, 400, "InvalidNextTokenException", "Invalid token.")
}

func TestTheTrailForgetsTheOldest(t *testing.T) {
	w := newWorld(t)
	for range maxEvents + 10 {
		w.as(w.admin()).query("sts", "GetCallerIdentity").want(t, 200)
	}
	if got := len(w.box.state.Events); got != maxEvents {
		t.Errorf("got %d events, want %d", got, maxEvents)
	}
}
