package pkcs11uri

import (
	"strings"
	"testing"
)

// The examples are those of RFC 7512, section 3, in its order.
func TestTheExamplesOfTheRFCAreRead(t *testing.T) {
	tests := map[string]struct {
		path, query map[string]string
	}{
		"pkcs11:":                             {},
		"pkcs11:object=my-pubkey;type=public": {path: map[string]string{"object": "my-pubkey", "type": "public"}},
		"pkcs11:object=my-key;type=private?pin-source=file:/etc/token": {
			path:  map[string]string{"object": "my-key", "type": "private"},
			query: map[string]string{"pin-source": "file:/etc/token"},
		},
		"pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=?pin-source=file:/etc/token_pin": {
			path: map[string]string{"token": "The Software PKCS#11 Softtoken", "manufacturer": "Snake Oil, Inc.", "model": "1.0",
				"object": "my-certificate", "type": "cert", "id": "\x69\x95\x3e\x5c\xf4\xbd\xec\x91", "serial": ""},
			query: map[string]string{"pin-source": "file:/etc/token_pin"},
		},
		"pkcs11:object=my-sign-key;type=private?module-name=mypkcs11": {
			path:  map[string]string{"object": "my-sign-key", "type": "private"},
			query: map[string]string{"module-name": "mypkcs11"},
		},
		"pkcs11:object=my-sign-key;type=private?module-path=/mnt/libmypkcs11.so.1": {
			path:  map[string]string{"object": "my-sign-key", "type": "private"},
			query: map[string]string{"module-path": "/mnt/libmypkcs11.so.1"},
		},
		"pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.?pin-value=the-pin": {
			path:  map[string]string{"token": "Software PKCS#11 softtoken", "manufacturer": "Snake Oil, Inc."},
			query: map[string]string{"pin-value": "the-pin"},
		},
		"pkcs11:slot-description=Sun%20Metaslot": {path: map[string]string{"slot-description": "Sun Metaslot"}},
		"pkcs11:library-manufacturer=Snake%20Oil,%20Inc.;library-description=Soft%20Token%20Library;library-version=1.23": {
			path: map[string]string{"library-manufacturer": "Snake Oil, Inc.", "library-description": "Soft Token Library", "library-version": "1.23"},
		},
		"pkcs11:object=my-data?vendor-aaa=value-a": {
			path:  map[string]string{"object": "my-data"},
			query: map[string]string{"vendor-aaa": "value-a"},
		},
	}
	for text, want := range tests {
		u, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if len(u.path) != len(want.path) || len(u.query) != len(want.query) {
			t.Errorf("%s: got %v and %v, want %v and %v", text, u.path, u.query, want.path, want.query)
		}
		for name, value := range want.path {
			if got, given := u.Path(name); !given || got != value {
				t.Errorf("%s: %s: got %q, want %q", text, name, got, value)
			}
		}
		for name, value := range want.query {
			if got, given := u.Query(name); !given || got != value {
				t.Errorf("%s: %s: got %q, want %q", text, name, got, value)
			}
		}
	}
}

func TestWhatIsNoURIIsRefusedAndSaysWhy(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"another scheme":                  {"https://example.org", "does not begin with pkcs11:"},
		"no equals sign":                  {"pkcs11:token", "name=value"},
		"no name":                         {"pkcs11:=web", "name=value"},
		"twice the same":                  {"pkcs11:token=a;token=b", "twice"},
		"a mistyped attribute":            {"pkcs11:tokem=web", "not known"},
		"a PIN before the question mark":  {"pkcs11:token=web;pin-value=4711", "behind a question mark"},
		"a percent sign alone":            {"pkcs11:token=100%", "%25"},
		"a percent sign and no digits":    {"pkcs11:token=%zz", "%25"},
		"a slot that is no number":        {"pkcs11:slot-id=0xg", "hexadecimal"},
		"a type that is none":             {"pkcs11:type=key", "neither private"},
		"a PIN and a file with one":       {"pkcs11:?pin-value=4711&pin-source=/etc/pin", "both"},
		"two query attributes in a row":   {"pkcs11:?pin-value=4711&pin-value=4712", "twice"},
		"an attribute that ends too soon": {"pkcs11:token=a;", "name=value"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "4711") {
				t.Errorf("the error tells the PIN: %v", err)
			}
			if shown := WithoutPIN(tt.text); strings.Contains(shown, "4711") {
				t.Errorf("what is shown tells the PIN: %s", shown)
			}
		})
	}
}

func TestAURIIsWrittenWithoutItsPIN(t *testing.T) {
	for text, want := range map[string]string{
		"PKCS11:id=%01%ff;object=a%20b;token=web?pin-value=1234&module-path=/lib/x.so": "pkcs11:token=web;object=a%20b;id=%01%FF",
		"pkcs11:object=100%25":    "pkcs11:object=100%25",
		"pkcs11:object=a%3Bb%3Fc": "pkcs11:object=a%3Bb%3Fc",
		"pkcs11:token=":           "pkcs11:token=",
	} {
		u, err := Parse(text)
		if err != nil || u.String() != want {
			t.Errorf("%s: got %s, %v, want %s", text, u, err, want)
		}
	}
}

func TestAnAttributeIsReplacedInACopy(t *testing.T) {
	u, err := Parse("pkcs11:object=a")
	if err != nil {
		t.Fatal(err)
	}
	changed := u.With("id", "\x02").Without("object")
	if got, want := changed.String()+" "+u.String(), "pkcs11:id=%02 pkcs11:object=a"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("pkcs11:token=web;id=%01?pin-value=1234&module-name=opensc")
	f.Add("pkcs11:;;?&")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(u.String())
		if err != nil || again.String() != u.String() {
			t.Errorf("%q is written as %q, which reads as %q, %v", text, u, again, err)
		}
		if len(again.query) != 0 {
			t.Errorf("%q is written as %q, with its query", text, u)
		}
	})
}
