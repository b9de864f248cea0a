package cache

import (
	"strconv"
	"time"

	"anywhere/signer/jsontext"
	"anywhere/signer/session"
)

const schemaVersion = 1

// encode renders an entry as the JSON of one object.
func (e Entry) encode() []byte {
	c := e.Credentials
	notBefore := ""
	if !e.NotBefore.IsZero() {
		notBefore = e.NotBefore.UTC().Format(time.RFC3339)
	}
	return object(
		"accessKeyId", c.AccessKeyID, "secretAccessKey", c.SecretAccessKey, "sessionToken", c.SessionToken,
		"expiration", c.ExpirationText, "assumedRoleArn", c.AssumedRoleARN,
		"obtained", e.Obtained.UTC().Format(time.RFC3339), "notBefore", notBefore,
	)
}

// object renders names and texts, in turn.
func object(pairs ...string) []byte {
	out := []byte(`{"schemaVersion":` + strconv.Itoa(schemaVersion))
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, ',')
		out = jsontext.AppendString(out, pairs[i])
		out = append(out, ':')
		out = jsontext.AppendString(out, pairs[i+1])
	}
	return append(out, "}\n"...)
}

// decode reads an entry; false if it is not a whole one of this version.
func decode(data []byte) (Entry, bool) {
	all, ok := fields(data)
	text := func(name string) string { s, _ := all[name].(string); return s }
	e := Entry{Credentials: session.Credentials{
		AccessKeyID: text("accessKeyId"), SecretAccessKey: text("secretAccessKey"), SessionToken: text("sessionToken"),
		ExpirationText: text("expiration"), AssumedRoleARN: text("assumedRoleArn"),
	}}
	var err, bad error
	e.Credentials.Expiration, err = time.Parse(time.RFC3339, text("expiration"))
	e.Obtained, bad = time.Parse(time.RFC3339, text("obtained"))
	if when, err := time.Parse(time.RFC3339, text("notBefore")); err == nil {
		e.NotBefore = when
	}
	c := e.Credentials
	return e, ok && err == nil && bad == nil && c.AccessKeyID != "" && c.SecretAccessKey != "" && c.SessionToken != ""
}

func fields(data []byte) (map[string]any, bool) {
	value, err := jsontext.Parse(data)
	all, ok := value.(map[string]any)
	return all, err == nil && ok && all["schemaVersion"] == float64(schemaVersion)
}

// encodeRefusal and decodeRefusal keep AWS's no for those who waited for it.
func encodeRefusal(r *session.Refused, at time.Time) []byte {
	return object("status", strconv.Itoa(r.Status), "type", r.Type, "message", r.Message, "requestId", r.RequestID, "date", r.Date,
		"at", at.UTC().Format(time.RFC3339Nano))
}

func decodeRefusal(data []byte) (r *session.Refused, at time.Time, ok bool) {
	all, ok := fields(data)
	text := func(name string) string { s, _ := all[name].(string); return s }
	status, err := strconv.Atoi(text("status"))
	at, bad := time.Parse(time.RFC3339Nano, text("at"))
	return &session.Refused{Status: status, Type: text("type"), Message: text("message"), RequestID: text("requestId"), Date: text("date")},
		at, ok && err == nil && bad == nil
}
