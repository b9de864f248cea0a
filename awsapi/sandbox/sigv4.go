package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// authorization is an Authorization header of SigV4.
type authorization struct {
	keyID, date, region, service string
	signed                       []string
	signature                    string
	presigned                    bool // it stands in the address
}

const (
	sigV4Algorithm = "AWS4-HMAC-SHA256"
	sigV4Time      = "20060102T150405Z"
	// skew is how far a signature's date may be from AWS's clock.
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
	skew = 5 * time.Minute
	// skewS3 is S3's own, wider window.
	// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (RequestTimeTooSkewed)
	skewS3 = 15 * time.Minute
)

// parseAuthorization reads AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request,
// SignedHeaders=a;b, Signature=hex.
func parseAuthorization(header string) (authorization, bool) {
	rest, ok := strings.CutPrefix(header, sigV4Algorithm+" ")
	if !ok {
		return authorization{}, false
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || fields["SignedHeaders"] == "" || fields["Signature"] == "" {
		return authorization{}, false
	}
	return authorization{
		keyID: scope[0], date: scope[1], region: scope[2], service: scope[3],
		signed: strings.Split(fields["SignedHeaders"], ";"), signature: fields["Signature"],
	}, true
}

// authenticate finds who signed the request, in its Authorization header or in
// its address.
func (c *call) authenticate() *refusal {
	header := c.request.Header.Get("Authorization")
	if header == "" && c.request.URL.Query().Has("X-Amz-Signature") {
		return c.authenticatePresigned()
	}
	if header == "" {
		return c.complain(unsigned)
	}
	if hash := c.request.Header.Get("X-Amz-Content-Sha256"); strings.HasPrefix(hash, "STREAMING-") && !inChunks(c.request) {
		return notHere("s3 uploads as " + hash)
	}
	auth, ok := parseAuthorization(header)
	if !ok {
		return c.complain(unparsed)
	}
	at, err := time.Parse(sigV4Time, c.request.Header.Get("X-Amz-Date"))
	if err != nil || at.Format("20060102") != auth.date {
		return c.complain(unparsed)
	}
	who, secret, ok := c.lookUp(auth.keyID, c.request.Header.Get("X-Amz-Security-Token"))
	if !ok {
		return c.complain(unknownKey)
	}
	if want := auth.sign(c.request, c.body, secret, at); !hmac.Equal([]byte(want), []byte(auth.signature)) {
		return c.complain(wrongSignature)
	}
	if no := c.onTime(at); no != nil {
		return no
	}
	if who.session != nil && !c.now.Before(who.session.Expiration) {
		return c.complain(expiredToken)
	}
	if auth.service == "s3" && inChunks(c.request) {
		if no := c.unchunk(auth, secret, at); no != nil {
			return no
		}
	}
	c.calls(who)
	return nil
}

// onTime refuses a signature from another time.
func (c *call) onTime(at time.Time) *refusal {
	window := skew
	if c.service.name == "s3" {
		window = skewS3
	}
	no := c.complain(staleSignature)
	minutes := int(window.Minutes())
	switch early, late := at.Add(-window), at.Add(window); {
	case c.now.After(late):
		if no.Message == "" {
			no.Message = fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %d min.)",
				at.Format(sigV4Time), c.now.Add(-window).Format(sigV4Time), c.now.Format(sigV4Time), minutes)
		}
		return no
	case c.now.Before(early):
		if no.Message == "" {
			no.Message = fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + %d min.)",
				at.Format(sigV4Time), c.now.Add(window).Format(sigV4Time), c.now.Format(sigV4Time), minutes)
		}
		return no
	}
	return nil
}

// sign computes the signature that the request should carry. It is "" where the
// request does not sign what must be signed.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func (a authorization) sign(r *http.Request, body []byte, secret string, at time.Time) string {
	canonical, ok := canonicalRequest(r, body, a)
	if !ok {
		return ""
	}
	return hex.EncodeToString(mac(a.key(secret), strings.Join([]string{sigV4Algorithm, at.Format(sigV4Time), a.scope(), hashHex([]byte(canonical))}, "\n")))
}

func (a authorization) scope() string {
	return strings.Join([]string{a.date, a.region, a.service, "aws4_request"}, "/")
}

// key is the signing key of the scope.
func (a authorization) key(secret string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.date, a.region, a.service, "aws4_request"} {
		key = mac(key, part)
	}
	return key
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

func hashHex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
