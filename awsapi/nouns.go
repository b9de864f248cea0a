package awsapi

import "time"

// Caller is who the credentials in use belong to.
type Caller struct {
	Account   string // twelve digits
	ARN       string
	UserID    string
	Partition string // aws, aws-cn, aws-us-gov, ...
	// ServerTime is AWS's Date header, to the second; zero if it had none.
	ServerTime time.Time
	// Source is the SDK's name for where the credentials came from, such as
	// SharedConfigCredentials or EnvConfigCredentials.
	Source string
}

// Anchor is a trust anchor.
type Anchor struct {
	ARN, ID, Name string
	Enabled       bool
	Source        AnchorSource
	Notices       []Notice
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// AnchorSource is a union: exactly one field is set.
type AnchorSource struct {
	Bundle    string // PEM, at most two certificates
	PrivateCA string // ARN of an AWS Private CA
}

// Notice is one notification setting of a trust anchor.
type Notice struct {
	Event   string // CA_CERTIFICATE_EXPIRY or END_ENTITY_CERTIFICATE_EXPIRY
	Enabled bool
	Days    int // before expiry, 1 to 360
}

// AnchorSpec is a trust anchor to make.
type AnchorSpec struct {
	Name    string // 1 to 255 of letters, digits, blank, - and _
	Source  AnchorSource
	Enabled bool
	Notices []Notice
	Tags    map[string]string
}

// Profile is a Roles Anywhere profile; never an AWS config profile.
type Profile struct {
	ARN, ID, Name         string
	Enabled               bool
	RoleARNs              []string
	DurationSeconds       int
	SessionPolicy         string
	ManagedPolicyARNs     []string
	AcceptRoleSessionName bool
	AttributeMappings     []AttributeMapping // nil if AWS returned none
	CreatedBy             string
	CreatedAt             time.Time
	UpdatedAt             time.Time
}

// AttributeMapping says which parts of one certificate field become session
// tags.
type AttributeMapping struct {
	Field      string   // x509Subject, x509Issuer or x509SAN
	Specifiers []string // such as CN, *, DNS, URI, Name/*
}

// ProfileSpec is a Roles Anywhere profile to make.
type ProfileSpec struct {
	Name                  string
	RoleARNs              []string
	DurationSeconds       int
	SessionPolicy         string
	ManagedPolicyARNs     []string
	AcceptRoleSessionName bool
	Enabled               bool
	Tags                  map[string]string
}

// CRL is a certificate revocation list of a trust anchor.
type CRL struct {
	ARN, ID, Name string
	AnchorARN     string
	Enabled       bool
	Data          []byte // PEM or DER, as it was imported
}

// Subject is somebody whom Roles Anywhere has seen: one for each X.509 subject.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/monitoring-subjects.html
type Subject struct {
	ARN, ID     string
	Enabled     bool
	X509Subject string // distinguished name, as AWS writes it
	LastSeenAt  time.Time
	Attempts    []Attempt // of a single subject only
}

// Attempt is the last request for a session with one certificate of a subject.
type Attempt struct {
	SeenAt      time.Time
	Serial      string // as AWS writes it
	Issuer      string
	Certificate string // PEM
	Failed      bool
}

// PrivateCA is an AWS Private CA.
type PrivateCA struct {
	ARN         string
	Status      string // ACTIVE, DISABLED, EXPIRED, ...; empty if AWS did not tell
	Certificate string // PEM
	Chain       string // PEM, what stands above it; empty for a root
}

// CRLSpec is a certificate revocation list to import.
type CRLSpec struct {
	Name      string // 1 to 255 of letters, digits, blank, - and _
	AnchorARN string
	Data      []byte // PEM, at most 300000 bytes
	Enabled   bool
	Tags      map[string]string
}

// Role is an IAM role.
type Role struct {
	ARN, Name, Path     string
	ID                  string // AROA...: another role of the same name has another ID
	TrustPolicy         string // JSON
	MaxSessionDuration  int    // seconds
	PermissionsBoundary string // policy ARN or empty
	Tags                map[string]string
	CreatedAt           time.Time
	LastUsed            time.Time // zero if never or unknown
}

// RoleSpec is an IAM role to make.
type RoleSpec struct {
	Name, Path          string // Path is / or begins and ends with /
	TrustPolicy         string // JSON, at most 2048 characters
	MaxSessionDuration  int    // seconds; 0 means AWS's default of 3600
	PermissionsBoundary string
	Description         string
	Tags                map[string]string
}

// EventQuery selects events of CloudTrail. CloudTrail looks at one attribute a
// call, so at most one of the strings may be set.
type EventQuery struct {
	Name, Source, AccessKeyID, Username string
	Since                               time.Time
	Limit                               int // 0 means 50
}

// Event is one CloudTrail event.
type Event struct {
	ID, Name, Source string
	Time             time.Time
	Username         string
	AccessKeyID      string
	Record           string // the whole record, JSON
}
