package kept

import (
	"strconv"
	"time"

	"anywhere/signer/exchange"
	"anywhere/signer/jsontext"
)

// Entry is a session that was kept.
type Entry struct {
	Credentials exchange.Credentials // the keys, Expiration and the role's ARN
	Obtained    time.Time
	// NotBefore is when AWS may be asked again after it could not be reached; zero
	// if it could.
	NotBefore time.Time
}

const longestMargin = 20 * time.Minute // before expiry

// refresh is when a new session is wanted.
func (e Entry) refresh() time.Time {
	life := e.Credentials.Expiration.Sub(e.Obtained)
	return e.Credentials.Expiration.Add(-min(longestMargin, life/3))
}

// Usable says that AWS still takes the session. One from the future was kept by
// another clock, and nothing is known of its age.
func (e Entry) Usable(now time.Time) bool {
	return now.Before(e.Credentials.Expiration) && !e.Obtained.After(now.Add(5*time.Minute))
}

// Fresh says that no new session is wanted yet.
func (e Entry) Fresh(now time.Time) bool { return e.Usable(now) && now.Before(e.refresh()) }

// Serves says that the session is served without asking anybody: it is fresh, or
// AWS could not be reached a moment ago.
func (e Entry) Serves(now time.Time) bool {
	return e.Fresh(now) || e.Usable(now) && now.Before(e.NotBefore)
}

const schemaVersion = 2 // 1 did not say what was asked

// Encode renders the entry of k as the JSON of one object.
func (e Entry) Encode(k Key) []byte {
	c := e.Credentials
	notBefore := ""
	if !e.NotBefore.IsZero() {
		notBefore = e.NotBefore.UTC().Format(time.RFC3339)
	}
	return Object(
		"accessKeyId", c.AccessKeyID, "secretAccessKey", c.SecretAccessKey, "sessionToken", c.SessionToken,
		"expiration", c.ExpirationText, "assumedRoleArn", c.AssumedRoleARN,
		"obtained", e.Obtained.UTC().Format(time.RFC3339), "notBefore", notBefore, "asked", k.asked,
	)
}

// Object renders names and texts, in turn.
func Object(pairs ...string) []byte {
	out := []byte(`{"schemaVersion":` + strconv.Itoa(schemaVersion))
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, ',')
		out = jsontext.AppendString(out, pairs[i])
		out = append(out, ':')
		out = jsontext.AppendString(out, pairs[i+1])
	}
	return append(out, "}\n"...)
}

// decode reads an entry and what AWS was asked; false if it is not a whole one of
// this version.
func decode(data []byte) (e Entry, asked string, ok bool) {
	all, ok := Fields(data)
	text := func(name string) string { s, _ := all[name].(string); return s }
	e = Entry{Credentials: exchange.Credentials{
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
	return e, text("asked"), ok && err == nil && bad == nil && c.AccessKeyID != "" && c.SecretAccessKey != "" && c.SessionToken != ""
}

// Fields reads such an object, of this version.
func Fields(data []byte) (map[string]any, bool) {
	value, err := jsontext.Parse(data)
	all, ok := value.(map[string]any)
	return all, err == nil && ok && all["schemaVersion"] == float64(schemaVersion)
}
