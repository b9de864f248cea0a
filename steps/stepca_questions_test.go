package steps

import (
	"encoding/base64"
	"strings"
	"testing"

	"anywhere/signer/home"
)

// aToken is a token as step-ca's tools make it; nobody has signed it.
func aToken(payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"ES256"}`)) + "." + encode([]byte(payload)) + "." + encode([]byte("signature"))
}

const good = `{"aud":"https://ca.example.com:9000/1.0/sign","exp":1900000000,"sha":"0101010101010101010101010101010101010101010101010101010101010101","sub":"build-box-7"}`

func TestATokenAnswersWhatItKnows(t *testing.T) {
	r := traveller(t, home.ModeAWS, map[string]string{"ca.issuer": issuerStepCA, "stepca.token": aToken(good)})
	for key, want := range map[string]string{
		"stepca.by": byToken, "stepca.url": "https://ca.example.com:9000", "stepca.fingerprint": strings.Repeat("01", 32), "leaf.cn": "build-box-7", "stepca.password": "",
	} {
		if got := r.env.Get(key); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	for key, value := range r.savable() {
		if strings.Contains(value, ".") && strings.Contains(aToken(good), value) {
			t.Errorf("%s would be saved with the token", key)
		}
	}
	list := aToken(strings.Replace(good, `"https://ca.example.com:9000/1.0/sign"`, `["https://list.example.com/1.0/sign"]`, 1))
	if got := traveller(t, home.ModeAWS, map[string]string{"ca.issuer": issuerStepCA, "stepca.token": list}).env.Get("stepca.url"); got != "https://list.example.com" {
		t.Errorf("of a list of audiences: got %q", got)
	}
	given := traveller(t, home.ModeAWS, map[string]string{"ca.issuer": issuerStepCA, "stepca.token": aToken(good), "stepca.url": "https://proxy.example.com"})
	if got := given.env.Get("stepca.url"); got != "https://proxy.example.com" {
		t.Errorf("what was said beats the token: got %q", got)
	}
}

func TestATokenIsJudgedBeforeItIsSpent(t *testing.T) {
	for name, tt := range map[string]struct {
		token, cn, want string
	}{
		"two parts":                 {"a.b", "", "three parts"},
		"not base64":                {"a.*.c", "", "cannot be read"},
		"no JSON":                   {"a.YWJj.c", "", "cannot be read"},
		"over":                      {aToken(strings.Replace(good, "1900000000", "1700000000", 1)), "", "expired at 22:13 UTC on 14 November"},
		"for another machine":       {aToken(good), "web01", `is for "build-box-7", and this machine is to be called "web01"`},
		"without an end":            {aToken(`{"sub":"build-box-7"}`), "build-box-7", ""},
		"for this machine":          {aToken(good), "build-box-7", ""},
		"with line breaks around":   {"\n" + aToken(good) + "\n", "build-box-7", ""},
		"something else altogether": {"provisioner password", "", "is no one-time token"},
	} {
		t.Run(name, func(t *testing.T) {
			given := map[string]string{}
			if tt.cn != "" {
				given["leaf.cn"] = tt.cn
			}
			err := validToken(traveller(t, home.ModeAWS, given).env, tt.token)
			if got := errorText(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if strings.Contains(errorText(err), tt.token) {
				t.Error("the error quotes the token")
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
