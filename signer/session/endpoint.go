package session

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Endpoint is AWS's own base URL of Roles Anywhere for a Region. The partition
// follows from the Region's name; an unknown one is taken for a commercial
// Region, as the SDKs do.
//
// Source: AWS General Reference, "IAM Roles Anywhere endpoints and quotas",
// https://docs.aws.amazon.com/general/latest/gr/rolesanywhere.html, and the
// partition table of the AWS SDKs.
func Endpoint(region string, fips, dualStack bool) string {
	suffix, dual := suffixes(region)
	name := "rolesanywhere"
	if fips {
		name += "-fips"
	}
	if dualStack {
		suffix = dual
	}
	return "https://" + name + "." + region + "." + suffix
}

// Configured is the base URL that the environment names, or empty: the service's
// own variable, then, if general is set, the one for all services.
// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS switches both off.
//
// Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints",
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func Configured(getenv func(string) string, general bool) string {
	if strings.EqualFold(getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		return ""
	}
	if url := getenv("AWS_ENDPOINT_URL_ROLESANYWHERE"); url != "" || !general {
		return url
	}
	return getenv("AWS_ENDPOINT_URL")
}

// suffixes are the DNS suffixes of a Region's partition: plain and dual-stack.
func suffixes(region string) (plain, dual string) {
	for _, p := range [...]struct{ prefix, plain, dual string }{
		{"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
		{"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
		{"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
		{"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
		{"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
		{"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.plain, p.dual
		}
	}
	return "amazonaws.com", "api.aws"
}

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
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "":
		return nil, &EndpointError{base, "is not a base URL", "write it as https://host or https://host/prefix"}
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r >= utf8.RuneSelf }):
		// What goes into DNS, TLS and the signature is the encoded name; which one that
		// is depends on tables that are larger than all the rest here.
		return nil, &EndpointError{base, "its host has letters beyond ASCII", "write the host as DNS has it, beginning with xn--"}
	case u.User != nil:
		return nil, &EndpointError{u.Redacted(), "holds a user name, which no signature covers", ""}
	case u.Scheme == "http" && !allowHTTP && !loopback(u.Hostname()):
		return nil, &EndpointError{base, "plain http would show the session's keys to the network", "use https, or --allow-http on a network you trust"}
	}
	if u.Path == "" {
		u.Path = "/" // JoinPath would leave a path that does not begin with one
	}
	return u.JoinPath("sessions"), nil
}

// loopback is true for names and addresses of this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
