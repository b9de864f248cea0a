package sharedconfig

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestSetChangesOneLine(t *testing.T) {
	tests := map[string]struct{ section, key, value, old, new string }{
		"spacing around the value stays": {"default", "output", "text",
			"output   =   json   \n", "output   =   text   \n"},
		"no spacing stays no spacing": {"default", "region", "us-east-1",
			"region=eu-central-1\n", "region=us-east-1\n"},
		"an empty value gets one": {"default", "cli_pager", "less",
			"cli_pager=\n", "cli_pager= less\n"},
		"the spelling of the key stays": {"profile indented", "region", "us-west-2",
			"Region = us-east-2\n", "Region = us-west-2\n"},
		"of a section that stands twice the last one": {"profile dev", "region", "us-west-2",
			"region = eu-north-1\n", "region = us-west-2\n"},
		"a new key comes below the last one": {"sso-session corp", "sso_registration_scopes", "sso:account:access",
			"sso_region = eu-west-1\n", "sso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n"},
		"a new key comes below nested lines": {"services local", "x", "y",
			"  endpoint_url = http://127.0.0.1:9000\n", "  endpoint_url = http://127.0.0.1:9000\nx = y\n"},
		"a new key in the last section leaves no final newline": {"profile web01-old", "region", "us-east-1",
			`it is "here"'`, `it is "here"'` + "\nregion = us-east-1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			nasty := fixture(t, "nasty")
			doc := Parse([]byte(nasty))
			if err := doc.Set(tt.section, tt.key, tt.value); err != nil {
				t.Fatal(err)
			}
			if got, want := string(doc.Bytes()), once(t, nasty, tt.old, tt.new); got != want {
				t.Errorf("%s", Diff("want", []byte(want), []byte(got)))
			}
			if got, _ := doc.Get(tt.section, tt.key); got != tt.value {
				t.Errorf("Get: got %q, want %q", got, tt.value)
			}
		})
	}
}

func TestSetKeepsCRLF(t *testing.T) {
	nasty := fixture(t, "nasty-crlf")
	doc := Parse([]byte(nasty))
	for key, value := range map[string]string{"region": "us-east-1", "max_attempts": "3"} {
		if err := doc.Set("default", key, value); err != nil {
			t.Fatal(err)
		}
	}
	want := once(t, nasty, "region=eu-central-1\r\n", "region=us-east-1\r\n")
	want = once(t, want, "cli_pager=\r\n", "cli_pager=\r\nmax_attempts = 3\r\n")
	if got := string(doc.Bytes()); got != want {
		t.Errorf("%s", Diff("want", []byte(want), []byte(got)))
	}
}

func TestEditsThatAreRefusedChangeNothing(t *testing.T) {
	set := func(section, key, value string) func(*Document) error {
		return func(d *Document) error { return d.Set(section, key, value) }
	}
	add := func(section string, pairs ...[2]string) func(*Document) error {
		return func(d *Document) error { return d.AddSection(section, pairs...) }
	}
	remove := func(section string) func(*Document) error {
		return func(d *Document) error { return d.RemoveSection(section) }
	}
	unsafe := &UnsafeError{}
	tests := map[string]struct {
		edit func(*Document) error
		want error // a sentinel, or the type of a typed error
	}{
		"a key with nested lines":              {set("profile dev", "s3", "x"), ErrNested},
		"a section that is not there":          {set("profile prod", "region", "x"), ErrNoSection},
		"adding a section that is there":       {add("profile spaced"), ErrSectionExists},
		"adding one that is there in quotes":   {add("profile dev"), ErrSectionExists},
		"removing a section that is not there": {remove("profile prod"), ErrNoSection},
		"removing one that stands twice":       {remove("profile dev"), ErrSectionTwice},
		"a value with a newline":               {set("default", "region", "a\nb"), unsafe},
		"a value with a carriage return":       {set("default", "region", "a\rb"), unsafe},
		"a value with ESC":                     {set("default", "region", "\x1b[0m"), unsafe},
		"a value with a quote":                 {set("default", "region", `"a b"`), unsafe},
		"a value with a backslash":             {set("default", "region", `C:\a`), unsafe},
		"a value with a sharp":                 {set("default", "region", "a #b"), unsafe},
		"a value with a semicolon":             {set("default", "region", "a;b"), unsafe},
		"a value with a dollar":                {set("default", "region", "$HOME"), unsafe},
		"a value with a per cent":              {set("default", "region", "%(x)s"), unsafe},
		"a value with two blanks":              {set("default", "region", "a  b"), unsafe},
		"a value with a blank in front":        {set("default", "region", " a"), unsafe},
		"a value with a letter beyond ASCII":   {set("default", "region", "münchen"), unsafe},
		"an empty value":                       {set("default", "region", ""), unsafe},
		"a key with a blank":                   {set("default", "a b", "x"), unsafe},
		"a key that is a comment":              {set("default", "#a", "x"), unsafe},
		"a key with an equals sign":            {set("default", "a=b", "x"), unsafe},
		"a section name with a bracket":        {add("profile a]\n[default"), unsafe},
		"a section name of three words":        {add("profile a b"), unsafe},
		"an empty section name":                {add(""), unsafe},
		"a good pair before an unsafe one":     {add("profile new", [2]string{"a", "b"}, [2]string{"c", "\n"}), unsafe},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			nasty := fixture(t, "nasty")
			doc := Parse([]byte(nasty))
			err := tt.edit(doc)
			if _, typed := errors.AsType[*UnsafeError](err); err == nil || !errors.Is(err, tt.want) && !(tt.want == unsafe && typed) {
				t.Errorf("got error %v, want %v", err, tt.want)
			}
			if got := string(doc.Bytes()); got != nasty {
				t.Errorf("the document changed:\n%s", Diff("nasty", []byte(nasty), []byte(got)))
			}
		})
	}
}

func TestAFileThatIsNoTextIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"UTF-16":                             "\xff\xfe[\x00a\x00]\x00\n\x00",
		"a last line that ends in a bare CR": "[a]\nb = c\r",
	} {
		t.Run(name, func(t *testing.T) {
			doc := Parse([]byte(text))
			err := errors.Join(doc.AddSection("b"), doc.Set("a", "b", "c"))
			if _, refused := errors.AsType[*UnreadableError](err); !refused {
				t.Errorf("got %v, want an UnreadableError", err)
			}
			if got := string(doc.Bytes()); got != text {
				t.Errorf("the document changed: %q", got)
			}
		})
	}
}

func TestUnsafeErrorShowsNothingRaw(t *testing.T) {
	err := Parse(nil).AddSection("profile x", [2]string{"region", "\x1b]52;c;x\a\u202e"})
	if err == nil || strings.ContainsAny(err.Error(), "\x1b\a\u202e") {
		t.Errorf("got %q", err)
	}
}

var ours = [][2]string{
	{"credential_process", "/home/me/.anywhere/bin/anywhere-signer credential-process --setup web01"},
	{"region", "eu-central-1"},
}

const ourSection = "[profile web01]\n" +
	"credential_process = /home/me/.anywhere/bin/anywhere-signer credential-process --setup web01\n" +
	"region = eu-central-1"

func TestASectionIsAddedAtTheEndAndRemovedWithoutATrace(t *testing.T) {
	tests := map[string]struct{ before, added string }{
		"an empty file":               {"", ourSection + "\n"},
		"only a byte order mark":      {"\ufeff", ourSection + "\n"},
		"a final newline":             {"[default]\n", "\n" + ourSection + "\n"},
		"no final newline":            {"[default]", "\n\n" + ourSection},
		"a blank line at the end":     {"[default]\n\n", "\n" + ourSection + "\n"},
		"only a newline":              {"\n", "\n" + ourSection + "\n"},
		"only blanks":                 {"  ", "\n\n" + ourSection},
		"a comment at the end":        {"[a]\nb = c\n# end", "\n\n" + ourSection},
		"an indented line at the end": {"[a]\ns3 =\n  b = c\n", "\n" + ourSection + "\n"},
		"no section at all":           {"key = value\n", "\n" + ourSection + "\n"},
		"a nasty file":                {fixture(t, "nasty"), "\n\n" + ourSection},
		"a CRLF file":                 {fixture(t, "nasty-crlf"), "\r\n" + strings.ReplaceAll(ourSection, "\n", "\r\n") + "\r\n"},
		"CRLF and no final newline":   {"[a]\r\nb = c", "\r\n\r\n" + strings.ReplaceAll(ourSection, "\n", "\r\n")},
		"bytes that are not UTF-8":    {"[a]\nb = \xff\n", "\n" + ourSection + "\n"},
		"line ends of both kinds":     {"[a]\nb = c\r\n", "\n" + ourSection + "\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := Parse([]byte(tt.before))
			if err := doc.AddSection("profile web01", ours...); err != nil {
				t.Fatal(err)
			}
			after := doc.Bytes()
			if want := tt.before + tt.added; string(after) != want {
				t.Errorf("added:\n got %q\nwant %q", after, want)
			}
			again := Parse(after)
			if foreign := again.Foreign("profile web01", ours...); len(foreign) > 0 {
				t.Errorf("foreign lines: got %q, want none", foreign)
			}
			if err := again.RemoveSection("profile web01"); err != nil {
				t.Fatal(err)
			}
			if got := string(again.Bytes()); got != tt.before {
				t.Errorf("removed:\n got %q\nwant %q", got, tt.before)
			}
		})
	}
}

func TestRemovingASectionLeavesWhatOthersWroteAround(t *testing.T) {
	doc := Parse([]byte("[default]\nregion = x\n"))
	if err := doc.AddSection("profile web01", ours...); err != nil {
		t.Fatal(err)
	}
	later := string(doc.Bytes()) + "# for later\n\n; prod\n[profile prod]\nregion = y\n"
	doc = Parse([]byte(later))
	if err := doc.RemoveSection("profile web01"); err != nil {
		t.Fatal(err)
	}
	want := "[default]\nregion = x\n# for later\n\n; prod\n[profile prod]\nregion = y\n"
	if got := string(doc.Bytes()); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestForeignLinesInOurSectionAreFound(t *testing.T) {
	tests := map[string]struct {
		old, new string
		want     []string
	}{
		"none":                     {"region", "region", nil},
		"other spacing is ours":    {"region = eu-central-1", "region=eu-central-1  ", nil},
		"a key of somebody else":   {"region", "output = json\nregion", []string{"output = json"}},
		"a value of somebody else": {"eu-central-1", "eu-west-1", []string{"region = eu-west-1"}},
		"nested lines under a key of somebody else": {"region", "s3 =\n  a = b\nregion", []string{"s3 =", "  a = b"}},
		"a comment between our keys":                {"region", "# mine\nregion", []string{"# mine"}},
		"a secret is not shown":                     {"region", "aws_secret_access_key = abc\nregion", []string{"aws_secret_access_key = (not shown)"}},
		"nothing is shown raw":                      {"region", "x = \x1b[0m\nregion", []string{`x = \x1b[0m`}},
		"the section twice": {"[profile web01]", "[profile web01]\nx = y\n[profile web01]",
			append([]string{"[profile web01]", "x = y"}, strings.Split(ourSection, "\n")...)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := Parse([]byte("[default]\nx = y\n\n" + once(t, ourSection, tt.old, tt.new) + "\n# below\n"))
			if got := doc.Foreign("profile web01", ours...); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestRemoveKeyDeletesOneLine(t *testing.T) {
	tests := map[string]struct{ section, key, old, new string }{
		"a key":                         {"profile spaced", "SOURCE_PROFILE", "source_profile = dev\n", ""},
		"in the last line":              {"profile web01-old", "credential_process", "[profile web01-old]\ncredential_process = \"/opt/my tools/aws_signing_helper\" credential-process --certificate /etc/pki/a.pem --note 'it is \"here\"'", "[profile web01-old]"},
		"a key that is not there":       {"default", "role_arn", "[default]", "[default]"},
		"a key with nested lines stays": {"profile dev", "s3", "s3 =\n    max", "s3 =\n    max"},
		"in a section that is not there": {"profile prod", "region",
			"[default]", "[default]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			nasty := fixture(t, "nasty")
			doc := Parse([]byte(nasty))
			doc.RemoveKey(tt.section, tt.key)
			if got, want := string(doc.Bytes()), once(t, nasty, tt.old, tt.new); got != want {
				t.Errorf("%s", Diff("want", []byte(want), []byte(got)))
			}
		})
	}
}

func TestRemoveKeyDeletesItEveryTimeItStandsThere(t *testing.T) {
	doc := Parse([]byte("[a]\nk = 1\nx = y\nk = 2\n[b]\nk = 3\n[a]\nK: 4\n"))
	doc.RemoveKey("a", "k")
	if got, want := string(doc.Bytes()), "[a]\nx = y\n[b]\nk = 3\n[a]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
