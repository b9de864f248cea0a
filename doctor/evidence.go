package doctor

import (
	"time"

	"anywhere/awsapi"
	"anywhere/signer"
)

// Evidence is all that was seen, once. It is plain data: it can be saved and
// judged elsewhere. Nothing in it is secret.
type Evidence struct {
	SchemaVersion int       `json:"schemaVersion"`
	At            time.Time `json:"at"` // by this machine's clock
	Kind          Kind      `json:"kind"`
	Name          string    `json:"name"` // of the set-up, the AWS config profile or the file
	Mode          string    `json:"mode,omitempty"`
	Client        Client    `json:"client"`
	Offline       bool      `json:"offline"`
	NoLive        bool      `json:"noLive"`
	// Subject says why what was asked about could not be read at all.
	Subject *Trouble `json:"subject,omitempty"`

	Target      signer.Target   `json:"target"`
	Certificate CertificateSeen `json:"certificate"`
	Key         KeySeen         `json:"key"`
	CAKey       *FileSeen       `json:"caKey,omitempty"`    // our own authority's
	KnownCAs    [][]byte        `json:"knownCAs,omitempty"` // DER, of this machine
	AWS         AWSSeen         `json:"aws"`
	Exchange    ExchangeSeen    `json:"exchange"`
	Config      ConfigSeen      `json:"config"`
	Environment []Variable      `json:"environment,omitempty"`
	Ours        *Ours           `json:"ours,omitempty"`
	Noted       []Note          `json:"noted,omitempty"`

	saved bool // it was decoded: nothing here can be repaired by it
}

// Note is a warning that the signer kept while it gave credentials.
type Note struct {
	Code Code      `json:"code"`
	Says string    `json:"says"` // foreign text
	At   time.Time `json:"at"`
}

// SchemaVersion is the version of evidence that this program writes.
const SchemaVersion = 1

// Kind says what was looked at.
type Kind string

// The kinds.
const (
	KindSetup      Kind = "setup"
	KindAWSProfile Kind = "aws-profile"
	KindFiles      Kind = "files"
)

// Client says who signs with the files, since clients read them differently.
type Client string

// The clients.
const (
	ClientAnywhere Client = "anywhere"
	ClientHelper   Client = "aws_signing_helper"
	ClientOther    Client = "other"
)

// Ours is what this program made, so that it may repair it.
type Ours struct {
	RoleID string `json:"roleId,omitempty"`
	Sid    string `json:"sid,omitempty"` // of our statement in the trust policy
	// Permits is the policy that the role was given: the name of an inline one, or an
	// ARN. Empty means none.
	Permits string `json:"permits,omitempty"`
	// Section and File are our section of an AWS config file, Line the
	// credential_process that belongs there.
	File    string `json:"file,omitempty"`
	Section string `json:"section,omitempty"`
	Line    string `json:"line,omitempty"`
	// Lines are all lines of the section as we would write it now, key=value.
	Lines string `json:"lines,omitempty"`
}

// Trouble says why something could not be seen.
type Trouble struct {
	Kind    string `json:"kind"`
	Says    string `json:"says"`              // foreign text
	Missing string `json:"missing,omitempty"` // the IAM action that the caller lacks
	Fix     string `json:"fix,omitempty"`     // a command
}

// The kinds of trouble.
const (
	Missing         = "missing"    // no such file, or no such thing in AWS
	Denied          = "denied"     // no permission
	Unreadable      = "unreadable" // damaged, or of no known form
	Untrusted       = "untrusted"  // somebody else could have written it
	Locked          = "locked"     // encrypted, and no passphrase was given
	WrongPassphrase = "wrong-passphrase"
	Unsupported     = "unsupported"
	NotAKey         = "not-a-key"
	Hardware        = "hardware" // not looked into
	Token           = "token"    // module, token, device or key is not there
	PIN             = "pin"      // missing, wrong or locked
	NoCredentials   = "no-credentials"
	OwnSession      = "own-session"
	NotAsked        = "not-asked"
	NameUnknown     = "dns"
	BadTLS          = "tls"
	NotAWS          = "not-aws" // an answer, but in another form than AWS's
	Unreachable     = "unreachable"
	TimedOut        = "timeout"
	BadTarget       = "target"
	Failed          = "failed"
)

// Form is how a certificate or key is written down.
type Form string

// The forms that AWS's helper does not read.
const (
	FormDER    Form = "DER"
	FormLegacy Form = "legacy PEM"
)

// FileSeen is what the system says of a file.
type FileSeen struct {
	Path    string `json:"path,omitempty"`
	Mode    uint32 `json:"mode,omitempty"` // permission bits
	Link    bool   `json:"link,omitempty"` // the path is a symbolic link
	Foreign bool   `json:"foreign,omitempty"`
	Locked  bool   `json:"locked,omitempty"` // of a key: it is encrypted
	// Form is of a certificate or key that AWS's helper does not read: DER, or the
	// encryption of PEM before PKCS #8 (RFC 1421).
	Form Form `json:"form,omitempty"`
	// Holds says in words what is in a file that should hold something else.
	Holds   string   `json:"holds,omitempty"`
	Trouble *Trouble `json:"trouble,omitempty"`
}

// CertificateSeen is the certificate and what comes with it.
type CertificateSeen struct {
	File FileSeen `json:"file"`
	// All are the certificates of the file in its order, DER, those included that
	// crypto/x509 refuses.
	All [][]byte `json:"all,omitempty"`
	// Leaf is the certificate that the client takes, Sent what it sends with it.
	Leaf  []byte   `json:"leaf,omitempty"`
	Sent  [][]byte `json:"sent,omitempty"`
	Extra FileSeen `json:"extra,omitzero"` // the file of intermediates
	// Pair is another pair directory of the set-up, newer than the one in use.
	Trouble *Trouble `json:"trouble,omitempty"`
}

// KeySeen is the private key without its secret.
type KeySeen struct {
	Ref  string   `json:"ref,omitempty"` // without a PIN
	File FileSeen `json:"file"`
	// Hardware is PKCS #11 or TPM 2.0; empty for a key in a file. Module is the
	// PKCS #11 module, Token the one that the URI names.
	Hardware string `json:"hardware,omitempty"`
	Module   string `json:"module,omitempty"`
	Token    string `json:"token,omitempty"`

	Public  []byte   `json:"public,omitempty"` // PKIX, DER
	Kind    string   `json:"kind,omitempty"`
	Trouble *Trouble `json:"trouble,omitempty"`
}

// Answer is one thing that AWS was asked for.
type Answer[T any] struct {
	Value   T        `json:"value"`
	Trouble *Trouble `json:"trouble,omitempty"`
	Asked   bool     `json:"asked"`
}

// Known says that AWS answered.
func (a Answer[T]) Known() bool { return a.Asked && a.Trouble == nil }

// is says that AWS could not answer for that reason.
func (a Answer[T]) is(kind string) bool { return a.Trouble != nil && a.Trouble.Kind == kind }

// AWSSeen is what the control plane holds.
type AWSSeen struct {
	Trouble  *Trouble                  `json:"trouble,omitempty"` // why nothing could be read
	Caller   Answer[awsapi.Caller]     `json:"caller"`
	Anchor   Answer[awsapi.Anchor]     `json:"anchor"`
	Anchors  Answer[[]awsapi.Anchor]   `json:"anchors"`
	Profile  Answer[awsapi.Profile]    `json:"profile"`
	Profiles Answer[[]awsapi.Profile]  `json:"profiles"`
	CRLs     Answer[[]awsapi.CRL]      `json:"crls"`
	Role     Answer[awsapi.Role]       `json:"role"`
	Roles    Answer[[]awsapi.Role]     `json:"roles"`
	Policies Answer[map[string]string] `json:"policies"` // of the role, by name or ARN
	Limits   Answer[map[string]string] `json:"limits"`   // boundary and managed session policies, by ARN
	// PrivateCA stands behind the anchor, if its source is one.
	PrivateCA Answer[awsapi.PrivateCA] `json:"privateCA"`
	// Subjects are those of the certificate's subject, with their attempts.
	Subjects Answer[[]awsapi.Subject] `json:"subjects"`
	Disabled Answer[[]awsapi.Event]   `json:"disabled"` // who switched the anchor or profile off
	Trail    Answer[[]awsapi.Event]   `json:"trail"`
}

// ExchangeSeen is what the endpoint answered.
type ExchangeSeen struct {
	Endpoint string        `json:"endpoint,omitempty"`
	Probe    Answer[Probe] `json:"probe"`
	// Addresses are what the endpoint's name resolved to; none through a proxy.
	Addresses []string `json:"addresses,omitempty"`
	Private   bool     `json:"private,omitempty"` // all of them are of a private network
	// Session is the live attempt. Trouble of kind Failed has AWS's refusal.
	Session Answer[Session] `json:"session"`
	Refused *signer.Refused `json:"refused,omitempty"`
}

// Probe is one GET to the endpoint, which AWS answers with 404.
type Probe struct {
	Status int       `json:"status"`
	Type   string    `json:"type,omitempty"` // content type
	Issuer string    `json:"issuer,omitempty"`
	Date   time.Time `json:"date,omitzero"` // the server's
	Sent   time.Time `json:"sent,omitzero"` // ours, half-way between request and answer
	AWS    bool      `json:"aws"`           // it looks like AWS's answer
}

// Session is a session without its secrets.
type Session struct {
	ARN            string    `json:"arn"`
	SourceIdentity string    `json:"sourceIdentity,omitempty"`
	Expiration     time.Time `json:"expiration"`
	AccessKeyID    string    `json:"accessKeyId,omitempty"`
	PackedSize     int       `json:"packedSize,omitempty"` // per cent
}

// Variable is one environment variable that matters. Values of secrets are
// never kept.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"` // empty for secrets
	Empty bool   `json:"empty,omitempty"` // set, to nothing
}

// env finds a variable.
func (e *Evidence) env(name string) (Variable, bool) {
	for _, v := range e.Environment {
		if v.Name == name {
			return v, true
		}
	}
	return Variable{}, false
}
