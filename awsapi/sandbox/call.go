package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"anywhere/awsapi/policy"
)

// call is one request on its way through the sandbox.
type call struct {
	*Sandbox
	account *account // the caller's; of CreateSession, the trust anchor's
	request *http.Request
	body    []byte
	id      string    // request ID
	now     time.Time // UTC
	service *service
	op      *operation
	labels  map[string]string // what stands in the path
	form    url.Values        // parameters of the query protocol
	region  string            // of the signature's scope
	caller  caller
	input   map[string]any // the parameters, for the event
	about   policy.Context // condition keys of the request itself
	output  any            // responseElements, for the event
	fault   *Fault         // of the weather
	issued  *session       // what the call issued, for the event
	proof   *proof         // of a certificate's holder
	gone    []string       // files to remove when the state is on the disk
}

// arnIn names a thing of one service in an account.
func arnIn(account, service, region, rest string) string {
	return strings.Join([]string{"arn", "aws", service, region, account, rest}, ":")
}

// arn names a thing in the call's account.
func (c *call) arn(service, region, rest string) string {
	return arnIn(c.account.Number, service, region, rest)
}

// take decodes the JSON body, which has been checked against the operation's
// members, into the shape that the handler likes.
func take[T any](c *call) T {
	var v T
	if data, err := json.Marshal(c.input); err == nil {
		// The members have been checked; what still does not fit stays zero.
		_ = json.Unmarshal(data, &v)
	}
	return v
}

// list reads X.member.1, X.member.2, ... of the query protocol.
func (c *call) list(name string) []string {
	var out []string
	for i := 1; ; i++ {
		key := name + ".member." + itoa(i)
		if !c.form.Has(key) {
			return out
		}
		out = append(out, c.form.Get(key))
	}
}

// tags reads Tags.member.N.Key and .Value of the query protocol.
func (c *call) tags() []tag {
	var out []tag
	for i := 1; ; i++ {
		at := "Tags.member." + itoa(i)
		if !c.form.Has(at + ".Key") {
			return out
		}
		out = append(out, tag{c.form.Get(at + ".Key"), c.form.Get(at + ".Value")})
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
