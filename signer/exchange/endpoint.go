package exchange

import (
	"fmt"
	"strconv"
	"strings"
)

// EndpointFor applies the order of precedence: flag, which is --endpoint, the
// set-up's own, the environment's, and last AWS's own endpoint in the variant that
// the environment asks for. A set-up that was made in AWS ignores the variable for
// all services, which somebody may have set for another one.
//
// The error is a *[SwitchError].
func EndpointFor(flag string, t Target, inAWS bool, getenv func(string) string) (string, error) {
	for _, url := range [...]string{flag, t.Endpoint, Configured(getenv, !inAWS)} {
		if url != "" {
			return url, nil
		}
	}
	fips, err := switched(getenv, "AWS_USE_FIPS_ENDPOINT")
	if err != nil {
		return "", err
	}
	dualStack, err := switched(getenv, "AWS_USE_DUALSTACK_ENDPOINT")
	return Endpoint(t.Region, fips, dualStack), err
}

// SwitchError says that a variable is neither true nor false.
type SwitchError struct{ Name, Value string }

func (e *SwitchError) Error() string {
	return fmt.Sprintf("%s %q: neither true nor false", e.Name, e.Value)
}

// Hint says what would do.
func (e *SwitchError) Hint() string { return "export " + e.Name + "=true, or unset it" }

// switched reads a variable that is true or false. Another word is an error: who
// wants FIPS and writes yes shall not go without.
func switched(getenv func(string) string, name string) (bool, error) {
	value := getenv(name)
	if value == "" {
		return false, nil
	}
	yes, err := strconv.ParseBool(value)
	if err != nil {
		return false, &SwitchError{name, value}
	}
	return yes, nil
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
