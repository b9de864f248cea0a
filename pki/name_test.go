package pki

import (
	"errors"
	"strings"
	"testing"
)

func TestCommonNamesThatSTSTakes(t *testing.T) {
	for name, tt := range map[string]struct {
		cn    string
		valid bool
	}{
		"a host name":              {"web-1.example.com", true},
		"every sign there is":      {"a._-@+=Z9", true},
		"one character":            {"w", true},
		"61 characters":            {strings.Repeat("a", 61), true},
		"62 characters":            {strings.Repeat("a", 62), false},
		"nothing":                  {"", false},
		"a blank":                  {"web 1", false},
		"a slash":                  {"web/1", false},
		"a colon":                  {"web:1", false},
		"a comma":                  {"web,1", false},
		"parentheses":              {"web(1)", false},
		"a letter beyond ASCII":    {"wéb", false},
		"an escape character":      {"web\x1b", false},
		"a line feed":              {"web\n", false},
		"bytes that are no UTF-8":  {"web\xff", false},
		"a sign that turns things": {"web\u202e", false},
	} {
		t.Run(name, func(t *testing.T) {
			err := ValidCommonName(tt.cn)
			if (err == nil) != tt.valid {
				t.Fatalf("got %v, want valid: %v", err, tt.valid)
			}
			if bad, ok := errors.AsType[*NameError](err); err != nil && (!ok || ValidCommonName(strings.TrimPrefix(bad.Hint(), "try ")) != nil) {
				t.Errorf("hint %q is no better", bad.Hint())
			}
		})
	}
}

func TestHostNamesBecomeCommonNames(t *testing.T) {
	for host, want := range map[string]string{
		"web-1.example.com":            "web-1.example.com",
		"Ada's MacBook Pro.local":      "ada-s-macbook-pro.local",
		"DESKTOP-1A2B":                 "desktop-1a2b",
		"büro--rechner":                "b-ro--rechner",
		"host.":                        "host",
		"-x-":                          "x",
		"":                             "machine",
		"日本":                           "machine",
		"\x1b]52;c;x\a":                "52-c-x",
		strings.Repeat("a", 80):        strings.Repeat("a", 61),
		strings.Repeat("a", 60) + ".b": strings.Repeat("a", 60),
	} {
		if got := CleanCommonName(host); got != want {
			t.Errorf("%q: got %q, want %q", host, got, want)
		}
	}
}

func FuzzCleanCommonName(f *testing.F) {
	f.Add("Ada's MacBook Pro.local")
	f.Add("ẞß\u202e\xff")
	f.Fuzz(func(t *testing.T, host string) {
		if err := ValidCommonName(CleanCommonName(host)); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	})
}

func TestEveryFaultOfANameIsToldAtOnce(t *testing.T) {
	err := Name{CommonName: "a*", Organization: "b&", OrganizationalUnit: strings.Repeat("c", 65)}.check()
	for _, field := range []string{`common name "a*"`, `organisation "b&"`, "organisational unit"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("got %v, want it to name %s", err, field)
		}
	}
	if err := (Name{CommonName: "lab CA (old)"}).check(); err == nil {
		t.Error("parentheses were taken")
	}
	if err := (Name{CommonName: "Zürich CA", Organization: "A/B: c=d@e"}).check(); err != nil {
		t.Error(err)
	}
}

func TestAttributesHave64CharactersNotBytes(t *testing.T) {
	for value, valid := range map[string]bool{
		"": true, "Lab": true, "A/B: c=d@e": true,
		strings.Repeat("é", 64): true, strings.Repeat("é", 65): false,
		"a\tb": false, "a&b": false, "a\u00a0b": false,
	} {
		if err := ValidAttribute("organisation", value); (err == nil) != valid {
			t.Errorf("%q: got %v, want valid: %v", value, err, valid)
		}
	}
}
