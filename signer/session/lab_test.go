package session

import (
	"strings"
	"testing"
)

const (
	anchorARN  = "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/11111111-2222-3333-4444-555555555555"
	profileARN = "arn:aws:rolesanywhere:us-east-1:000000000000:profile/11111111-2222-3333-4444-666666666666"
	roleARN    = "arn:aws:iam::000000000000:role/path/lab"

	success = `{"credentialSet":[{"assumedRoleUser":{"arn":"arn:aws:sts::000000000000:assumed-role/lab/01ab","assumedRoleId":"AROALAB:01ab"},
"credentials":{"accessKeyId":"ASIALAB","secretAccessKey":"secret<&>","sessionToken":"token/+=","expiration":"2026-11-22T13:00:00Z"},
"packedPolicySize":41,"roleArn":"` + roleARN + `","sourceIdentity":"CN=lab"}],"subjectArn":"arn:aws:rolesanywhere:us-east-1:000000000000:subject/1"}`
)

// No answer of a server makes the client panic or believe half a session.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(success))
	f.Add([]byte(`{"credentialSet":[{"credentials":null}]}`))
	f.Add([]byte(`{"__type":"a#b","message":"c"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := decodeCredentials(body, roleARN)
		if err == nil && (c.AccessKeyID == "" || c.SecretAccessKey == "" || c.SessionToken == "" || c.Expiration.IsZero()) {
			t.Errorf("got half a session: %v", c)
		}
		if e := refusal(&Answer{Status: 403, Body: body}); len(e.Message) > maxMessage {
			t.Errorf("got a message of %d bytes", len(e.Message))
		}
	})
}

// The error named the role that was right: asked for role lab, got role lab.
func TestTheErrorNamesTheRoleThatDiffers(t *testing.T) {
	other := strings.Replace(success, "assumed-role/lab/", "assumed-role/lab2/", 1)
	_, err := decodeCredentials([]byte(other), roleARN)
	if err == nil || !strings.HasSuffix(err.Error(), "got arn:aws:sts::000000000000:assumed-role/lab2/01ab") {
		t.Errorf("got %v, want the role that differs in it", err)
	}
}
