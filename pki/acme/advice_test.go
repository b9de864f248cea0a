package acme

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mholt/acmez/v3/acme"
)

func TestEveryProblemThatHasAWayRoundSaysIt(t *testing.T) {
	const urn = "urn:ietf:params:acme:error:"
	seen := map[string]bool{}
	for _, a := range advice {
		if seen[a.problem] || a.fix == "" {
			t.Errorf("%s: twice, or without a way round", a.problem)
		}
		seen[a.problem] = true
	}
	for name, tt := range map[string]struct {
		err     error
		opening bool
		want    string // nothing: no hint
	}{
		"an account without a binding":   {acme.Problem{Type: urn + "externalAccountRequired"}, true, "acme.mac-key-file"},
		"a wrong MAC key":                {acme.Problem{Type: urn + "unauthorized"}, true, "the key ID or the MAC key"},
		"a MAC key that is no base64":    {errors.New("base64-decoding MAC key: illegal base64 data at input byte 0"), true, "the key ID or the MAC key"},
		"a refusal later":                {acme.Problem{Type: urn + "unauthorized"}, false, ""},
		"a forbidden name":               {acme.Problem{Type: urn + "rejectedIdentifier"}, false, "leaf.cn"},
		"too many orders":                {acme.Problem{Type: urn + "rateLimited"}, false, "wait as long as it says"},
		"a server of an unknown CA":      {x509.UnknownAuthorityError{Cert: &x509.Certificate{}}, true, "acme.tls-ca"},
		"a page that is no directory":    {errors.New("provisioning client: HTTP 404: page not found\n"), true, "acme.directory"},
		"something that nobody foresees": {errors.New("connection reset"), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			wrapped := fmt.Errorf("open ACME account: %w", tt.err)
			got := CA{}.advise(wrapped, tt.opening)
			hint := ""
			if h, ok := got.(interface{ Hint() string }); ok {
				hint = h.Hint()
			}
			if tt.want == "" && hint != "" || !strings.Contains(hint, tt.want) {
				t.Errorf("got hint %q, want %q", hint, tt.want)
			}
			if !errors.Is(got, wrapped) || strings.TrimSpace(got.Error()) != strings.TrimSpace(wrapped.Error()) {
				t.Errorf("the error itself changed: %v", got)
			}
		})
	}
	if (CA{}).advise(nil, true) != nil {
		t.Error("success became an error")
	}
}
