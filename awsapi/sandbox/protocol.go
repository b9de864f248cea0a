package sandbox

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/http"
	"strings"
)

// protocol is one of AWS's wire formats.
type protocol struct {
	form   bool // parameters come as a form
	answer func(w http.ResponseWriter, c *call, status int, v any)
	refuse func(w http.ResponseWriter, c *call, no *refusal)
	// words are what the services of this protocol say where every service has
	// to say no.
	words map[complaint]refusal
}

// complaint is a refusal that every service knows and words in its own way.
type complaint int

const (
	unsigned       complaint = iota // no Authorization header
	unparsed                        // an Authorization header that cannot be read
	unknownKey                      // no such access key, or a token that does not belong to it
	wrongSignature                  // the signature is not the key's over this request
	staleSignature                  // the signature's date is not the present
	expiredToken                    // the session is over
	denied                          // no policy allows it; the message is made by allow
	malformed                       // the body cannot be read
	throttled
	broken
)

// saysMismatch is what every service but S3 says of a wrong signature.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
const saysMismatch = "The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

// complain words a complaint as the service of the call does.
func (c *call) complain(what complaint) *refusal {
	no := c.service.talk.words[what]
	return &no
}

// Roles Anywhere speaks REST-JSON.
// Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
var restJSON = protocol{
	answer: func(w http.ResponseWriter, c *call, status int, v any) {
		sendJSON(w, c, "application/json", status, v)
	},
	refuse: func(w http.ResponseWriter, c *call, no *refusal) {
		w.Header().Set("X-Amzn-Errortype", no.Code)
		sendJSON(w, c, "application/json", no.Status, map[string]string{"message": no.Message})
	},
	words: jsonWords(http.StatusForbidden),
}

// CloudTrail speaks AWS JSON 1.1, whose refusals are all 400.
// Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
var targetJSON = protocol{
	answer: func(w http.ResponseWriter, c *call, status int, v any) {
		sendJSON(w, c, "application/x-amz-json-1.1", status, v)
	},
	refuse: func(w http.ResponseWriter, c *call, no *refusal) {
		sendJSON(w, c, "application/x-amz-json-1.1", no.Status, map[string]string{"__type": no.Code, "message": no.Message})
	},
	words: jsonWords(http.StatusBadRequest),
}

func jsonWords(status int) map[complaint]refusal {
	tooMany := http.StatusBadRequest
	if status == http.StatusForbidden {
		tooMany = http.StatusTooManyRequests
	}
	return map[complaint]refusal{
		unsigned:       {status, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		unparsed:       {status, "IncompleteSignatureException", "Authorization header cannot be read."},
		unknownKey:     {status, "UnrecognizedClientException", "The security token included in the request is invalid."},
		wrongSignature: {status, "InvalidSignatureException", saysMismatch},
		staleSignature: {status, "InvalidSignatureException", ""},
		expiredToken:   {status, "ExpiredTokenException", "The security token included in the request is expired"},
		denied:         {status, "AccessDeniedException", ""},
		malformed:      {http.StatusBadRequest, "SerializationException", "The request cannot be read."},
		throttled:      {tooMany, "ThrottlingException", "Rate exceeded"},
		broken:         {http.StatusInternalServerError, "InternalServerException", "Internal server error"},
	}
}

func sendJSON(w http.ResponseWriter, c *call, kind string, status int, v any) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Amzn-Requestid", c.id)
	data, err := json.Marshal(v)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"message":"encode answer"}`)
	}
	w.WriteHeader(status)
	w.Write(data)
}

// IAM and STS speak the query protocol.
// Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
var query = protocol{
	form: true,
	answer: func(w http.ResponseWriter, c *call, status int, v any) {
		name := xml.Name{Space: c.service.namespace, Local: c.op.name + "Response"}
		sendXML(w, c, status, queryAnswer{XMLName: name, Result: queryResult{c.op.name + "Result", v}, RequestID: c.id})
	},
	refuse: func(w http.ResponseWriter, c *call, no *refusal) {
		blame := "Sender"
		if no.Status >= 500 {
			blame = "Receiver"
		}
		sendXML(w, c, no.Status, queryError{Type: blame, Code: no.Code, Message: no.Message, RequestID: c.id})
	},
	words: map[complaint]refusal{
		unsigned:       {http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token"},
		unparsed:       {http.StatusBadRequest, "IncompleteSignature", "Authorization header cannot be read."},
		unknownKey:     {http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."},
		wrongSignature: {http.StatusForbidden, "SignatureDoesNotMatch", saysMismatch},
		staleSignature: {http.StatusForbidden, "SignatureDoesNotMatch", ""},
		expiredToken:   {http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired"},
		denied:         {http.StatusForbidden, "AccessDenied", ""},
		malformed:      {http.StatusBadRequest, "MalformedInput", "The request cannot be read."},
		throttled:      {http.StatusBadRequest, "Throttling", "Rate exceeded"},
		broken:         {http.StatusInternalServerError, "ServiceFailure", "The request processing has failed because of an unknown error, exception or failure."},
	},
}

type queryAnswer struct {
	XMLName   xml.Name
	Result    queryResult
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

// queryResult wraps a result in <OperationResult>.
type queryResult struct {
	name string
	v    any
}

func (r queryResult) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	if r.v == nil {
		return nil
	}
	return e.EncodeElement(r.v, xml.StartElement{Name: xml.Name{Local: r.name}})
}

type queryError struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// S3 speaks REST-XML, with request IDs of its own.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var restXML = protocol{
	answer: func(w http.ResponseWriter, c *call, status int, v any) {
		if plain, ok := v.(plainAnswer); ok {
			plain.send(w, c, status)
			return
		}
		sendXML(w, c, status, v)
	},
	refuse: func(w http.ResponseWriter, c *call, no *refusal) {
		sendXML(w, c, no.Status, s3Error{Code: no.Code, Message: no.Message, RequestID: c.id})
	},
	words: map[complaint]refusal{
		unsigned:       {http.StatusForbidden, "AccessDenied", "Access Denied"},
		unparsed:       {http.StatusBadRequest, "AuthorizationHeaderMalformed", "The authorization header that you provided is not valid."},
		unknownKey:     {http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."},
		wrongSignature: {http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method."},
		staleSignature: {http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."},
		expiredToken:   {http.StatusBadRequest, "ExpiredToken", "The provided token has expired."},
		denied:         {http.StatusForbidden, "AccessDenied", ""},
		malformed:      {http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"},
		throttled:      {http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate."},
		broken:         {http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again."},
	},
}

// plainAnswer is an answer of S3 that is no XML.
type plainAnswer struct {
	status int // 0 means the operation's
	header http.Header
	body   []byte
}

func (a plainAnswer) send(w http.ResponseWriter, c *call, status int) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("X-Amz-Request-Id", c.id)
	w.WriteHeader(cmp.Or(a.status, status))
	w.Write(a.body)
}

type s3Error struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
}

func sendXML(w http.ResponseWriter, c *call, status int, v any) {
	data, err := xml.Marshal(v)
	if err != nil {
		http.Error(w, "encode answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", c.id)
	w.Header().Set("X-Amz-Request-Id", c.id)
	w.WriteHeader(status)
	w.Write(append([]byte(xml.Header), data...))
}

// members is a list of the query protocol, which is an element even when empty.
type members[T any] struct {
	Member []T `xml:"member"`
}

// formAction is the operation of a query-protocol request.
func formAction(r *http.Request, body []byte) string {
	form, _ := formOf(r, body)
	return form.Get("Action")
}

// target is the operation of a JSON 1.1 request, whose target is the service's
// name, with or without its Java package, a dot and the operation.
func target(r *http.Request, _ []byte) string {
	full := r.Header.Get("X-Amz-Target")
	return full[strings.LastIndex(full, ".")+1:]
}
