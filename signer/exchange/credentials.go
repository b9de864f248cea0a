package exchange

import (
	"fmt"
	"time"

	"anywhere/signer/jsontext"
)

// Credentials are a session's keys and what AWS says about the session.
type Credentials struct {
	AccessKeyID      string
	SecretAccessKey  string
	SessionToken     string
	Expiration       time.Time
	ExpirationText   string // Expiration as AWS wrote it
	AssumedRoleARN   string // arn:aws:sts::<account>:assumed-role/<role>/<session name>
	AssumedRoleID    string // <RoleId>:<session name>
	SourceIdentity   string // CN=<common name> for most certificates
	SubjectARN       string // the certificate's subject in Roles Anywhere
	RoleARN          string
	PackedPolicySize int // per cent of what policies and tags may take
}

// ProcessJSON is the answer of a credential_process: compact, on one line, keys
// in the order AWS's helper writes them, the expiration as AWS wrote it.
//
// Source: AWS CLI User Guide, "Sourcing credentials with an external process",
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html
func (c Credentials) ProcessJSON() []byte {
	out := make([]byte, 0, 256+len(c.SecretAccessKey)+len(c.SessionToken))
	out = append(out, `{"Version":1`...)
	for _, field := range [...][2]string{
		{"AccessKeyId", c.AccessKeyID},
		{"SecretAccessKey", c.SecretAccessKey},
		{"SessionToken", c.SessionToken},
		{"Expiration", c.ExpirationText},
	} {
		out = append(out, `,"`+field[0]+`":`...)
		out = jsontext.AppendString(out, field[1])
	}
	return append(out, '}')
}

// String keeps the secrets out of logs and errors.
func (c Credentials) String() string {
	return fmt.Sprintf("credentials %s until %s", c.AccessKeyID, c.ExpirationText)
}

// GoString does the same for %#v.
func (c Credentials) GoString() string { return c.String() }
