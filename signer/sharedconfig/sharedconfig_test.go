package sharedconfig

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fixture reads a file of testdata/sharedconfig: nasty has all that people do to
// their ~/.aws/config and no final newline, nasty-crlf the same with CRLF and a
// final one, legal only what configparser accepts.
func fixture(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "sharedconfig", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestParseKeepsEveryByte(t *testing.T) {
	tests := map[string]string{
		"nothing":                 "",
		"only a byte order mark":  "\ufeff",
		"a nasty file":            fixture(t, "nasty"),
		"a nasty file with CRLF":  fixture(t, "nasty-crlf"),
		"lone carriage returns":   "[a]\rb = c\r\n\r",
		"line ends of both kinds": "[a]\nb = c\r\n\n",
		"bytes that are no text":  "\x00\xff[\n]\xfe=",
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			if got := string(Parse([]byte(in)).Bytes()); got != in {
				t.Errorf("got  %q\nwant %q", got, in)
			}
		})
	}
}

// TestReadsAsAWSDoes pins values that botocore 1.43.11 and the AWS SDK for Go
// (config v1.33.15) were asked for by hand; where they differ the row says so.
func TestReadsAsAWSDoes(t *testing.T) {
	for _, file := range []string{"nasty", "nasty-crlf"} {
		doc := Parse([]byte(fixture(t, file)))
		tests := map[string]struct{ section, key, want string }{
			"no blanks around the equals sign":           {"default", "region", "eu-central-1"},
			"many blanks around the equals sign":         {"default", "output", "json"},
			"an empty value":                             {"default", "cli_pager", ""},
			"a colon separates too":                      {"profile spaced", "role_arn", "arn:aws:iam::111122223333:role/colon"},
			"a key in capitals":                          {"profile indented", "region", "us-east-2"},
			"a sharp in a URL is part of the value":      {"sso-session corp", "sso_start_url", "https://example.awsapps.com/start#/"},
			"a section that stands twice, later key":     {"profile dev", "region", "eu-north-1"},
			"a section that stands twice, earlier key":   {"profile dev", "aws_access_key_id", "AKIAIOSFODNN7EXAMPLE"},
			"nested lines, over a comment and a blank":   {"profile dev", "s3", "\nmax_concurrent_requests = 20\naddressing_style = path"},
			"nested by a tab":                            {"profile dev", "dynamodb", "\nendpoint_url = http://localhost:8000"},
			"a quoted section name":                      {"profile two words", "sso_session", "corp"},
			"quotes in a value stay":                     {"profile web01-old", "credential_process", `"/opt/my tools/aws_signing_helper" credential-process --certificate /etc/pki/a.pem --note 'it is "here"'`},
			"a key outside ASCII":                        {"preview", "café", "☕"},
			"the key is asked for in any case, as AWS's": {"default", "REGION", "eu-central-1"},
		}
		for name, tt := range tests {
			t.Run(file+": "+name, func(t *testing.T) {
				got, found := doc.Get(tt.section, tt.key)
				if !found || got != tt.want {
					t.Errorf("Get(%q, %q): got %q, %v, want %q", tt.section, tt.key, got, found, tt.want)
				}
			})
		}
	}
}

func TestGetFindsNothingThatIsNotThere(t *testing.T) {
	doc := Parse([]byte(fixture(t, "nasty")))
	tests := map[string]struct{ section, key string }{
		"no such section":                     {"profile prod", "region"},
		"no such key":                         {"default", "role_arn"},
		"a nested key is not a key":           {"profile dev", "addressing_style"},
		"a commented-out line is not a key":   {"default", "# my aws accounts"},
		"the name alone is not the section":   {"dev", "region"},
		"a prefix of a section is not it":     {"profile web01", "credential_process"},
		"section names have upper and lower":  {"Default", "region"},
		"what stands above the first section": {"", "key"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, found := doc.Get(tt.section, tt.key); found {
				t.Errorf("Get(%q, %q): got %q, want nothing", tt.section, tt.key, got)
			}
		})
	}
}

func TestGetKeepsACommentBehindAValue(t *testing.T) {
	doc := Parse([]byte("[default]\nregion = eu-west-1 # Ireland\t\n"))
	got, _ := doc.Get("default", "region")
	if want := "eu-west-1 # Ireland"; got != want { // the Go SDK reads eu-west-1
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSectionsAndKeysKeepTheOrderOfTheFile(t *testing.T) {
	doc := Parse([]byte(fixture(t, "nasty")))
	want := []string{"default", "profile dev", "profile spaced", "profile two words", "profile indented",
		"sso-session corp", "profile dev", "services local", "preview", "profile web01-old"}
	if got := doc.Sections(); !slices.Equal(got, want) {
		t.Errorf("sections\n got %q\nwant %q", got, want)
	}
	keys := []string{"region", "aws_access_key_id", "aws_secret_access_key", "s3", "dynamodb"}
	if got := doc.Keys("profile dev"); !slices.Equal(got, keys) {
		t.Errorf("keys\n got %q\nwant %q", got, keys)
	}
}

func TestHeadersAreNormalisedLikeBotocore(t *testing.T) {
	tests := map[string]struct{ line, want string }{
		"as AWS writes it":             {"[profile dev]", "profile dev"},
		"blanks everywhere":            {"  [ profile \t dev ]  ", "profile dev"},
		"double quotes":                {`[profile "my dev"]`, "profile my dev"},
		"single quotes":                {`[profile 'my dev']`, "profile my dev"},
		"a backslash":                  {`[profile my\ dev]`, "profile my dev"},
		"a comment behind it":          {"[profile dev] # see [other]", "profile dev"},
		"a quote that is not closed":   {`[profile "dev]`, `profile "dev`},
		"no name at all":               {"[]", ""},
		"credentials have bare names":  {"[dev]", "dev"},
		"a second bracket is a remark": {"[profile dev]]", "profile dev"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Parse([]byte(tt.line + "\nkey = value\n")).Sections()
			if !slices.Equal(got, []string{tt.want}) {
				t.Errorf("%q: got %q, want %q", tt.line, got, tt.want)
			}
		})
	}
}

func TestWhatIsNoHeaderIsNoSection(t *testing.T) {
	for name, text := range map[string]string{
		"a bracket that is not closed": "[profile dev\nkey = value\n",
		"a commented-out header":       "# [profile dev]\n;[profile dev]\n",
		"text in front of a bracket":   "x [profile dev]\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got := Parse([]byte(text)).Sections(); len(got) > 0 {
				t.Errorf("%q: got sections %q, want none", text, got)
			}
		})
	}
}

func TestProfileSectionOfDefaultHasNoPrefix(t *testing.T) {
	for name, want := range map[string]string{"default": "default", "web01": "profile web01"} {
		if got := ProfileSection(name); got != want {
			t.Errorf("ProfileSection(%q): got %q, want %q", name, got, want)
		}
	}
}

// once replaces old in text, where it must stand exactly once.
func once(t *testing.T, text, old, new string) string {
	t.Helper()
	if n := strings.Count(text, old); n != 1 {
		t.Fatalf("%q stands %d times in the fixture", old, n)
	}
	return strings.Replace(text, old, new, 1)
}
