package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The expected answers are those of botocore 1.43.11 (configloader.load_config) on
// Python 3.11. A file that the AWS CLI refuses whole was called healthy.
func TestAFileIsRefusedAsBotocoreRefusesIt(t *testing.T) {
	for name, tt := range map[string]struct {
		text  string
		reads bool
	}{
		"a section and a key":                          {"[profile a]\nkey = v\n", true},
		"a colon for =":                                {"[profile a]\nkey: v\n", true},
		"comments and empty lines":                     {"# c\n; d\n\n[profile a]\n  # e\nkey = v\n", true},
		"nested values":                                {"[profile a]\ns3 =\n  x = 1\n  y = 2\n", true},
		"a continued value":                            {"[profile a]\nkey = v\n  more\n", true},
		"an indented header in front":                  {"  [profile a]\nkey = v\n", true},
		"line ends of Windows":                         {"[profile a]\r\nkey = v\r\n", true},
		"a comment behind the header":                  {"[profile a] # c\nkey = v\n", true},
		"no line end at the end":                       {"[profile a]\nkey = v", true},
		"nothing":                                      {"", true},
		"a blank in a value":                           {"[profile a]\nkey = a b\n", true},
		"one key in two sections":                      {"[profile a]\nkey = v\n[profile b]\nkey = v\n", true},
		"a byte order mark":                            {"\ufeff[profile a]\nkey = v\n", false},
		"a key twice":                                  {"[profile a]\nkey = v\nKEY = w\n", false},
		"a section twice":                              {"[profile a]\nkey = v\n[profile a]\nother = v\n", false},
		"a key without value or =":                     {"[profile a]\nkey\n", false},
		"text in front":                                {"key = v\n[profile a]\n", false},
		"a second header that is indented":             {"[profile a]\nkey = v\ns3 =\n  [profile b]\n", false},
		"a nested line without =":                      {"[profile a]\ns3 =\n  x\n", false},
		"a value without key":                          {"[profile a]\n= v\n", false},
		"an open bracket":                              {"[profile a\nkey = v\n", false},
		"a backslash that goes on in the first column": {"[profile a]\ncredential_process = x \\\n--flag y\n", false},
		"a character of another code":                  {"[profile a]\n# \xe9\nkey = v\n", false},
	} {
		got := refusedByPython([]byte(tt.text))
		if (got == "") != tt.reads || got != "" && !strings.HasPrefix(got, "line ") {
			t.Errorf("%s: got %q, botocore reads it: %v", name, got, tt.reads)
		}
	}
}

// The AWS CLI looks for "profile" right behind the bracket; other SDKs pass over
// blanks.
func TestAHeaderThatOnlySomeSDKsSeeIsNamed(t *testing.T) {
	for header, want := range map[string]bool{"[ profile edge ]": true, "[profile edge]": false, "[profile\tedge]": false, "[ profile other ]": false, "[default]": false} {
		file := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(file, []byte(header+"\nregion = x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := ReadAWSProfile(file, "", "edge").Refused; (got != "") != want {
			t.Errorf("%s: got %q", header, got)
		}
	}
}
