package cache

import (
	"strconv"
	"time"

	"anywhere/signer/kept"
	"anywhere/signer/session"
)

// encodeRefusal and decodeRefusal keep AWS's no for those who waited for it.
func encodeRefusal(r *session.Refused, at time.Time) []byte {
	return kept.Object("status", strconv.Itoa(r.Status), "type", r.Type, "message", r.Message, "requestId", r.RequestID, "date", r.Date,
		"at", at.UTC().Format(time.RFC3339Nano))
}

func decodeRefusal(data []byte) (r *session.Refused, at time.Time, ok bool) {
	all, ok := kept.Fields(data)
	text := func(name string) string { s, _ := all[name].(string); return s }
	status, err := strconv.Atoi(text("status"))
	at, bad := time.Parse(time.RFC3339Nano, text("at"))
	return &session.Refused{Status: status, Type: text("type"), Message: text("message"), RequestID: text("requestId"), Date: text("date")},
		at, ok && err == nil && bad == nil
}
