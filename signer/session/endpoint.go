package session

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode/utf8"
)

// EndpointError says that requests may not be sent to an endpoint.
type EndpointError struct {
	Endpoint string
	Why      string
	Fix      string
}

func (e *EndpointError) Error() string { return fmt.Sprintf("use endpoint %q: %s", e.Endpoint, e.Why) }

// Hint says what would do.
func (e *EndpointError) Hint() string { return e.Fix }

// sessionsURL is where CreateSession lives under base. Plain http goes only to
// this machine unless allowHTTP says otherwise: the answer holds secrets.
func sessionsURL(base string, allowHTTP bool) (*url.URL, error) {
	u, err := url.Parse(base)
	base = withoutUser(base)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "":
		return nil, &EndpointError{base, "is not a base URL", "write it as https://host or https://host/prefix"}
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r >= utf8.RuneSelf }):
		// What goes into DNS, TLS and the signature is the encoded name; which one that
		// is depends on tables that are larger than all the rest here.
		return nil, &EndpointError{base, "its host has letters beyond ASCII", "write the host as DNS has it, beginning with xn--"}
	case u.User != nil:
		return nil, &EndpointError{base, "holds a user name, which no signature covers", "write it without"}
	case u.Scheme == "http" && !allowHTTP && !loopback(u.Hostname()):
		return nil, &EndpointError{base, "plain http would show the session's keys to the network", "use https, or --allow-http on a network you trust"}
	}
	if u.Path == "" {
		u.Path = "/" // JoinPath would leave a path that does not begin with one
	}
	return u.JoinPath("sessions"), nil
}

// withoutUser hides a user name and a password, also in what is no URL: it is to be
// shown.
func withoutUser(base string) string {
	at := strings.LastIndex(base, "@")
	if at < 0 {
		return base
	}
	scheme, _, found := strings.Cut(base[:at], "//")
	if !found {
		return "***" + base[at:]
	}
	return scheme + "//***" + base[at:]
}

// loopback is true for names and addresses of this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
