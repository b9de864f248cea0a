package home

import (
	"encoding/json"
	"time"

	"anywhere/signer/exchange"
	"anywhere/signer/pointer"
)

// SchemaVersion is the version of session.json that this program writes.
const SchemaVersion = pointer.SchemaVersion

// Session is session.json, see [pointer.Session].
type Session pointer.Session

// Renewal is how the certificate is renewed, Mode which AWS a set-up lives in.
type (
	Renewal = pointer.Renewal
	Mode    = pointer.Mode
)

// The modes. An endpoint override makes the mode custom, never aws.
const (
	ModeSandbox = pointer.ModeSandbox
	ModeAWS     = pointer.ModeAWS
	ModeCustom  = pointer.ModeCustom
)

// Duration is DurationSeconds as a duration.
func (s Session) Duration() time.Duration { return pointer.Session(s).Duration() }

// Target is what CreateSession is asked for by s.
func (s Session) Target() exchange.Target { return pointer.Session(s).Target() }

// Encode renders session.json.
func (s Session) Encode() []byte {
	s.SchemaVersion = SchemaVersion
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic("encode session: " + err.Error()) // strings and bytes always encode
	}
	return append(data, '\n')
}

// DecodeSession reads session.json. It refuses a version that is newer than
// this program.
func DecodeSession(data []byte) (Session, error) {
	s, err := pointer.Decode(data)
	return Session(s), err
}
