package serve

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"anywhere/signer/http1"
	"anywhere/signer/jsontext"
	"anywhere/signer/session"
)

var errExpired = errors.New("the session has expired and there is no new one yet")

// Door answers requests. Source, Now and Random are required.
type Door struct {
	Source *Source
	Now    func() time.Time
	Random io.Reader
	// Role is the name under which IMDS lists the credentials; empty turns IMDS off.
	Role string
	// Token is what the container endpoint wants to see; empty turns it off.
	Token string
	// Address is the one that is listened on. Requests must name it, or this
	// machine, as their host.
	Address string
	// Patience is how long a request waits for the first session.
	Patience time.Duration

	tokens tokens
}

// Paths of the endpoints.
const (
	TokenPath       = "/latest/api/token"
	RolesPath       = "/latest/meta-data/iam/security-credentials"
	ContainerPath   = "/credentials"
	HealthPath      = "/healthz"
	headerTTL       = "x-aws-ec2-metadata-token-ttl-seconds"
	headerTokenIMDS = "x-aws-ec2-metadata-token"
)

// Answer answers one request.
func (d *Door) Answer(r http1.Incoming) http1.Outgoing {
	if why := d.foreign(r); why != "" {
		return plain(403, why)
	}
	path := strings.TrimSuffix(r.Path, "/")
	switch {
	case path == HealthPath:
		return d.only(r, "GET", d.health)
	case path == ContainerPath && d.Token != "":
		return d.only(r, "GET", d.container)
	case path == TokenPath && d.Role != "":
		return d.only(r, "PUT", d.newToken)
	case path == RolesPath && d.Role != "":
		return d.only(r, "GET", d.withToken(func() http1.Outgoing { return plain(200, d.Role) }))
	case path == RolesPath+"/"+d.Role && d.Role != "":
		return d.only(r, "GET", d.withToken(d.metadata))
	}
	return plain(404, "not found")
}

// foreign says why a request does not come from a program of this machine that
// asks on its own account: a page in a browser, or a proxy that carries it for
// somebody else. A page whose name was made to lead here (DNS rebinding) still
// sends its own name as host.
func (d *Door) foreign(r http1.Incoming) string {
	for _, field := range r.Header {
		switch name := field[0]; {
		case name == "origin", name == "referer", name == "x-forwarded-for", name == "forwarded", strings.HasPrefix(name, "sec-fetch-"):
			return "requests with " + name + " are not answered"
		}
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	if strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback() || host != "" && host == d.Address {
		return ""
	}
	return "this host is not served"
}

func (d *Door) only(r http1.Incoming, method string, answer func(http1.Incoming) http1.Outgoing) http1.Outgoing {
	if r.Method != method {
		return plain(405, "use "+method)
	}
	return answer(r)
}

// health says whether there is a session, and nothing of whose.
func (d *Door) health(http1.Incoming) http1.Outgoing {
	if _, _, err := d.get(); err != nil {
		return plain(503, "no session")
	}
	return plain(200, "ok")
}

func (d *Door) get() (session.Credentials, time.Time, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d.Patience)
	defer cancel()
	return d.Source.Get(ctx)
}

// container is the endpoint of AWS_CONTAINER_CREDENTIALS_FULL_URI.
//
// Source: AWS SDKs and Tools Reference Guide, "Container credential provider",
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
func (d *Door) container(r http1.Incoming) http1.Outgoing {
	// Hashes are compared, so that not even the length shows in the time.
	given, want := sha256.Sum256([]byte(r.Get("authorization"))), sha256.Sum256([]byte(d.Token))
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		return message(401, "the Authorization header is not the token")
	}
	got, _, err := d.get()
	if err != nil {
		return message(503, "no session: see the log of this server")
	}
	return answer(200, "application/json", object(
		"AccessKeyId", got.AccessKeyID, "SecretAccessKey", got.SecretAccessKey, "Token", got.SessionToken,
		"Expiration", got.ExpirationText))
}

// metadata is the credentials document of IMDS, with the fields in the order in
// which AWS's helper writes them.
func (d *Door) metadata() http1.Outgoing {
	got, updated, err := d.get()
	if err != nil {
		return plain(503, "no session: see the log of this server")
	}
	return answer(200, "text/plain", object(
		"AccessKeyId", got.AccessKeyID, "SecretAccessKey", got.SecretAccessKey, "Token", got.SessionToken,
		"Code", "Success", "Type", "AWS-HMAC",
		"Expiration", got.ExpirationText, "LastUpdated", updated.UTC().Format(time.RFC3339)))
}

func plain(status int, text string) http1.Outgoing { return answer(status, "text/plain", text) }

func message(status int, text string) http1.Outgoing {
	return answer(status, "application/json", object("message", text))
}

func answer(status int, kind, body string) http1.Outgoing {
	return http1.Outgoing{Status: status, Header: [][2]string{{"Content-Type", kind}, {"Cache-Control", "no-store"}}, Body: []byte(body)}
}

// object renders names and texts, in turn.
func object(pairs ...string) string {
	out := []byte{'{'}
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			out = append(out, ',')
		}
		out = jsontext.AppendString(out, pairs[i])
		out = append(out, ':')
		out = jsontext.AppendString(out, pairs[i+1])
	}
	return string(append(out, '}'))
}

// NewToken draws a token of n bytes, in letters that a header may hold.
func NewToken(random io.Reader, n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}
