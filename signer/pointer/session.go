package pointer

import (
	"fmt"
	"time"

	"anywhere/signer/exchange"
)

// SchemaVersion is the version of session.json that this program writes.
const SchemaVersion = 1

// Session is session.json: all that signing needs to know of a set-up, and the
// only pointer to its key. A rotation replaces it in one rename, so certificate,
// chain and key always belong together.
type Session struct {
	SchemaVersion int    `json:"schemaVersion"`
	Setup         string `json:"setup"`
	ID            string `json:"id"`   // 32 hex digits, drawn before the first write
	Mode          Mode   `json:"mode"` // where it was set up
	Account       string `json:"account"`
	Region        string `json:"region"`
	// Endpoint counts as --endpoint; empty means AWS's own for the Region.
	Endpoint       string `json:"endpoint,omitempty"`
	TrustAnchorARN string `json:"trustAnchorArn"`
	ProfileARN     string `json:"profileArn"` // of the Roles Anywhere profile
	RoleARN        string `json:"roleArn"`
	// DurationSeconds is what CreateSession is asked for, 900 to 43200.
	DurationSeconds int `json:"durationSeconds"`
	// RoleSessionName replaces the certificate's serial as session name, if the
	// Roles Anywhere profile accepts one.
	RoleSessionName string   `json:"roleSessionName,omitempty"`
	Certificate     []byte   `json:"certificate"`     // the leaf, DER
	Chain           [][]byte `json:"chain,omitempty"` // intermediates, DER, issuer of the leaf first
	// Key is a path relative to the directory of session.json, with slashes, or
	// a URI (pkcs11:...).
	Key string `json:"key"`
	// Renewal is zero in a file that was written before there was any.
	Renewal Renewal `json:"renewal,omitzero"`
}

// Renewal says who issues the certificate and, if that one needs no key and no
// password kept here, how signing has it renewed by itself.
type Renewal struct {
	Issuer string `json:"issuer"` // as answered: own, step-ca, acme, ...
	// Program is the absolute path of the whole anywhere, which is started with
	// cert renew --if-needed. Empty: the certificate is not renewed by itself.
	Program string `json:"program,omitempty"`
	// At is the time from which that is worth a start.
	At time.Time `json:"at,omitzero"`
}

// Due says that a renewal is to be started at the time of now.
func (r Renewal) Due(now time.Time) bool {
	return r.Program != "" && !r.At.IsZero() && !now.Before(r.At)
}

// Mode says which AWS a set-up lives in.
type Mode string

// The modes. An endpoint override makes the mode custom, never aws.
const (
	ModeSandbox Mode = "sandbox"
	ModeAWS     Mode = "aws"
	ModeCustom  Mode = "custom"
)

// Duration is DurationSeconds as a duration.
func (s Session) Duration() time.Duration { return time.Duration(s.DurationSeconds) * time.Second }

// Target is what CreateSession is asked for by s.
func (s Session) Target() exchange.Target {
	return exchange.Target{
		TrustAnchorARN: s.TrustAnchorARN,
		ProfileARN:     s.ProfileARN,
		RoleARN:        s.RoleARN,
		Region:         s.Region,
		Endpoint:       s.Endpoint,
		SessionName:    s.RoleSessionName,
		Duration:       s.Duration(),
	}
}

// Decode reads session.json. It refuses a version that is newer than
// this program.
func Decode(data []byte) (Session, error) {
	f, err := decodeFields(data)
	if err != nil {
		return Session{}, fmt.Errorf("decode session.json: %w", err)
	}
	s := Session{
		SchemaVersion: f.number("schemaVersion"),
		Setup:         f.text("setup"), ID: f.text("id"), Mode: Mode(f.text("mode")),
		Account: f.text("account"), Region: f.text("region"), Endpoint: f.text("endpoint"),
		TrustAnchorARN: f.text("trustAnchorArn"), ProfileARN: f.text("profileArn"), RoleARN: f.text("roleArn"),
		DurationSeconds: f.number("durationSeconds"), RoleSessionName: f.text("roleSessionName"),
		Certificate: f.bytes("certificate"), Chain: f.list("chain"), Key: f.text("key"), Renewal: f.renewal(),
	}
	if err := f.err(); err != nil {
		return Session{}, fmt.Errorf("decode session.json: %w", err)
	}
	if s.SchemaVersion != SchemaVersion {
		return Session{}, fmt.Errorf("decode session.json: schemaVersion %d, this program knows %d", s.SchemaVersion, SchemaVersion)
	}
	if len(s.Certificate) == 0 || s.Key == "" {
		return Session{}, fmt.Errorf("decode session.json: certificate or key is missing")
	}
	return s, nil
}
