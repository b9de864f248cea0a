package session

import (
	"errors"
	"strings"
	"testing"
)

func TestSecretsTravelInTheClearOnlyOnThisMachine(t *testing.T) {
	tests := map[string]struct {
		base  string
		allow bool
		want  string // empty means refused
	}{
		"https":                        {"https://example.com", false, "https://example.com/sessions"},
		"https with a prefix":          {"https://example.com/a/b", false, "https://example.com/a/b/sessions"},
		"https with a prefix and /":    {"https://example.com/a/", false, "https://example.com/a/sessions"},
		"http to loopback":             {"http://127.0.0.1:9912", false, "http://127.0.0.1:9912/sessions"},
		"http to loopback, IPv6":       {"http://[::1]:1", false, "http://[::1]:1/sessions"},
		"http to localhost":            {"http://localhost:1", false, "http://localhost:1/sessions"},
		"http elsewhere":               {"http://example.com", false, ""},
		"http to a name like loopback": {"http://127.0.0.1.example.com", false, ""},
		"http elsewhere, allowed":      {"http://example.com", true, "http://example.com/sessions"},
		"no scheme":                    {"localhost:1", false, ""},
		"another scheme":               {"ftp://127.0.0.1", false, ""},
		"no host":                      {"https:///x", false, ""},
		"a query":                      {"https://example.com?a=b", false, ""},
		"a user name":                  {"https://me:pw@example.com", false, ""},
		"no URL":                       {"http://[", false, ""},
		"a host with an umlaut":        {"https://bücher.example", false, ""},
		"the same, escaped":            {"https://b%C3%BCcher.example", false, ""},
		"the same, as DNS has it":      {"https://xn--bcher-kva.example", false, "https://xn--bcher-kva.example/sessions"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := sessionsURL(tt.base, tt.allow)
			_, refused := errors.AsType[*EndpointError](err)
			if tt.want == "" && !refused || tt.want != "" && (err != nil || got.String() != tt.want) {
				t.Errorf("got %v, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// Only where the rest was a URL was the password taken out of it.
func TestNoErrorShowsThePasswordInAnEndpoint(t *testing.T) {
	for base, want := range map[string]string{
		"https://me:hush@example.com":         `"https://***@example.com": holds a user name`,
		"https://me:hush@example.com/?a":      `"https://***@example.com/?a": is not a base URL`,
		"https://me:hush@exam ple.com":        `"https://***@exam ple.com": is not a base URL`,
		"https://me:hu@sh/hush@host":          `"https://***@host": holds a user name`,
		"ftp://me:hush@example.com":           `"ftp://***@example.com": is not a base URL`,
		"me:hush@example.com":                 `"***@example.com": is not a base URL`,
		"//me:hush@example.com":               `"//***@example.com": is not a base URL`,
		"https://me:hush@b\u00fccher.example": `its host has letters beyond ASCII`,
	} {
		_, err := sessionsURL(base, false)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hu") {
			t.Errorf("%s: got %v, want %s", base, err, want)
		}
	}
}
