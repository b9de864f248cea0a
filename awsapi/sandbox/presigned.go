package sandbox

import (
	"crypto/hmac"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestPresigned is how long an address with a signature can be good.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
const longestPresigned = 7 * 24 * time.Hour

// presignedIn reads a signature out of the address of a request.
func presignedIn(r *http.Request) (a authorization, life time.Duration, ok bool) {
	asked := r.URL.Query()
	scope := strings.Split(asked.Get("X-Amz-Credential"), "/")
	seconds, err := strconv.Atoi(asked.Get("X-Amz-Expires"))
	if asked.Get("X-Amz-Expires") == "" {
		seconds, err = int(skew.Seconds()), nil // only S3 wants it
	}
	life = time.Duration(seconds) * time.Second
	if asked.Get("X-Amz-Algorithm") != sigV4Algorithm || len(scope) != 5 || scope[4] != "aws4_request" || err != nil {
		return authorization{}, 0, false
	}
	return authorization{
		keyID: scope[0], date: scope[1], region: scope[2], service: scope[3], presigned: true,
		signed: strings.Split(asked.Get("X-Amz-SignedHeaders"), ";"), signature: asked.Get("X-Amz-Signature"),
	}, life, true
}

// authenticatePresigned finds who signed the address of the request.
func (c *call) authenticatePresigned() *refusal {
	auth, life, ok := presignedIn(c.request)
	asked := c.request.URL.Query()
	at, err := time.Parse(sigV4Time, asked.Get("X-Amz-Date"))
	if !ok || err != nil || at.Format("20060102") != auth.date {
		return c.complain(unparsed)
	}
	if life <= 0 || life > longestPresigned {
		return refuse(http.StatusBadRequest, "AuthorizationQueryParametersError",
			"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	who, secret, ok := c.lookUp(auth.keyID, asked.Get("X-Amz-Security-Token"))
	if !ok {
		return c.complain(unknownKey)
	}
	if want := auth.sign(c.request, c.body, secret, at); !hmac.Equal([]byte(want), []byte(auth.signature)) {
		return c.complain(wrongSignature)
	}
	if c.now.After(at.Add(life)) || c.now.Before(at.Add(-skewS3)) {
		no := c.complain(staleSignature)
		if c.service.name == "s3" {
			no.Code, no.Message = "AccessDenied", "Request has expired"
		} else {
			no.Message = "Signature expired: " + at.Add(life).Format(sigV4Time) + " is now earlier than " + c.now.Format(sigV4Time)
		}
		return no
	}
	if who.session != nil && !c.now.Before(who.session.Expiration) {
		return c.complain(expiredToken)
	}
	c.calls(who)
	return nil
}
