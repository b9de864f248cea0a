package signing

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"anywhere/signer/session"
)

const (
	// clockWindow is how far AWS lets a clock be off. AWS does not document it for
	// Roles Anywhere; it is what SigV4 has elsewhere.
	//
	// Source: AWS SDKs and Tools Reference Guide, "Request has expired", and IAM User
	// Guide, "Signature Version 4": requests must arrive within five minutes.
	clockWindow = 5 * time.Minute
	// farthest is the offset beyond which AWS's date is not believed.
	farthest = 24 * time.Hour
)

// clockIsWrong looks whether a refusal can come from this machine's clock, and by
// how much that is off. AWS says "Invalid signature" and nothing of the time, but
// its answer carries a date.
//
// The date is believed only from AWS: over TLS that was verified, or on this
// machine, on an answer with AWS's request ID; only up to a day, and only if the
// certificate is valid then, since a date from outside shall not revive one.
func (a asker) clockIsWrong(err error, r request, id session.Identity) (offset time.Duration, wrong bool) {
	refused, ok := errors.AsType[*session.Refused](err)
	if a.noCorrection || !ok || refused.RequestID == "" || !strings.EqualFold(strings.TrimSuffix(refused.Message, "."), "Invalid signature") {
		return 0, false
	}
	if !a.trustworthy(r.target.Endpoint) {
		return 0, false
	}
	there, bad := time.Parse(time.RFC1123, refused.Date)
	if bad != nil {
		return 0, false
	}
	offset = there.Sub(a.w.Now())
	if offset.Abs() <= clockWindow || offset.Abs() > farthest {
		return 0, false
	}
	cert := id.Certificate
	return offset, !there.Before(cert.NotBefore) && !there.After(cert.NotAfter)
}

// trustworthy says that nobody between here and the endpoint can have written the
// answer.
func (a asker) trustworthy(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	if u.Scheme == "https" {
		return !a.noVerify
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback() || u.Hostname() == "localhost"
}

// offsetText says how wrong the clock is; offset is what AWS is ahead.
func offsetText(offset time.Duration) string {
	if offset < 0 {
		return fmt.Sprintf("%v fast", offset.Abs().Round(time.Second))
	}
	return fmt.Sprintf("%v slow", offset.Round(time.Second))
}
