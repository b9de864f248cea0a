package session

import (
	"strings"
	"time"
)

// decodeCredentials reads a success. No error of it quotes the body, which may
// hold secrets.
func decodeCredentials(body []byte, wantRole string) (Credentials, error) {
	a, ok := decodeObject(body)
	if !ok {
		return Credentials{}, &AnswerError{"the answer is not CreateSession's JSON; a proxy may have given it"}
	}
	sets, _ := a["credentialSet"].([]any)
	if len(sets) == 0 {
		return Credentials{}, &AnswerError{"the answer holds no credentials"}
	}
	var set object
	set, _ = sets[0].(map[string]any)
	keys, user := set.object("credentials"), set.object("assumedRoleUser")
	size, _ := set["packedPolicySize"].(float64)
	c := Credentials{
		AccessKeyID:      keys.text("accessKeyId"),
		SecretAccessKey:  keys.text("secretAccessKey"),
		SessionToken:     keys.text("sessionToken"),
		ExpirationText:   keys.text("expiration"),
		AssumedRoleARN:   user.text("arn"),
		AssumedRoleID:    user.text("assumedRoleId"),
		SourceIdentity:   set.text("sourceIdentity"),
		SubjectARN:       a.text("subjectArn"),
		RoleARN:          set.text("roleArn"),
		PackedPolicySize: int(size),
	}
	if c.AccessKeyID == "" || c.SecretAccessKey == "" || c.SessionToken == "" {
		return Credentials{}, &AnswerError{"the answer lacks a key or the session token"}
	}
	at, err := time.Parse(time.RFC3339, c.ExpirationText)
	if err != nil {
		return Credentials{}, &AnswerError{"the expiration is not an ISO 8601 time"}
	}
	c.Expiration = at
	if !sameRole(wantRole, c) {
		got := c.RoleARN
		if got == "" || got == wantRole { // then it is the other that differs
			got = c.AssumedRoleARN
		}
		return Credentials{}, &AnswerError{"asked for role " + wantRole + ", got " + got}
	}
	return c, nil
}

// sameRole compares the role that was asked for with all that the answer says of
// the role it gave. The ARN of an assumed role has the role's name without path.
func sameRole(want string, c Credentials) bool {
	if c.RoleARN != "" && c.RoleARN != want {
		return false
	}
	if c.AssumedRoleARN == "" {
		return true
	}
	asked, given := strings.SplitN(want, ":", 6), strings.SplitN(c.AssumedRoleARN, ":", 6)
	if len(asked) != 6 || len(given) != 6 || asked[4] != given[4] {
		return false
	}
	path := strings.Split(given[5], "/")
	return len(path) == 3 && path[0] == "assumed-role" && path[1] == asked[5][strings.LastIndex(asked[5], "/")+1:]
}
